"""Clock times that people were told: kept until they would mislead, so that no card is edited for a few seconds of doubt."""

from datetime import datetime, timedelta

NOTICEABLE = timedelta(seconds=30)
"""A shift that nobody would plan by."""

NOTICEABLE_PART = 0.1
"""Nor by one that is less than this part of what remains."""


def keep_promise(told_at: datetime | None, fresh_at: datetime, now: datetime) -> datetime:
    """The moment to tell of: what was told, unless it is over or the fresh one differs noticeably from it."""
    if told_at is None or told_at <= now:
        return fresh_at
    noticeable = max(NOTICEABLE, (told_at - now) * NOTICEABLE_PART)
    return told_at if abs(fresh_at - told_at) < noticeable else fresh_at
