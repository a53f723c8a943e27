"""What people are told of a run's time: how long its kind usually takes, and when this one is likely to be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.forecasts import forecast, read_track
from bot.core.habits import Habits
from bot.core.runs import Run, RunState


@dataclass(frozen=True, slots=True)
class Estimate:
    """What history says: the `usual` duration (half of the runs were quicker), and the `slow` one (nine of ten were)."""

    usual: timedelta
    slow: timedelta
    sample: int


@dataclass(frozen=True, slots=True)
class Band:
    """When a task will have ended: by `half_at` with an even chance, by `most_at` in nine cases of ten."""

    half_at: datetime
    most_at: datetime


FEWEST_RUNS = 3
"""Below three earlier runs nothing is said to be usual."""

BY_PACE_FROM = 4
"""Without any earlier run, the pace of this one is believed from this part of its steps on: a quarter."""

MOST_UNKNOWN = 0.3
"""Where ignorance has a larger part in what is still possible than this, nothing honest can be said."""


def estimate(durations: Sequence[timedelta]) -> Estimate | None:
    """The estimate from these earlier durations; None below three of them, for two make no habit."""
    if len(durations) < FEWEST_RUNS:
        return None
    ordered = sorted(durations)
    return Estimate(usual=_quantile(ordered, 0.5), slow=_quantile(ordered, 0.9), sample=len(ordered))


def _quantile(ordered: Sequence[timedelta], part: float) -> timedelta:
    """The duration below which this part of them lies, between two neighbours in proportion."""
    place = part * (len(ordered) - 1)
    lower = int(place)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (place - lower)


def find_band(run: Run, habits: Habits, now: datetime) -> Band | None:
    """When this run will be done, by the forecast that its looks are planned with; None where nothing honest can be said.

    A task that is queued has its whole time before it. Told from what its last movement showed and that it has not ended
    by now.
    """
    if run.state is not RunState.RUNNING or run.report is None:
        return None
    seen_at = min(run.reported_at or now, now)
    track = read_track(run, seen_at)
    done = track.sightings[-1].done if track.sightings else 0
    if not habits.courses and done * BY_PACE_FROM < track.total:
        return None
    foreseen = forecast(track, habits, seen_at)
    if foreseen.find_unknown(now) > MOST_UNKNOWN:
        return None
    return Band(foreseen.find_moment(0.5, now), foreseen.find_moment(0.9, now))
