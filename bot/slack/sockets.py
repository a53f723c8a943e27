"""One Socket Mode socket: it is opened once, hears until it ends, and never comes back by itself.

slack_sdk's own client decides by itself when to connect, and from some troubles never returns: it tries a spent ticket
for ever, comes back at once for ever to an app whose Socket Mode is switched off, asks for a new ticket every few
seconds whatever Slack answers, and tells a dead connection by the wall clock. So only the protocol stands here; when
there is to be another socket is the connection's to decide.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.core.errors import ChatUnavailableError
from bot.slack.frames import Counter, Frame, JsonObject, read_frame

CLOSING_DEADLINE = 0.5
"""Seconds that the other side has to return a close; a dead one never does."""

_log = logging.getLogger(__name__)

Deliver = Callable[["Socket", JsonObject], Awaitable[None]]
"""Takes an envelope, and acknowledges it on the socket that brought it."""


class Socket(AsyncBaseSocketModeClient):
    """One socket: to Bolt a client like slack_sdk's own. `open` it once; it tells every change of its state; `close` it."""

    def __init__(
        self,
        deliver: Deliver,
        *,
        on_change: Callable[["Socket"], None],
        send_elsewhere: Callable[[str], Awaitable[None]],
        nonsense: Counter,
        clock: Callable[[], float],
    ) -> None:
        self.logger = _log
        self.heard_at = self.opened_at = clock()
        self.farewell: str | None = None
        """Why Slack is about to end it, once it has said so."""
        self.connections = 0
        """How many Slack counted of this app when it said hello, this one included."""
        self.deliveries: set[asyncio.Task[None]] = set()
        self._deliver = deliver
        self._on_change = on_change
        self._send_elsewhere = send_elsewhere
        self._nonsense = nonsense
        self._clock = clock
        self._is_greeted = False
        self._settled = asyncio.Event()
        self._http = aiohttp.ClientSession()
        self._wire: aiohttp.ClientWebSocketResponse | None = None
        self._hearing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether frames can come and go."""
        return self._wire is not None and not self._wire.closed and self._hearing is not None

    @property
    def is_of_use(self) -> bool:
        """Whether Slack delivers here: it has said hello, and no farewell yet."""
        return self.is_open and self._is_greeted and self.farewell is None

    async def open(self, url: str, *, ping_interval: float, proxy: str | None, within: float) -> None:
        """Connect with a ticket, and wait for Slack's hello. Raises `ChatUnavailableError`."""
        try:
            async with asyncio.timeout(within):
                # Every ping of ours must be answered within half an interval, or aiohttp cuts the connection.
                self._wire = await self._http.ws_connect(
                    url, autoping=False, heartbeat=ping_interval, proxy=proxy
                )
                self._hearing = asyncio.create_task(self._hear(self._wire), name="hearing Slack")
                await self._settled.wait()
        except TimeoutError:
            raise ChatUnavailableError("timeout") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ChatUnavailableError(describe_refusal(error)) from None
        if not self._is_greeted:
            raise ChatUnavailableError(self.farewell or "closed before a hello")

    async def send_message(self, message: str) -> None:
        """Send an acknowledgement; where this socket is gone, by another one."""
        if not await self.send(message):
            await self._send_elsewhere(message)

    async def send(self, text: str) -> bool:
        """Send a frame; whether it went out."""
        if not self.is_open or self._wire is None:
            return False
        try:
            await self._wire.send_str(text)
        except (ConnectionError, aiohttp.ClientError):
            return False
        return True

    async def close(self, *, patience: float = 0.0) -> None:
        """Let deliveries be acknowledged, at most so many seconds; then close for good, and leave nothing running."""
        if self.deliveries:
            await asyncio.wait(self.deliveries, timeout=patience)
        if self._wire is not None:
            with suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(CLOSING_DEADLINE):
                    await self._wire.close()
        late = [task for task in (self._hearing, *self.deliveries) if task is not None]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await self._http.close()

    async def _hear(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for frame in wire:
                self.heard_at = self._clock()
                if frame.type is aiohttp.WSMsgType.PING:
                    await wire.pong(frame.data)
                elif frame.type is aiohttp.WSMsgType.TEXT:
                    self._take(frame.data)
        except (ConnectionError, aiohttp.ClientError) as error:
            _log.info("a socket to Slack broke off: %s", type(error).__name__)
        finally:
            self._hearing = None
            self._settled.set()
            self._on_change(self)

    def _take(self, raw: str) -> None:
        if not raw:  # Slack sends empty ones now and then
            return
        frame = read_frame(raw)
        if not isinstance(frame, Frame):
            self._nonsense.note(frame)
            if frame.envelope_id is not None:
                self._start(self.send_socket_mode_response(SocketModeResponse(frame.envelope_id)))
        elif frame.message["type"] == "hello":
            self._greet(frame.message)
        elif frame.message["type"] == "disconnect":
            self.farewell = str(frame.message.get("reason"))
            self._settled.set()
            self._on_change(self)
        elif frame.payload is not None:
            self._start(self._deliver(self, frame.message))

    def _greet(self, message: JsonObject) -> None:
        self._is_greeted = True
        self._settled.set()
        connections = message.get("num_connections")
        self.connections = connections if isinstance(connections, int) else 0
        _log.info("connected to Slack; this app has %s connection(s)", connections)

    def _start(self, work: Awaitable[None]) -> None:
        delivery = asyncio.ensure_future(work)
        self.deliveries.add(delivery)
        delivery.add_done_callback(self._forget)

    def _forget(self, delivery: asyncio.Task[None]) -> None:
        self.deliveries.discard(delivery)
        error = None if delivery.cancelled() else delivery.exception()
        if error is not None:
            _log.error("a delivery of Slack's broke", exc_info=error)


def describe_refusal(error: Exception) -> str:
    """Why a socket did not open, without its address: the ticket in it is a secret."""
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return f"the socket was refused with http_{error.status}"
    return type(error).__name__
