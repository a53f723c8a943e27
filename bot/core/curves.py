"""How likely something has happened by a moment, and how long ago: a distribution made of spans, each of even chance."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[float, float, float]
"""From, to (later than from), and the chance that it happens between them, every moment as likely as another."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The chance that it has happened, over time, as straight pieces: where each begins, and what holds there.

    `ages` is the area under the chance so far, which is how long ago it is expected to have happened (nothing where it
    has not). Made by `draw`; asked in a few steps however many spans it was made of.
    """

    begins: tuple[float, ...] = ()
    chances: tuple[float, ...] = ()
    ages: tuple[float, ...] = ()
    slopes: tuple[float, ...] = ()

    @property
    def whole(self) -> float:
        """The chance that it happens at all: one, where no other curve shares in it."""
        return self.chances[-1] if self.chances else 0.0

    def at(self, moment: float) -> tuple[float, float]:
        """The chance that it has happened by this moment, and how long ago it is expected to have been."""
        piece = bisect_right(self.begins, moment) - 1
        if piece < 0:
            return 0.0, 0.0
        later = moment - self.begins[piece]
        rise = self.slopes[piece] * later
        chance = self.chances[piece]
        return chance + rise, self.ages[piece] + (chance + rise / 2) * later


def draw(spans: Iterable[Span]) -> Curve:
    """The curve of these spans. Their chances add up to at most one."""
    bends: list[tuple[float, float]] = []
    for begin, end, chance in spans:
        slope = chance / (end - begin)
        bends.append((begin, slope))
        bends.append((end, -slope))
    bends.sort()
    begins, chances, ages, slopes = [], [], [], []
    before, chance, age, slope = 0.0, 0.0, 0.0, 0.0
    for moment, bend in bends:
        later = moment - before
        rise = slope * later
        age += (chance + rise / 2) * later
        chance += rise
        slope += bend
        before = moment
        begins.append(moment)
        chances.append(chance)
        ages.append(age)
        slopes.append(slope)
    if slopes:
        slopes[-1] = 0.0  # what is left there is the rounding of many additions
    return Curve(tuple(begins), tuple(chances), tuple(ages), tuple(slopes))
