"""A running stand-in, a person at its side door, and an app on its socket."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import BOT_TOKEN, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import Door
from tests.sim.workspace.wire_app import WireApp
from tests.support.calls import find_undocumented

# For tests of what happens when no answer comes: long enough to be heard on a busy machine, short enough to wait.
impatient = pytest.mark.parametrize("patience", [timedelta(seconds=0.4)], ids=["impatient"])


class Clock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Slack clients take proxies from the environment even for loopback."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    """The stand-in's time."""
    return Clock()


@pytest.fixture
def patience() -> timedelta:
    """How long the stand-in waits for an acknowledgement: as long as Slack, unless a test is `impatient`."""
    return timedelta(seconds=3)


@pytest.fixture
async def server(clock: Clock, patience: timedelta) -> AsyncIterator[WorkspaceServer]:
    """A stand-in that delivers events again at once and has no rate limits."""
    running = WorkspaceServer(
        seeded_workspace(),
        now=clock.now,
        enforce_tiers=False,
        ack_within=patience,
        retry_events_after=(timedelta(), timedelta(), timedelta()),
    )
    await running.start()
    yield running
    await running.stop()
    # `api.test` answers with whatever error it is asked for.
    calls = [call for call in running.workspace.calls if call.method != "api.test"]
    assert find_undocumented(calls) == []


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """One HTTP session for a whole test."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def door(server: WorkspaceServer, http: aiohttp.ClientSession) -> Door:
    """A person at the side door."""
    return Door(server.url, http)


@pytest.fixture
def slack(server: WorkspaceServer, http: aiohttp.ClientSession) -> AsyncWebClient:
    """Slack's own client, pointed at the stand-in."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url, session=http)


@pytest.fixture
async def new_app(
    server: WorkspaceServer, http: aiohttp.ClientSession
) -> AsyncIterator[Callable[[], WireApp]]:
    """Makes apps that are not connected yet; whatever they opened is closed in the end."""
    made: list[WireApp] = []

    def make() -> WireApp:
        made.append(WireApp(server.url, http))
        return made[-1]

    yield make
    for wire_app in made:
        await wire_app.close()


@pytest.fixture
async def app(new_app: Callable[[], WireApp]) -> WireApp:
    """A connected app that acknowledges by hand."""
    wire_app = new_app()
    await wire_app.connect()
    return wire_app
