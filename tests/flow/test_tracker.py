"""Following tasks, one turn at a time: through silence, refusals, unknown tasks and absences, to an honest end."""

from datetime import timedelta

import pytest

from bot.core.budget import Budget
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.runs import RunState
from bot.core.tasks import TaskLog, TaskStatus
from tests.flow.stage import Stage, buttons_of, words_of
from tests.support.factories import ANA, BEN, CLEO
from tests.support.fakes import Died, Meddler

DOWN = HostingUnavailableError("timeout", code="timeout")
KEY_REFUSED = HostingRefusedError(status=401, code="invalid_key")


async def running(stage: Stage, text: str = "restart staging") -> None:
    """A run is under way, and was seen so."""
    await stage.ask(text, CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=10, current_step="Pull")
    await stage.turn()


async def test_platform_silent_for_half_a_minute_is_said_on_the_card_and_taken_back(stage: Stage) -> None:
    await running(stage)
    stage.hosting.tasks[stage.task].trouble = DOWN
    await stage.turn(seconds=2)
    await stage.turn(seconds=20)
    assert "has not answered" not in words_of((await stage.card()).now)
    await stage.turn(seconds=10)
    assert "has not answered" in words_of((await stage.card()).now)
    assert "failed" not in words_of((await stage.card()).now)
    stage.hosting.tasks[stage.task].trouble = None
    await stage.turn(minutes=1)
    assert "has not answered" not in words_of((await stage.card()).now)
    assert (await stage.run()).state is RunState.RUNNING


async def test_short_silence_is_forgotten_by_the_next_answer(stage: Stage) -> None:
    await running(stage)
    for _ in range(3):
        stage.hosting.tasks[stage.task].trouble = DOWN
        await stage.turn(seconds=20)
        assert (await stage.run()).unanswered_since is None
        stage.hosting.tasks[stage.task].trouble = None
        await stage.turn(seconds=20)


async def test_task_that_answers_again_is_looked_at_as_often_as_before(stage: Stage) -> None:
    await running(stage)
    stage.hosting.tasks[stage.task].trouble = DOWN
    for _ in range(5):
        await stage.turn(minutes=1)
    stage.hosting.tasks[stage.task].trouble = None
    await stage.turn(minutes=1)
    before = len(stage.hosting.looks)
    for _ in range(5):
        await stage.turn(seconds=2)
    assert len(stage.hosting.looks) == before + 5


async def test_silence_is_asked_into_less_and_less_often(stage: Stage) -> None:
    await running(stage)
    stage.hosting.tasks[stage.task].trouble = DOWN
    before = len(stage.hosting.looks)
    for _ in range(60):
        await stage.turn(seconds=2)
    assert 5 <= len(stage.hosting.looks) - before <= 10


async def test_task_ended_during_an_outage_is_told_as_it_ended(stage: Stage) -> None:
    """Finish first, time out second."""
    await running(stage)
    stage.hosting.tasks[stage.task].trouble = DOWN
    for _ in range(10):
        await stage.turn(hours=1)
    stage.hosting.tasks[stage.task].trouble = None
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.DONE


async def test_task_not_found_for_a_minute_is_lost(stage: Stage) -> None:
    await running(stage)
    forgotten = stage.hosting.tasks.pop(stage.task)
    await stage.turn(seconds=5)
    await stage.turn(seconds=59)
    assert (await stage.run()).state is RunState.RUNNING
    await stage.turn(seconds=1)
    assert (await stage.run()).state is RunState.RUNNING
    await stage.turn(seconds=2)
    assert (await stage.run()).state is RunState.LOST
    assert "outcome unknown" in words_of((await stage.card()).now)
    assert "no longer knows this task" in words_of(stage.ends()[0].now)
    assert (await stage.entries())[-1] == "Ended"
    assert forgotten.report.status is TaskStatus.RUNNING


async def test_task_that_appears_late_is_followed(stage: Stage) -> None:
    await stage.ask("restart staging")
    task = stage.hosting.tasks.pop(stage.task)
    for _ in range(10):
        await stage.turn(seconds=5)
    stage.hosting.tasks[task.id] = task
    await stage.turn(seconds=5)
    stage.hosting.tasks.pop(task.id)
    await stage.turn(seconds=30)
    assert (await stage.run()).state is RunState.RUNNING


async def test_refused_key_is_a_silence_and_no_end(stage: Stage) -> None:
    await running(stage)
    stage.hosting.tasks[stage.task].trouble = KEY_REFUSED
    for _ in range(5):
        await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.RUNNING
    assert "has not answered" in words_of((await stage.card()).now)
    stage.hosting.tasks[stage.task].trouble = None
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.DONE


async def test_status_that_nobody_knows_leaves_the_run_open(stage: Stage) -> None:
    """The client reads an unknown status as running; the run goes on until one that is known to be an end."""
    await running(stage)
    for percent in (50, 100):
        stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=percent, current_step="???")
        await stage.turn()
    assert (await stage.run()).state is RunState.RUNNING
    assert stage.ends() == []


async def test_cancelled_is_not_failed(stage: Stage) -> None:
    await running(stage)
    stage.hosting.moves(stage.task, TaskStatus.CANCELLED)
    await stage.turn()
    assert (await stage.run()).state is RunState.CANCELLED
    shown = words_of((await stage.card()).now) + words_of(stage.ends()[0].now)
    assert "cancelled" in shown
    assert "failed" not in shown
    assert stage.hosting.log_looks == []


async def test_failure_that_never_started_says_so(stage: Stage) -> None:
    await stage.ask("restart staging")
    stage.hosting.moves(stage.task, TaskStatus.FAILED)
    await stage.turn()
    assert "never started" in words_of((await stage.card()).now)
    assert "never started" in words_of(stage.ends()[0].now)


async def test_failure_brings_the_log_with_its_secrets_masked(stage: Stage) -> None:
    await running(stage)
    stage.hosting.tasks[stage.task].log = TaskLog(
        "step 3\npassword=hunter2secret\nno space left", truncated=True
    )
    stage.hosting.moves(stage.task, TaskStatus.FAILED, error_message="boom <!channel>")
    await stage.turn()
    run, [end] = await stage.run(), stage.ends()
    assert run.log is not None
    assert "no space left" in words_of(end.now)
    assert "hunter2secret" not in words_of(end.now)
    assert "<!channel>" not in words_of(end.now) + words_of((await stage.card()).now)
    assert "Show log" in buttons_of(end.now)
    assert stage.hosting.log_looks == [(run.change.environment.id, stage.task, 40)]


@pytest.mark.parametrize("trouble", [DOWN, HostingRefusedError(status=404, code="not_found")])
async def test_failure_is_told_without_its_log_rather_than_late(
    stage: Stage, trouble: HostingUnavailableError | HostingRefusedError
) -> None:
    await running(stage)
    stage.hosting.tasks[stage.task].log = trouble
    stage.hosting.moves(stage.task, TaskStatus.FAILED, error_message="boom")
    await stage.turn()
    assert (await stage.run()).state is RunState.FAILED
    assert "boom" in words_of(stage.ends()[0].now)


async def test_look_that_breaks_does_not_stop_the_others(stage: Stage) -> None:
    await running(stage)
    await running(stage, "restart dev")
    first, second = stage.hosting.own_tasks
    first.trouble = ValueError("a bug of ours")
    stage.hosting.moves(second.id, TaskStatus.COMPLETED)
    await stage.turn()
    [told] = stage.errors.lines
    assert "look at run 1" in told
    stage.errors.lines.clear()
    assert (await stage.run(2)).state is RunState.DONE
    first.trouble = None
    stage.hosting.moves(first.id, TaskStatus.COMPLETED)
    await stage.turn()
    assert (await stage.run(1)).state is RunState.DONE


async def test_look_that_hangs_holds_up_no_other_and_is_not_begun_again_beside_itself(stage: Stage) -> None:
    await running(stage)
    await running(stage, "restart dev")
    first, second = stage.hosting.own_tasks
    stage.hosting.hangs(first.id)
    stage.hosting.looks.clear()
    for number in (1, 2, 3):
        stage.clock.forward(seconds=10)
        await stage.flow.tracker.look_once()
        await stage.until(lambda looks=number: stage.hosting.looks.count(second.id) == looks)  # type: ignore[misc]
        await stage.until(lambda: len(stage.flow.tracker._looking) == 1)  # the other look has ended
    assert stage.hosting.looks.count(first.id) == 1
    stage.hosting.moves(second.id, TaskStatus.COMPLETED)
    stage.clock.forward(seconds=10)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: bool(stage.ends(2)))
    stage.hosting.moves(first.id, TaskStatus.COMPLETED)
    stage.hosting.answers(first.id)
    await stage.settle()
    assert (await stage.run(1)).state is RunState.DONE


async def test_used_up_budget_means_no_looks(stage: Stage) -> None:
    await running(stage)
    before = len(stage.hosting.looks)
    now = stage.clock.now()
    stage.hosting.budget = Budget(limit=60, remaining=0, told_at=now + timedelta(seconds=2))
    await stage.turn(seconds=2)
    stage.hosting.budget = Budget(limit=60, blocked_until=now + timedelta(minutes=5))
    await stage.turn(seconds=30)
    assert len(stage.hosting.looks) == before
    await stage.turn(minutes=5)
    assert len(stage.hosting.looks) == before + 1


async def test_look_comes_no_more_often_than_its_gap(stage: Stage) -> None:
    await running(stage)
    before = len(stage.hosting.looks)
    for _ in range(10):
        await stage.turn(seconds=1)
    assert len(stage.hosting.looks) == before + 5


async def test_return_after_a_long_absence_says_so_and_goes_on(stage: Stage) -> None:
    await running(stage)
    await stage.ask("deploy prod", ANA)
    card = await stage.card()
    await stage.restart(minutes=10)
    assert "I was away for 10 min" in words_of((await stage.card(1)).now)
    assert "I was away for 10 min" in words_of((await stage.card(2)).now)
    assert (await stage.card()).ref == card.ref
    assert "Resumed" in await stage.entries()
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn()
    assert (await stage.run()).state is RunState.DONE
    await stage.vote(await stage.run(2), BEN)
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_end_that_came_while_the_bot_was_away_says_when_it_was(stage: Stage) -> None:
    await running(stage)
    ended_at = stage.clock.now() + timedelta(minutes=1)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, completed_at=ended_at)
    await stage.restart(minutes=5)
    await stage.turn()
    [end] = stage.ends()
    assert f"It ended at <!date^{int(ended_at.timestamp())}^" in words_of(end.now)
    assert "I was away for 5 min meanwhile" in words_of(end.now)


async def test_end_that_is_told_in_time_says_nothing_of_an_earlier_absence(stage: Stage) -> None:
    await running(stage)
    await stage.restart(minutes=5)
    await stage.turn()
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, completed_at=stage.clock.now())
    await stage.turn()
    assert "It ended at" not in words_of(stage.ends()[0].now)


async def test_submission_without_an_answer_through_an_absence_is_finished_and_says_so(stage: Stage) -> None:
    stage.hosting.fails_next(DOWN, after_acting=True)
    await stage.ask("restart staging", CLEO)
    await stage.restart(minutes=5)
    assert "I was away for 5 min" in words_of((await stage.card()).now)
    await stage.turn()
    assert (await stage.run()).task_id == stage.task
    assert len(stage.hosting.own_tasks) == 1


async def test_short_absence_is_not_worth_a_word(stage: Stage) -> None:
    await running(stage)
    await stage.restart(seconds=29)
    assert "away" not in words_of((await stage.card()).now)
    assert "Resumed" not in await stage.entries()


async def test_first_start_of_all_finds_nothing_to_resume(stage: Stage) -> None:
    await stage.flow.tracker.resume(None)
    await stage.turn()
    assert stage.chat.screen == []


async def test_ask_that_nobody_was_shown_for_long_is_dropped_at_the_start(stage: Stage) -> None:
    stage.chat.closes()
    await stage.ask("restart staging")
    await stage.restart(seconds=61)
    await stage.turn()
    run = await stage.run()
    assert run.state is RunState.DROPPED
    assert stage.hosting.posts == []
    assert "restarted" in words_of(stage.ends()[0].now)
    assert "Retry" in buttons_of((await stage.card()).now)


async def test_granted_run_that_was_not_begun_before_a_long_absence_is_not_begun_after_it(
    stage: Stage,
) -> None:
    """Approved at ten at night, the process gone, back at six: nobody expects a deploy then."""
    await stage.ask("deploy prod", ANA)
    stage.clock.forward(minutes=10)
    run = await stage.run()
    await stage.reopen(Meddler(dies_after="record_approval"))
    with pytest.raises(Died):
        await stage.vote(run, BEN)
    await stage.settle()
    await stage.restart(hours=8)
    await stage.turn()
    assert (await stage.run()).state is RunState.DROPPED
    assert stage.hosting.posts == []
    assert "Retry" in buttons_of((await stage.card()).now)


async def test_report_that_says_the_same_again_changes_nothing(stage: Stage) -> None:
    await running(stage)
    version = (await stage.run()).version
    for _ in range(5):
        await stage.turn()
    assert (await stage.run()).version == version


async def test_steps_seen_are_shown_in_the_progress_message(stage: Stage) -> None:
    await running(stage)
    for number, step in enumerate(["Build", "Migrate", "Restart"], start=1):
        stage.hosting.moves(
            stage.task, steps_completed=number, current_step=step, progress_percent=number * 25
        )
        await stage.turn(seconds=10)
    shown = words_of((await stage.progress()).now)
    assert "Migrate" in shown
    assert "75 %" in shown
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, progress_percent=100)
    await stage.turn()
    assert "100 %" in words_of((await stage.progress()).now)
