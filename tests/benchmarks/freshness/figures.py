"""What the rounds of each case came to, as a table for people and as JSON for programs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from tests.benchmarks.figures import percentile
from tests.benchmarks.freshness.cases import ALIKE, EVEN, LIMITS, OURS, POLICIES, TASKS, TURNED, WINDOWS, Case
from tests.benchmarks.freshness.simulation import Outcome

AIMS = {1: (1.1, 2.0), 10: (1.2, 2.5), 25: (1.2, 3.0), 50: (2.0, 5.0), 100: (7.0, 26.0), 200: (25.0, 70.0)}
"""Seconds of delay aimed for with so many deploys at 120 reads a minute: on average, and for nineteen of twenty."""

BARELY_WORSE = 1.1
"""So many times the delay of even spacing is let pass where history is of another kind."""

_FEW = 20
"""Of fewer ends than these, the 95th percentile is the worst: it is taken over the ends of all repetitions then."""

_WINDOW_WORDS = {"minute": "the calendar minute", "sliding": "the last sixty seconds"}


@dataclass(frozen=True, slots=True)
class Row:
    """A case over all repetitions. 429s are those of one repetition, on average; `told`: bands that people were told,
    and how many of these the end came in the first half of, and within."""

    case: Case
    mean_end_delay: float
    p95_end_delay: float
    mean_step_age: float
    reads_per_task: float
    refused: float
    told: int
    by_half: int
    by_most: int


def summarise(case: Case, outcomes: Sequence[Outcome]) -> Row:
    """The means of all repetitions."""
    rounds = len(outcomes)
    delays = [delay for one in outcomes for delay in one.delays]
    ends = [delays] if case.tasks < _FEW else [one.delays for one in outcomes]
    told, by_half, by_most = (sum(one.bands[part] for one in outcomes) for part in range(3))
    return Row(
        case,
        mean_end_delay=sum(delays) / len(delays),
        p95_end_delay=sum(percentile(each, 0.95) for each in ends) / len(ends),
        mean_step_age=sum(one.step_age for one in outcomes) / sum(one.watched for one in outcomes),
        reads_per_task=sum(one.reads for one in outcomes) / rounds / case.tasks,
        refused=sum(one.refused for one in outcomes) / rounds,
        told=told,
        by_half=by_half,
        by_most=by_most,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """All rows of a measurement."""

    rows: tuple[Row, ...]
    repetitions: int

    def find(self, case: Case) -> Row | None:
        """The row of this case, if it was measured."""
        return next((row for row in self.rows if row.case == case), None)

    def find_even(self, case: Case) -> Row | None:
        """Even spacing on the same deploys. It asks no history, so one row stands for all histories."""
        kind = case.kind if case.kind in TURNED else ALIKE
        return self.find(Case(EVEN, case.limit, case.tasks, case.window, kind))

    def list_bands(self) -> list[Row]:
        """The rows in which people were told of the time to go, by a history that is right."""
        return [row for row in self.rows if row.told and row.case.kind == ALIKE]

    def list_other_kinds(self) -> list[Row]:
        """Our rows with a history that is wrong."""
        return [row for row in self.rows if row.case.kind != ALIKE and row.case.policy == OURS]


def to_json(figures: Figures) -> dict[str, object]:
    """The figures for programs."""
    return {
        "repetitions": figures.repetitions,
        "rows": [_row_to_json(row) for row in figures.rows],
        "bands": [
            {
                "limit": row.case.limit,
                "window": row.case.window,
                "tasks": row.case.tasks,
                "told": row.told,
                "ended_in_first_half": round(row.by_half / row.told, 3),
                "ended_within": round(row.by_most / row.told, 3),
            }
            for row in figures.list_bands()
        ],
    }


def _row_to_json(row: Row) -> dict[str, object]:
    return {
        "policy": row.case.policy,
        "limit": row.case.limit,
        "tasks": row.case.tasks,
        "mean_end_delay_s": round(row.mean_end_delay, 3),
        "p95_end_delay_s": round(row.p95_end_delay, 3),
        "mean_step_age_s": round(row.mean_step_age, 3),
        "reads_per_task": round(row.reads_per_task, 2),
        "http_429": round(row.refused, 2),
        "window": row.case.window,
        "history": row.case.kind.name,
    }


def to_table(figures: Figures) -> str:
    """The figures for people."""
    lines = [
        f"Freshness: {figures.repetitions} repetitions in virtual time. Of each policy, for N deploys at once: mean and p95",
        "delay (s) from the end to knowing it, mean age (s) of the shown step, reads per task, 429s",
    ]
    for limit, window in product(LIMITS, WINDOWS):
        lines += _tell_limit(figures, limit, window)
    return "\n".join([*lines, *_tell_aims(figures), *_tell_other_kinds(figures), *_tell_bands(figures)])


def _tell_limit(figures: Figures, limit: int, window: str) -> list[str]:
    rows = {
        (row.case.tasks, row.case.policy): row
        for row in figures.rows
        if (row.case.limit, row.case.window, row.case.kind) == (limit, window, ALIKE)
    }
    if not rows:
        return []
    head = "".join(f" | {policy:<31}" for policy in POLICIES)
    lines = ["", f"{limit} reads in {_WINDOW_WORDS[window]}", f"{'N':>5}{head}"]
    for tasks in TASKS:
        cells = [_cell(rows.get((tasks, policy))) for policy in POLICIES]
        if any(cell.strip() for cell in cells):
            lines.append(f"{tasks:>5}" + "".join(f" | {cell:<31}" for cell in cells))
    return [line.rstrip() for line in lines]


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    seconds = "".join(f"{value:6.1f}" for value in (row.mean_end_delay, row.p95_end_delay, row.mean_step_age))
    return f"{seconds}{row.reads_per_task:6.1f}{row.refused:7,.0f}"


def _tell_aims(figures: Figures) -> list[str]:
    rows = [
        row
        for row in figures.rows
        if (row.case.policy, row.case.limit, row.case.kind) == (OURS, 120, ALIKE) and row.case.tasks in AIMS
    ]
    lines = ["", "Aims at 120 reads a minute"] if rows else []
    for row in rows:
        mean, p95 = AIMS[row.case.tasks]
        lines.append(
            f"{row.case.tasks:>5}  {row.case.window:<8}"
            f"  mean {row.mean_end_delay:5.1f} of {mean:4.1f}: {_verdict(row.mean_end_delay, mean):<12}"
            f"  p95 {row.p95_end_delay:5.1f} of {p95:4.1f}: {_verdict(row.p95_end_delay, p95):<12}"
            f"  429s {row.refused:.0f}"
        )
    return lines


def _verdict(reached: float, aim: float) -> str:
    """By the figures as they are shown."""
    over = round(reached, 1) / aim - 1
    return "met" if over <= 0 else f"missed {over:.0%}"


def _tell_other_kinds(figures: Figures) -> list[str]:
    rows = figures.list_other_kinds()
    lines = ["", "History of another kind of run: ours beside even spacing (mean delay, s)"] if rows else []
    for row in rows:
        even = figures.find_even(row.case)
        told = f"{row.case.limit:>5}{row.case.tasks:>5}  {row.case.kind.name:<45}{row.mean_end_delay:6.1f}"
        if even is not None:
            told += f"{even.mean_end_delay:7.1f}  ×{row.mean_end_delay / even.mean_end_delay:.2f}"
        lines.append(f"{told}  429s {row.refused:.0f}")
    return lines


def _tell_bands(figures: Figures) -> list[str]:
    """In one of the two windows: the other one tells much the same."""
    rows = [row for row in figures.list_bands() if row.case.window == WINDOWS[0]]
    if not rows:
        return []
    told, half, most = (
        sum(each) for each in zip(*((r.told, r.by_half, r.by_most) for r in rows), strict=True)
    )
    return [
        "",
        "Time to go as people were told it: how often the end came in its first half (half), and within it (nine of ten)",
        *(
            f"{row.case.limit:>5}{row.case.tasks:>5}  {_tell_told(row.told, row.by_half, row.by_most)}"
            for row in rows
        ),
        f"  all       {_tell_told(told, half, most)}",
    ]


def _tell_told(told: int, by_half: int, by_most: int) -> str:
    return f"{told:>7,} told{by_half / told:>6.0%}{by_most / told:>6.0%}"
