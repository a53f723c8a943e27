"""A simulator on a free port, and what the tests need of it."""

import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.hosting.client import HostingClient
from bot.sim.hosting.seeds import seeded_hosting
from bot.sim.hosting.server import HostingServer
from tests.hosting.world import StandingClock, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = StandingClock()
    server = HostingServer(seeded_hosting(clock), now=clock)
    await server.start()
    no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    door = httpx.AsyncClient(base_url=f"{server.url}/control", verify=no_certificates, trust_env=False)
    world = World(server, clock, door)
    yield world
    for client in world.clients:
        await client.aclose()
    await door.aclose()
    await server.stop()


@pytest.fixture
def client(world: World) -> HostingClient:
    return world.client()
