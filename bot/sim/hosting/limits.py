"""The platform's request limits. Pure: a bucket and `now` in, a verdict out.

Known variants, all of which a client must live with:
    split    a full-access key has `reads` and `writes` counted apart (the current service: 120 and 20 a minute)
    shared   a full-access key has `writes` for reads and writes together (the older service: 20 a minute)
    window   a calendar minute that resets at the full minute, or the last 60 seconds, sliding
A read-only key always has `reads`. Logs and metrics have a limit per target besides, and changes to webhooks one of their
own; both count a minute from the first call. The limit is per key, not per address. A refused call does not count.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Literal

from bot.sim.hosting.entities import ApiKey, KeyKind

Variant = Literal["split", "shared"]
Window = Literal["minute", "sliding"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force. `has_hint` is whether a 429's body carries `retry_after`."""

    reads: int = 120
    writes: int = 20
    variant: Variant = "split"
    window: Window = "minute"
    has_headers: bool = True
    has_hint: bool = True
    minute: timedelta = timedelta(seconds=60)
    per_target: int = 6
    """Calls a minute on one target's logs or metrics."""
    webhook_changes: int = 10
    refused_keys: int = 10
    """How many bad keys in a row block an address."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The calls that still count against one limit."""

    hits: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may pass, and what the headers say about it."""

    bucket: Bucket
    is_allowed: bool
    limit: int
    remaining: int
    retry_after: int
    """Whole seconds until a call may pass again, rounded up, at least 1; 0 when this one may."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Which bucket a call is counted in, and how many calls fit."""

    bucket_name: str
    limit: int


def allowance_for(key: ApiKey, *, is_read: bool, limits: Limits) -> Allowance:
    """Where a call with this key counts."""
    if key.kind is KeyKind.READ_ONLY:
        return Allowance(f"{key.value}/all", limits.reads)
    if limits.variant == "shared":
        return Allowance(f"{key.value}/all", limits.writes)
    if is_read:
        return Allowance(f"{key.value}/reads", limits.reads)
    return Allowance(f"{key.value}/writes", limits.writes)


def admit(bucket: Bucket, *, limit: int, limits: Limits, now: datetime) -> Verdict:
    """Count one call at `now`, or refuse it."""
    begin = _window_begin(limits, now)
    current = tuple(hit for hit in bucket.hits if hit > begin or (limits.window == "minute" and hit >= begin))
    if len(current) >= limit:
        return Verdict(Bucket(current), False, limit, 0, _wait(current, limits, now))
    kept = Bucket((*current, now))
    return Verdict(kept, True, limit, limit - len(kept.hits), 0)


def admit_from_first(bucket: Bucket, *, limit: int, span: timedelta, now: datetime) -> Verdict:
    """Count one call at `now` in a window that opens with the first call and lasts for `span`, or refuse it."""
    is_open = bool(bucket.hits) and now - bucket.hits[0] < span
    current = bucket.hits if is_open else ()
    if len(current) < limit:
        return Verdict(Bucket((*current, now)), True, limit, limit - len(current) - 1, 0)
    opened_at = current[0] if current else now
    wait = max(1, ceil((opened_at + span - now) / timedelta(seconds=1)))
    return Verdict(Bucket(current), False, limit, 0, wait)


def _window_begin(limits: Limits, now: datetime) -> datetime:
    if limits.window == "sliding":
        return now - limits.minute
    return _EPOCH + (now - _EPOCH) // limits.minute * limits.minute


def _wait(hits: tuple[datetime, ...], limits: Limits, now: datetime) -> int:
    calendar = limits.window == "minute" or not hits
    free_at = (
        _window_begin(replace(limits, window="minute"), now) + limits.minute
        if calendar
        else hits[0] + limits.minute
    )
    return max(1, ceil((free_at - now) / timedelta(seconds=1)))
