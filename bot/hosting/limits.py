"""What an answer says about the platform's limits, by the order in which its sources can be trusted. Pure.

`Retry-After` (seconds or a date), then `X-RateLimit-Reset` (seconds or an epoch value), then `retry_after` in the body,
then a guess from the kind of refusal: older servers send no header at all with a 429.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.budget import RateLimit
from bot.hosting.fields import Json

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(hours=1)
IP_BLOCK = timedelta(minutes=15)
_TARGET_WINDOW = timedelta(seconds=60)
_LIMITS_OF_TARGETS = ("target_rate_limit", "webhook_mutation_rate_limit")
_EPOCH_BEGINS = 10**9
"""A reset above this is a moment, not a number of seconds."""

_DIGITS = re.compile(r"\d{1,11}(\.\d{1,6})?", re.ASCII)


def rate_limit_from(status: int, headers: Mapping[str, str], body: Json, now: datetime) -> RateLimit:
    """What one answer told of the key's limit: how much, what remains of it, and after a 429 how long to wait.

    A limit of one target (its logs, its metrics) says nothing about the key's other requests.
    """
    limit, remaining = _whole(headers.get("x-ratelimit-limit")), _whole(headers.get("x-ratelimit-remaining"))
    is_of_key = status == 429 and _detail(body).get("error") not in _LIMITS_OF_TARGETS
    retry_after = read_retry_after(status, headers, body, now) if is_of_key else None
    return RateLimit(limit or None, remaining, retry_after)


def read_retry_after(status: int, headers: Mapping[str, str], body: Json, now: datetime) -> timedelta | None:
    """How long to wait before asking again; None where nothing was said and no limit was hit."""
    told = _told_by_header(headers.get("retry-after"), now)
    if status != 429:
        return _within_reason(told)
    for source in (told, _told_by_reset(headers.get("x-ratelimit-reset"), now), _told_by_body(body)):
        if source is not None:
            return _within_reason(source)
    return _guess(headers, body, now)


def _within_reason(wait: timedelta | None) -> timedelta | None:
    return None if wait is None else max(SHORTEST, min(LONGEST, wait))


def _seconds(text: str | None) -> float | None:
    digits = None if text is None else _DIGITS.fullmatch(text.strip())
    return None if digits is None else float(digits[0])


def _whole(text: str | None) -> int | None:
    seconds = _seconds(text)
    return None if seconds is None else int(seconds)


def _told_by_header(text: str | None, now: datetime) -> timedelta | None:
    seconds = _seconds(text)
    if seconds is not None:
        return timedelta(seconds=seconds)
    try:
        at = parsedate_to_datetime(text or "")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None


def _told_by_reset(text: str | None, now: datetime) -> timedelta | None:
    seconds = _seconds(text)
    if seconds is None:
        return None
    return timedelta(seconds=seconds - now.timestamp() if seconds > _EPOCH_BEGINS else seconds)


def _told_by_body(body: Json) -> timedelta | None:
    told = _detail(body).get("retry_after")
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return timedelta(seconds=told) if math.isfinite(told) and 0 <= told < 10**9 else None


def _detail(body: Json) -> Mapping[str, Json]:
    if not isinstance(body, dict):
        return {}
    detail = body.get("detail")
    return detail if isinstance(detail, dict) else body


def _guess(headers: Mapping[str, str], body: Json, now: datetime) -> timedelta:
    match _detail(body).get("error"):
        case "ip_blocked":
            return IP_BLOCK
        case code if code in _LIMITS_OF_TARGETS:
            return _TARGET_WINDOW
        case _:  # the limit of a key fills up again with the next full minute
            to_full_minute = timedelta(seconds=61 - now.second)
            window = _seconds(headers.get("x-ratelimit-window"))
            return to_full_minute if not window else min(to_full_minute, timedelta(seconds=window))
