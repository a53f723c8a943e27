"""Who calls Slack next, where its limits leave room for one: the most urgent, and of those the one that waits longest."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.core.names import ChannelId
from bot.flow.ports import Urgency
from bot.slack.limits import Bucket, Pace, Paces, delay, fill, put_back, take

SPARE_FOR = {Urgency.END: 0, Urgency.FIRST_SIGHT: 0, Urgency.CARD: 1, Urgency.PROGRESS: 8}
"""How many calls each urgency leaves untouched, so that an end finds one even when everything else is busy."""

SPARED_FOR = 15.0
"""Seconds after which whoever waits leaves nothing untouched any more; until then, less and less."""

ROOM_AFTER_PAUSE = 2.0
"""How many calls may be made at once when Slack has turned some away and its wait is over."""

LOOK_AGAIN = 0.5
"""Seconds after which those who leave calls untouched are looked at again: they leave fewer by then."""


class Method(Enum):
    """The ways a message gets on the screen, is found there again, and is taken away."""

    POST = "chat.postMessage"
    EDIT = "chat.update"
    HISTORY = "conversations.history"
    REPLIES = "conversations.replies"
    DELETE = "chat.delete"


@dataclass(frozen=True, slots=True)
class Call:
    """A kind of call that Slack counts: a new message in a channel, or one of the others wherever it is made."""

    method: Method
    channel_id: ChannelId


@dataclass(eq=False, slots=True)
class _Waiter:
    call: Call
    urgency: Callable[[], Urgency]
    number: int
    since: float
    granted: asyncio.Future[None]


_BucketKey = tuple[Method, ChannelId | None]


class Gate:
    """Keeps to Slack's limits and to its refusals (429), for all messages together."""

    def __init__(self, paces: Paces, *, clock: Callable[[], float]) -> None:
        self._paces = paces
        self._clock = clock
        self._buckets: dict[_BucketKey, Bucket] = {}
        self._paused_until: dict[Method, float] = {}
        self._waiters: list[_Waiter] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, call: Call, urgency: Callable[[], Urgency]) -> bool:
        """Wait for leave to make one call. Whether that took a while: what was to be shown may be old by then.

        `urgency` is asked each time somebody is let in, for it may rise while waiting.
        """
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(call, urgency, next(self._numbers), self._clock(), granted)
        self._waiters.append(waiter)
        self.look_again()
        if granted.done():
            return False
        try:
            await granted
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
        return True

    def give_back(self, call: Call) -> None:
        """A call that was let in is not made after all: the next one may have its leave."""
        buckets = self._buckets_of(call, self._clock())
        self._buckets |= {key: put_back(bucket) for key, bucket in buckets.items()}
        self.look_again()

    def pause(self, method: Method, seconds: float) -> None:
        """Make no calls of this method for so long: Slack said so. Other methods go on.

        It says too that there is no room for a burst: after the pause, calls come at their pace.
        """
        until = self._clock() + seconds
        until = self._paused_until[method] = max(until, self._paused_until.get(method, until))
        self._buckets[method, None] = Bucket(self._pace_of(method), tokens=ROOM_AFTER_PAUSE, counted_at=until)

    def paused_for(self, method: Method) -> float:
        """Seconds for which no calls of this method are made."""
        return max(self._paused_until.get(method, 0.0) - self._clock(), 0.0)

    def look_again(self) -> None:
        """Let in whoever may go now, the most urgent first, and come back when the next one may."""
        now = self._clock()
        delays = [self._serve(waiter, now) for waiter in sorted(self._waiters, key=_rank)]
        self._waiters = [waiter for waiter in self._waiters if not waiter.granted.done()]
        self._wake_in(min((wait for wait in delays if wait > 0), default=None))

    def close(self) -> None:
        """Let nobody in any more by time alone."""
        self._wake_in(None)

    def _wake_in(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if seconds is None else loop.call_later(seconds, self.look_again)

    def _serve(self, waiter: _Waiter, now: float) -> float:
        """Let one in if the limits allow, else tell how long that will take."""
        spare = SPARE_FOR[waiter.urgency()] * max(1.0 - (now - waiter.since) / SPARED_FOR, 0.0)
        buckets = self._buckets_of(waiter.call, now)
        wait = max(delay(bucket, now=now, spare=spare) for bucket in buckets.values())
        wait = min(wait, LOOK_AGAIN) if spare else wait
        wait = max(wait, self._paused_until.get(waiter.call.method, now) - now)
        if wait > 0 or waiter.granted.done():
            return wait
        self._buckets |= {key: take(bucket, now=now) for key, bucket in buckets.items()}
        waiter.granted.set_result(None)
        return 0.0

    def _pace_of(self, method: Method) -> Pace:
        match method:
            case Method.POST:
                return self._paces.posts
            case Method.EDIT:
                return self._paces.edits
            case Method.HISTORY | Method.REPLIES | Method.DELETE:
                return self._paces.others

    def _buckets_of(self, call: Call, now: float) -> dict[_BucketKey, Bucket]:
        paces: dict[_BucketKey, Pace] = {(call.method, None): self._pace_of(call.method)}
        if call.method is Method.POST:
            paces[Method.POST, call.channel_id] = self._paces.posts_in_channel
        return {key: self._buckets.get(key) or fill(pace, now=now) for key, pace in paces.items()}


def _rank(waiter: _Waiter) -> tuple[Urgency, int]:
    return waiter.urgency(), waiter.number
