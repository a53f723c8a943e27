"""Notices that the process stood still: a laptop asleep, a process stopped, a machine that was moved.

What Slack delivered meanwhile, or just before, is read afterwards as if it had come now. Slack tells no time with a
command; so all that is known of one is that it may have waited as long as that.
"""

import time
from collections.abc import Callable
from datetime import timedelta

AFTERWARDS = 1.0
"""Seconds after a standstill in which what is read may have come before it."""


class Standstill:
    """Told that time goes by with every `tick`, a second or so apart; a long gap between two is a standstill."""

    def __init__(self, wall_clock: Callable[[], float] = time.time) -> None:
        # the wall clock, for the other one stands still too while a machine sleeps
        self._wall_clock = wall_clock
        self._ticked_at = wall_clock()
        self._lasted = 0.0

    def tick(self) -> None:
        """Time goes by."""
        now = self._wall_clock()
        self._lasted, self._ticked_at = now - self._ticked_at, now

    def find_lateness(self) -> timedelta:
        """How long what is read now may have waited to be read."""
        now = self._wall_clock()
        gap = now - self._ticked_at
        lasted = self._lasted if gap < AFTERWARDS else 0.0
        return timedelta(seconds=max(gap, lasted, 0.0))
