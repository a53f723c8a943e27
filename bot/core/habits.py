"""What earlier runs of a kind were like: how long they took, and where in that time each of their steps ended."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from math import exp, log, sqrt

from bot.core.names import RunId
from bot.core.runs import Run, Step
from bot.core.tasks import TaskReport

_SECOND = timedelta(seconds=1)

_NARROWEST = 0.08
"""Runs differ at least by so much (of the logarithm of their time), however alike the few that are known were."""

_UNNOTED = timedelta(seconds=4)
"""How long before it was first seen a step may have begun, where it was not noted when it was last missed."""

_FEWEST_ENDS = 0.5
"""Of a run of which fewer steps were seen to end than this part of them, only its duration is believed."""

_SHORTEST = 0.0005
"""No step is shorter than this part of its run, or than half of its even part where there are very many."""


@dataclass(frozen=True, slots=True)
class Course:
    """An earlier run: how long it took in seconds, and by which part of that time each of its steps had ended.

    `parts` begins with 0 for the start and ends with 1; it is empty where too few of the steps were seen.
    """

    seconds: float
    parts: tuple[float, ...] = ()
    run_id: RunId | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual for runs of a kind. `by_steps` are the courses of so many steps, `middle` and `spread` those of
    the logarithm of all durations.
    """

    courses: tuple[Course, ...] = ()
    by_steps: Mapping[int, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    middle: float = 0.0
    spread: float = 1.0

    @property
    def durations(self) -> tuple[timedelta, ...]:
        """How long each took."""
        return tuple(_SECOND * course.seconds for course in self.courses)

    @property
    def typical(self) -> float:
        """How many seconds a run takes; none where nothing is known."""
        return exp(self.middle) if self.courses else 0.0

    def without(self, run_id: RunId) -> "Habits":
        """The same without this run: what it is held against."""
        return find_habits([course for course in self.courses if course.run_id != run_id])

    def likelihood(self, seconds: float) -> float:
        """How likely a run takes so long, against the likeliest duration (1)."""
        far = (log(seconds) - self.middle) / self.spread
        return exp(-far * far / 2) if far * far < 200 else 0.0


NO_HABITS = Habits()


def learn_habits(runs: Sequence[Run]) -> Habits:
    """What these well-ended runs have in common."""
    courses = (read_course(run) for run in runs)
    return find_habits([course for course in courses if course is not None])


def find_habits(courses: Sequence[Course]) -> Habits:
    """The same, from courses."""
    if not courses:
        return NO_HABITS
    logs = [log(course.seconds) for course in courses]
    middle = sum(logs) / len(logs)
    spread = sqrt(sum((each - middle) ** 2 for each in logs) / len(logs))
    by_steps: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    for course in courses:
        if course.parts:
            by_steps[len(course.parts) - 1].append(course.parts)
    frozen = {steps: tuple(parts) for steps, parts in by_steps.items()}
    return Habits(tuple(courses), frozen, middle, max(spread, _NARROWEST))


def read_course(run: Run) -> Course | None:
    """The course of a run that has ended, as far as its looks have shown it; None where it took no time."""
    took, report = _measure(run), run.report
    if took is None or took <= timedelta(0):
        return None
    if report is None or report.total_steps < 2 or report.started_at is None:
        return Course(took / _SECOND, run_id=run.id)
    return Course(took / _SECOND, _find_parts(run.steps, report, took), run.id)


def _measure(run: Run) -> timedelta | None:
    """How long the work took. The platform's own figure is in whole seconds: its two moments are finer."""
    report = run.report
    if report is not None and report.started_at is not None and report.completed_at is not None:
        return report.completed_at - report.started_at
    return run.took


def _find_parts(steps: Sequence[Step], report: TaskReport, took: timedelta) -> tuple[float, ...]:
    """Where the steps ended, by when the next ones were first seen under way, halfway back to when they were not."""
    total, began_at = report.total_steps, report.started_at
    ends: dict[int, float] = {}
    seen, seen_at = 1, began_at
    for step in steps:
        if began_at is None or seen_at is None or not seen < step.number <= total:
            continue
        missed_at = step.missed_at or (
            max(seen_at, step.seen_at - _UNNOTED) if step.number == seen + 1 else seen_at
        )
        many = step.number - seen
        for place in range(many):
            at = missed_at + (step.seen_at - missed_at) * ((place + 0.5) / many)
            ends[seen + place] = (at - began_at) / took
        seen, seen_at = step.number, step.seen_at
    if len(ends) < _FEWEST_ENDS * (total - 1):
        return ()
    return _complete(ends, total)


def _complete(ends: Mapping[int, float], total: int) -> tuple[float, ...]:
    """All parts in order, from 0 to 1: steps that were not seen to end lie evenly between those that were."""
    parts = [0.0] * total + [1.0]
    shortest = min(_SHORTEST, 0.5 / total)
    known = [0, *sorted(ends), total]
    for before, after in pairwise(known):
        least, most = parts[before] + (after - before) * shortest, 1 - (total - after) * shortest
        end = 1.0 if after == total else min(max(ends[after], least), most)
        for number in range(before + 1, after):
            parts[number] = parts[before] + (end - parts[before]) * (number - before) / (after - before)
        parts[after] = end  # as it is: reckoned, it might miss 1 by a rounding
    return tuple(parts)
