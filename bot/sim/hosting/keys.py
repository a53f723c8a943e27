"""Judges API keys as they arrive, and blocks addresses that keep bringing bad ones. Pure.

Rules, from the vendor's own client: a key comes as `Authorization: Bearer …` or `X-API-Key`, and the former wins; ten
refused keys (`invalid_key`, `key_expired`) from one address with less than a minute between them block it for fifteen
minutes; the count fades a minute after the last refusal. A missing or malformed key does not count.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sim.hosting import errors
from bot.sim.hosting.entities import ApiKey

FADES_AFTER = timedelta(minutes=1)
BLOCKED_FOR = timedelta(minutes=15)
_SHAPE = re.compile(r"oec_live_(?:rw|ro)_[A-Za-z0-9_-]{20,200}")


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often one address has brought a bad key lately."""

    count: int = 0
    last_at: datetime | None = None
    blocked_until: datetime | None = None


def presented_key(headers: Mapping[str, str]) -> str | None:
    """The key a request brings, or None."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    if "Authorization" in headers:
        return None
    return headers.get("X-API-Key", "").strip() or None


def find_fault(presented: str | None, known: ApiKey | None, *, now: datetime) -> errors.Answer | None:
    """Why a key is refused with 401, or None when it is good."""
    if presented is None:
        return errors.missing_auth()
    if not _SHAPE.fullmatch(presented):
        return errors.invalid_key_format()
    if known is None or known.is_revoked:
        return errors.invalid_key()
    if known.expires_at is not None and known.expires_at <= now:
        return errors.key_expired()
    return None


def counts_to_block(presented: str | None, known: ApiKey | None, *, now: datetime) -> bool:
    """Whether this refusal is one of those the block counts."""
    if find_fault(presented, known, now=now) is None or presented is None:
        return False
    return _SHAPE.fullmatch(presented) is not None


def after_refusal(refusals: Refusals, *, most: int, now: datetime) -> Refusals:
    """The address's record after one more refused key; the one that makes it `most` blocks it."""
    is_close = refusals.last_at is not None and now - refusals.last_at < FADES_AFTER
    count = refusals.count + 1 if is_close else 1
    if count >= most:
        return Refusals(blocked_until=now + BLOCKED_FOR)
    return Refusals(count, now)


def seconds_blocked(refusals: Refusals, *, now: datetime) -> int:
    """How many whole seconds an address stays blocked; 0 when it is not."""
    if refusals.blocked_until is None or refusals.blocked_until <= now:
        return 0
    return max(1, round((refusals.blocked_until - now).total_seconds()))
