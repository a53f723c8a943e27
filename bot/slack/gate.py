"""Who calls Slack next, where its limits leave room for one: the most urgent, and of those the one that waits longest.

In the middle of runs, where there is less room than there are messages, it is the one whose edit is worth most.
"""

import asyncio
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.core.names import ChannelId
from bot.flow.ports import Urgency
from bot.slack.limits import Meter, Pace, Paces, Quota, begin, delay, drain, put_back, take

SPARE_FOR = {Urgency.END: 0, Urgency.FIRST_SIGHT: 0, Urgency.CARD: 1, Urgency.PROGRESS: 8}
"""How many calls each urgency leaves untouched, so that an end finds one even when everything else is busy."""

SPARE_EDITS_FOR = {Urgency.END: 0, Urgency.FIRST_SIGHT: 0, Urgency.CARD: 4, Urgency.PROGRESS: 15}
"""The same of edits, which are the scarcest."""

SPARED_FOR = 15.0
"""Seconds for which nobody of an urgency was let in, after which they leave nothing untouched; until then, less and less."""

LOOK_AGAIN = 0.5
"""Seconds after which those who leave calls untouched are looked at again: they leave fewer by then."""

Worth = Callable[[], float]
"""What an edit in the middle of a run is worth, as of now: of those that wait, the one that is worth most goes first."""


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


def worth_nothing() -> float:
    """One goes like another: in the order in which they came."""
    return 0.0


@dataclass(eq=False, slots=True)
class _Waiter:
    call: Call
    urgency: Callable[[], Urgency]
    worth: Worth
    number: int
    granted: asyncio.Future[None]


class _Share(Enum):
    """What calls are counted together, where a method has more than one limit."""

    ALL = "all"
    PROGRESS = "progress"


_MeterKey = tuple[Method, ChannelId | _Share]


class Gate:
    """Keeps to Slack's limits and to its refusals (429), for all messages together."""

    def __init__(self, paces: Paces, *, clock: Callable[[], float]) -> None:
        self._paces = paces
        self._clock = clock
        self._meters: dict[_MeterKey, Meter] = {}
        self._paused_until: dict[Method, float] = {}
        self._waiters: list[_Waiter] = []
        self._held_since: dict[tuple[Method, Urgency], float] = {}
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf
        self._meters[Method.EDIT, _Share.ALL] = begin(paces.edits, now=clock())

    async def enter(
        self, call: Call, urgency: Callable[[], Urgency], *, worth: Worth = worth_nothing
    ) -> bool:
        """Wait for leave to make one call. Whether that took a while: what was to be shown may be old by then.

        `urgency` and `worth` are asked each time somebody is let in, for they may rise while waiting.
        """
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(call, urgency, worth, next(self._numbers), granted)
        self._waiters.append(waiter)
        now = self._clock()
        self._held_since.setdefault((call.method, urgency()), now)
        wait = self._find_wait(call, urgency(), now)
        if wait > 0:
            self._wake_in(wait)  # nobody else gets in by this one's coming
        else:
            self.look_again()
        if granted.done():
            return False
        try:
            await granted
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
        return True

    def give_back(self, call: Call, urgency: Urgency) -> None:
        """A call that was let in is not made after all: the next one may have its leave."""
        meters = self._meters_of(call, urgency, self._clock())
        self._meters |= {key: put_back(meter) for key, meter in meters.items()}
        self.look_again()

    def pause(self, method: Method, seconds: float) -> None:
        """Make no calls of this method for so long: Slack said so. Other methods go on.

        It says too that there is no room for a burst: after the pause, calls come at their pace.
        """
        until = self._clock() + seconds
        until = self._paused_until[method] = max(until, self._paused_until.get(method, until))
        self._meters[method, _Share.ALL] = drain(self._limit_of(method), until=until)

    def paused_for(self, method: Method) -> float:
        """Seconds for which no calls of this method are made."""
        return max(self._paused_until.get(method, 0.0) - self._clock(), 0.0)

    def look_again(self) -> None:
        """Let in whoever may go now, the most urgent first, and come back when the next one may."""
        now = self._clock()
        waits: dict[tuple[_MeterKey, Urgency], float] = {}
        for waiter in sorted(self._waiters, key=_rank):
            urgency = waiter.urgency()
            kind = _kind_of(waiter.call), urgency
            if waits.get(kind, 0.0) == 0.0:  # where one does not get in, nobody after him does
                waits[kind] = self._serve(waiter, urgency, now)
        self._waiters = [waiter for waiter in self._waiters if not waiter.granted.done()]
        held = {(waiter.call.method, waiter.urgency()) for waiter in self._waiters}
        self._held_since = {kind: self._held_since.get(kind, now) for kind in held}
        self._stop_timer()
        self._wake_in(min((wait for wait in waits.values() if wait > 0), default=math.inf))

    def close(self) -> None:
        """Let nobody in any more by time alone."""
        self._stop_timer()

    def _wake_in(self, seconds: float) -> None:
        """Look again after so long, unless that is to be sooner."""
        wakes_at = self._clock() + seconds
        if wakes_at >= self._wakes_at:
            return
        self._stop_timer()
        self._wakes_at = wakes_at
        self._timer = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._stop_timer()
        self.look_again()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._wakes_at = None, math.inf

    def _serve(self, waiter: _Waiter, urgency: Urgency, now: float) -> float:
        """Let one in if the limits allow, else tell how long that will take."""
        if waiter.granted.done():
            return 0.0
        wait = self._find_wait(waiter.call, urgency, now)
        if wait > 0:
            return wait
        meters = self._meters_of(waiter.call, urgency, now)
        self._meters |= {key: take(meter, now=now) for key, meter in meters.items()}
        self._held_since[waiter.call.method, urgency] = now
        waiter.granted.set_result(None)
        return 0.0

    def _find_wait(self, call: Call, urgency: Urgency, now: float) -> float:
        held = now - self._held_since.get((call.method, urgency), now)
        left = max(1.0 - held / SPARED_FOR, 0.0)
        waits = [self._paused_until.get(call.method, now) - now, 0.0]
        for key, meter in self._meters_of(call, urgency, now).items():
            spare = _spare(key, urgency) * left
            wait = delay(meter, now=now, spare=spare)
            waits.append(min(wait, LOOK_AGAIN) if spare else wait)
        return max(waits)

    def _limit_of(self, method: Method) -> Pace | Quota:
        match method:
            case Method.POST:
                return self._paces.posts
            case Method.EDIT:
                return self._paces.edits
            case Method.HISTORY | Method.REPLIES | Method.DELETE:
                return self._paces.others

    def _meters_of(self, call: Call, urgency: Urgency, now: float) -> dict[_MeterKey, Meter]:
        limits: dict[_MeterKey, Pace | Quota] = {(call.method, _Share.ALL): self._limit_of(call.method)}
        if call.method is Method.POST:
            limits[Method.POST, call.channel_id] = self._paces.posts_in_channel
        if call.method is Method.EDIT and urgency is Urgency.PROGRESS:
            limits[Method.EDIT, _Share.PROGRESS] = self._paces.progress
        return {key: self._meters.get(key) or begin(limit, now=now) for key, limit in limits.items()}


def _kind_of(call: Call) -> _MeterKey:
    """Calls of one kind wait for the same."""
    return call.method, call.channel_id if call.method is Method.POST else _Share.ALL


def _spare(key: _MeterKey, urgency: Urgency) -> int:
    if key == (Method.EDIT, _Share.PROGRESS):
        return 0  # nobody else takes of it
    return SPARE_EDITS_FOR[urgency] if key[0] is Method.EDIT else SPARE_FOR[urgency]


def _rank(waiter: _Waiter) -> tuple[Urgency, float, int]:
    urgency = waiter.urgency()
    return urgency, -waiter.worth() if urgency is Urgency.PROGRESS else 0.0, waiter.number
