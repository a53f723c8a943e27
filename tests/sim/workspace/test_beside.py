"""What the workspace's server tells its page of a world beside it, and of faults still to come."""

import socket

import aiohttp
import pytest

from bot.sim.sandbox import Ports, Sandbox
from bot.sim.workspace.seeds import BOT_TOKEN, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import Door


async def _connect_source(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(f"{url}/page/main.js") as response:
        policy = response.headers["Content-Security-Policy"].split("; ")
    return next(rule for rule in policy if rule.startswith("connect-src"))


async def test_page_alone_may_only_talk_to_its_own_server(door: Door) -> None:
    assert (await door.get("workspace"))["beside_url"] is None
    assert await _connect_source(door.http, door.url) == "connect-src 'self'"


async def test_page_is_told_of_the_world_beside_and_may_talk_to_it(http: aiohttp.ClientSession) -> None:
    server = WorkspaceServer(seeded_workspace(), beside_url="http://127.0.0.1:8421")
    await server.start()
    assert (await Door(server.url, http).get("workspace"))["beside_url"] == "http://127.0.0.1:8421"
    assert await _connect_source(http, server.url) == "connect-src 'self' http://127.0.0.1:8421"
    await server.stop()


async def test_both_worlds_of_a_sandbox_know_of_each_other(http: aiohttp.ClientSession) -> None:
    sandbox = Sandbox()
    await sandbox.start(Ports(0, 0))
    assert (await Door(sandbox.workspace.url, http).get("workspace"))["beside_url"] == sandbox.hosting.url
    page = {"Origin": sandbox.workspace.url}
    async with http.get(f"{sandbox.hosting.url}/control/state", headers=page) as response:
        assert response.headers["Access-Control-Allow-Origin"] == sandbox.workspace.url
    await sandbox.stop()


async def test_sandbox_whose_page_finds_no_port_leaves_nothing_running(http: aiohttp.ClientSession) -> None:
    sandbox = Sandbox()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        await sandbox.start(Ports(taken.getsockname()[1], 0))
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(f"{sandbox.hosting.url}/control/state")


async def test_faults_still_to_come_are_told_until_they_have_struck(door: Door) -> None:
    await door.post("faults", kind="error", method="auth.test", error="fatal_error", times=2)
    await door.post("faults", kind="refuse_ticket", times=3)
    bot = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with door.http.post(f"{door.url}/api/auth.test", headers=bot) as response:
        assert (await response.json())["error"] == "fatal_error"
    told = (await door.get("faults"))["faults"]
    assert [(fault["kind"], fault["times"]) for fault in told] == [("error", 1), ("refuse_ticket", 3)]
    assert told[0]["method"] == "auth.test"
    await door.post("faults", kind="clear")
    assert (await door.get("faults"))["faults"] == []
