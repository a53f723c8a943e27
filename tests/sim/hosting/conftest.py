"""A simulator on a free port, with a clock that only moves when told, and callers with each kind of key."""

from collections.abc import AsyncIterator

import pytest

from bot.sim.hosting.seeds import FULL_KEY, READ_KEY, WEBSHOP_KEY, seeded_hosting
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import Caller, MovedClock
from tests.sim.hosting.receiver import Receiver, listening


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def server(clock: MovedClock) -> AsyncIterator[HostingServer]:
    server = HostingServer(seeded_hosting(clock), now=clock)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def full(server: HostingServer) -> AsyncIterator[Caller]:
    async with Caller(server, FULL_KEY) as caller:
        yield caller


@pytest.fixture
async def read(server: HostingServer) -> AsyncIterator[Caller]:
    async with Caller(server, READ_KEY) as caller:
        yield caller


@pytest.fixture
async def webshop(server: HostingServer) -> AsyncIterator[Caller]:
    async with Caller(server, WEBSHOP_KEY) as caller:
        yield caller


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver
