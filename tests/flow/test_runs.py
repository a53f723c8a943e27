"""A run is sent once: whatever the platform answers, or does not, and however often it is asked to."""

import asyncio
import logging
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import HistoryError, HostingRefusedError, HostingUnavailableError
from bot.core.names import RunId
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.flow.ports import Slot, SlotKind
from bot.history.backup import write_backup
from tests.flow.stage import PATIENCE, Stage, buttons_of, words_of
from tests.support.factories import ANA, BEN, CLEO, STAGING
from tests.support.fakes import Meddler

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


async def test_refusal_after_an_answer_that_could_not_be_kept_is_not_believed(stage: Stage) -> None:
    """The task was begun and told, and the disk was full when that was to be written down; then the key is revoked."""

    async def is_full() -> None:
        raise HistoryError("The database oec-bot.db cannot grow: the disk is full.")

    async def is_full_once_it_is_asked() -> None:
        stage.meddler.before("record_advance", is_full)

    stage.meddler.before("start_action", is_full_once_it_is_asked)
    await stage.ask("restart staging")
    assert len(stage.hosting.own_tasks) == 1
    assert (await stage.run()).state is RunState.SUBMITTING
    stage.hosting.fails_next(HostingRefusedError(status=401, code="invalid_key"))
    await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.SUBMITTING
    await stage.turn(seconds=6)
    assert (await stage.run()).task_id == stage.task
    assert len(stage.hosting.own_tasks) == 1


@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize("text", ["deploy staging", "restart staging"])
async def test_ask_that_a_death_left_behind_is_not_begun_hours_later(
    stage: Stage, text: str, acted: bool
) -> None:
    """Nobody expects it any more; but what was begun is followed, whatever became of its answer."""
    stage.hosting.fails_next(LOST, after_acting=acted)
    await stage.ask(text)
    await stage.restart(hours=2)
    await stage.turn()
    run = await stage.run()
    if acted:
        assert (run.task_id, run.is_presumed) == (stage.task, False)
    else:
        assert run.state is RunState.REFUSED
        assert "was not begun" in words_of((await stage.card()).now)
    assert len(stage.hosting.own_tasks) == acted


async def test_ask_left_behind_by_a_clock_that_was_ahead_is_found_by_its_key(stage: Stage) -> None:
    """By our clock the task began long before it was asked for."""
    stage.hosting.fails_next(LOST, after_acting=True)
    await stage.ask("restart staging")
    stage.hosting.moves(stage.task, started_at=stage.clock.now() - timedelta(minutes=50))
    await stage.restart(minutes=20)
    await stage.turn()
    assert (await stage.run()).task_id == stage.task


async def test_ask_that_a_death_left_behind_a_moment_ago_is_begun(stage: Stage) -> None:
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    await stage.restart(minutes=2)
    await stage.turn()
    assert (await stage.run()).task_id == stage.task


async def test_copies_of_one_history_ask_with_the_same_key(stage: Stage, tmp_path: Path) -> None:
    """Two bots on copies, or a backup put back by hand: both may hear that it is approved, and it is done once."""
    await stage.ask("deploy prod", ANA)
    copy = Stage.build(tmp_path / "copy.db")
    await copy.close()
    copy.path.unlink()
    write_backup(stage.path, copy.path)
    copy.hosting, copy.clock, copy.chat = stage.hosting, stage.clock, stage.chat
    await copy.reopen(Meddler())
    for one in (stage, copy):
        await one.vote(await one.run(), BEN)
    assert (await stage.run()).task_id == (await copy.run()).task_id == stage.task
    assert len(stage.hosting.own_tasks) == 1
    await copy.close()


async def test_conflict_after_a_try_that_surely_did_nothing_is_believed(stage: Stage) -> None:
    stage.hosting.fails_next(HostingUnavailableError("the limit is used up", code="rate_limit_exceeded"))
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"))
    await stage.ask("restart staging")
    await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.REFUSED


async def test_conflict_that_lasts_after_a_lost_answer_ends_as_unknown_and_frees_the_environment(
    stage: Stage,
) -> None:
    """Something has begun there since that is not ours, and restarts are not listed: ours may have been before it."""
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    stage.hosting.moves(stage.hosting.begins_elsewhere(STAGING.id), TaskStatus.COMPLETED)
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"), times=100)
    for _ in range(5):
        await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.SUBMITTING
    stage.hosting.moves(
        stage.hosting.begins_elsewhere(STAGING.id), TaskStatus.COMPLETED, completed_at=stage.clock.now()
    )
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.LOST
    assert "Check in the oec.sh dashboard" in words_of(stage.ends()[0].now)
    stage.hosting.forgives()
    await stage.ask("start staging")
    assert (await stage.run(2)).state is RunState.RUNNING


@pytest.mark.parametrize("code", ["environment_not_running", "task_in_progress", "invalid_key"])
async def test_refusal_after_a_lost_answer_is_believed_once_nothing_is_seen_to_have_begun(
    stage: Stage, code: str
) -> None:
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    status = 401 if code == "invalid_key" else 409
    stage.hosting.fails_next(HostingRefusedError(status=status, code=code), times=100)
    for _ in range(4):
        await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.SUBMITTING
    await stage.turn(seconds=6)
    run = await stage.run()
    assert run.state is RunState.REFUSED
    assert run.refusal is not None
    assert run.refusal.code == code
    assert "Nothing was triggered" in words_of((await stage.card()).now)


async def test_refusal_is_not_believed_while_a_try_without_an_answer_may_still_be_on_its_way(
    stage: Stage,
) -> None:
    stage.hosting.fails_next(LOST, times=5)
    await stage.ask("restart staging")
    for _ in range(4):
        await stage.turn(seconds=7)
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"), times=100)
    for _ in range(4):
        await stage.turn(seconds=7)
    assert (await stage.run()).state is RunState.SUBMITTING
    await stage.turn(seconds=7)
    assert (await stage.run()).state is RunState.REFUSED


async def test_refusal_found_at_a_start_is_believed_as_soon_as_it_is_seen_that_nothing_began(
    stage: Stage,
) -> None:
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    stage.hosting.fails_next(HostingRefusedError(status=409, code="environment_not_running"), times=100)
    await stage.restart(minutes=2)
    await stage.turn(seconds=1)
    assert (await stage.run()).state is RunState.SUBMITTING
    for _ in range(5):
        await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.REFUSED


async def test_refused_key_after_a_lost_answer_does_not_make_a_running_task_unsent(stage: Stage) -> None:
    """Nothing was triggered, it would say, while the platform is at it."""
    stage.hosting.fails_next(LOST, after_acting=True)
    await stage.ask("restart staging")
    stage.hosting.fails_next(HostingRefusedError(status=401, code="invalid_key"), times=100)
    for _ in range(5):
        await stage.turn(seconds=10)
    run = await stage.run()
    assert run.state is RunState.RUNNING
    assert run.task_id == stage.task
    assert run.is_presumed


async def test_own_task_named_as_in_the_way_is_followed(stage: Stage) -> None:
    stage.hosting.fails_next(LOST, after_acting=True)
    await stage.ask("restart staging")
    busy = HostingRefusedError(status=409, code="task_in_progress", task_id=stage.task)
    stage.hosting.fails_next(busy, times=100)
    await stage.turn(seconds=6)
    run = await stage.run()
    assert (run.state, run.task_id, run.is_presumed) == (RunState.RUNNING, stage.task, True)
    assert "may be another one" in words_of((await stage.card()).now)
    assert "taken for it" not in words_of((await stage.card()).now)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    assert "may be another one" in words_of(stage.ends()[0].now)


async def test_task_of_somebody_else_named_as_in_the_way_is_not_taken_for_ours(stage: Stage) -> None:
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging")
    other = stage.hosting.begins_elsewhere(STAGING.id)
    for _ in range(7):
        await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.SUBMITTING
    stage.hosting.moves(other, TaskStatus.COMPLETED)
    await stage.turn(minutes=1)
    assert (await stage.run()).task_id == stage.task
    assert len(stage.hosting.own_tasks) == 1


async def test_ask_that_was_begun_all_the_same_is_found_while_its_key_finds_no_ear(stage: Stage) -> None:
    """Writes fail, reads work: it need not be said for a day that nobody knows."""
    stage.hosting.fails_next(LOST, after_acting=True, times=1_000)
    await stage.ask("restart staging")
    for _ in range(5):
        await stage.turn(seconds=10)
    run = await stage.run()
    assert (run.state, run.task_id, run.is_presumed) == (RunState.RUNNING, stage.task, True)


async def test_wait_that_the_platform_asks_for_is_kept(stage: Stage) -> None:
    limited = HostingUnavailableError(
        "status 429", code="rate_limit_exceeded", retry_after=timedelta(seconds=40)
    )
    stage.hosting.fails_next(limited)
    await stage.ask("restart staging")
    for _ in range(39):
        await stage.turn(seconds=1)
    assert len(stage.hosting.posts) == 1
    await stage.turn(seconds=1)
    assert (await stage.run()).state is RunState.RUNNING


async def test_database_that_fails_after_the_platform_acted_leads_to_one_task(stage: Stage) -> None:
    """The task is known to nobody: it is asked for again with the same key, and not at every turn."""

    async def fail() -> None:
        raise HistoryError("The database oec-bot.db cannot grow: the disk is full.")

    async def fail_when_it_is_sent() -> None:
        stage.meddler.before("record_advance", fail)

    stage.meddler.before("start_action", fail_when_it_is_sent)
    await stage.ask("restart staging")
    assert (await stage.run()).state is RunState.SUBMITTING
    assert len(stage.told(CLEO)) == 1
    for _ in range(4):
        await stage.turn(seconds=1)
    assert len(stage.hosting.posts) == 1
    await stage.turn(seconds=2)
    assert (await stage.run()).task_id == stage.task
    assert len(stage.hosting.own_tasks) == 1


async def test_ask_that_stays_without_an_answer_is_tried_less_often_after_a_while(stage: Stage) -> None:
    stage.hosting.fails_next(LOST, times=1_000)
    await stage.ask("restart staging")
    for _ in range(60):
        await stage.turn(seconds=5)
    assert 15 <= len(stage.hosting.posts) <= 25


async def test_task_of_somebody_else_in_the_way_can_be_followed(stage: Stage) -> None:
    stage.hosting.begins_elsewhere(STAGING.id)
    await stage.ask("restart staging")
    assert (await stage.run()).state is RunState.REFUSED
    assert "Follow it" in buttons_of((await stage.card()).now)


async def outlived_key(stage: Stage, text: str, *, acted: bool) -> None:
    """An ask whose answer was lost, and a day on which nobody could ask again."""
    stage.hosting.fails_next(LOST, after_acting=acted)
    await stage.ask(text)
    await stage.restart(hours=23, minutes=1)


async def test_after_the_life_of_a_key_its_task_is_looked_for_and_the_key_never_sent_again(
    stage: Stage,
) -> None:
    await outlived_key(stage, "restart staging", acted=True)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, completed_at=stage.clock.now())
    await stage.turn()
    run = await stage.run()
    assert (run.state, run.task_id, run.is_presumed) == (RunState.RUNNING, stage.task, True)
    await stage.turn()
    assert (await stage.run()).state is RunState.DONE
    assert "may be another one" in words_of(stage.ends()[0].now)
    assert len(stage.hosting.posts) == 1
    assert await stage.entries() == ["Asked", "Sent", "Resumed", "Started", "Ended"]


@pytest.mark.parametrize("text", ["restart staging", "deploy staging"])
async def test_ask_that_left_no_trace_after_the_life_of_its_key_was_not_triggered(
    stage: Stage, text: str
) -> None:
    await outlived_key(stage, text, acted=False)
    await stage.turn()
    assert (await stage.run()).state is RunState.REFUSED
    assert len(stage.hosting.posts) == 1
    card, [end] = (await stage.card()).now, stage.ends()
    assert "Nothing was triggered" in words_of(card)
    assert "was refused" not in words_of(card) + words_of(end.now)
    await stage.press("Retry", card, CLEO)
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_ask_of_which_nothing_can_be_told_after_the_life_of_its_key_is_lost(stage: Stage) -> None:
    await outlived_key(stage, "restart staging", acted=False)
    backup = stage.hosting.begins_elsewhere(STAGING.id)
    stage.hosting.moves(backup, TaskStatus.COMPLETED, completed_at=stage.clock.now())
    await stage.turn()
    assert (await stage.run()).state is RunState.LOST
    assert len(stage.hosting.posts) == 1
    card = (await stage.card()).now
    assert "outcome unknown" in words_of(card)
    assert "failed" not in words_of(card)
    assert "Retry" in buttons_of(card)


async def test_platform_out_of_reach_after_the_life_of_a_key_is_asked_until_it_shows(stage: Stage) -> None:
    await outlived_key(stage, "restart staging", acted=True)
    stage.hosting.listing_trouble = HostingUnavailableError("timeout")
    for _ in range(5):
        await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.SUBMITTING
    assert "has not answered" in words_of((await stage.card()).now)
    stage.hosting.listing_trouble = None
    await stage.turn(minutes=1)
    assert (await stage.run()).task_id == stage.task
    assert len(stage.hosting.posts) == 1


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
    deadline = time.monotonic() + PATIENCE
    while not stage.ends(1):
        assert time.monotonic() < deadline
        stage.clock.forward(seconds=2)
        await stage.flow.tracker.look_once()
        await asyncio.sleep(0.001)
    assert (await stage.run(1)).state is RunState.DONE
    stage.hosting.releases()
    await stage.settle()
    assert (await stage.run(2)).state is RunState.RUNNING
