"""What only the operators can set right reaches their channel: once, and again when it comes back."""

from bot.views.message import Message
from tests.flow.stage import Stage, words_of
from tests.support.factories import OPS

FULL, READ = "OEC_API_KEY", "OEC_READ_KEY"


def told(stage: Stage) -> list[Message]:
    """What the operators' channel shows."""
    return [posted.now for posted in stage.chat.screen if posted.ref.channel_id == OPS]


async def test_refused_key_is_told_once_while_it_lasts(stage: Stage) -> None:
    for _ in range(3):
        await stage.flow.operators.tell_of_keys(frozenset({FULL}))
    [message] = told(stage)
    assert FULL in words_of(message)
    assert "trigger nothing" in words_of(message)


async def test_each_refused_key_is_told_with_what_that_means(stage: Stage) -> None:
    await stage.flow.operators.tell_of_keys(frozenset({READ}))
    await stage.flow.operators.tell_of_keys(frozenset({READ, FULL}))
    assert [FULL in words_of(message) for message in told(stage)] == [True, True]
    assert "I look with OEC_API_KEY meanwhile" in words_of(told(stage)[0])
    assert "trigger nothing" in words_of(told(stage)[1])


async def test_key_refused_a_second_time_is_told_again(stage: Stage) -> None:
    for refused in ({FULL}, set[str](), {FULL}):
        await stage.flow.operators.tell_of_keys(frozenset(refused))
    assert len(told(stage)) == 2


async def test_what_nobody_could_approve_is_told_once_and_again_when_there_is_more(stage: Stage) -> None:
    for found in (["a"], ["a"], ["a", "b"], ["b"], [], []):
        await stage.flow.operators.tell_of_deadlocks([f"oec.yml:1: {one}" for one in found])
    words = [words_of(message) for message in told(stage)]
    assert ["nobody could approve" in one for one in words] == [True, True, False]
    assert ["oec.yml:1: b" in one for one in words] == [False, True, False]
    assert "can be approved by somebody again" in words[2]


async def test_nothing_is_told_where_everything_could_always_be_approved(stage: Stage) -> None:
    await stage.flow.operators.tell_of_deadlocks([])
    assert told(stage) == []
