"""The rules change while oec.sh is out of reach: what was allowed before is not begun after that."""

from dataclasses import replace

import pytest

from bot.core.errors import ChatUnavailableError, HostingUnavailableError
from bot.core.runs import RunState
from tests.flow.stage import Stage, words_of
from tests.support.factories import CLEO, rules_without, some_rules

NOT_NOW = HostingUnavailableError("the limit is used up", code="rate_limit_exceeded")
UNHEARD = HostingUnavailableError("timeout", may_have_acted=True, code="timeout")


async def denied_meanwhile(stage: Stage) -> None:
    """A new version of the rules keeps Cleo from everything."""
    stage.flow.rulebook.put(replace(rules_without(some_rules(), CLEO), digest="d2"))
    stage.clock.forward(seconds=6)
    await stage.turn()


async def test_what_was_not_begun_before_the_rules_said_no_is_not_begun_any_more(stage: Stage) -> None:
    stage.hosting.fails_next(NOT_NOW)
    await stage.ask("restart staging", CLEO)
    assert (await stage.run()).state is RunState.SUBMITTING
    await denied_meanwhile(stage)
    run = await stage.run()
    assert (run.state, run.refusal and run.refusal.code) == (RunState.REFUSED, "leave_lost")
    assert len(stage.hosting.posts) == 1
    card = words_of((await stage.card()).now)
    assert "the rules no longer let it be done" in card
    assert "`/oec can restart staging` says who may" in card


async def test_what_may_have_begun_is_not_asked_for_again_and_found_not_to_have(stage: Stage) -> None:
    stage.hosting.fails_next(UNHEARD)
    await stage.ask("restart staging", CLEO)
    await denied_meanwhile(stage)
    assert (await stage.run()).state is RunState.SUBMITTING
    await until_ended(stage)
    assert (await stage.run()).refusal is not None
    assert len(stage.hosting.posts) == 1


async def test_what_has_begun_unheard_is_followed_though_the_rules_say_no_by_now(stage: Stage) -> None:
    stage.hosting.fails_next(UNHEARD, after_acting=True)
    await stage.ask("restart staging", CLEO)
    await denied_meanwhile(stage)
    await until_ended(stage)
    run = await stage.run()
    assert (run.state, run.is_presumed) == (RunState.RUNNING, True)
    assert len(stage.hosting.posts) == 1


async def until_ended(stage: Stage) -> None:
    """The platform's silence lasts, and what became of the ask is looked up."""
    for _ in range(20):
        stage.clock.forward(seconds=10)
        await stage.turn()
        if (await stage.run()).state is not RunState.SUBMITTING:
            return


@pytest.mark.parametrize("trouble", ["person", "group"])
async def test_leave_is_not_lost_while_slack_does_not_tell_who_is_who(stage: Stage, trouble: str) -> None:
    stage.hosting.fails_next(NOT_NOW)
    await stage.ask("restart staging", CLEO)
    stage.chat.refuses(trouble, ChatUnavailableError("away"))
    await denied_meanwhile(stage)
    assert (await stage.run()).state is RunState.RUNNING
