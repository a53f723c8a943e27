"""Slack's rate limits: so many calls a minute per method, and about one message a second per channel."""

import math
from collections import deque
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
# Bursts are undocumented on purpose; a handful at once in one channel, one a second on average.
_CHANNEL_SPAN = timedelta(seconds=5)
_CHANNEL_POSTS = 5


class Tiers:
    """Counts calls in sliding windows; a call that finds its window full is refused and not counted."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[datetime]] = {}

    def seconds_to_wait(self, method: str, per_minute: int, channel: str | None, *, now: datetime) -> int:
        """How long to stay away, in whole seconds; 0 where the call may pass, which is then counted."""
        windows = [(method, per_minute, _MINUTE)]
        if method == "chat.postMessage" and channel:
            windows.append((f"{method} {channel}", _CHANNEL_POSTS, _CHANNEL_SPAN))
        waits = [self._wait(key, most, span, now) for key, most, span in windows]
        if max(waits) > timedelta():
            return max(1, math.ceil(max(waits).total_seconds()))
        for key, _most, _span in windows:
            self._calls[key].append(now)
        return 0

    def _wait(self, key: str, most: int, span: timedelta, now: datetime) -> timedelta:
        calls = self._calls.setdefault(key, deque())
        while calls and now - calls[0] >= span:
            calls.popleft()
        return calls[0] + span - now if len(calls) >= most else timedelta()
