"""A Slack that gives tickets and opens sockets, and then says nothing at all."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(slots=True)
class MuteSlack:
    """It runs until `stop`; `tickets` counts what it was asked for."""

    runner: web.AppRunner
    api_url: str = ""
    tickets: int = 0

    async def stop(self) -> None:
        """End it."""
        await self.runner.cleanup()


async def start_mute_slack() -> MuteSlack:
    """Start one on a port of its own."""
    app = web.Application()
    mute = MuteSlack(web.AppRunner(app, shutdown_timeout=0.1))

    async def give_ticket(request: web.Request) -> web.Response:
        mute.tickets += 1
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link/?ticket={mute.tickets}"})

    async def say_nothing(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            pass
        return socket

    app.router.add_post("/api/apps.connections.open", give_ticket)
    app.router.add_get("/link/", say_nothing)
    await mute.runner.setup()
    site = web.TCPSite(mute.runner, "127.0.0.1", 0)
    await site.start()
    mute.api_url = f"http://127.0.0.1:{mute.runner.addresses[0][1]}/api/"
    return mute
