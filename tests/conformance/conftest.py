"""A pretend workspace on the real clock, as programs that nobody here wrote find it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import Door


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Slack clients take proxies from the environment even for loopback."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def server() -> AsyncIterator[WorkspaceServer]:
    """A stand-in with Slack's own deadlines and limits, that delivers events again at once."""
    running = WorkspaceServer(seeded_workspace(), retry_events_after=(timedelta(), timedelta(), timedelta()))
    await running.start()
    yield running
    await running.stop()


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
def settings(server: WorkspaceServer) -> dict[str, str]:
    """What points an app at the stand-in, in the names that Slack's own examples use."""
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": server.api_url,
    }
