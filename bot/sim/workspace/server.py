"""The stand-in as a running server: Web API, sockets, side door and page on one loopback port."""

import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.sim.workspace.arranging import ArrangingDoor
from bot.sim.workspace.deliveries import Deliveries
from bot.sim.workspace.entities import JsonObject
from bot.sim.workspace.faults import FaultPlan
from bot.sim.workspace.manifests import read_manifest
from bot.sim.workspace.person import PersonDoor
from bot.sim.workspace.request_urls import RequestUrls
from bot.sim.workspace.sockets import Sockets
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.stream import Streams
from bot.sim.workspace.uploads import LARGEST_BODY, Uploads
from bot.sim.workspace.web_api import WebApi
from bot.sim.workspace.world import World

_LOOPBACK = "127.0.0.1"
_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_PAGE = Path(__file__).resolve().parent / "page"
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{beside}; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# As over HTTP: at once, after a minute, after five.
_RETRY_EVENTS_AFTER = (timedelta(), timedelta(minutes=1), timedelta(minutes=5))

_Responding = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WorkspaceServer:
    """Serves one workspace to its app, to the people in it, and to the page. Start it once, stop it once."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        now: Callable[[], datetime] = _utc_now,
        welcome: JsonObject | None = None,
        enforce_tiers: bool = True,
        ack_within: timedelta = timedelta(seconds=3),
        retry_events_after: tuple[timedelta, ...] = _RETRY_EVENTS_AFTER,
        beside_url: str | None = None,
    ) -> None:
        self.workspace = workspace
        self._now = now
        self._welcome = welcome
        self._enforce_tiers = enforce_tiers
        self._ack_within = ack_within
        self._retry_events_after = retry_events_after
        self.beside_url = beside_url
        """Where another pretend world listens that the page may show as well; read at `start`."""
        self._port = 0
        self.application: web.Application | None = None
        self._runner: web.AppRunner | None = None
        self._site: web.SockSite | None = None
        self._sockets: Sockets | None = None
        self._deliveries: Deliveries | None = None
        self._world: World | None = None
        self._streams: Streams | None = None

    @property
    def url(self) -> str:
        """Where the page and the side door are."""
        return f"http://{_LOOPBACK}:{self._port}"

    @property
    def api_url(self) -> str:
        """What an app takes for Slack's own address."""
        return f"{self.url}/api/"

    @property
    def world(self) -> World:
        """What people act upon, for programs that do so without the side door. Raises RuntimeError before the start."""
        if self._world is None:
            raise RuntimeError("The workspace is not started.")
        return self._world

    def install(self, manifest: object) -> None:
        """Put the app of this manifest in the place of the one that is there. Raises ManifestMisread."""
        self.workspace.put_app(read_manifest(self.workspace.app, manifest))

    async def start(self, port: int = 0) -> None:
        """Serve on a loopback port; 0 chooses a free one. Raises OSError where the port is taken."""
        listening = socket.create_server((_LOOPBACK, port))
        self._port = listening.getsockname()[1]
        self.application = self._build()
        self._runner = web.AppRunner(
            self.application, access_log=None, handle_signals=False, shutdown_timeout=0.2
        )
        await self._runner.setup()
        self._site = web.SockSite(self._runner, listening)
        await self._site.start()

    def _build(self) -> web.Application:
        faults = FaultPlan()
        self._streams = Streams()
        self._sockets = Sockets(self.workspace, faults, ack_within=self._ack_within, now=self._now)
        urls = RequestUrls(self.workspace, ack_within=self._ack_within, now=self._now)
        self._deliveries = Deliveries(
            self.workspace, self._sockets, urls, retry_events_after=self._retry_events_after
        )
        self._world = world = World(
            self.workspace, self._sockets, self._deliveries, urls, faults, self._now, self.url
        )
        told = {"welcome": self._welcome, "beside_url": self.beside_url}
        app = web.Application(middlewares=[_refuse_strangers], client_max_size=LARGEST_BODY)
        app.add_routes(WebApi(world, enforce_tiers=self._enforce_tiers).routes())
        app.add_routes(PersonDoor(world, self._streams, told).routes())
        app.add_routes(Uploads(world).routes())
        app.add_routes(ArrangingDoor(world).routes())
        serve_page = _page_server(self.beside_url)
        app.add_routes([web.get("/link/", self._sockets.serve)])
        app.add_routes([web.get("/", serve_page), web.get("/page/{name:.+}", serve_page)])
        app.add_routes([web.get("/archives/{channel}/p{digits:\\d{7,}}", _open_permalink)])
        return app

    async def stop(self) -> None:
        """Close sockets and streams, then the server; quick, and harmless where nothing runs."""
        if not (self._runner and self._site and self._sockets and self._deliveries and self._streams):
            return
        # An app that loses its socket comes back at once; nobody may be there any more when it does.
        await self._site.stop()
        self._streams.stop()
        await self._deliveries.stop()
        await self._sockets.stop()
        await self._runner.cleanup()
        self._runner = None


@web.middleware
async def _refuse_strangers(request: web.Request, handler: _Responding) -> web.StreamResponse:
    """Keep web pages from elsewhere away from the side door, which asks for no password."""
    if request.path.startswith("/person/") and not _is_own(request):
        return web.json_response({"error": "Only this stand-in's own page may ask that."}, status=403)
    return await handler(request)


def _is_own(request: web.Request) -> bool:
    if request.host.rpartition(":")[0] not in _OWN_NAMES and request.host not in _OWN_NAMES:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"http://{request.host}"


async def _open_permalink(request: web.Request) -> web.StreamResponse:
    """Lead a message's link to its thread on the page."""
    digits = request.match_info["digits"]
    ts = request.query.get("thread_ts") or f"{digits[:-6]}.{digits[-6:]}"
    raise web.HTTPFound(f"/#//{quote(request.match_info['channel'])}/{quote(ts)}")


def _page_server(beside_url: str | None) -> _Responding:
    """Serves the page's files; its scripts may talk to this server and to the one beside it, nobody else."""
    beside = f" {beside_url}" if beside_url else ""
    headers = {name: value.replace("{beside}", beside) for name, value in _PAGE_HEADERS.items()}

    async def serve_page(request: web.Request) -> web.StreamResponse:
        path = (_PAGE / request.match_info.get("name", "index.html")).resolve()
        media_type = _MEDIA_TYPES.get(path.suffix)
        if media_type is None or not path.is_relative_to(_PAGE) or not path.is_file():
            return web.Response(status=404, text="There is no such page.", headers=headers)
        return web.FileResponse(path, headers=headers | {"Content-Type": media_type})

    return serve_page
