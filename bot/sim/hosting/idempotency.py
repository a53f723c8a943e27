"""Remembers for 24 hours what was answered to which idempotency key, so that a retry gets the same task.

Known: a retry with the same key gets the first 202 and the same task; while the first is in flight it gets 409. Actions and
restores take the key as `Idempotency-Key`, creations as `X-Idempotency-Key`. Not known, and chosen here: keys are kept
apart per API key; only what was accepted is remembered, so a refused call may be tried again with its key; the same key
with another route or body is refused with 422.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sim.hosting.errors import Answer, RefusedError, key_in_flight, key_reused

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Call:
    """What makes two calls the same: whose key, which idempotency key, and what was asked."""

    api_key: str
    idempotency_key: str
    asked: str
    """Method, path and body; a retry must bring the same."""

    @property
    def place(self) -> tuple[str, str]:
        """Where its answer is kept."""
        return self.api_key, self.idempotency_key


@dataclass(frozen=True, slots=True)
class _Kept:
    asked: str
    answer: Answer | None
    kept_until: datetime


@dataclass(slots=True)
class AnswerMemory:
    """The answers given, by API key and idempotency key."""

    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)

    async def once(
        self, call: Call | None, work: Callable[[], Awaitable[Answer]], *, clock: Callable[[], datetime]
    ) -> Answer:
        """The answer given before, or the one that `work` gives now. Raises RefusedError as `recall` and `work` do."""
        if call is None:
            return await work()
        known = self.recall(call, now=clock())
        if known is not None:
            return known
        with self.in_flight(call, now=clock()):
            answer = await work()
            self.keep(call, answer, now=clock())
        return answer

    def recall(self, call: Call, *, now: datetime) -> Answer | None:
        """The answer given before, or None for a call never seen. Raises RefusedError (409 in flight, 422 reused)."""
        kept = self._kept.get(call.place)
        if kept is None or (kept.answer is not None and kept.kept_until <= now):
            return None
        if kept.asked != call.asked:
            raise RefusedError(key_reused())
        if kept.answer is None:
            raise RefusedError(key_in_flight())
        return kept.answer

    @contextmanager
    def in_flight(self, call: Call, *, now: datetime) -> Iterator[None]:
        """Mark a call as being worked on; forgets it again unless `keep` was called meanwhile."""
        mark = _Kept(call.asked, None, now + KEPT_FOR)
        self._kept[call.place] = mark
        try:
            yield
        finally:
            if self._kept.get(call.place) is mark:
                del self._kept[call.place]

    def keep(self, call: Call, answer: Answer, *, now: datetime) -> None:
        """Remember what was answered, and forget what is too old."""
        for place in [place for place, kept in self._kept.items() if kept.kept_until <= now]:
            del self._kept[place]
        self._kept[call.place] = _Kept(call.asked, answer, now + KEPT_FOR)
