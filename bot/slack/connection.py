"""The Socket Mode connection: sockets opened, watched, replaced, closed.

Two sockets are held, so that Slack always has one to deliver to: while one is refreshed, or has broken off, people use
the other. A connection that is dead without a word is told by its silence: a ping that nobody answers, whatever the
state of the socket says. How often a ticket is asked for is decided here and nowhere else.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatError, ChatUnavailableError
from bot.core.spacing import Spacing
from bot.flow.background import Background
from bot.slack.bolt import carry, make_app
from bot.slack.calls import call
from bot.slack.deafness import Bulletin, Pauses, Trouble
from bot.slack.frames import Counter
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from bot.slack.sockets import Socket

ACKNOWLEDGING = 3.0
"""Seconds in which a delivery must be acknowledged; after them nobody waits for it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watchfulness:
    """How closely the sockets are watched, and how soon lost ones are replaced."""

    sockets: int = 2
    ping: timedelta = timedelta(seconds=5)
    spacing: Spacing = field(default_factory=lambda: Spacing(timedelta(seconds=1), timedelta(minutes=1)))
    helpless: Spacing = field(default_factory=lambda: Spacing(timedelta(minutes=1), timedelta(minutes=5)))
    opening: timedelta = timedelta(seconds=10)
    """What a ticket, and then a socket with its hello, may take at most."""
    steady: timedelta = timedelta(minutes=1)
    """A socket that has held so long was no failure, however it ends."""
    patience: timedelta = timedelta(seconds=30)
    """So long nothing is heard before the operator is told; a refresh or a short outage mends itself sooner."""


class Connection:
    """The bot's ears at Slack. `open`, then `watch_once` every few seconds, then `close`."""

    def __init__(
        self,
        client: AsyncWebClient,
        identity: Identity,
        listeners: Listeners,
        *,
        app_token: str,
        say: Callable[[str], None],
        watchfulness: Watchfulness | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._listeners = listeners
        self._app_token = app_token
        self._how = watchfulness or Watchfulness()
        self._clock = clock
        self._app = make_app(client, identity, listeners)
        self._sockets: list[Socket] = []
        self._background = Background()
        self._keeping: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._hears = asyncio.Event()
        self._pauses = Pauses(self._how.spacing, self._how.helpless)
        self._bulletin = Bulletin(say)
        self._trouble: Trouble | None = None
        self._nonsense = Counter()
        self._began_at = self._heard_at = clock()
        self._is_closed = False

    @property
    def silent_for(self) -> timedelta:
        """How long nothing at all has come from Slack, not even the answer to a ping."""
        newest = max([self._heard_at, *(socket.heard_at for socket in self._sockets)])
        return timedelta(seconds=max(self._clock() - newest, 0))

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was heard is still being worked on."""
        return self._listeners.is_idle and not any(socket.deliveries for socket in self._sockets)

    async def open(self) -> None:
        """Connect; returns when Slack has said hello. Check the app token first: a bad one is tried for ever here."""
        self._began_at = self._heard_at = self._clock()
        self._keep_on()
        while not self._is_closed and not self._hears.is_set():
            await _wait(self._hears, self._how.ping.total_seconds())
            await self.watch_once()

    async def watch_once(self) -> None:
        """See that the connection lives: what has fallen silent is cut, and whoever must know hears of it."""
        if self._is_closed:
            return
        now = self._clock()
        for socket in [
            one for one in self._sockets if now - one.heard_at > 3 * self._how.ping.total_seconds()
        ]:
            _log.warning("a socket to Slack has fallen silent and is replaced")
            self._let_go(socket, Trouble("silent"))
        for socket in self._of_use():
            if self._has_held(socket):
                self._pauses.clear(held_since=socket.opened_at)
        if not self._of_use() and self.silent_for > self._how.patience:
            self._bulletin.tell(self._trouble or Trouble("no answer"), hears=False)
        self._keep_on()

    async def rest(self, *, within: float) -> None:
        """Let the work that was taken on end, at most so many seconds, hearing and acknowledging all the while."""
        deadline = self._clock() + within
        while not self.is_idle and self._clock() < deadline:  # noqa: ASYNC110 - three owners, and no common event
            await asyncio.sleep(0.01)

    async def close(self, *, patience: float = 3.0) -> None:
        """Stop listening, and let the work that was taken on end, at most so many seconds for each."""
        self._is_closed = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        sockets, self._sockets = self._sockets, []
        await asyncio.gather(*(socket.close(patience=patience) for socket in sockets))
        await self._background.close(grace=patience)
        await self._listeners.finish(patience=patience)

    # Keeping sockets

    def _keep_on(self) -> None:
        if self._keeping is None or self._keeping.done():
            self._keeping = self._background.start(self._keep(), name="keeping the sockets to Slack")

    async def _keep(self) -> None:
        """Hold as many sockets as wanted, one try at a time."""
        while not self._is_closed:
            self._changed.clear()
            if len(self._of_use()) >= self._how.sockets:
                await self._changed.wait()
            elif (pause := self._pauses.left(self._clock())) > 0:
                await _wait(self._changed, pause)
            else:
                await self._open_one()

    async def _open_one(self) -> None:
        silent_for = self.silent_for
        socket = Socket(
            partial(carry, self._app),
            on_change=self._take_change,
            send_elsewhere=self._send_anywhere,
            nonsense=self._nonsense,
            clock=self._clock,
        )
        try:
            await socket.open(
                await self._buy_ticket(),
                ping_interval=self._how.ping.total_seconds(),
                proxy=self._client.proxy,
                within=self._how.opening.total_seconds(),
            )
            if not socket.is_of_use:
                raise ChatUnavailableError(socket.farewell or "closed")
        except ChatError as error:
            self._take_failure(Trouble.from_error(error))
        else:
            self._take_up(socket, silent_for=silent_for)
        finally:
            if socket not in self._sockets:
                self._background.start(socket.close(patience=0), name="closing what did not open")

    async def _buy_ticket(self) -> str:
        asking = self._client.apps_connections_open(app_token=self._app_token)
        answer = await call(asking, deadline=self._how.opening.total_seconds())
        url = answer.get("url")
        if not isinstance(url, str):
            raise ChatUnavailableError("unreadable answer")
        return url

    def _take_up(self, socket: Socket, *, silent_for: timedelta) -> None:
        """A new socket hears: those that Slack is about to end are no longer needed."""
        self._sockets.append(socket)
        self._look_for_others(socket)
        self._hears.set()
        self._trouble = None
        self._bulletin.tell_well(after=silent_for)
        for old in [one for one in self._sockets if one.farewell is not None]:
            self._retire(old)

    def _look_for_others(self, socket: Socket) -> None:
        """Connections that are not ours take their share of what people say; just after the start they may be our past."""
        others = socket.connections - len(self._sockets)
        if others > 0 and self._clock() - self._began_at > self._how.steady.total_seconds():
            _log.warning(
                "Slack counts %s connection(s) of this app that are not mine, and delivers to them too: "
                "does it run elsewhere?",
                others,
            )

    def _take_failure(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._pauses.note(trouble, self._clock())
        hears = bool(self._of_use())
        _log.warning("Slack opens no socket: %s", trouble.reason)
        if trouble.is_refusal or (trouble.is_helpless and not hears):
            self._bulletin.tell(trouble, hears=hears)

    def _take_change(self, socket: Socket) -> None:
        """A socket has ended, or Slack has said that it will."""
        if self._is_closed or socket not in self._sockets:
            return
        if not socket.is_open:
            self._let_go(socket, Trouble(socket.farewell or "closed"))
        elif socket.farewell is not None:
            trouble = Trouble(socket.farewell)
            self._note_end(socket, trouble)
            if trouble.is_helpless:
                self._retire(socket)
        self._changed.set()

    def _let_go(self, socket: Socket, trouble: Trouble) -> None:
        if socket.farewell is None:
            self._note_end(socket, trouble)
        self._retire(socket)
        self._changed.set()

    def _note_end(self, socket: Socket, trouble: Trouble) -> None:
        """What the end of a socket means for the next one: after a long life nothing, unless Slack says so."""
        if trouble.is_helpless:
            self._take_failure(trouble)
        elif not self._has_held(socket):
            self._pauses.note(trouble, self._clock())

    def _has_held(self, socket: Socket) -> bool:
        return self._clock() - socket.opened_at >= self._how.steady.total_seconds()

    def _retire(self, socket: Socket) -> None:
        self._heard_at = max(self._heard_at, socket.heard_at)
        self._sockets.remove(socket)
        # Not waited for: what was heard there is acknowledged there, while the next socket hears already.
        self._background.start(socket.close(patience=ACKNOWLEDGING), name="closing a socket to Slack")

    def _of_use(self) -> list[Socket]:
        return [socket for socket in self._sockets if socket.is_of_use]

    # Deliveries

    async def _send_anywhere(self, text: str) -> None:
        """Acknowledge where the socket that brought a delivery is gone. Whether Slack takes it there nobody knows."""
        for socket in self._of_use():
            if await socket.send(text):
                return
        _log.warning("a delivery could not be acknowledged: no socket to Slack is open")


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so long."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({waiting}, timeout=seconds)
    finally:
        waiting.cancel()
