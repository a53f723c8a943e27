"""Socket Mode: tickets, up to ten connections, envelopes to one of them, acknowledgements, disconnects."""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sim.workspace.entities import Change, JsonObject
from bot.sim.workspace.envelopes import Delivery, Envelope
from bot.sim.workspace.faults import FaultPlan
from bot.sim.workspace.store import Workspace

MOST_CONNECTIONS = 10
_TICKET_LIFE = timedelta(seconds=30)
_PING_EVERY = timedelta(seconds=10)
_LIFE = timedelta(seconds=18_060)
_DEBUG_LIFE = timedelta(seconds=360)
# Slack announces a close about ten seconds ahead.
_GRACE = timedelta(seconds=10)
_NOISE = ("", "Hello, world", '{"type": "', '{"type": "weather", "payload": {}}')


@dataclass(slots=True, eq=False)
class _Connection:
    """One open socket. Draining ones are about to close; silent ones take everything and answer nothing."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    is_draining: bool = False
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Goodbye:
    """How Slack ends a connection. `notice` passes between the first word, a warning if `is_warned`, and the close."""

    reason: str
    is_warned: bool = False
    notice: timedelta = _GRACE


class Sockets:
    """The app's connections, as Slack's side of Socket Mode sees them."""

    def __init__(
        self,
        workspace: Workspace,
        faults: FaultPlan,
        *,
        ack_within: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._workspace = workspace
        self._faults = faults
        self._ack_within = ack_within
        self._now = now
        self.opened = 0
        """How often the app has connected so far."""
        self._tickets: dict[str, datetime] = {}
        self._connections: list[_Connection] = []
        self._turn = itertools.count()
        self._waiting: dict[str, list[asyncio.Future[JsonObject | None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """How many sockets the app holds open."""
        return len(self._connections)

    def issue_ticket(self) -> str:
        """A ticket for one connection, good for half a minute."""
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = self._now()
        return ticket

    def _redeem(self, ticket: str) -> bool:
        issued_at = self._tickets.pop(ticket, None)
        return issued_at is not None and self._now() - issued_at <= _TICKET_LIFE

    # Connections

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Take a connection with a valid ticket and keep it until either side ends it."""
        is_valid = self._redeem(request.query.get("ticket", ""))
        if self._faults.take_ticket_refusal() or not is_valid:
            return web.Response(status=403, text="The ticket is not valid.")
        # Pings are answered by hand, so that a connection can be made to fall silent.
        socket = web.WebSocketResponse(autoping=False, timeout=0.5)
        try:
            await socket.prepare(request)
        except ConnectionResetError:  # the client left in the middle of it: nobody reads the answer
            return web.Response(status=400)
        if self.connections >= MOST_CONNECTIONS:
            await _send(socket, _disconnect_frame("too_many_websockets"))
            await socket.close()
            return socket
        connection = _Connection(socket, request.transport)
        life = _DEBUG_LIFE if request.query.get("debug_reconnects") == "true" else _LIFE
        await self._hold(connection, life)
        return socket

    async def _hold(self, connection: _Connection, life: timedelta) -> None:
        # Envelopes may come only after the hello, so the connection takes its place when that is sent.
        await _send(connection.socket, self._hello(life))
        self._connections.append(connection)
        self.opened += 1
        self._workspace.tell(Change("workspace"))
        keeping = asyncio.create_task(self._keep(connection, life))
        try:
            await self._listen(connection)
        finally:
            keeping.cancel()
            self._connections.remove(connection)
            self._workspace.tell(Change("workspace"))

    def _hello(self, life: timedelta) -> str:
        return json.dumps(
            {
                "type": "hello",
                "num_connections": self.connections + 1,
                "connection_info": {"app_id": self._workspace.app.id},
                "debug_info": {
                    "host": "applink-sandbox",
                    "started": self._now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
                    "build_number": 1,
                    "approximate_connection_time": int(life.total_seconds()),
                },
            }
        )

    async def _listen(self, connection: _Connection) -> None:
        async for frame in connection.socket:
            if connection.is_silent:
                continue
            if frame.type is WSMsgType.PING:
                with suppress(ConnectionError):
                    await connection.socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                self._take_ack(frame.data)

    async def _keep(self, connection: _Connection, life: timedelta) -> None:
        """Ping now and then; ask the app to come again when the connection has lived long enough."""
        ends_at = asyncio.get_running_loop().time() + life.total_seconds()
        while asyncio.get_running_loop().time() < ends_at - _GRACE.total_seconds():
            await asyncio.sleep(min(_PING_EVERY, life).total_seconds())
            if not connection.is_silent:
                with suppress(ConnectionError):
                    await connection.socket.ping(b"slack")
        await self._disconnect(connection, Goodbye("refresh_requested", is_warned=True))

    async def _disconnect(self, connection: _Connection, goodbye: Goodbye) -> None:
        """Say why the connection ends, before or after Slack's usual notice, and end it."""
        connection.is_draining = True
        if goodbye.is_warned:
            await _send(connection.socket, _disconnect_frame("warning"))
            await asyncio.sleep(goodbye.notice.total_seconds())
            await _send(connection.socket, _disconnect_frame(goodbye.reason))
        else:
            await _send(connection.socket, _disconnect_frame(goodbye.reason))
            await asyncio.sleep(goodbye.notice.total_seconds())
        await connection.socket.close()

    # Envelopes

    def _take_ack(self, frame: str) -> None:
        """Match an acknowledgement with its envelope; it may come on any connection, and late ones count for nothing."""
        try:
            ack = json.loads(frame)
        except ValueError:
            return
        if not isinstance(ack, dict):
            return
        payload = ack.get("payload")
        for waiting in self._waiting.get(str(ack.get("envelope_id")), []):
            # A redelivered envelope may be waited for twice; each acknowledgement answers one delivery.
            if not waiting.done():
                waiting.set_result(payload if isinstance(payload, dict) and payload else None)
                return

    def _next_connection(self) -> _Connection | None:
        """The connection whose turn it is; draining ones only where there is no other."""
        fresh = [one for one in self._connections if not one.is_draining] or self._connections
        return fresh[next(self._turn) % len(fresh)] if fresh else None

    async def deliver(self, envelope: Envelope) -> Delivery:
        """Send an envelope to one connection and wait for its acknowledgement as long as Slack does."""
        connection = self._next_connection()
        if connection is None:
            return Delivery(envelope.id, was_sent=False)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[JsonObject | None] = loop.create_future()
        self._waiting.setdefault(envelope.id, []).append(waiting)
        sent_at = loop.time()
        try:
            async with asyncio.timeout(self._ack_within.total_seconds()):
                if not connection.is_silent:
                    await _send(connection.socket, envelope.to_frame())
                payload = await waiting
        except TimeoutError:
            return Delivery(envelope.id, was_sent=True, problem="timeout")
        finally:
            self._waiting[envelope.id].remove(waiting)
            if not self._waiting[envelope.id]:
                del self._waiting[envelope.id]
        took = round((loop.time() - sent_at) * 1000, 3)
        return Delivery(envelope.id, was_sent=True, is_acked=True, ack_ms=took, payload=payload)

    # What can be made to happen

    def disconnect_all(self, goodbye: Goodbye) -> None:
        """Announce the end of every connection, and end those still there when the notice is over."""
        for connection in tuple(self._connections):
            self._spawn(self._disconnect(connection, goodbye))

    def reset_all(self) -> None:
        """Cut every connection without a word."""
        for connection in tuple(self._connections):
            if connection.transport is not None:
                connection.transport.abort()

    @property
    def is_silenced(self) -> bool:
        """Whether a connection that is still open answers nothing."""
        return any(connection.is_silent for connection in self._connections)

    def silence_all(self, *, is_silent: bool = True) -> None:
        """Let the connections that are open now stay up and answer nothing."""
        for connection in self._connections:
            connection.is_silent = is_silent

    async def make_noise(self) -> None:
        """Send every connection frames that mean nothing."""
        for connection in tuple(self._connections):
            for frame in _NOISE:
                await _send(connection.socket, frame)

    async def stop(self) -> None:
        """End every connection, quickly."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        closing = (one.socket.close(code=WSCloseCode.GOING_AWAY) for one in tuple(self._connections))
        await asyncio.gather(*closing, return_exceptions=True)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _send(socket: web.WebSocketResponse, frame: str) -> None:
    """Send a frame; one that finds its socket gone is lost, as on a real network."""
    with suppress(ConnectionError):
        await socket.send_str(frame)


def _disconnect_frame(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
