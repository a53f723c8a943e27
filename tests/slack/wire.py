"""A Slack that keeps to the letter of Socket Mode and does nothing by itself: a test says what comes over the wire."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

HELLO = {
    "type": "hello",
    "num_connections": 1,
    "connection_info": {"app_id": "A1"},
    "debug_info": {"host": "applink-1", "build_number": 54, "approximate_connection_time": 18060},
}


@dataclass(slots=True)
class WireSlack:
    """It runs until `stop`. `tickets` counts what it was asked for, `heard` is every frame that came.

    `met_open` tells of each socket whether an earlier one was still open when it came.
    """

    runner: web.AppRunner
    says_hello: bool
    api_url: str = ""
    tickets: int = 0
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    met_open: list[bool] = field(default_factory=list)
    heard: list[WSMessage] = field(default_factory=list)

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a frame on the newest socket."""
        await self.sockets[-1].send_str(json.dumps(frame))

    @property
    def texts(self) -> list[Any]:
        """The text frames that came, read."""
        return [json.loads(frame.data) for frame in self.heard if frame.type is WSMsgType.TEXT]

    async def stop(self) -> None:
        """End it."""
        await self.runner.cleanup()


async def start_wire_slack(*, says_hello: bool = True) -> WireSlack:
    """Start one on a port of its own."""
    app = web.Application()
    wire = WireSlack(web.AppRunner(app, shutdown_timeout=0.1), says_hello)

    async def give_ticket(request: web.Request) -> web.Response:
        wire.tickets += 1
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link/?ticket={wire.tickets}"})

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        wire.met_open.append(any(not one.closed for one in wire.sockets))
        wire.sockets.append(socket)
        if wire.says_hello:
            await socket.send_str(json.dumps(HELLO))
        async for frame in socket:
            wire.heard.append(frame)
            if frame.type is WSMsgType.PING:
                await socket.pong(frame.data)
        return socket

    app.router.add_post("/api/apps.connections.open", give_ticket)
    app.router.add_get("/link/", serve)
    await wire.runner.setup()
    site = web.TCPSite(wire.runner, "127.0.0.1", 0)
    await site.start()
    wire.api_url = f"http://127.0.0.1:{wire.runner.addresses[0][1]}/api/"
    return wire
