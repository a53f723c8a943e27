"""Socket Mode, frame by frame, and with Slack's own client at the other end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import APP_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.conftest import Clock, impatient
from tests.sim.workspace.door import ANA, DEPLOYS, Door, RefusedError
from tests.sim.workspace.wire_app import WireApp


async def mention(door: Door, text: str = "hello") -> dict[str, Any]:
    return await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text=text)


async def test_first_frame_is_a_hello_with_the_number_of_connections(
    new_app: Callable[[], WireApp], door: Door
) -> None:
    one, two = new_app(), new_app()
    hello = await one.connect()
    assert hello["type"] == "hello"
    assert hello["num_connections"] == 1
    assert hello["connection_info"] == {"app_id": "A0OECBOT"}
    assert hello["debug_info"]["approximate_connection_time"] == 18_060
    again = await two.connect("&debug_reconnects=true")
    assert again["num_connections"] == 2
    assert again["debug_info"]["approximate_connection_time"] == 360
    assert await door.connections() == 2
    await one.close()
    await door.until_connected(1)


async def test_ticket_opens_one_connection_and_not_for_long(
    server: WorkspaceServer, http: aiohttp.ClientSession, clock: Clock, new_app: Callable[[], WireApp]
) -> None:
    app = new_app()
    url = await app.open_url()
    assert url.startswith(f"ws://127.0.0.1:{server.url.rpartition(':')[2]}/link/?ticket=")
    async with http.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError) as used:
            await http.ws_connect(url)
    assert used.value.status == 403
    late = await app.open_url()
    clock.forward(seconds=31)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect(late)


async def test_eleventh_connection_is_one_too_many(new_app: Callable[[], WireApp]) -> None:
    apps = [new_app() for _ in range(11)]
    frames = [await app.connect() for app in apps]
    assert [frame["type"] for frame in frames] == ["hello"] * 10 + ["disconnect"]
    assert frames[-1]["reason"] == "too_many_websockets"


async def test_ping_is_echoed_to_the_letter(app: WireApp) -> None:
    await app.socket.ping(b"sdk-ping-pong:1700000000.5")
    async with asyncio.timeout(30):
        frame = await app.socket.receive()
    assert frame.type is aiohttp.WSMsgType.PONG
    assert frame.data == b"sdk-ping-pong:1700000000.5"


async def test_each_envelope_goes_to_one_of_the_connections(
    new_app: Callable[[], WireApp], door: Door, app: WireApp
) -> None:
    other = new_app()
    await other.connect()
    for _ in range(2):
        await mention(door)
    events = {(await one.answer_next())["payload"]["event_id"] for one in (app, other)}
    assert len(events) == 2


async def test_acknowledgement_may_come_on_another_connection(
    new_app: Callable[[], WireApp], door: Door, app: WireApp
) -> None:
    other = new_app()
    await other.connect()
    typing = asyncio.create_task(door.slash("status"))
    await app.ack_from_elsewhere(other)
    done = await typing
    assert done["acked"] is True


async def test_envelope_carries_what_slack_documents(door: Door, app: WireApp) -> None:
    typing = asyncio.create_task(door.slash("deploy prod"))
    frame = await app.answer_next()
    await typing
    assert set(frame) == {"envelope_id", "type", "accepts_response_payload", "payload"}
    assert (frame["type"], frame["accepts_response_payload"]) == ("slash_commands", True)
    await mention(door)
    event = await app.answer_next()
    assert (event["type"], event["accepts_response_payload"]) == ("events_api", False)
    assert (event["retry_attempt"], event["retry_reason"]) == (0, "")


@impatient
async def test_event_comes_again_until_it_is_acknowledged(door: Door, app: WireApp) -> None:
    said = await mention(door)
    first, second = await app.frame(), await app.frame()
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["payload"]["event_id"] == second["payload"]["event_id"] == said["event_id"]
    assert first["envelope_id"] != second["envelope_id"], "only the event id is sure to stay"
    await app.ack(second["envelope_id"])
    await mention(door, "next")
    following = await app.answer_next()
    assert following["payload"]["event"]["text"].endswith("next"), "an acknowledged event does not come again"


@impatient
async def test_event_is_given_up_after_three_more_tries(door: Door, app: WireApp) -> None:
    await mention(door)
    assert [(await app.frame())["retry_attempt"] for _ in range(4)] == [0, 1, 2, 3]
    await mention(door, "next")
    assert (await app.answer_next())["retry_attempt"] == 0


@impatient
async def test_command_that_is_not_acknowledged_does_not_come_again(door: Door, app: WireApp) -> None:
    done = await door.slash("deploy prod")
    assert (done["acked"], done["ack_ms"], done["response"]) == (False, None, None)
    await app.frame()
    await mention(door)
    assert (await app.answer_next())["type"] == "events_api"


@impatient
async def test_late_acknowledgement_counts_for_nothing(door: Door, app: WireApp) -> None:
    assert (await door.slash("deploy prod"))["acked"] is False
    late = await app.frame()
    await app.ack(late["envelope_id"], {"text": "too late"})
    typing = asyncio.create_task(door.slash("status"))
    await app.answer_next()
    assert (await typing)["acked"] is True
    assert await door.texts() == ['/oec failed with the error "operation_timeout"']


async def test_same_envelope_is_delivered_again_on_demand(door: Door, app: WireApp) -> None:
    typing = asyncio.create_task(door.slash("deploy prod"))
    first = await app.answer_next({"text": "heard"})
    done = await typing
    again = asyncio.create_task(door.post("redeliver", envelope_id=done["envelope_id"]))
    second = await app.answer_next()
    assert second == first
    assert (await again)["acked"] is True
    assert await door.texts() == ["heard"]
    with pytest.raises(RefusedError) as refused:
        await door.post("redeliver", envelope_id="nonsense")
    assert refused.value.status == 404


async def test_redelivered_event_says_so(door: Door, app: WireApp) -> None:
    said = await mention(door)
    first = await app.answer_next()
    again = asyncio.create_task(door.post("redeliver", envelope_id=said["envelope_id"]))
    second = await app.answer_next()
    await again
    assert second["envelope_id"] == first["envelope_id"]
    assert second["payload"] == first["payload"]
    assert second["retry_attempt"] == 1


@pytest.mark.parametrize(
    "frame", ["", "null", "[1]", "{", '{"envelope_id": "unknown"}', '{"envelope_id": 7}', "{}"]
)
async def test_acknowledgement_that_means_nothing_harms_nothing(door: Door, app: WireApp, frame: str) -> None:
    await app.socket.send_str(frame)
    typing = asyncio.create_task(door.slash("status"))
    await app.answer_next()
    assert (await typing)["acked"] is True


async def test_draining_connection_gets_nothing_while_there_is_another(
    new_app: Callable[[], WireApp], door: Door, app: WireApp
) -> None:
    await door.fault("disconnect", reason="warning")
    assert await app.frame() == {
        "type": "disconnect",
        "reason": "warning",
        "debug_info": {"host": "applink-sandbox"},
    }
    fresh = new_app()
    await fresh.connect()
    for _ in range(3):
        await mention(door)
        assert (await fresh.answer_next())["type"] == "events_api"


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled", "too_many_websockets"])
@pytest.mark.parametrize("warning", [False, True], ids=["at once", "after a warning"])
async def test_every_reason_to_disconnect_can_be_had(
    door: Door, app: WireApp, reason: str, warning: bool
) -> None:
    await door.fault("disconnect", reason=reason, warning=warning, seconds=0)
    if warning:
        assert (await app.frame())["reason"] == "warning"
    assert (await app.frame())["reason"] == reason
    await until_closed(app)


async def test_warning_comes_before_a_refresh(door: Door, app: WireApp) -> None:
    await door.fault("disconnect", reason="warning", seconds=0)
    assert [(await app.frame())["reason"] for _ in range(2)] == ["warning", "refresh_requested"]
    await until_closed(app)


@pytest.mark.parametrize("fault", [{"reason": "boredom"}, {"seconds": "ten"}, {"seconds": -1}])
async def test_disconnect_that_nobody_can_follow_is_refused(door: Door, fault: dict[str, object]) -> None:
    with pytest.raises(RefusedError) as refused:
        await door.fault("disconnect", **fault)
    assert refused.value.status == 400


async def until_closed(app: WireApp) -> None:
    """Wait until Slack's side has closed."""
    async with asyncio.timeout(30):
        while (await app.socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
            pass


async def test_noise_is_what_slack_may_send(door: Door, app: WireApp) -> None:
    await door.fault("noise")
    noise = [await app.text() for _ in range(4)]
    assert noise[:2] == ["", "Hello, world"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(noise[2])
    assert json.loads(noise[3])["type"] == "weather"


@impatient
async def test_silent_connection_swallows_everything(door: Door, app: WireApp) -> None:
    await door.fault("silent")
    await app.socket.ping(b"anybody")
    assert (await door.slash("status"))["acked"] is False
    assert await door.connections() == 1
    await door.fault("clear")
    typing = asyncio.create_task(door.slash("status"))
    assert (await app.answer_next())["type"] == "slash_commands"
    assert (await typing)["acked"] is True


async def test_reset_cuts_every_connection(door: Door, app: WireApp) -> None:
    await door.fault("reset")
    async with asyncio.timeout(30):
        frame = await app.socket.receive()
    assert frame.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE)
    await door.until_connected(0)


async def test_refused_tickets_are_refused_as_often_as_asked(
    new_app: Callable[[], WireApp], door: Door
) -> None:
    await door.fault("refuse_ticket", times=2)
    app = new_app()
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await app.connect()
        assert refused.value.status == 403
    assert (await app.connect())["type"] == "hello"


@pytest.fixture
async def client(slack: AsyncWebClient) -> AsyncIterator[SocketModeClient]:
    """Slack's own Socket Mode client, which acknowledges everything with a text."""
    client = SocketModeClient(app_token=APP_TOKEN, web_client=slack, ping_interval=0.2)

    async def answer(own: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await own.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "heard"}))

    client.socket_mode_request_listeners.append(answer)
    await client.connect()  # type: ignore[no-untyped-call]
    yield client
    await client.close()  # type: ignore[no-untyped-call]


async def test_slacks_own_client_is_served(door: Door, client: SocketModeClient) -> None:
    await door.until_connected()
    done = await door.slash("status")
    assert (done["acked"], done["response"]) == (True, {"text": "heard"})
    assert await door.texts() == ["heard"]


@pytest.mark.parametrize("fault", [{"kind": "disconnect", "reason": "refresh_requested"}, {"kind": "reset"}])
async def test_slacks_own_client_comes_back(
    door: Door, client: SocketModeClient, fault: dict[str, str]
) -> None:
    await door.until_connected()
    first = client.current_session
    await door.fault(**fault)
    async with asyncio.timeout(30), door.stream(ANA) as next_news:
        while client.current_session is first or await door.connections() != 1:
            await next_news()
    assert (await door.slash("status"))["acked"] is True


async def test_slacks_own_client_survives_noise(door: Door, client: SocketModeClient) -> None:
    await door.until_connected()
    await door.fault("noise")
    assert (await door.slash("status"))["acked"] is True
