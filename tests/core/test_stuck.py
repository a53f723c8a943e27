"""When a task that does not end is worth a word, and when it is not yet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.estimates import Estimate
from bot.core.facts import GivenUp, HostingSilent, Reported
from bot.core.runs import Run, RunState, advance
from bot.core.stuck import find_stuck_since
from bot.core.tasks import TaskStatus
from tests.views.scenes import ACCEPTED, BEN, NOW, STATES, SUBMITTING, a_report, a_running_run

QUICK = Estimate(timedelta(seconds=20), timedelta(seconds=40), sample=9)
SLOW = Estimate(timedelta(minutes=20), timedelta(minutes=30), sample=9)


def seen(minutes: float, **more: object) -> Run:
    """A run whose task was first seen where it is so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    return a_running_run(submitted_at=at, reported_at=at, **more)


@pytest.mark.parametrize(
    ("minutes", "estimate", "is_stuck"),
    [
        (29, None, False),
        (30, None, True),
        (29, QUICK, False),
        (30, QUICK, True),
        (89, SLOW, False),
        (90, SLOW, True),
    ],
)
def test_task_is_stuck_after_half_an_hour_or_three_slow_runs(
    minutes: float, estimate: Estimate | None, is_stuck: bool
) -> None:
    run = seen(minutes)
    since = find_stuck_since(run, run.report, estimate, now=NOW)
    assert since == (run.reported_at if is_stuck else None)
    assert find_stuck_since(run, None, estimate, now=NOW) == since, (
        "an answer that says nothing new tells the same"
    )


def test_task_that_has_just_moved_is_not_stuck() -> None:
    run = seen(300)
    assert find_stuck_since(run, a_report(progress_percent=43), None, now=NOW) is None


def test_more_time_gone_by_is_no_movement() -> None:
    run = seen(300)
    assert find_stuck_since(run, a_report(duration=timedelta(hours=5)), None, now=NOW) == run.reported_at


@pytest.mark.parametrize(("minutes", "is_stuck"), [(4, False), (5, True)])
def test_status_that_nobody_knows_is_waited_for_less_long(minutes: float, is_stuck: bool) -> None:
    report = a_report(unknown_status="on_hold")
    run = seen(minutes, report=report)
    assert (find_stuck_since(run, report, SLOW, now=NOW) is not None) == is_stuck


@pytest.mark.parametrize(("hours", "is_stuck"), [(23.9, False), (24, True)])
def test_task_at_work_for_a_day_is_worth_a_word_even_if_it_moves(hours: float, is_stuck: bool) -> None:
    run = seen(hours * 60)
    since = find_stuck_since(run, a_report(progress_percent=99), None, now=NOW)
    assert since == (run.submitted_at if is_stuck else None)


def test_end_is_never_stuck() -> None:
    assert find_stuck_since(seen(9_999), a_report(TaskStatus.COMPLETED), None, now=NOW) is None


def test_clock_set_back_makes_nothing_stuck() -> None:
    assert find_stuck_since(seen(-60), None, None, now=NOW) is None


# what a run makes of it


def test_stuck_run_goes_on_and_is_unstuck_by_the_next_movement() -> None:
    run = seen(50)
    stuck = advance(run, Reported(a_report(), stuck_since=run.reported_at), NOW)
    assert (stuck.state, stuck.stuck_since, stuck.reported_at) == (
        RunState.RUNNING,
        run.reported_at,
        run.reported_at,
    )
    assert advance(stuck, Reported(a_report(), stuck_since=run.reported_at), NOW) is stuck
    moved = advance(stuck, Reported(a_report(progress_percent=50)), NOW)
    assert (moved.stuck_since, moved.reported_at) == (None, NOW)
    ended = advance(stuck, Reported(a_report(TaskStatus.COMPLETED)), NOW)
    assert ended.state is RunState.DONE


def test_silence_does_not_hide_that_a_run_is_stuck() -> None:
    run = seen(50)
    silent = advance(run, HostingSilent(NOW), NOW)
    assert advance(silent, HostingSilent(NOW), NOW) is silent
    stuck = advance(silent, HostingSilent(NOW, run.reported_at), NOW)
    assert (stuck.unanswered_since, stuck.stuck_since) == (NOW, run.reported_at)


@pytest.mark.parametrize(
    "run",
    [
        replace(SUBMITTING, unanswered_since=NOW),
        replace(seen(50), stuck_since=NOW),
    ],
    ids=["unanswered", "stuck"],
)
def test_run_that_leads_nowhere_can_be_given_up_once(run: Run) -> None:
    ended = advance(run, GivenUp(BEN), NOW)
    assert (ended.state, ended.given_up_by, ended.ended_at) == (RunState.LOST, BEN, NOW)
    assert advance(ended, GivenUp(BEN), NOW) is ended


@pytest.mark.parametrize("run", [*STATES.values(), ACCEPTED, seen(50)], ids=lambda run: run.state.value)
def test_run_that_gets_on_or_has_ended_cannot_be_given_up(run: Run) -> None:
    assert advance(run, GivenUp(BEN), NOW) is run
