"""What the platform's limits leave: learned from headers and refusals, cautious until told; and what looking has spent.

Two windows are known, the calendar minute and the last sixty seconds, and no answer says which one it is. Whoever keeps
to a limit within any sixty seconds keeps to it in every calendar minute too. Others may use the same key: what is used
beyond our own looks is theirs (or our people's), and looking makes room for it.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf

CAUTIOUS_LIMIT = 20
"""Reads a minute assumed until a header tells: the shared limit of older servers."""

SHARE_FOR_PEOPLE = 0.15
"""The part of the limit that looking leaves untouched, for people's own questions."""

WINDOW = timedelta(seconds=60)

OVERTAKING = timedelta(seconds=3)
"""An answer may overtake another one by so much: within this time a larger `remaining` is not believed."""

LONGEST_OF_LIMIT = timedelta(seconds=61)
"""A wait longer than this is not for a limit of a minute, but for a block of another kind."""

OTHERS_HALVE = timedelta(minutes=2)
"""What others used is expected of them again, half as much after each of these."""

MOST_SAVED = 30
"""So many looks may be saved up for moments in which much is likely to end, or those of three seconds if they are more;
at most those of half a minute."""

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one answer said: `limit` a minute, `remaining` of it; any may be unknown."""

    limit: int | None = None
    remaining: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """The reads this key may still make: `limit` a minute, `remaining` in the window as last told at `told_at`."""

    limit: int = CAUTIOUS_LIMIT
    remaining: int | None = None
    told_at: datetime | None = None
    blocked_until: datetime | None = None


def learn(budget: Budget, told: RateLimit, now: datetime) -> Budget:
    """The budget after an answer's headers (or a 429's `retry_after`).

    Answers may overtake each other: for a moment the smallest `remaining` told is the truth. Later it may have grown,
    for in a sliding window room comes back one by one.
    """
    limit = told.limit if told.limit is not None and told.limit > 0 else budget.limit
    blocked_until = budget.blocked_until
    if told.retry_after is not None:
        blocked_until = max(now + told.retry_after, blocked_until or now)
    known = find_remaining(budget, now) if limit == budget.limit else None
    remaining = _find_told(told)
    if remaining is None:
        return Budget(limit, known, budget.told_at if known is not None else None, blocked_until)
    if known is not None and remaining > known and _is_within(budget.told_at, now, OVERTAKING):
        return Budget(limit, known, budget.told_at, blocked_until)
    return Budget(limit, remaining, now, blocked_until)


def _find_told(told: RateLimit) -> int | None:
    """What an answer says is left. A 429 with nothing in it says it too, unless its wait is for something else."""
    if told.remaining is not None:
        return max(told.remaining, 0)
    is_used_up = told.retry_after is not None and told.retry_after <= LONGEST_OF_LIMIT
    return 0 if is_used_up else None


def _is_within(earlier: datetime | None, now: datetime, span: timedelta) -> bool:
    return earlier is not None and timedelta(0) <= now - earlier < span


def find_remaining(budget: Budget, now: datetime) -> int | None:
    """What is known to be left in this calendar minute; None once the next one has begun."""
    if budget.told_at is None or _minute(budget.told_at) != _minute(now):
        return None
    return budget.remaining


def is_blocked(budget: Budget, now: datetime) -> bool:
    """Whether the platform has asked not to be asked at this moment."""
    return budget.blocked_until is not None and now < budget.blocked_until


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Purse:
    """What looking has spent on one key: the `looks` of the last sixty seconds, oldest first.

    `saved` looks may be made now if they are worth it; they come in evenly. `others` is what else is used of the key in
    a minute. `keep` brings it up to a moment; a new one is full.
    """

    looks: tuple[datetime, ...] = ()
    saved: float = inf
    others: float = 0.0
    kept_at: datetime | None = None


def keep(purse: Purse, budget: Budget, now: datetime) -> Purse:
    """The purse as it is now: what was spent a minute ago is free again, and more is saved.

    Should the clock have been set back, what was spent in the time to come counts as spent now.
    """
    looks = purse.looks
    if looks and looks[-1] > now:
        looks = tuple(min(at, now) for at in looks)
    looks = looks[bisect_right(looks, now - WINDOW) :]
    kept_at = purse.kept_at
    passed = max(now - kept_at, timedelta(0)) if kept_at is not None else timedelta(0)
    others = max(purse.others * 0.5 ** (passed / OTHERS_HALVE), _find_others(budget, looks, now))
    grown = Purse(looks, purse.saved, others, now)
    rate = looks_per_minute(budget, grown) / 60
    return replace(grown, saved=min(purse.saved + rate * (passed / _SECOND), most_saved(budget, grown)))


def spend(purse: Purse, looks: int, now: datetime) -> Purse:
    """The purse after so many looks, which begin now."""
    return replace(purse, looks=(*purse.looks, *([now] * looks)), saved=max(purse.saved - looks, 0.0))


def _find_others(budget: Budget, looks: tuple[datetime, ...], now: datetime) -> float:
    """What was used of the key besides our looks, as far as the newest answer shows: in a calendar minute, less than was.

    Of a limit that is nearly used up others may have wanted more than they got: by as much as is missing of what looking
    leaves, they are taken to use more.
    """
    remaining = find_remaining(budget, now)
    if remaining is None:
        return 0.0
    missing = max(budget.limit * SHARE_FOR_PEOPLE - remaining, 0.0)
    used = max(budget.limit - remaining - len(looks), 0)
    return used + missing if used else 0.0


def looks_per_minute(budget: Budget, purse: Purse) -> float:
    """How many looks a minute all tasks together may have: the limit less what people and others use of it."""
    return max(budget.limit - max(budget.limit * SHARE_FOR_PEOPLE, purse.others), 1.0)


def most_saved(budget: Budget, purse: Purse) -> float:
    """How many looks can be saved up."""
    rate = looks_per_minute(budget, purse)
    return max(min(max(MOST_SAVED, rate / 20), rate / 2), 1.0)


def find_looks_left(budget: Budget, purse: Purse, now: datetime, *, pending: int = 0) -> int:
    """How many looks may begin now, of a purse that was kept. `pending` ones may not be in what the platform told last."""
    if is_blocked(budget, now):
        return 0
    left = min(purse.saved, int(looks_per_minute(budget, purse)) - len(purse.looks))
    remaining = find_remaining(budget, now)
    if remaining is not None:
        left = min(left, remaining - pending - _find_untouched(budget, purse, now))
    return max(int(left), 0)


def leaves_room(budget: Budget, now: datetime, *, reads: int) -> bool:
    """Whether so many reads may be made for what is merely good to know: half of what is kept for people stays theirs."""
    if is_blocked(budget, now):
        return False
    remaining = find_remaining(budget, now)
    return remaining is None or remaining - reads >= budget.limit * SHARE_FOR_PEOPLE / 2


def _find_untouched(budget: Budget, purse: Purse, now: datetime) -> float:
    """What looking leaves of the rest of this minute: what people have not used of their share, and others will use."""
    to_come = 1 - (now - _minute(now)) / WINDOW
    return max(budget.limit * SHARE_FOR_PEOPLE - purse.others, purse.others * to_come)
