"""What the platform's limits leave: learned from headers and refusals, cautious until told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CAUTIOUS_LIMIT = 20
"""Reads a minute assumed until a header tells: the shared limit of older servers."""

SHARE_FOR_PEOPLE = 0.15
"""The part of the limit that looking leaves untouched, for people's own questions."""


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

    Answers may overtake each other: within one minute the smallest `remaining` told is the truth.
    """
    limit = told.limit if told.limit is not None and told.limit > 0 else budget.limit
    blocked_until = budget.blocked_until
    if told.retry_after is not None:
        blocked_until = max(now + told.retry_after, blocked_until or now)
    known = find_remaining(budget, now) if limit == budget.limit else None
    if told.remaining is None:
        told_at = budget.told_at if known is not None else None
        return Budget(limit, known, told_at, blocked_until)
    left = max(told.remaining, 0)
    return Budget(limit, left if known is None else min(known, left), now, blocked_until)


def find_remaining(budget: Budget, now: datetime) -> int | None:
    """What is known to be left in this calendar minute; None once the next one has begun."""
    if budget.told_at is None or _minute(budget.told_at) != _minute(now):
        return None
    return budget.remaining


def is_blocked(budget: Budget, now: datetime) -> bool:
    """Whether the platform has asked not to be asked at this moment."""
    return budget.blocked_until is not None and now < budget.blocked_until


def looks_per_minute(budget: Budget) -> float:
    """How many looks a minute all tasks together may have: the limit less the share kept for people."""
    return budget.limit * (1 - SHARE_FOR_PEOPLE)


def find_looks_left(budget: Budget, now: datetime) -> int | None:
    """How many looks this minute still has room for, the share for people untouched; None where nothing is known."""
    left = find_remaining(budget, now)
    if left is None:
        return None
    return max(int(left - budget.limit + looks_per_minute(budget)), 0)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
