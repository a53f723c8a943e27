"""When a task that does not end is worth a word: it has not moved for far longer than any usual run takes, say.

It is only a word. Such a task is looked at on, and ends as the platform says whenever that may be.
"""

from datetime import datetime, timedelta

from bot.core.estimates import Estimate
from bot.core.runs import Run, has_moved
from bot.core.tasks import TaskReport

SHORTEST = timedelta(minutes=30)
"""A task may stay where it is for this long, however quick its kind usually is: a big migration is one step."""

OF_UNKNOWN_STATUS = timedelta(minutes=5)
"""A status that nobody here knows may well be an end; where nothing moves under it, people hear of it sooner."""

OVERLONG = timedelta(hours=24)
"""A task at work for this long is worth a word even if it moves."""


def find_stuck_since(
    run: Run, report: TaskReport | None, estimate: Estimate | None, *, now: datetime
) -> datetime | None:
    """Since when this run's task has been stuck, with what the platform says of it now (None: nothing); else None."""
    if report is not None and report.status.is_terminal:
        return None
    began_at = run.submitted_at or run.asked_at
    if now - began_at >= OVERLONG:
        return began_at
    if report is not None and has_moved(run.report, report):
        return None
    seen_at = run.reported_at or began_at
    return seen_at if now - seen_at >= _patience(report or run.report, estimate) else None


def _patience(report: TaskReport | None, estimate: Estimate | None) -> timedelta:
    if report is not None and report.unknown_status is not None:
        return OF_UNKNOWN_STATUS
    return max(SHORTEST, 3 * estimate.slow) if estimate is not None else SHORTEST
