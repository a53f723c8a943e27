"""What a benchmark says: readings, their medians over rounds, and the table of them. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of one round: what was measured, of whom."""

    subject: str
    figure: str
    unit: str
    value: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A figure over all rounds: the median of them, and how far they were apart."""

    subject: str
    figure: str
    unit: str
    value: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a benchmark. Ratios are told against the first subject of `baselines` that has the same figure."""

    title: str
    rounds: int
    summaries: tuple[Summary, ...]
    baselines: tuple[str, ...]

    def find(self, subject: str, figure: str) -> Summary | None:
        """The figure of this subject, if it has it."""
        return next((one for one in self.summaries if (one.subject, one.figure) == (subject, figure)), None)

    def ratio(self, summary: Summary, baseline: str) -> float | None:
        """How many times the baseline's figure this one is; None where there is nothing to compare with."""
        other = self.find(baseline, summary.figure)
        if other is None or not other.value or summary.subject in self.baselines:
            return None
        return summary.value / other.value


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that is not below this share of all of them; `share` in 0..1, `values` not empty."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def read_times(subject: str, load: str, values: Sequence[float]) -> list[Reading]:
    """Median and 99th percentile of times in milliseconds under one load."""
    return [
        Reading(subject, f"{load}, median", "ms", median(values)),
        Reading(subject, f"{load}, p99", "ms", percentile(values, 0.99)),
    ]


def summarise(title: str, rounds: Sequence[Sequence[Reading]], baselines: tuple[str, ...] = ()) -> Report:
    """Medians over rounds, in the order in which the figures first came."""
    values: dict[tuple[str, str, str], list[float]] = {}
    for reading in (reading for one_round in rounds for reading in one_round):
        values.setdefault((reading.subject, reading.figure, reading.unit), []).append(reading.value)
    summaries = tuple(
        Summary(subject, figure, unit, median(seen), min(seen), max(seen))
        for (subject, figure, unit), seen in values.items()
    )
    return Report(title, len(rounds), summaries, baselines)


def to_json(report: Report) -> dict[str, object]:
    """The report for programs."""
    return {
        "title": report.title,
        "rounds": report.rounds,
        "figures": [
            {
                "subject": one.subject,
                "figure": one.figure,
                "unit": one.unit,
                "median": round(one.value, 3),
                "least": round(one.least, 3),
                "most": round(one.most, 3),
                "ratios": {
                    name: round(ratio, 3)
                    for name in report.baselines
                    if (ratio := report.ratio(one, name)) is not None
                },
            }
            for one in report.summaries
        ],
    }


def to_table(report: Report) -> str:
    """The report for people: one figure a block, one subject a line."""
    names = list(dict.fromkeys(one.figure for one in report.summaries))
    width = max(len(one.subject) for one in report.summaries)
    lines = [f"{report.title}: medians of {report.rounds} rounds (least to most)"]
    for name in names:
        lines += ["", name]
        lines += [_line(report, one, width) for one in report.summaries if one.figure == name]
    return "\n".join(lines)


def _line(report: Report, one: Summary, width: int) -> str:
    told = f"  {one.subject:<{width}}  {_number(one.value):>9} {one.unit:<4} ({_number(one.least)} to {_number(one.most)})"
    ratios = ((name, report.ratio(one, name)) for name in report.baselines)
    return told + "".join(f"  ×{ratio:.2f} of {name}" for name, ratio in ratios if ratio is not None)


def _number(value: float) -> str:
    if value == int(value):
        return f"{value:,.0f}"
    if abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
