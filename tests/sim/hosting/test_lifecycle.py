"""How tasks move: by table, and for any sequence of moments by property."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sim.hosting.entities import (
    ByHand,
    ByLooks,
    ByTime,
    Ending,
    Environment,
    EnvironmentStatus,
    Pace,
    Task,
    TaskStatus,
)
from bot.sim.hosting.lifecycle import Touch, advance, environment_after, log_of, look, touch
from bot.sim.hosting.scripts import draw_script

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def queued(
    kind: str = "deploy", *, seed: str = "one", mode: str | None = None, ending: Ending | None = None
) -> Task:
    return Task(
        id=seed,
        type=kind,
        environment_id="home",
        created_at=BEGIN,
        script=draw_script(kind, seed=seed, mode=mode, ending=ending),
        seen_at=BEGIN,
        environment_status_before="running",
    )


def home(status: str = "running") -> Environment:
    return Environment("home", "project", "production", status, BEGIN, BEGIN, last_commit="abc")


def test_deploy_in_the_queue_has_not_started() -> None:
    task = advance(queued(), now=BEGIN + SECOND / 2, pace=ByTime())
    assert (task.status, task.started_at, task.current_step, task.progress_percent) == (
        "queued",
        None,
        None,
        0,
    )


def test_deploy_after_the_wait_runs_its_first_step() -> None:
    task = advance(queued(), now=BEGIN + 3 * SECOND, pace=ByTime())
    assert (task.status, task.current_step, task.steps_completed) == ("running", "Preparing the server", 0)
    assert task.started_at == BEGIN + task.script.wait


def test_deploy_seen_only_at_its_end_has_both_times() -> None:
    task = advance(queued(), now=BEGIN + timedelta(hours=1), pace=ByTime())
    assert task.started_at is not None
    assert task.completed_at is not None
    assert abs(task.completed_at - task.started_at - task.script.runs_for) < timedelta(milliseconds=1)
    assert (task.status, task.progress_percent, task.steps_completed, task.current_step) == (
        "completed",
        100,
        12,
        None,
    )


@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
def test_bad_ending_stops_part_way(outcome: str) -> None:
    task = advance(queued(ending=Ending(TaskStatus(outcome))), now=BEGIN + timedelta(hours=1), pace=ByTime())
    assert task.status == outcome
    assert 4 <= task.steps_completed < 12
    assert 0 < task.progress_percent < 100
    assert task.current_step is not None
    assert (task.error_message is not None) == (outcome == "failed")


def test_bad_ending_without_duration_never_starts() -> None:
    ending = Ending(TaskStatus.FAILED, "No worker was free", duration=timedelta(0))
    task = advance(queued(ending=ending), now=BEGIN + timedelta(minutes=1), pace=ByTime())
    assert (task.status, task.started_at, task.duration_seconds) == ("failed", None, None)
    assert task.completed_at == BEGIN + task.script.wait
    assert task.error_message == "No worker was free"


def test_good_ending_without_duration_still_starts() -> None:
    task = advance(
        queued(ending=Ending(duration=timedelta(0))), now=BEGIN + timedelta(minutes=1), pace=ByTime()
    )
    assert (task.status, task.duration_seconds) == ("completed", 0)


@pytest.mark.parametrize("outcome", ["completed", "failed", "cancelled"])
def test_duration_asked_for_is_what_it_takes(outcome: str) -> None:
    ending = Ending(TaskStatus(outcome), duration=timedelta(seconds=77))
    assert (
        advance(queued(ending=ending), now=BEGIN + timedelta(hours=1), pace=ByTime()).duration_seconds == 77
    )


def test_speed_divides_the_time_it_takes() -> None:
    ending = Ending(duration=timedelta(seconds=100))
    task = advance(queued(ending=ending), now=BEGIN + timedelta(hours=1), pace=ByTime(10))
    assert task.duration_seconds == 10


def test_third_of_three_looks_ends_it() -> None:
    task, statuses = queued(), []
    for number in range(1, 4):
        task = look(task, now=BEGIN + number * SECOND, pace=ByLooks(3))
        statuses.append(task.status)
    assert statuses == ["running", "running", "completed"]


def test_single_look_ends_it() -> None:
    assert look(queued(), now=BEGIN, pace=ByLooks(1)).status == "completed"


@pytest.mark.parametrize("pace", [ByLooks(3), ByHand()])
def test_clock_does_not_move_other_paces(pace: Pace) -> None:
    task = advance(queued(), now=BEGIN + timedelta(days=1), pace=pace)
    assert (task.status, task.worked) == ("queued", timedelta(0))


def test_pending_becomes_queued_before_it_runs() -> None:
    task = replace(queued(), status=TaskStatus.PENDING)
    wait = task.script.wait
    seen = [advance(task, now=BEGIN + part * wait, pace=ByTime()).status for part in (0, 0.3, 0.6, 1.1)]
    assert seen == ["pending", "pending", "queued", "running"]


@pytest.mark.parametrize(
    ("kind", "before", "status", "started", "after"),
    [
        ("deploy", "running", "queued", False, "running"),
        ("deploy", "running", "running", True, "deploying"),
        ("deploy", "deploying", "completed", True, "running"),
        ("deploy", "deploying", "failed", True, "error"),
        ("deploy", "running", "failed", False, "running"),
        ("deploy", "deploying", "cancelled", True, "running"),
        ("deploy", "running", "cancelled", False, "running"),
        ("quick_update", "deploying", "failed", True, "error"),
        ("quick_update", "deploying", "completed", True, "running"),
        ("restart", "running", "running", True, "running"),
        ("restart", "running", "failed", True, "running"),
        ("restart", "running", "completed", True, "running"),
        ("start", "stopped", "running", True, "stopped"),
        ("start", "stopped", "completed", True, "running"),
        ("start", "stopped", "failed", True, "stopped"),
        ("stop", "running", "running", True, "running"),
        ("stop", "running", "completed", True, "stopped"),
        ("stop", "running", "cancelled", True, "running"),
        ("backup", "running", "completed", True, "running"),
        ("destroy", "stopped", "completed", True, "deleted"),
        ("deploy", "deleted", "completed", True, "deleted"),
    ],
)
def test_environment_follows_its_task(
    kind: str, before: str, status: str, *, started: bool, after: str
) -> None:
    task = replace(queued(kind), status=status, started_at=BEGIN if started else None)
    assert environment_after(home(before), task, at=BEGIN + SECOND).status == after


def test_completed_deploy_brings_a_new_commit() -> None:
    done = advance(queued(), now=BEGIN + timedelta(hours=1), pace=ByTime())
    after = environment_after(home(EnvironmentStatus.DEPLOYING), done, at=BEGIN + SECOND)
    assert after.last_commit is not None
    assert len(after.last_commit) == 40
    assert after.updated_at == BEGIN + SECOND


def test_log_grows_and_keeps_what_it_said() -> None:
    task, earlier = queued(ending=Ending(log="the end")), ""
    for second in range(0, 240, 7):
        task = advance(task, now=BEGIN + second * SECOND, pace=ByTime())
        assert log_of(task).startswith(earlier)
        earlier = log_of(task)
    assert "Step 12/12: Checking health" in earlier
    assert "the end" in earlier
    assert earlier.endswith("Finished")


def test_log_of_a_waiting_task_is_empty() -> None:
    assert log_of(queued()) == ""


def test_log_of_a_failed_task_ends_with_its_error() -> None:
    ending = Ending(TaskStatus.FAILED, "disk is full", "Traceback: no space left")
    log = log_of(advance(queued(ending=ending), now=BEGIN + timedelta(hours=1), pace=ByTime())).splitlines()
    assert log[-2] == "Traceback: no space left"
    assert log[-1].endswith("ERROR disk is full")


def test_failure_by_default_speaks_of_the_step_it_came_in() -> None:
    for seed in "abcdefghij":
        task = advance(
            queued(seed=seed, ending=Ending(TaskStatus.FAILED)), now=BEGIN + timedelta(hours=1), pace=ByTime()
        )
        assert task.error_message
        if task.current_step == "Running migrations":
            assert task.error_message.startswith("Migration failed")


def test_touch_to_completed_fills_in_the_rest() -> None:
    task = touch(queued(), Touch(status="completed"), now=BEGIN + SECOND)
    assert (task.progress_percent, task.steps_completed, task.current_step) == (100, 12, None)
    assert task.completed_at == task.started_at == BEGIN + SECOND


def test_touch_to_failed_in_the_queue_leaves_it_unstarted() -> None:
    task = touch(queued(), Touch(status="failed", error_message="refused"), now=BEGIN + SECOND)
    assert (task.started_at, task.completed_at, task.error_message) == (None, BEGIN + SECOND, "refused")


def test_touch_of_steps_gives_percent_and_name() -> None:
    task = touch(queued(), Touch(steps_completed=6), now=BEGIN + SECOND)
    assert (task.status, task.progress_percent, task.current_step) == (
        "running",
        50,
        "Saving a copy of the database",
    )
    assert "Step 7/12" in log_of(task)


def test_touch_of_percent_gives_steps() -> None:
    assert touch(queued(), Touch(progress_percent=75), now=BEGIN).steps_completed == 9


def test_touched_task_stands_still_in_time() -> None:
    task = touch(queued(), Touch(progress_percent=40), now=BEGIN)
    assert advance(task, now=BEGIN + timedelta(hours=1), pace=ByTime()).progress_percent == 40


def test_unknown_status_by_hand_stays_open() -> None:
    task = touch(queued(), Touch(status="rolling_back"), now=BEGIN)
    assert task.status == "rolling_back"
    assert not task.is_over


@pytest.mark.parametrize(
    "wish",
    [Touch(status="running"), Touch(progress_percent=1), Touch(status="failed"), Touch(steps_completed=1)],
)
def test_ended_task_refuses_to_move(wish: Touch) -> None:
    done = advance(queued(), now=BEGIN + timedelta(hours=1), pace=ByTime())
    with pytest.raises(ValueError, match="is over"):
        touch(done, wish, now=BEGIN + timedelta(hours=2))


def test_ended_task_takes_another_log() -> None:
    done = advance(queued(), now=BEGIN + timedelta(hours=1), pace=ByTime())
    assert log_of(touch(done, Touch(log="other words"), now=BEGIN + timedelta(hours=2))) == "other words"


@pytest.mark.parametrize(
    "wish", [Touch(progress_percent=101), Touch(steps_completed=13), Touch(steps_completed=-1)]
)
def test_figures_out_of_range_are_refused(wish: Touch) -> None:
    with pytest.raises(ValueError, match="goes from 0 to"):
        touch(queued(), wish, now=BEGIN)


ENDINGS = st.builds(
    Ending,
    st.sampled_from([TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED]),
    duration=st.none() | st.timedeltas(timedelta(0), timedelta(minutes=30)),
)
PACES = st.one_of(
    st.builds(ByTime, st.floats(0.01, 500)), st.builds(ByLooks, st.integers(1, 30)), st.just(ByHand())
)
TURNS = st.lists(st.tuples(PACES, st.timedeltas(timedelta(seconds=-5), timedelta(minutes=2))), max_size=40)
KINDS = st.sampled_from(["deploy", "restart", "start", "stop", "quick_update", "backup"])


@settings(max_examples=150, deadline=None)
@given(KINDS, st.text(max_size=6), ENDINGS, TURNS)
def test_progress_is_monotone_and_the_end_is_final(
    kind: str, seed: str, ending: Ending, turns: list[tuple[Pace, timedelta]]
) -> None:
    order = ["pending", "queued", "running", "completed", "failed", "cancelled"]
    task, now = queued(kind, seed=seed, ending=ending), BEGIN
    for pace, passed in turns:
        now += passed
        after = look(advance(task, now=now, pace=pace), now=now, pace=pace)
        if task.is_over:
            assert after == task
        assert order.index(after.status) >= order.index(task.status)
        assert after.worked >= task.worked
        assert after.progress_percent >= task.progress_percent
        assert task.steps_completed <= after.steps_completed <= after.total_steps
        assert (after.progress_percent == 100) == (after.status == "completed")
        assert task.started_at in {None, after.started_at}
        assert (after.completed_at is not None) == after.is_over
        assert after.duration_seconds is None or after.duration_seconds >= 0
        task = after
