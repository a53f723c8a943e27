"""Slack's own Python clients, over aiohttp and over websockets, cannot tell the stand-in from Slack."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websockets import SocketModeClient as WebsocketsClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, DEPLOYS, Door

MakeClient = Callable[[AsyncWebClient], AsyncBaseSocketModeClient]
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "1"}


def over_aiohttp(web: AsyncWebClient) -> AsyncBaseSocketModeClient:
    return AiohttpClient(app_token=APP_TOKEN, web_client=web, ping_interval=0.2)


def over_websockets(web: AsyncWebClient) -> AsyncBaseSocketModeClient:
    return WebsocketsClient(app_token=APP_TOKEN, web_client=web, ping_interval=0.2)


@pytest.fixture
def slack(server: WorkspaceServer, http: aiohttp.ClientSession) -> AsyncWebClient:
    """Slack's own Web API client."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url, session=http)


class Heard:
    """What a client was sent, in order."""

    def __init__(self) -> None:
        self._sent: asyncio.Queue[SocketModeRequest] = asyncio.Queue()

    async def answer(self, own: AsyncBaseSocketModeClient, arrived: SocketModeRequest) -> None:
        """Acknowledge everything, commands with a text."""
        self._sent.put_nowait(arrived)
        words = {"text": "heard"} if arrived.type == "slash_commands" else None
        await own.send_socket_mode_response(SocketModeResponse(arrived.envelope_id, words))

    async def next(self) -> SocketModeRequest:
        """The next envelope."""
        async with asyncio.timeout(30):
            return await self._sent.get()


@pytest.fixture(params=[over_aiohttp, over_websockets], ids=["aiohttp", "websockets"])
async def heard(request: pytest.FixtureRequest, slack: AsyncWebClient, door: Door) -> AsyncIterator[Heard]:
    """What a connected client hears."""
    client: AsyncBaseSocketModeClient = request.param(slack)
    hearing = Heard()
    client.socket_mode_request_listeners.append(hearing.answer)
    await client.connect()  # type: ignore[no-untyped-call]
    await door.until_connected()
    yield hearing
    await client.close()  # type: ignore[no-untyped-call]


async def test_command_is_acknowledged_with_words(heard: Heard, door: Door) -> None:
    done = await door.slash("status")
    assert (done["acked"], done["response"]) == (True, {"text": "heard"})
    command = await heard.next()
    assert (command.type, command.accepts_response_payload) == ("slash_commands", True)
    assert command.payload["text"] == "status"


async def test_event_is_told_once_where_it_is_acknowledged(heard: Heard, door: Door) -> None:
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    event = await heard.next()
    assert (event.type, event.retry_attempt, event.retry_reason) == ("events_api", 0, "")
    assert event.payload["event_id"] == said["event_id"]
    await door.slash("status")
    assert (await heard.next()).type == "slash_commands"


async def test_redelivered_event_says_why(heard: Heard, door: Door) -> None:
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    await heard.next()
    await door.post("redeliver", envelope_id=said["envelope_id"])
    again = await heard.next()
    assert (again.retry_attempt, again.retry_reason) == (1, "timeout")


async def test_press_is_acknowledged(heard: Heard, door: Door, slack: AsyncWebClient) -> None:
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="Go?", blocks=blocks)
    assert (await door.press(str(posted["ts"]), "Go"))["acked"] is True
    assert (await heard.next()).payload["actions"][0]["value"] == "1"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "disconnect", "reason": "refresh_requested"},
        {"kind": "disconnect", "reason": "warning", "seconds": 1},
        {"kind": "disconnect", "reason": "too_many_websockets", "seconds": 0},
        {"kind": "reset"},
    ],
    ids=["refresh", "warning", "too many", "reset"],
)
async def test_client_comes_back(heard: Heard, door: Door, fault: dict[str, object]) -> None:
    await door.until_back(door.post("faults", **fault))
    # Where the close follows the frame at once, the aiohttp client connects twice: what goes to the first is lost.
    first = await door.slash("again")
    assert first["acked"] or (await door.slash("again"))["acked"]


async def test_client_survives_noise(heard: Heard, door: Door) -> None:
    await door.fault("noise")
    assert (await door.slash("status"))["acked"] is True
