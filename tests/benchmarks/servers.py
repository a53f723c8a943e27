"""What the benchmark of the stand-ins measures: they themselves without limits, and the least that aiohttp can do instead.

`python -m tests.benchmarks.servers [--bare]` prints its addresses as JSON and serves until told to end. Beside the server's
own doors there is `POST /within?count=N&at_once=M`, which sends so many envelopes with nobody typing over HTTP.
"""

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiohttp import WSMsgType, web

from bot.sim.hosting.seeds import FULL_KEY, STAGING, seeded_hosting
from bot.sim.hosting.server import HostingServer
from bot.sim.sandbox import system_now
from bot.sim.workspace.acts import type_command
from bot.sim.workspace.seeds import seeded_workspace
from bot.sim.workspace.server import WorkspaceServer

UNLIMITED = 1_000_000
_TYPED = {
    "team_id": "T0ACME",
    "channel_id": "C0DEPLOYS",
    "user_id": "U0ANA",
    "command": "/oec",
    "text": "help",
}

Send = Callable[[], Awaitable[object]]


async def send_many(send: Send, count: int, at_once: int) -> float:
    """Send so many envelopes, some at once; how many seconds that took."""
    turns = iter(range(count))

    async def one_after_another() -> None:
        for _ in turns:
            await send()

    started = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return time.perf_counter() - started


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free loopback port; its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def within(send: Send) -> web.Application:
    """The door through which envelopes are sent with nobody typing."""

    async def answer(request: web.Request) -> web.Response:
        count, at_once = int(request.query["count"]), int(request.query["at_once"])
        return web.json_response({"seconds": await send_many(send, count, at_once)})

    app = web.Application()
    app.add_routes([web.post("/within", answer)])
    return app


@asynccontextmanager
async def stand_ins() -> AsyncIterator[dict[str, str]]:
    """Both stand-ins, out of the way of whoever would measure them."""
    workspace = WorkspaceServer(seeded_workspace(), enforce_tiers=False)
    hosting = HostingServer(seeded_hosting(now=system_now), now=system_now)
    await workspace.start()
    await hosting.start()
    world = workspace.world
    ana, deploys = world.workspace.users["U0ANA"], world.workspace.channels["C0DEPLOYS"]
    async with httpx.AsyncClient(base_url=hosting.url, trust_env=False) as control:
        (
            await control.post("/control/limits", json={"reads": UNLIMITED, "writes": UNLIMITED})
        ).raise_for_status()

    async def send() -> object:
        return await type_command(world, ana, deploys, command="/oec", text="help")

    async with listening(within(send)) as inside:
        status = f"{hosting.api_url}/environments/{STAGING}/status"
        yield {"slack_url": workspace.url, "within_url": inside, "read_url": status, "key": FULL_KEY}
    await workspace.stop()
    await hosting.stop()


class Bare:
    """Constant answers over HTTP, and an envelope that is the same each time."""

    def __init__(self) -> None:
        self._socket: web.WebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._numbers = itertools.count()

    def build(self) -> web.Application:
        """The doors that the stand-in has too."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/api/apps.connections.open", self._open),
                web.post("/api/{method}", self._say_yes),
                web.get("/status", self._say_yes),
                web.get("/link/", self._hold),
                web.post("/person/slash", self._type),
            ]
        )
        return app

    async def _open(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link/"})

    async def _say_yes(self, request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"ok": True})

    async def _hold(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket = socket
        await socket.send_str('{"type": "hello"}')
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self._waiting[json.loads(frame.data)["envelope_id"]].set_result(None)
        return socket

    async def _type(self, request: web.Request) -> web.Response:
        await request.json()
        started = time.perf_counter()
        await self.send()
        return web.json_response({"acked": True, "ack_ms": (time.perf_counter() - started) * 1000})

    async def send(self) -> None:
        """Send one envelope and wait for its acknowledgement."""
        assert self._socket is not None
        number = str(next(self._numbers))
        self._waiting[number] = asyncio.get_running_loop().create_future()
        envelope: dict[str, Any] = {"envelope_id": number, "type": "slash_commands", "payload": _TYPED}
        await self._socket.send_str(json.dumps(envelope))
        await self._waiting[number]
        del self._waiting[number]


@asynccontextmanager
async def bare() -> AsyncIterator[dict[str, str]]:
    """The least that aiohttp can do."""
    server = Bare()
    async with listening(server.build()) as url, listening(within(server.send)) as inside:
        yield {"slack_url": url, "within_url": inside, "read_url": f"{url}/status", "key": ""}


async def main(*, is_bare: bool) -> None:
    """Serve until told to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with bare() if is_bare else stand_ins() as addresses:
        print(json.dumps(addresses | {"pid": os.getpid()}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(is_bare="--bare" in sys.argv[1:]))
