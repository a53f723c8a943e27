"""Buttons under what has ended or is under way: judged anew, for the same environment, in the run's own place."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.catalog import Catalog, Environment
from bot.core.errors import HostingUnavailableError
from bot.core.names import EnvironmentId, MessageTs
from bot.core.runs import RunState
from bot.core.tasks import TaskLog, TaskStatus
from bot.views import buttons
from tests.flow.stage import Stage, words_of
from tests.support.factories import (
    ANA,
    BEN,
    CLEO,
    DEV,
    ELSEWHERE,
    GUS,
    PROD,
    STAGING,
    SUPPORT,
    a_press,
    some_rules,
)


async def failed(stage: Stage, text: str = "restart staging", **more: MessageTs) -> None:
    """A run that has failed, with its end in its thread."""
    await stage.ask(text, CLEO, **more)
    stage.hosting.tasks[stage.task].log = TaskLog("token=s3cr3tvalue123456\nboom", truncated=False)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING)
    await stage.turn()
    stage.hosting.moves(stage.task, TaskStatus.FAILED, error_message="boom")
    await stage.turn()


async def test_retry_asks_again_as_whoever_presses(stage: Stage) -> None:
    await failed(stage)
    await stage.press("Retry", (await stage.card()).now, BEN)
    run = await stage.run(2)
    assert run.requester == BEN.user_id
    assert run.state is RunState.RUNNING
    assert run.idempotency_key != (await stage.run(1)).idempotency_key


@pytest.mark.parametrize("text", ["restart staging", "deploy prod"])
async def test_retry_pressed_by_two_at_once_begins_one_run(stage: Stage, text: str) -> None:
    await stage.ask(text, CLEO)
    if text == "deploy prod":
        await stage.vote(await stage.run(), BEN)
    stage.hosting.moves(stage.task, TaskStatus.FAILED)
    await stage.turn()
    handle = (await stage.run()).handle
    presses = [a_press(buttons.RETRY, handle, person) for person in (ANA, BEN, CLEO)]
    await asyncio.gather(*(stage.flow.desk.press(press) for press in presses))
    await stage.settle()
    assert len(await stage.store.find_open_runs()) == 1
    assert len(stage.told(ANA) + stage.told(BEN) + stage.told(CLEO)) == 2
    assert len(stage.hosting.own_tasks) == (2 if text == "restart staging" else 1)


async def test_retry_by_a_guest_is_refused(stage: Stage) -> None:
    await failed(stage)
    await stage.press("Retry", (await stage.card()).now, GUS)
    assert "guest" in stage.told(GUS)[0]
    assert len(stage.hosting.posts) == 1


async def test_retry_of_what_needs_approval_needs_it_again(stage: Stage) -> None:
    await stage.ask("deploy prod", CLEO)
    await stage.vote(await stage.run(), BEN)
    stage.hosting.moves(stage.task, TaskStatus.FAILED)
    await stage.turn()
    await stage.press("Retry", (await stage.card()).now, CLEO)
    assert (await stage.run(2)).state is RunState.WAITING
    assert len(stage.hosting.posts) == 1


async def test_retry_under_the_end_gets_a_card_in_the_channel(stage: Stage) -> None:
    await failed(stage)
    [end] = stage.ends()
    await stage.press("Retry", end.now, CLEO, thread=end.place.thread_ts)
    assert (await stage.card(2)).place.thread_ts is None


async def test_retry_of_an_ask_inside_a_thread_stays_in_that_thread(stage: Stage) -> None:
    await failed(stage, thread=MessageTs("1789.000001"))
    [end] = stage.ends()
    await stage.press("Retry", end.now, CLEO, thread=end.place.thread_ts)
    assert (await stage.card(2)).place.thread_ts == "1789.000001"


async def test_retry_is_for_the_same_environment_even_if_its_name_went_to_another(stage: Stage) -> None:
    await failed(stage)
    renamed = Catalog((PROD, replace(STAGING, alias="old-staging"), replace(DEV, alias="staging")))
    stage.flow.rulebook.put(replace(some_rules(), catalog=renamed))
    await stage.press("Retry", (await stage.card()).now, CLEO)
    assert [post.environment_id for post in stage.hosting.posts] == [STAGING.id, STAGING.id]
    assert "old-staging" in words_of((await stage.card(2)).now)


async def test_retry_of_an_environment_that_is_gone_from_the_rules_is_stale(stage: Stage) -> None:
    await failed(stage)
    another = Environment(EnvironmentId("c2d7a9e4-58b1-4f36-a0c9-1e7b6d5f4a32"), "staging")
    stage.flow.rulebook.put(replace(some_rules(), catalog=Catalog((PROD, another, DEV))))
    await stage.press("Retry", (await stage.card()).now, CLEO)
    assert "no longer does anything" in stage.told(CLEO)[0]
    assert len(stage.hosting.posts) == 1


async def test_log_is_shown_to_the_presser_alone_and_masked(stage: Stage) -> None:
    await failed(stage)
    await stage.press("Show log", stage.ends()[0].now, BEN)
    [told] = stage.told(BEN)
    assert "boom" in told
    assert "s3cr3tvalue123456" not in told


async def test_log_of_a_silent_platform_is_answered(stage: Stage) -> None:
    await failed(stage)
    stage.hosting.tasks[stage.task].log = HostingUnavailableError("timeout")
    await stage.press("Show log", stage.ends()[0].now, BEN)
    assert "did not answer in time" in stage.told(BEN)[0]


@pytest.mark.parametrize("kind", [buttons.LOG, buttons.FOLLOW, buttons.FOLLOW_TASK])
async def test_guest_may_neither_read_nor_follow(stage: Stage, kind: str) -> None:
    await failed(stage)
    await stage.flow.desk.press(a_press(kind, (await stage.run()).handle, GUS))
    [told] = stage.told(GUS)
    assert "guest" in told
    assert (await stage.run()).followers == ()


@pytest.mark.parametrize("kind", [buttons.LOG, buttons.FOLLOW, buttons.FOLLOW_TASK])
async def test_run_that_this_channel_may_not_see_is_neither_read_nor_followed(
    stage: Stage, kind: str
) -> None:
    await failed(stage, "restart dev")
    await stage.flow.desk.press(a_press(kind, (await stage.run()).handle, BEN, channel=SUPPORT))
    await stage.flow.desk.press(a_press(kind, (await stage.run()).handle, BEN, channel=ELSEWHERE))
    assert "boom" not in "".join(stage.told(BEN))
    assert (await stage.run()).followers == ()


async def test_follower_is_told_of_the_end(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    await stage.ask("deploy staging", BEN)
    [(_, busy)] = stage.chat.answers
    await stage.press("Follow it", busy, BEN)
    await stage.press("Follow it", busy, BEN)
    assert (await stage.run()).followers == (BEN.user_id,)
    assert "You follow #1" in stage.told(BEN)[1]
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    assert "<@U0CLEO> <@U0BEN>" in words_of(stage.ends()[0].now)


async def test_following_what_waits_does_not_disturb_the_vote(stage: Stage) -> None:
    await stage.ask("deploy prod", CLEO)
    run = await stage.run()

    async def follow() -> None:
        await stage.flow.desk.press(a_press(buttons.FOLLOW, run.handle, GUS))
        await stage.flow.desk.press(a_press(buttons.FOLLOW, run.handle, CLEO))

    stage.meddler.before("record_approval", follow)
    await stage.vote(run, BEN)
    run = await stage.run()
    assert run.state is RunState.RUNNING
    assert run.followers == (CLEO.user_id,)


async def test_button_of_an_unknown_kind_is_answered(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    await stage.flow.desk.press(a_press("of_an_older_version", (await stage.run()).handle, BEN))
    assert "no longer does anything" in stage.told(BEN)[0]
