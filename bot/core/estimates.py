"""How long a run of this kind usually takes, from the durations of earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Estimate:
    """What history says: the `usual` duration (half of the runs were quicker), and the `slow` one (nine of ten were)."""

    usual: timedelta
    slow: timedelta
    sample: int


FEWEST_RUNS = 3
"""Below three earlier runs nothing is said."""


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


def remaining(estimate: Estimate, *, elapsed: timedelta, progress_percent: int) -> timedelta | None:
    """About how long is still to go, from history and progress; None when it should have ended by now.

    Half from the clock (what usually takes four minutes has one to go after three) and half from the progress told
    (what stands at 75 % has a quarter to go). So it shrinks as time goes by even while the progress stands still,
    and beyond the time in which nine of ten had ended nothing is promised.
    """
    if elapsed >= estimate.slow:
        return None
    by_clock = estimate.usual - elapsed
    by_progress = estimate.usual * (1 - min(max(progress_percent, 0), 100) / 100)
    left = (by_clock + by_progress) / 2
    return left if left > timedelta(0) else None
