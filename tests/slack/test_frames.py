"""Frames of the socket: what is sound goes on as it is, what would break Slack's own libraries goes no further."""

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import TeamId, UserId
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.bolt import make_app
from bot.slack.connection import Connection
from bot.slack.frames import LONGEST_FRAME, Counter, Frame, Nonsense, is_sound, read_frame
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from tests.fuzz.inbound import PAYLOADS, envelope
from tests.fuzz.mutation import ODDITIES, REMOVED, paths, spoil
from tests.slack.desk import FakeDesk
from tests.slack.payloads import mention, press, slash_command, submission
from tests.slack.side_door import SideDoor, until
from tests.slack.test_connection import connection, desk, make_connection, told  # noqa: F401 - fixtures

IDENTITY = Identity(TeamId("T0ACME"), "Acme Odoo", UserId("U0OECBOT"), "B0OECBOT", None)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: str(payload.get("type", "command")))
def test_payload_of_slacks_goes_on_as_it_is(payload: dict[str, Any]) -> None:
    sent = envelope(payload)
    assert read_frame(json.dumps(sent)) == Frame(sent)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}},
        {"type": "disconnect", "reason": "warning"},
        {"type": "something new", "about": [None]},
        envelope({"type": "a kind of next year", "user": None, "more": [1, {"x": None}]}),
        envelope({"type": "event_callback", "event": {"type": "a kind of next year", "user": {"id": "U1"}}}),
    ],
)
def test_kind_nobody_here_knows_is_let_through(message: dict[str, Any]) -> None:
    assert read_frame(json.dumps(message)) == Frame(message)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("Hello, world", "no JSON"),
        ('{"type": "', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"type":' * 100_000, "no JSON"),
        ("[]", "no frame of Slack's"),
        ('{"type": 5}', "no frame of Slack's"),
        ('{"type": "hello"}' + " " * LONGEST_FRAME, "too long"),
        ('{"type": "events_api", "payload": {}}', "an envelope without an id"),
        ('{"type": "events_api", "envelope_id": "a\\nb", "payload": {}}', "an envelope without an id"),
        ('{"type": "events_api", "envelope_id": ["x"]}', "an envelope without an id"),
    ],
    ids=lambda text: text[:30],
)
def test_frame_of_no_sense_is_called_so(raw: str, reason: str) -> None:
    assert read_frame(raw) == Nonsense(reason)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {"type": ["x"]},
        mention() | {"event": None},
        press() | {"actions": []},
        submission() | {"response_urls": None},
        submission() | {"view": {}},
        slash_command() | {"command": 5},
        mention() | {"authorizations": [None]},
    ],
    ids=repr,
)
def test_payload_out_of_shape_is_nonsense_that_can_be_acknowledged(payload: object) -> None:
    assert read_frame(json.dumps(envelope(payload))) == Nonsense("a payload of no known shape", "e-1")


def test_retry_reason_that_is_no_text_is_nonsense() -> None:
    sent = envelope(mention()) | {"retry_attempt": 1, "retry_reason": ["timeout"]}
    assert isinstance(read_frame(json.dumps(sent)), Nonsense)


@pytest.fixture
def app() -> AsyncApp:
    """The app as the bot makes it, with a desk that takes everything."""
    listeners = Listeners(FakeDesk(), now=lambda: datetime.now(UTC))
    return make_app(AsyncWebClient(), IDENTITY, listeners)


@pytest.mark.parametrize("shared", [False, True], ids=["own channel", "shared channel"])
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: str(payload.get("type", "command")))
async def test_whatever_is_sound_bolt_can_read(
    app: AsyncApp, payload: dict[str, Any], shared: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Every node of a payload replaced by every oddity: what gets past us makes Bolt neither raise nor complain."""
    whole = payload | ({"is_ext_shared_channel": True} if shared else {})
    spoilt = [spoil(whole, path, oddity) for path in paths(whole) if path for oddity in ODDITIES]
    sound = [one for one in spoilt if is_sound(one)]
    assert len(sound) > len(spoilt) / 2
    for body in sound:
        answer = await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        assert answer.status in {200, 404}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_payload_that_lost_a_field_no_framework_reads_is_still_sound() -> None:
    for name in ("token", "api_app_id", "response_url", "trigger_id", "message", "container", "state"):
        assert is_sound(spoil(press(), (name,), REMOVED))


def test_refused_frames_are_told_of_ever_more_seldom(caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter()
    for _ in range(1_500):
        counter.note(Nonsense("no JSON"))
    assert [record.getMessage().split("; ")[1] for record in caplog.records] == [
        f"{count} such frames so far" for count in (1, 10, 100, 1_000)
    ]


async def _send(server: WorkspaceServer, raw: str) -> None:
    assert server._sockets is not None
    for held in tuple(server._sockets._connections):
        with suppress(ConnectionError):  # a frame that is far too long is not even read to its end
            await held.socket.send_str(raw)


async def test_nonsense_on_the_socket_is_acknowledged_and_what_follows_is_heard(
    server: WorkspaceServer,
    door: SideDoor,
    connection: Connection,  # noqa: F811
    desk: FakeDesk,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    for raw in ("", "[" * 100_000, "x" * (LONGEST_FRAME + 1), json.dumps(envelope(None)), '{"type": 1}'):
        await _send(server, raw)
    for path in paths(press()):
        for oddity in ODDITIES[1:4]:
            await _send(server, json.dumps(envelope(spoil(press(), path, oddity))))
    assert (await door.slash("help"))["acked"]
    await until(lambda: any(getattr(given, "text", None) == "help" for given in desk.finished))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) <= 3


async def test_frame_of_ten_megabytes_costs_the_connection_and_no_more(
    server: WorkspaceServer,
    door: SideDoor,
    make_connection: Any,  # noqa: F811
    desk: FakeDesk,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    opened = make_connection()
    await opened.open()
    before = server._sockets.opened if server._sockets else 0
    await _send(server, "x" * 10_000_000)
    await until(lambda: server._sockets is not None and server._sockets.opened > before)
    await until(lambda: server._sockets is not None and server._sockets.connections == 2)
    assert (await door.slash("help"))["acked"]
    await until(lambda: desk.finished)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
