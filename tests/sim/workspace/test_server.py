"""Starting, stopping, and the page's files."""

import asyncio

import aiohttp
import pytest

from bot.sim.workspace.seeds import seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, Door
from tests.sim.workspace.wire_app import WireApp
from tests.support.ports import start_again


async def test_two_servers_find_ports_of_their_own() -> None:
    one, two = WorkspaceServer(seeded_workspace()), WorkspaceServer(seeded_workspace())
    await one.start()
    await two.start()
    assert one.url != two.url
    assert one.api_url == f"{one.url}/api/"
    await one.stop()
    await two.stop()


async def test_taken_port_is_reported(server: WorkspaceServer) -> None:
    other = WorkspaceServer(seeded_workspace())
    with pytest.raises(OSError, match="in use"):
        await other.start(int(server.url.rpartition(":")[2]))
    await other.stop()


async def test_stopping_closes_sockets_and_frees_the_port(server: WorkspaceServer, app: WireApp) -> None:
    await server.stop()
    async with asyncio.timeout(30):
        frame = await app.socket.receive()
    assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)
    again = WorkspaceServer(seeded_workspace())
    await start_again(again.start, int(server.url.rpartition(":")[2]))
    await again.stop()


async def test_stopping_twice_harms_nothing(server: WorkspaceServer) -> None:
    await server.stop()
    await server.stop()


async def test_stopping_does_not_wait_for_hanging_calls(server: WorkspaceServer, door: Door) -> None:
    await door.fault("hang", method="auth.test", seconds=3600)
    hanging = asyncio.create_task(door.http.post(f"{door.url}/api/auth.test").__aenter__())
    await door.connections()
    async with asyncio.timeout(30):
        await server.stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_welcome_is_passed_on(http: aiohttp.ClientSession) -> None:
    welcome = {"title": "Three things to try", "suggestions": [{"text": "x", "user_id": ANA}]}
    server = WorkspaceServer(seeded_workspace(), welcome=welcome)
    await server.start()
    assert (await Door(server.url, http).get("workspace"))["welcome"] == welcome
    await server.stop()


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/", "text/html; charset=utf-8"), ("/page/main.js", "text/javascript; charset=utf-8")],
)
async def test_page_is_served_strictly(door: Door, path: str, media_type: str) -> None:
    async with door.http.get(f"{door.url}{path}") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == media_type
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["none.js", "%2e%2e/server.py", "..%2fserver.py", "/etc/passwd", "%2fetc%2fpasswd"]
)
async def test_nothing_outside_the_page_is_served(door: Door, path: str) -> None:
    async with door.http.get(f"{door.url}/page/{path}") as response:
        assert response.status == 404


def test_workspace_that_is_not_started_has_nobody_to_act_for() -> None:
    with pytest.raises(RuntimeError):
        _ = WorkspaceServer(seeded_workspace()).world
