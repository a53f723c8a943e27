"""A simulator on a free port, with a clock that only moves when told, and callers with each kind of key."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.sim.hosting.seeds import FULL_KEY, READ_KEY, WEBSHOP_KEY, seeded_hosting
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import Caller, MovedClock


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
async def callers(server: HostingServer) -> AsyncIterator[dict[str, Caller]]:
    keys = {"full": FULL_KEY, "read": READ_KEY, "webshop": WEBSHOP_KEY}
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(Caller(server, key)) for name, key in keys.items()}


@pytest.fixture
def full(callers: dict[str, Caller]) -> Caller:
    return callers["full"]


@pytest.fixture
def read(callers: dict[str, Caller]) -> Caller:
    return callers["read"]


@pytest.fixture
def webshop(callers: dict[str, Caller]) -> Caller:
    return callers["webshop"]
