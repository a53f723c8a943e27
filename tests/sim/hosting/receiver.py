"""A web server on loopback that takes deliveries, and keeps what it is sent."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.sim.hosting.caller import Json


class Receiver:
    """Answers with the next of `answers`, or 204."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.received.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, text=None if status == 204 else f"answered {status}")

    def bodies(self) -> list[Json]:
        return [json.loads(body) for _, body in self.received]

    def names(self) -> list[str]:
        return [body["event"] for body in self.bodies()]


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    app = web.Application()
    app.add_routes([web.post("/hook", receiver.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
