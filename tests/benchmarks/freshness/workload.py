"""Deploys as they are drawn for a round: when each begins, and when its steps end."""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bot.core.names import EnvironmentId, TaskId
from bot.core.tasks import TaskReport, TaskStatus

STEPS = 12
MEDIAN, SIGMA = 180.0, 0.25
UNEVENNESS = 0.3
EPOCH = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Warp = Callable[[tuple[float, ...]], tuple[float, ...]]
"""Makes another kind of run out of one: the seconds at which its steps end."""


def as_they_are(ends: tuple[float, ...]) -> tuple[float, ...]:
    """No other kind."""
    return ends


@dataclass(frozen=True, slots=True)
class Skew:
    """Runs that take `longer` times as long and whose steps take other parts of it: the first are shorter above 1."""

    longer: float = 1.0
    power: float = 1.0

    def __call__(self, ends: tuple[float, ...]) -> tuple[float, ...]:
        """The ends of such a run's steps."""
        whole = ends[-1]
        return tuple((end / whole) ** self.power * whole * self.longer for end in ends)


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy: seconds since the epoch at which it begins, and of its own at which its steps end."""

    number: int
    begin: float
    ends: tuple[float, ...]

    @property
    def end(self) -> float:
        """When it is over."""
        return self.begin + self.ends[-1]

    def done_at(self, moment: float) -> int:
        """How many of its steps are done."""
        return bisect_right(self.ends, moment - self.begin)

    def report_at(self, moment: float) -> TaskReport:
        """What the platform says of it."""
        done = self.done_at(moment)
        is_over = done >= STEPS
        return TaskReport(
            task_id=TaskId(f"task-{self.number}"),
            type="deploy",
            status=TaskStatus.COMPLETED if is_over else TaskStatus.RUNNING,
            environment_id=EnvironmentId(f"environment-{self.number}"),
            progress_percent=done * 100 // STEPS,
            current_step=None if is_over else f"Step {done + 1}",
            steps_completed=done,
            total_steps=STEPS,
            started_at=at(self.begin),
            completed_at=at(self.end) if is_over else None,
            duration=timedelta(seconds=int(self.ends[-1])) if is_over else None,
        )


def at(seconds: float) -> datetime:
    """A moment as the bot knows it."""
    return EPOCH + timedelta(seconds=seconds)


def draw_ends(random: Random) -> tuple[float, ...]:
    """When the steps of one deploy end."""
    whole = math.exp(math.log(MEDIAN) + SIGMA * random.gauss(0, 1))
    shares = [max(0.05, 1 + UNEVENNESS * random.gauss(0, 1)) for _ in range(STEPS)]
    scale, ends, so_far = whole / sum(shares), [], 0.0
    for share in shares:
        so_far += share * scale
        ends.append(so_far)
    return (*ends[:-1], whole)


def draw_deploys(random: Random, how_many: int, warp: Warp = as_they_are) -> list[Deploy]:
    """So many deploys that begin within a minute (two from a hundred on), at any place of the clock's minute."""
    span = 60 if how_many < 100 else 120
    offset = 60 + random.random() * 60
    begins = sorted(offset + random.random() * span for _ in range(how_many))
    return [Deploy(number, begin, warp(draw_ends(random))) for number, begin in enumerate(begins)]
