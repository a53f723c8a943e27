"""What can be said of a run's time: since when, how far, until when, and how that compares with what is usual."""

from datetime import datetime, timedelta

from bot.core.estimates import Band, Estimate
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
    return None if is_of_other_kind(sight.run) else sight.estimate


def is_of_other_kind(run: Run) -> bool:
    """Whether it is a task started elsewhere, of a kind that we do not know."""
    return (
        run.adopted
        and run.report is not None
        and run.report.type not in {run.change.action.value, "redeploy"}
    )


def band(sight: Sight) -> Band | None:
    """Between when and when it will be done; None where nothing honest can be said, or what is foretold is over."""
    if sight.band is None or sight.band.most_at <= sight.now or is_of_other_kind(sight.run):
        return None
    return sight.band


def left(sight: Sight) -> timedelta | None:
    """About how long is still to go; None where nothing honest can be said."""
    known = band(sight)
    return None if known is None else max(known.half_at - sight.now, timedelta(0))


def is_slow(sight: Sight) -> bool:
    """Whether nine of ten runs of its kind had ended by now."""
    known = usual(sight)
    return known is not None and elapsed(sight.run, sight.now) >= known.slow


def to_full_minute(moment: datetime) -> datetime:
    """The next full minute: a figure that moves at each look would be edited at each look."""
    is_full = moment.second == 0 and moment.microsecond == 0
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=0 if is_full else 1)


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
