"""What chaos came to: sums for each seed and over all, points reached and missed, and how to play it again. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.chaos.restarts import Restart
from tests.benchmarks.chaos.stretch import Reckoning
from tests.benchmarks.chaos.truth import PROMISES, Finding

SUMMED = (
    "kills",
    "at_points",
    "asks",
    "heard",
    "runs",
    "approvals",
    "actions",
    "presses",
    "redeliveries",
    "lost",
    "given_up",
    "fallen",
)
_WORDS = {
    "kills": "kills",
    "at_points": "  of them at a chosen await, the others at a random moment",
    "asks": "asks",
    "heard": "  of them acknowledged",
    "runs": "runs",
    "approvals": "  of them needing approval",
    "actions": "actions triggered at the platform",
    "presses": "presses, and forms",
    "redeliveries": "deliveries that came again",
    "lost": "runs that ended as unknown",
    "given_up": "  of them given up by hand",
    "fallen": "processes that ended by themselves",
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """What one seed came to. `missed` are points of the source at which nobody died, `unseen` those nobody passed."""

    seed: int
    stretches: Sequence[Reckoning]
    points: int
    missed: Sequence[str]
    unseen: Sequence[str] = ()

    @property
    def findings(self) -> list[Finding]:
        """Everything that was not as promised."""
        return [one for stretch in self.stretches for one in stretch.findings]

    def sum(self, name: str) -> int:
        """One figure over all stretches."""
        return sum(getattr(stretch, name) for stretch in self.stretches)

    def count(self, promise: str) -> int:
        """How often a promise was broken."""
        return sum(one.promise == promise for one in self.findings)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that was measured."""

    seeds: Sequence[Seeded]
    restarts: Sequence[Restart]
    kills: int

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not any(seeded.findings for seeded in self.seeds)

    @property
    def missed(self) -> list[str]:
        """The points that no seed reached."""
        return _in_all([seeded.missed for seeded in self.seeds])

    @property
    def unseen(self) -> list[str]:
        """The points that no life of any seed has passed: no ask, fault or kill led there."""
        return _in_all([seeded.unseen for seeded in self.seeds])


def _in_all(lists: Sequence[Sequence[str]]) -> list[str]:
    """What stands in every list, in the order of the first."""
    return [name for name in lists[0] if all(name in one for one in lists)] if lists else []


def count_promises(outcome: Outcome) -> Counter[str]:
    """How often each promise was broken, those kept included."""
    broken = Counter(dict.fromkeys(PROMISES, 0))
    broken.update(one.promise for seeded in outcome.seeds for one in seeded.findings)
    return broken


def to_json(outcome: Outcome) -> dict[str, object]:
    """For programs."""
    seeds = [
        {
            "seed": seeded.seed,
            **{name: seeded.sum(name) for name in SUMMED},
            "points": seeded.points,
            "points_reached": seeded.points - len(seeded.missed),
            "promises": {promise: seeded.count(promise) for promise in PROMISES},
            "findings": [{"promise": one.promise, "words": one.words} for one in seeded.findings],
            "seconds_from_calm_to_truth": [round(one.seconds_to_truth, 2) for one in seeded.stretches],
        }
        for seeded in outcome.seeds
    ]
    return {
        "seeds": seeds,
        "sum": {name: sum(seeded.sum(name) for seeded in outcome.seeds) for name in SUMMED},
        "promises": dict(count_promises(outcome)),
        "points_missed": outcome.missed,
        "points_never_passed": outcome.unseen,
        "restarts": [
            {"cards": round(one.cards, 2), "everything": round(one.everything, 2)} for one in outcome.restarts
        ],
        "replay": how_to_replay(outcome),
    }


def how_to_replay(outcome: Outcome) -> str:
    """The command that plays the same again, as far as processes let themselves be repeated."""
    seeds = " ".join(f"--seed {seeded.seed}" for seeded in outcome.seeds)
    return f"python -m tests.benchmarks chaos --kills {outcome.kills} {seeds}"


def to_table(outcome: Outcome) -> str:
    """For people."""
    heads = [*(f"seed {seeded.seed}" for seeded in outcome.seeds), "sum"]
    lines = [_row("", heads)]
    for name in SUMMED:
        counts = [seeded.sum(name) for seeded in outcome.seeds]
        lines.append(_row(_WORDS[name], [*map(str, counts), str(sum(counts))]))
    reached = [f"{seeded.points - len(seeded.missed)}" for seeded in outcome.seeds]
    total = outcome.seeds[0].points if outcome.seeds else 0
    lines.append(_row(f"points reached, of {total}", [*reached, str(total - len(outcome.missed))]))
    lines.append(f"  points that no life passed at all: {len(outcome.unseen)}")
    lines.append("What was promised not to be:")
    for promise in PROMISES:
        counts = [seeded.count(promise) for seeded in outcome.seeds]
        lines.append(_row(f"  {promise}", [*map(str, counts), str(sum(counts))]))
    lines += _tell_times(outcome)
    return "\n".join([*lines, f"Again: {how_to_replay(outcome)}"])


def _tell_times(outcome: Outcome) -> list[str]:
    truth = [one.seconds_to_truth for seeded in outcome.seeds for one in seeded.stretches]
    told = (
        [f"From calm to true cards: median {median(truth):.1f} s, worst {max(truth):.1f} s"] if truth else []
    )
    if outcome.restarts:
        cards, rest = [one.cards for one in outcome.restarts], [one.everything for one in outcome.restarts]
        told.append(
            f"From restart to 20 true cards: median {median(cards):.1f} s, worst {max(cards):.1f} s;"
            f" to all messages: median {median(rest):.1f} s, worst {max(rest):.1f} s ({len(cards)} restarts)"
        )
    return told


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<62}" + "".join(f"{cell:>9}" for cell in cells)
