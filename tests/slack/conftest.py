"""A running stand-in for Slack, and the parts of the adapter pointed at it."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import BOT_TOKEN, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.calls import open_client
from bot.slack.limits import Pace, Paces
from bot.slack.posting import Own
from bot.slack.publisher import Publisher
from bot.slack.showing import Patience
from tests.slack.side_door import SideDoor
from tests.support.calls import find_misuse

QUICK = Patience(
    edit_gap=timedelta(0),
    call_deadline=timedelta(seconds=5),
    first_retry=timedelta(milliseconds=5),
    longest_retry=timedelta(milliseconds=40),
)
UNHINDERED = Paces(*(Pace(burst=1_000, gap=0.001),) * 5)

MakePublisher = Callable[..., Publisher]


@pytest.fixture
async def server() -> AsyncIterator[WorkspaceServer]:
    """A stand-in without rate limits, which redelivers events at once."""
    running = WorkspaceServer(
        seeded_workspace(), enforce_tiers=False, retry_events_after=(timedelta(), timedelta())
    )
    await running.start()
    yield running
    await running.stop()
    assert find_misuse(running.workspace) == []


@pytest.fixture
async def door(server: WorkspaceServer) -> AsyncIterator[SideDoor]:
    """People at the stand-in."""
    async with aiohttp.ClientSession() as http:
        yield SideDoor(server, http)


@pytest.fixture
async def client(server: WorkspaceServer) -> AsyncIterator[AsyncWebClient]:
    """The Web API client as the bot makes it."""
    async with open_client(BOT_TOKEN, api_url=server.api_url) as opened:
        yield opened


@pytest.fixture
async def make_publisher(client: AsyncWebClient) -> AsyncIterator[MakePublisher]:
    """Makes publishers that are closed at the end."""
    made: list[Publisher] = []

    def make(*, patience: Patience = QUICK, paces: Paces = UNHINDERED, **options: object) -> Publisher:
        publisher = Publisher(client, own=Own("bot-1", "U0OECBOT"), patience=patience, paces=paces, **options)  # type: ignore[arg-type]
        made.append(publisher)
        return publisher

    yield make
    for publisher in made:
        await publisher.close(patience=0.1)


@pytest.fixture
def publisher(make_publisher: MakePublisher) -> Publisher:
    """A publisher in a hurry, without limits of its own."""
    return make_publisher()
