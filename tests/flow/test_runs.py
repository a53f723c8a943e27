"""A run is sent once: whatever the platform answers, or does not, and however often it is asked to."""

import asyncio
import logging

import pytest

from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.names import RunId
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.flow.ports import Slot, SlotKind
from tests.flow.stage import Stage, buttons_of, words_of
from tests.support.factories import ANA, BEN, CLEO, STAGING

LOST = HostingUnavailableError("timeout", may_have_acted=True, code="timeout")


@pytest.mark.parametrize("acted", [False, True])
async def test_answer_lost_is_asked_for_again_with_the_same_key(stage: Stage, acted: bool) -> None:
    stage.hosting.fails_next(LOST, after_acting=acted)
    await stage.ask("restart staging")
    assert (await stage.run()).state is RunState.SUBMITTING
    await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.RUNNING
    assert len(stage.hosting.posts) == 2
    assert len({post.key for post in stage.hosting.posts}) == 1
    assert len(stage.hosting.own_tasks) == 1
    assert await stage.entries() == ["Asked", "Sent", "Started"]


async def test_submission_that_failed_is_left_alone_for_some_seconds(stage: Stage) -> None:
    stage.hosting.fails_next(LOST, times=2)
    await stage.ask("restart staging")
    for _ in range(4):
        await stage.turn(seconds=1)
    assert len(stage.hosting.posts) == 1
    await stage.turn(seconds=1)
    assert len(stage.hosting.posts) == 2
    await stage.turn(seconds=4)
    assert len(stage.hosting.posts) == 2
    await stage.turn(seconds=1)
    assert (await stage.run()).state is RunState.RUNNING


async def test_approved_run_that_could_not_be_sent_is_left_alone_just_as_long(stage: Stage) -> None:
    await stage.ask("deploy prod", ANA)
    stage.clock.forward(minutes=10)
    stage.hosting.fails_next(LOST)
    await stage.vote(await stage.run(), BEN)
    await stage.turn(seconds=1)
    assert len(stage.hosting.posts) == 1
    await stage.turn(seconds=5)
    assert len(stage.hosting.posts) == 2


async def test_platform_silent_about_a_submission_is_said_on_the_card_and_taken_back(stage: Stage) -> None:
    stage.hosting.fails_next(LOST, times=8)
    await stage.ask("restart staging")
    for _ in range(7):
        await stage.turn(seconds=6)
    said = words_of((await stage.card()).now)
    assert "has not answered" in said
    assert "whether it has begun is not known" in said
    await stage.turn(seconds=6)
    assert "has not answered" not in words_of((await stage.card()).now)


@pytest.mark.parametrize(
    ("status", "code"),
    [(409, "environment_not_running"), (402, "subscription_blocked"), (401, "invalid_key"), (418, "teapot")],
)
async def test_refusal_ends_the_run_with_its_code(stage: Stage, status: int, code: str) -> None:
    stage.hosting.fails_next(HostingRefusedError(status=status, code=code, text="No <!channel>"))
    await stage.ask("restart staging")
    run = await stage.run()
    assert run.state is RunState.REFUSED
    assert run.refusal is not None
    assert run.refusal.code == code
    assert await stage.entries() == ["Asked", "Sent", "Refused"]
    card, [end] = await stage.card(), stage.ends()
    assert "Nothing was triggered" in words_of(card.now)
    assert "<!channel>" not in words_of(end.now)
    assert "<@U0CLEO>" in words_of(end.now)
    await stage.turn(minutes=1)
    assert len(stage.hosting.posts) == 1


@pytest.mark.parametrize("restarts", [False, True])
async def test_conflict_after_a_lost_answer_may_be_with_ourselves(stage: Stage, restarts: bool) -> None:
    """Some servers look for a conflict before they look at the key: the restart under way is then our own."""
    stage.hosting.fails_next(LOST, after_acting=True)
    await stage.ask("restart staging")
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"), times=2)
    if restarts:
        await stage.restart()
    for _ in range(3):
        await stage.turn(seconds=6)
    run = await stage.run()
    assert run.state is RunState.RUNNING
    assert run.task_id == stage.task
    assert len(stage.hosting.own_tasks) == 1


async def test_conflict_after_a_try_that_surely_did_nothing_is_believed(stage: Stage) -> None:
    stage.hosting.fails_next(HostingUnavailableError("the limit is used up", code="rate_limit_exceeded"))
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"))
    await stage.ask("restart staging")
    await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.REFUSED


async def test_conflict_that_lasts_after_a_lost_answer_ends_as_unknown_and_frees_the_environment(
    stage: Stage,
) -> None:
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"), times=100)
    for _ in range(5):
        await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.SUBMITTING
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.LOST
    assert "Check in the oec.sh dashboard" in words_of(stage.ends()[0].now)
    stage.hosting.forgives()
    await stage.ask("start staging")
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_task_of_somebody_else_in_the_way_can_be_followed(stage: Stage) -> None:
    stage.hosting.begins_elsewhere(STAGING.id)
    await stage.ask("restart staging")
    assert (await stage.run()).state is RunState.REFUSED
    assert "Follow it" in buttons_of((await stage.card()).now)


async def test_key_that_the_platform_may_have_forgotten_is_never_sent_again(stage: Stage) -> None:
    stage.hosting.fails_next(LOST, after_acting=True)
    await stage.ask("restart staging")
    await stage.restart(hours=23, minutes=1)
    await stage.turn()
    run = await stage.run()
    assert run.state is RunState.LOST
    assert len(stage.hosting.posts) == 1
    assert "outcome unknown" in words_of((await stage.card()).now)
    assert len(stage.ends()) == 1


async def test_key_still_remembered_is_sent_again_after_a_day_away(stage: Stage) -> None:
    stage.hosting.fails_next(LOST, after_acting=True)
    await stage.ask("restart staging")
    await stage.restart(hours=22, minutes=59)
    await stage.turn()
    assert (await stage.run()).state is RunState.RUNNING
    assert len(stage.hosting.own_tasks) == 1


async def test_many_submissions_at_once_are_one_post(stage: Stage) -> None:
    stage.hosting.holds()
    asking = asyncio.create_task(stage.ask("restart staging"))
    await stage.until(lambda: bool(stage.hosting.posts))
    runs = stage.flow.tracker._runs
    submitting = [asyncio.create_task(runs.submit(RunId(1))) for _ in range(20)]
    await asyncio.gather(*submitting)
    stage.hosting.releases()
    await asking
    assert len(stage.hosting.posts) == 1
    assert (await stage.run()).state is RunState.RUNNING


async def test_run_that_ended_is_not_sent_again(stage: Stage) -> None:
    await stage.ask("restart staging")
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    await stage.flow.tracker._runs.submit(RunId(1))
    assert len(stage.hosting.posts) == 1
    assert (await stage.run()).state is RunState.DONE


async def test_ask_whose_card_nobody_can_see_is_not_sent(stage: Stage) -> None:
    stage.chat.refuses("post card", "not_in_channel", times=1)
    await stage.ask("restart staging")
    run = await stage.run()
    assert run.state is RunState.DROPPED
    assert stage.hosting.posts == []
    assert "/invite" in stage.told(CLEO)[0]
    await stage.turn(seconds=10)
    assert stage.hosting.posts == []


async def test_ask_shown_only_after_a_long_outage_of_slack_is_not_sent_unasked(stage: Stage) -> None:
    stage.chat.falls_ill()
    asking = asyncio.create_task(stage.ask("restart staging"))
    await stage.until(lambda: bool(stage.chat._lanes))
    stage.clock.forward(minutes=30)
    stage.chat.recovers()
    await asking
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []
    assert "Retry" in buttons_of((await stage.card()).now)


async def test_stop_while_slack_is_out_of_reach_sends_nothing(stage: Stage) -> None:
    """Who waits for a card gets nothing when the publisher closes: that is no sight of it."""
    stage.chat.closes()
    await stage.ask("restart staging")
    assert stage.hosting.posts == []
    assert (await stage.run()).state is RunState.ACCEPTED
    await stage.restart()
    await stage.turn()
    assert (await stage.run()).state is RunState.RUNNING


async def test_card_refused_after_a_restart_frees_the_environment(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.chat.closes()
    await stage.ask("restart staging")
    stage.chat.refuses("post card", "not_in_channel", times=1)
    with caplog.at_level(logging.WARNING):
        await stage.restart()
    await stage.turn()
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []
    await stage.ask("restart staging", BEN)
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_granted_run_is_sent_promptly_after_a_restart(stage: Stage) -> None:
    """The process died after the card was shown and before the intent was written."""
    stage.chat.closes()
    await stage.ask("restart staging")
    await stage.restart(seconds=1)
    assert await stage.store.find_slot(Slot(RunId(1), SlotKind.CARD)) is not None
    await stage.turn(seconds=1)
    assert (await stage.run()).state is RunState.RUNNING


async def test_hanging_submission_does_not_hold_up_the_looks_at_others(stage: Stage) -> None:
    await stage.ask("restart dev")
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    stage.hosting.holds()
    stage.clock.forward(seconds=6)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: len(stage.hosting.posts) == 3)
    stage.hosting.moves(stage.hosting.own_tasks[0].id, TaskStatus.COMPLETED)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    assert (await stage.run(1)).state is RunState.DONE
    stage.hosting.releases()
    await stage.settle()
    assert (await stage.run(2)).state is RunState.RUNNING
