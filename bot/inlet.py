"""The one address where the bot listens: a door for each path, and `/health`. Off unless the settings name an address.

Everybody can reach it who can reach the address, so nothing is read but from a known path, by the right method, up to a
cap and within a deadline; whoever is refused learns a status and nothing else; and the log says so once a minute at
most, in words that no stranger chose. TLS is for whatever stands in front: Slack and oec.sh call https only.
"""

import asyncio
import errno
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiohttp import web

from bot.core.arrivals import Answer, Refused
from bot.core.errors import BotError
from bot.settings import Address

HEALTH_PATH = "/health"

HEADERS_DEADLINE = 10.0
"""Seconds from the first byte of a connection to the end of the headers. Then it is cut."""

BODY_DEADLINE = 5.0
"""Seconds that a body may take to arrive."""

MOST_CONNECTIONS = 250
"""More than Slack and oec.sh ever open at a time, and few enough to leave files for the database and for calls."""

HEALTH_KEPT = 1.0
"""Seconds for which an answer about the bot's health is good: asking often must cost nothing."""

LOG_GAP = 60.0

_log = logging.getLogger(__name__)
_http_log = logging.getLogger(f"{__name__}.http")

IsWell = Callable[[], Awaitable[bool]]


class ListenError(BotError):
    """The address to listen at cannot be had; the text says why and what to do."""


class Door(Protocol):
    """What takes the deliveries to one path."""

    @property
    def most_bytes(self) -> int:
        """How long a body may be."""

    async def take(self, headers: Mapping[str, str], body: bytes) -> Answer | Refused:
        """Take one delivery, or refuse it; soon, for somebody is waiting."""


class Inlet:
    """The listening server. `open`, then a door for each path, then `close`."""

    def __init__(
        self,
        address: Address,
        *,
        is_well: IsWell,
        headers_deadline: float = HEADERS_DEADLINE,
        body_deadline: float = BODY_DEADLINE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._is_well = is_well
        self._headers_deadline = headers_deadline
        self._body_deadline = body_deadline
        self._clock = clock
        self._doors: dict[str, Door | None] = {}
        self._runner: web.ServerRunner | None = None
        self._health: tuple[float, bool] | None = None
        self.refusals = Refusals(clock)

    @property
    def port(self) -> int:
        """The port it listens on: the one that was asked for, or the one that was found for 0."""
        if self._runner is None:
            return self._address.port
        return int(self._runner.addresses[0][1])

    @property
    def paths(self) -> tuple[str, ...]:
        """Where something is answered."""
        return (HEALTH_PATH, *self._doors)

    def expect(self, path: str) -> None:
        """There is no door for this path yet, or any more: it answers that we are not ready."""
        self._doors[path] = None

    def put_door(self, path: str, door: Door) -> None:
        """From now on this door takes what comes to the path."""
        self._doors[path] = door

    async def open(self) -> None:
        """Listen. Raises `ListenError`."""
        server = _Server(self._answer, self.refusals, headers_deadline=self._headers_deadline)
        runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._address.host, self._address.port).start()
        except OSError as error:
            await runner.cleanup()
            raise ListenError(_describe(error, self._address)) from None
        self._runner = runner

    async def close(self) -> None:
        """Listen no more; what is being answered has a moment to be. May be called twice."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        self.refusals.tell()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        taken = await self._take(request)
        if isinstance(taken, Refused):
            path = request.path if request.path in self._doors else "other paths"
            self.refusals.count(path, taken)
            return _write(Answer(taken.status))
        return _write(taken)

    async def _take(self, request: web.BaseRequest) -> Answer | Refused:
        path, method = request.path, request.method
        if path == HEALTH_PATH and method in {"GET", "HEAD"}:
            return await self._tell_health()
        if path not in self._doors:
            return Refused(404, "to a path that is none of ours")
        if method == "GET" and request.query.get("ssl_check") == "1":
            return Answer()  # Slack only looks whether the certificate is good
        if method != "POST":
            return Refused(405, "by another method than POST")
        door = self._doors[path]
        if door is None:
            return Refused(503, "before the bot was ready, or after")
        body = await self._read(request, door.most_bytes)
        return body if isinstance(body, Refused) else await door.take(request.headers, body)

    async def _read(self, request: web.BaseRequest, most: int) -> bytes | Refused:
        """The raw body: signatures are made over that."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Refused(415, "compressed")
        if (request.content_length or 0) > most:
            return Refused(413, "too long")
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_deadline):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > most:
                        return Refused(413, "too long")
        except TimeoutError:
            return Refused(408, "too slow")
        except (web.RequestPayloadError, ConnectionError):
            return Refused(400, "broken off")
        return bytes(body)

    async def _tell_health(self) -> Answer:
        now = self._clock()
        if self._health is None or now - self._health[0] >= HEALTH_KEPT:
            self._health = (now, await self._is_well())
        return Answer(200, "well") if self._health[1] else Answer(503, "unwell")


class Refusals:
    """Counts what was refused, and tells the operators, at most once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at: float | None = None
        self._untold: Counter[tuple[str, str]] = Counter()
        self._note = ""
        self.total = 0

    def count(self, path: str, refused: Refused) -> None:
        """Count one. `path` must be one of ours: a stranger's words do not belong in the log."""
        self.total += 1
        self._untold[path, refused.why] += 1
        self._note = refused.note or self._note
        if self._told_at is None or self._clock() - self._told_at >= LOG_GAP:
            self.tell()

    def tell(self) -> None:
        """Tell what has not been told yet."""
        if not self._untold:
            return
        counted = "; ".join(f"{path}: {count} {why}" for (path, why), count in sorted(self._untold.items()))
        note = f" ({self._note})" if self._note else ""
        _log.warning("Refused over HTTP: %s%s", counted, note)
        self._told_at, self._note = self._clock(), ""
        self._untold.clear()


class _Server(web.Server):
    """Makes a handler for each connection, up to a number."""

    def __init__(
        self,
        answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        refusals: Refusals,
        *,
        headers_deadline: float,
    ) -> None:
        super().__init__(answer)
        self.refusals = refusals
        self._headers_deadline = headers_deadline

    def __call__(self) -> web.RequestHandler:
        """A handler for a new connection. It never decompresses: signatures are made over the raw bytes."""
        return _Handler(
            self,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=self._headers_deadline,
            access_log=None,
            logger=_http_log,
            lingering_time=1.0,
            auto_decompress=False,
        )

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take a connection, or cut it where there are too many."""
        super().connection_made(handler, transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self.refusals.count("connections", Refused(0, "beyond the most there may be"))
            transport.abort()


class _Handler(web.RequestHandler):
    """Serves one connection. What is no HTTP is counted: aiohttp would print a traceback, and send it back."""

    __slots__ = ("_refusals",)

    def __init__(self, server: _Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._refusals = server.refusals

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - aiohttp's own
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the same
    ) -> web.StreamResponse:
        """Answer what could not be read, or what broke here: that is logged, and still not told."""
        if status == 500:
            _log.error("A request over HTTP broke", exc_info=exc)
        else:
            self._refusals.count("other paths", Refused(status, "not readable as HTTP"))
        return _write(Answer(status))


def _write(answer: Answer) -> web.Response:
    """The response; the connection ends with it, so that none is cut while a proxy sends the next request."""
    response = web.Response(
        status=answer.status,
        body=answer.body.encode(),
        content_type=answer.media_type,
        headers={"Server": "oec-bot"},
    )
    response.force_close()
    return response


def _describe(error: OSError, address: Address) -> str:
    where = f"OEC_LISTEN={address}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"{where}: this port is taken, perhaps by another oec-bot. Stop that one or choose another port."
        case errno.EADDRNOTAVAIL:
            return f"{where}: this machine has no such address. 0.0.0.0 stands for all it has."
        case errno.EACCES:
            return f"{where}: this port is reserved. Choose one of 1024 or more."
        case _:
            return f"{where}: the system refuses to listen there: {error.strerror or error}."
