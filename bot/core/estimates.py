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


def estimate(durations: Sequence[timedelta]) -> Estimate | None:
    """The estimate from these earlier durations; None below three of them, for two make no habit."""
    raise NotImplementedError


def remaining(estimate: Estimate, *, elapsed: timedelta, progress_percent: int) -> timedelta | None:
    """About how long is still to go, from history and progress; None when it should have ended by now."""
    raise NotImplementedError
