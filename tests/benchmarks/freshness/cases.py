"""What is simulated: which policies look, within which limits, at how many deploys, with what history behind them."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.sim.hosting.limits import Window
from tests.benchmarks.freshness.workload import Skew, Warp, as_they_are

OURS, EVERY_FIVE_SECONDS, PLATFORM_CLIENT, EVEN = "ours", "every-5s", "platform-client", "even"
POLICIES = (OURS, EVERY_FIVE_SECONDS, PLATFORM_CLIENT, EVEN)

LIMITS = (120, 20)
WINDOWS: tuple[Window, ...] = ("minute", "sliding")
TASKS = (1, 10, 25, 50, 100, 200)
TASKS_OF_OTHER_KINDS = (10, 50)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the earlier runs were like, and what the runs of now are, each beside the usual."""

    name: str
    history: Warp = as_they_are
    reality: Warp = as_they_are


ALIKE = Kind("alike")
WRONG = (
    Kind("three times as long", history=Skew(longer=3)),
    Kind("a third as long", history=Skew(longer=1 / 3)),
    Kind("first steps far shorter", history=Skew(power=3)),
    Kind("first steps far longer", history=Skew(power=0.4)),
)
"""Histories of another kind of run."""

TURNED = (
    Kind("alike, but now the last steps are far longer", reality=Skew(power=3)),
    Kind("alike, but now runs are three times as long", reality=Skew(longer=3)),
)
"""Runs that have become another kind: whoever trusts history is wrong, and for the first, whoever trusts the pace too."""


@dataclass(frozen=True, slots=True)
class Case:
    """A policy, a limit a minute in one of the two windows, so many deploys of a kind."""

    policy: str
    limit: int
    tasks: int
    window: Window = "minute"
    kind: Kind = ALIKE


def list_cases() -> Iterator[Case]:
    """All of them."""
    for limit in LIMITS:
        for window in WINDOWS:
            for tasks in TASKS:
                yield from (Case(policy, limit, tasks, window) for policy in POLICIES)
    for limit in LIMITS:
        for tasks in TASKS_OF_OTHER_KINDS:
            yield from (Case(OURS, limit, tasks, kind=kind) for kind in WRONG)
            for kind in TURNED:
                yield from (Case(policy, limit, tasks, kind=kind) for policy in (OURS, EVEN))
