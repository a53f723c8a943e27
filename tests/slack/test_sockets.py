"""The frames of Socket Mode, held to what Slack documents: by a server that is not the stand-in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import WSMsgType

from bot.core.names import TeamId, UserId
from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from bot.slack.calls import open_client
from bot.slack.connection import Connection, Watchfulness
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from tests.slack import payloads
from tests.slack.desk import FakeDesk
from tests.slack.payloads import JsonObject
from tests.slack.side_door import until
from tests.slack.wire import WireSlack, start_wire_slack

IDENTITY = Identity(TeamId("T0ACME"), "Acme Odoo", UserId("U0OECBOT"), "B0OECBOT", None)
ONE = Watchfulness(sockets=1, ping=timedelta(seconds=5), steady=timedelta(0))


@pytest.fixture
async def wire() -> AsyncIterator[WireSlack]:
    running = await start_wire_slack()
    yield running
    await running.stop()


@pytest.fixture
async def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def connection(wire: WireSlack, desk: FakeDesk) -> AsyncIterator[Connection]:
    """One socket to it, which heard its hello."""
    told: list[str] = []
    async with open_client(BOT_TOKEN, api_url=wire.api_url) as client:
        listeners = Listeners(desk, now=lambda: datetime.now(UTC))
        made = Connection(client, IDENTITY, listeners, app_token=APP_TOKEN, say=told.append, watchfulness=ONE)
        await made.open()
        yield made
        await made.close(patience=1)
    assert told == []


def envelope(kind: str, payload: JsonObject, number: str = "e-1") -> JsonObject:
    return {
        "envelope_id": number,
        "type": kind,
        "accepts_response_payload": kind != "events_api",
        "payload": payload,
    }


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("slash_commands", payloads.slash_command()),
        ("interactive", payloads.press()),
        ("interactive", payloads.submission()),
        ("interactive", payloads.message_shortcut()),
        ("events_api", payloads.mention()),
        ("events_api", payloads.home_opened()),
    ],
)
async def test_envelope_is_acknowledged_by_its_id_alone(
    connection: Connection, wire: WireSlack, kind: str, payload: JsonObject
) -> None:
    await wire.send(envelope(kind, payload))
    await until(lambda: wire.texts)
    assert wire.texts == [{"envelope_id": "e-1"}]


async def test_event_that_comes_again_is_read_with_its_retry_fields(
    connection: Connection, wire: WireSlack, desk: FakeDesk
) -> None:
    await wire.send(
        envelope("events_api", payloads.mention()) | {"retry_attempt": 1, "retry_reason": "timeout"}
    )
    await until(lambda: desk.finished)
    assert wire.texts == [{"envelope_id": "e-1"}]


async def test_errors_of_a_modal_ride_in_the_payload(
    connection: Connection, wire: WireSlack, desk: FakeDesk
) -> None:
    desk.errors = {"reason": "Say why."}
    await wire.send(envelope("interactive", payloads.submission()))
    await until(lambda: wire.texts)
    answer = {"response_action": "errors", "errors": {"reason-block": "Say why."}}
    assert wire.texts == [{"envelope_id": "e-1", "payload": answer}]


async def test_choices_of_a_menu_ride_in_the_payload(connection: Connection, wire: WireSlack) -> None:
    asking = {"type": "block_suggestion", "action_id": "menu", "value": "x", "user": {"id": "U0ANA"}}
    await wire.send(envelope("interactive", asking))
    await until(lambda: wire.texts)
    assert wire.texts == [{"envelope_id": "e-1", "payload": {"options": []}}]


async def test_ping_is_echoed_exactly(connection: Connection, wire: WireSlack) -> None:
    await wire.sockets[-1].ping(b"Ping from applink-1")
    await until(lambda: any(frame.type is WSMsgType.PONG for frame in wire.heard))
    [pong] = [frame for frame in wire.heard if frame.type is WSMsgType.PONG]
    assert bytes(pong.data) == b"Ping from applink-1"


async def test_noise_and_binary_frames_are_passed_over(
    connection: Connection, wire: WireSlack, desk: FakeDesk
) -> None:
    for noise in ("", "Hello, world", '{"type": "', '{"type": "weather", "payload": {}}', "[]", "null"):
        await wire.sockets[-1].send_str(noise)
    await wire.sockets[-1].send_bytes(b'{"envelope_id": "e-0", "type": "slash_commands"}')
    await wire.send(envelope("slash_commands", payloads.slash_command()))
    await until(lambda: desk.finished)
    assert wire.texts[-1] == {"envelope_id": "e-1"}
    assert len(wire.sockets) == 1


async def test_many_envelopes_at_once_are_each_acknowledged(connection: Connection, wire: WireSlack) -> None:
    numbers = [f"e-{number}" for number in range(40)]
    for number in numbers:
        await wire.send(envelope("slash_commands", payloads.slash_command(trigger_id=number), number))
    await until(lambda: len(wire.texts) == len(numbers))
    assert {text["envelope_id"] for text in wire.texts} == set(numbers)


async def test_farewell_opens_another_socket_before_the_old_one_is_closed(
    connection: Connection, wire: WireSlack, desk: FakeDesk
) -> None:
    old = wire.sockets[-1]
    await wire.send(
        {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "applink-1"}}
    )
    await until(lambda: len(wire.sockets) == 2 and old.closed)
    assert wire.met_open == [False, True]
    await wire.send(envelope("slash_commands", payloads.slash_command()))
    await until(lambda: desk.finished)


async def test_silent_server_is_left_for_another_socket(wire: WireSlack) -> None:
    told: list[str] = []
    async with open_client(BOT_TOKEN, api_url=wire.api_url) as client:
        listeners = Listeners(FakeDesk(), now=lambda: datetime.now(UTC))
        made = Connection(
            client,
            IDENTITY,
            listeners,
            app_token=APP_TOKEN,
            say=told.append,
            watchfulness=replace(ONE, ping=timedelta(seconds=1)),
        )
        await made.open()
        await until(lambda: any(frame.type is WSMsgType.PING for frame in wire.heard))
        [first] = wire.sockets
        first.pong = _never_pong  # type: ignore[method-assign]
        await until(lambda: len(wire.sockets) == 2)
        await made.close()


async def _never_pong(message: bytes = b"") -> None:
    """A server that hears the ping and keeps still."""
