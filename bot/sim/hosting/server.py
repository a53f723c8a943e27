"""The simulator as a server on loopback: the public API under `/api/public/v1`, the side door under `/control`."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from bot.sim.hosting import openapi
from bot.sim.hosting.control import build_control
from bot.sim.hosting.dialect import Dialect
from bot.sim.hosting.entities import ByTime
from bot.sim.hosting.front import FRONT, Front, utc_now
from bot.sim.hosting.gate import build_handler, record_call
from bot.sim.hosting.page_access import PageAccess
from bot.sim.hosting.routes.table import ROUTES
from bot.sim.hosting.shapes import BASE
from bot.sim.hosting.store import Hosting


class HostingServer:
    """A pretend oec.sh that listens on 127.0.0.1.

    `now` may be moved at will: tasks stand where the clock says whenever somebody asks. Only deliveries to registered
    webhooks run on their own.
    """

    def __init__(
        self,
        hosting: Hosting,
        *,
        now: Callable[[], datetime] = utc_now,
        speed: float = 1.0,
        microseconds: bool = True,
        page_origin: str | None = None,
    ) -> None:
        hosting.pace = ByTime(speed)
        self.hosting = hosting
        self.front = Front(hosting, now, Dialect(has_microseconds=microseconds))
        self.page_access = PageAccess(page_origin)
        self._runner: web.AppRunner | None = None
        self._courier: asyncio.Task[None] | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; empty before `start`."""
        return self._url

    @property
    def api_url(self) -> str:
        """The public API's base."""
        return f"{self._url}{BASE}"

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 chooses a free one. After `stop` it may start again, with all it remembers."""
        self.front.stopping.clear()
        app = _build_app(self.front, self.page_access)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._courier = asyncio.create_task(self.front.courier.run())
        self._url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Let waiting calls go and close; may be called twice."""
        self.front.stopping.set()
        self.front.queue_is_open.set()
        if self._courier is not None:
            self._courier.cancel()
            await asyncio.wait([self._courier])
            self._courier = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def _build_app(front: Front, page_access: PageAccess) -> web.Application:
    app = web.Application()
    app.add_subapp(BASE, build_api(front))
    control = build_control(front)
    control.middlewares.insert(0, page_access.guard)
    app.add_subapp("/control", control)
    return app


def build_api(front: Front) -> web.Application:
    """The public API as an application of its own."""
    api = web.Application(middlewares=[record_call])
    api[FRONT] = front
    for route in ROUTES:
        api.router.add_route(route.method, route.path, build_handler(route))
    api.router.add_get("/openapi.json", openapi.get_document, allow_head=False)
    api.router.add_get("/docs", openapi.get_page, allow_head=False)
    return api
