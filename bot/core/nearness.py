"""How near two words are, so that a slip of the finger gets an offer and nothing else does."""

from collections.abc import Iterable


def measure_distance(one: str, other: str, *, limit: int) -> int:
    """How many slips lie between two words: a letter too many, too few, wrong, or two neighbours swapped.

    Counts no further than `limit`: whatever is farther is `limit + 1`.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, counterpart in enumerate(other, start=1):
            cost = min(
                above[column] + 1,
                current[column - 1] + 1,
                above[column - 1] + (letter != counterpart),
            )
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == counterpart:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit and min(above) > limit:
            return limit + 1
        before, above = above, current
    return min(above[-1], limit + 1)


def slips_forgiven(word: str) -> int:
    """How many slips a word of this length may hold and still be taken for another: short words, few."""
    if len(word) <= 3:
        return 1
    return 2 if len(word) <= 7 else 3


def find_nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice a mistyped word most likely meant; None when none is near.

    Of equally near ones, one with the same first letter: people seldom miss that.
    """
    limit = slips_forgiven(word)
    ranked = [
        (distance, choice[:1] != word[:1], place, choice)
        for place, choice in enumerate(choices)
        if (distance := measure_distance(word, choice, limit=limit)) <= limit
    ]
    return min(ranked)[3] if ranked else None
