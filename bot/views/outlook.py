"""What can be said of a run's time: since when, how far, until when, and how that compares with what is usual."""

from datetime import datetime, timedelta

from bot.core.estimates import Estimate, remaining
from bot.core.runs import Run
from bot.core.sight import Sight

SILENCE = timedelta(seconds=30)
"""An answer that is this late is worth a word."""

_NO_MATTER = timedelta(seconds=5)
"""A difference that nobody would remark on."""


def began_at(run: Run) -> datetime:
    """When the work began, as well as we know."""
    started = run.report.started_at if run.report else None
    return started or run.submitted_at or run.asked_at


def elapsed(run: Run, now: datetime) -> timedelta:
    """How long it has been at work, or was."""
    if run.state.is_open:
        return max(now - began_at(run), timedelta(0))
    return run.took or max((run.ended_at or now) - began_at(run), timedelta(0))


def percent(run: Run) -> int:
    """How far the platform says it is, within bounds."""
    if run.report is None:
        return 0
    return max(0, min(run.report.progress_percent, 100))


def usual(sight: Sight) -> Estimate | None:
    """What is usual for runs like this. Of a task started elsewhere it is known only if we know its kind."""
    run = sight.run
    if (
        run.adopted
        and run.report is not None
        and run.report.type not in {run.change.action.value, "redeploy"}
    ):
        return None
    return sight.estimate


def left(sight: Sight) -> timedelta | None:
    """About how long is still to go; None where nothing honest can be said."""
    known = usual(sight)
    if known is None:
        return None
    return remaining(known, elapsed=elapsed(sight.run, sight.now), progress_percent=percent(sight.run))


def expected_end_at(sight: Sight) -> datetime | None:
    """When it should be done, to the next full minute: a figure that moves at each look would be edited at each look."""
    span = left(sight)
    if span is None:
        return None
    end = sight.now + span
    return end.replace(second=0, microsecond=0) + timedelta(minutes=1 if end.second else 0)


def is_silent(run: Run, now: datetime) -> bool:
    """Whether the platform has not answered for so long that people should know."""
    return run.state.is_open and run.unanswered_since is not None and now - run.unanswered_since >= SILENCE


def is_silent_or_stuck(sight: Sight) -> bool:
    """Whether people are told on screen that it does not get on."""
    return is_silent(sight.run, sight.now) or sight.run.stuck_since is not None


def compare(took: timedelta, estimate: Estimate | None) -> str | None:
    """How a duration compares with the usual; None where nothing is known to be usual."""
    if estimate is None:
        return None
    if abs(took - estimate.usual) < _NO_MATTER:
        return "as usual"
    if took > max(estimate.slow, estimate.usual):
        return "slower than 9 of 10"
    if took >= estimate.usual * 1.25:
        return "a bit slower than usual"
    return "as usual" if took > estimate.usual * 0.75 else "quicker than usual"
