"""What the platform's limits leave: learned from headers and refusals, cautious until told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CAUTIOUS_LIMIT = 20
"""Reads a minute assumed until a header tells: the shared limit of older servers (oec-api.md section 3)."""

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
    """The budget after an answer's headers (or a 429's `retry_after`)."""
    raise NotImplementedError


def looks_per_minute(budget: Budget) -> float:
    """How many looks a minute all tasks together may have: the limit less the share kept for people."""
    raise NotImplementedError
