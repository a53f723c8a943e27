"""The socket to the stand-in: opened, heard, lost in every way, mended, closed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import ChannelId, TeamId, UserId
from bot.core.request import ButtonPress, ModalSubmission, Place, Request
from bot.core.spacing import Spacing
from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.calls import open_client
from bot.slack.connection import Connection, Watchfulness
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from bot.slack.publisher import Publisher
from bot.views.message import Message, Modal
from tests.slack.desk import FakeDesk
from tests.slack.side_door import DEPLOYS, SideDoor, until
from tests.slack.wire import start_wire_slack
from tests.support.ports import start_again

IDENTITY = Identity(TeamId("T0ACME"), "Acme Odoo", UserId("U0OECBOT"), "B0OECBOT", None)
HURRIED = Watchfulness(
    ping=timedelta(seconds=5),
    spacing=Spacing(timedelta(milliseconds=5), timedelta(milliseconds=40)),
    steady=timedelta(seconds=0.2),
)
"""Quick to come back, and as patient with pings as the real one: on a busy machine half a moment is no silence."""

SHARP_EARED = timedelta(seconds=1)
"""Between pings where a test is about those that nobody answers."""

REASON = (
    {
        "type": "input",
        "block_id": "why",
        "label": {"type": "plain_text", "text": "Reason"},
        "element": {"type": "plain_text_input", "action_id": "reason"},
    },
)


@pytest.fixture
async def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def told() -> list[str]:
    """What the operator has heard."""
    return []


MakeConnection = Callable[..., Connection]


@pytest.fixture
async def make_connection(
    client: AsyncWebClient, desk: FakeDesk, told: list[str]
) -> AsyncIterator[MakeConnection]:
    """Makes connections that are closed at the end."""
    made: list[Connection] = []

    def make(*, app_token: str = APP_TOKEN, **how: Any) -> Connection:
        listeners = Listeners(desk, now=lambda: datetime.now(UTC))
        connection = Connection(
            client,
            IDENTITY,
            listeners,
            app_token=app_token,
            say=told.append,
            watchfulness=replace(HURRIED, **how),
        )
        made.append(connection)
        return connection

    yield make
    desk.is_open.set()
    for connection in made:
        await connection.close(patience=1)


@pytest.fixture
async def connection(make_connection: MakeConnection) -> Connection:
    """An open connection, with both of its sockets."""
    opened = make_connection()
    await opened.open()
    await until(lambda: len(opened._sockets) == 2)
    return opened


def sockets(server: WorkspaceServer) -> int:
    assert server._sockets is not None
    return server._sockets.connections


async def watch_until(connection: Connection, condition: Callable[[], object]) -> None:
    """Run the watch turn as the timer would, until something is so."""
    async with asyncio.timeout(30):
        while not condition():
            await connection.watch_once()
            await asyncio.sleep(0.01)


# Hearing


async def test_command_is_heard_and_acknowledged(
    connection: Connection, door: SideDoor, desk: FakeDesk
) -> None:
    told = await door.slash("deploy prod")
    assert (told["acked"], told["response"]) == (True, None)
    await until(lambda: desk.finished)
    [request] = desk.finished
    assert isinstance(request, Request)
    assert (request.text, request.actor.user_id, request.actor.team_id) == ("deploy prod", "U0ANA", "T0ACME")


async def test_command_is_acknowledged_while_the_desk_hangs(
    connection: Connection, door: SideDoor, desk: FakeDesk
) -> None:
    desk.is_open.clear()
    assert (await door.slash("deploy prod"))["acked"] is True
    assert desk.finished == []


async def test_mention_delivered_again_is_heard_again_with_the_same_key(
    connection: Connection, door: SideDoor, desk: FakeDesk
) -> None:
    told = await door.act("mention", user_id="U0ANA", channel_id=DEPLOYS, text="<@U0OECBOT> restart staging")
    await until(lambda: desk.finished)
    await door.act("redeliver", envelope_id=told["envelope_id"])
    await until(lambda: len(desk.finished) == 2)
    keys = {request.key for request in desk.finished if isinstance(request, Request)}
    assert keys == {f"event:{told['event_id']}"}
    assert {request.text for request in desk.finished if isinstance(request, Request)} == {"restart staging"}


async def test_press_modal_and_its_errors_go_all_the_way(
    connection: Connection, door: SideDoor, desk: FakeDesk, publisher: Publisher
) -> None:
    label = {"type": "plain_text", "text": "Decline"}
    button = {"type": "button", "text": label, "action_id": "decline", "value": "handle-42"}
    card = await publisher.post(
        Place(ChannelId(DEPLOYS)), Message("card", ({"type": "actions", "elements": [button]},))
    )
    pressed = await door.act(
        "press", user_id="U0BEN", channel_id=DEPLOYS, message_ts=card.ts, action_id="decline"
    )
    assert pressed["acked"] is True
    await until(lambda: desk.finished)
    [press] = desk.finished
    assert isinstance(press, ButtonPress)
    await publisher.open_modal(
        press.trigger_id, Modal("decline_modal", "handle-42", "Decline", "Decline", REASON)
    )
    [view] = door.server.workspace.modals_of("U0BEN")

    desk.errors = {"reason": "Say why."}
    values = {"why": {"reason": "no"}}
    refused = await door.act("submit", user_id="U0BEN", view_id=view.id, values=values)
    assert (refused["response_action"], refused["errors"]) == ("errors", {"why": "Say why."})
    desk.errors = None
    taken = await door.act("submit", user_id="U0BEN", view_id=view.id, values=values)
    assert (taken["acked"], taken["errors"]) == (True, None)
    submissions = [given for given in desk.finished if isinstance(given, ModalSubmission)]
    assert [dict(submission.values) for submission in submissions] == [{"reason": "no"}] * 2
    assert len({submission.key for submission in submissions}) == 2


async def test_home_and_shortcut_are_heard(
    connection: Connection, door: SideDoor, desk: FakeDesk, publisher: Publisher
) -> None:
    await door.act("home", user_id="U0ANA")
    card = await publisher.post(Place(ChannelId(DEPLOYS)), Message("it is slow"))
    told = await door.act(
        "shortcut", user_id="U0ANA", callback_id="oec_message", channel_id=DEPLOYS, message_ts=card.ts
    )
    assert told["acked"] is True
    await until(lambda: len(desk.finished) == 2)


async def test_noise_on_the_socket_disturbs_nothing(
    connection: Connection, door: SideDoor, desk: FakeDesk
) -> None:
    await door.fault("noise")
    assert (await door.slash("status"))["acked"] is True
    await until(lambda: desk.finished)


# Losing and mending


async def abort_one(server: WorkspaceServer) -> None:
    """Cut one of the sockets, as a router on the way may."""
    assert server._sockets is not None
    transport = server._sockets._connections[0].transport
    assert transport is not None
    transport.abort()


async def close_one(server: WorkspaceServer) -> None:
    """Close one of the sockets without a notice."""
    assert server._sockets is not None
    await server._sockets._connections[0].socket.close()


async def silence_one(server: WorkspaceServer) -> None:
    """Let one of the sockets stay up and answer nothing."""
    assert server._sockets is not None
    server._sockets._connections[0].is_silent = True


@pytest.mark.parametrize("kind", ["reset", "silent"])
async def test_sockets_that_all_break_off_are_made_again(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, kind: str
) -> None:
    connection = make_connection(ping=SHARP_EARED)
    await connection.open()
    await until(lambda: len(connection._sockets) == 2)
    before = set(connection._sockets)
    await door.fault(kind)
    await watch_until(connection, lambda: len(set(connection._sockets) - before) == sockets(server) == 2)
    assert (await door.slash("status"))["acked"] is True
    assert connection.silent_for < timedelta(seconds=5)


@pytest.mark.parametrize("break_one", [abort_one, close_one])
async def test_socket_that_breaks_off_alone_leaves_no_gap(
    make_connection: MakeConnection,
    server: WorkspaceServer,
    door: SideDoor,
    break_one: Callable[[WorkspaceServer], Awaitable[None]],
) -> None:
    connection = make_connection()
    await connection.open()
    await until(lambda: len(connection._sockets) == 2)
    before = set(connection._sockets)
    await break_one(server)
    await until(lambda: sockets(server) < 2 or set(connection._sockets) != before)
    while len(connection._sockets) < 2 or set(connection._sockets) == before:
        assert (await door.slash("status"))["acked"] is True
    assert len(set(connection._sockets) & before) == 1
    assert len(door.calls("apps.connections.open")) == 3


async def test_half_open_socket_is_known_by_its_silence(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    connection = make_connection(ping=SHARP_EARED)
    await connection.open()
    await until(lambda: len(connection._sockets) == 2)
    before = set(connection._sockets)
    await silence_one(server)
    await watch_until(
        connection, lambda: len(connection._sockets) == 2 and set(connection._sockets) != before
    )
    await until(lambda: server._sockets is not None and not server._sockets.is_silenced)
    assert [(await door.slash("status"))["acked"] for _ in range(4)] == [True] * 4


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_connection_that_slack_ends_is_changed_over_without_a_gap(
    connection: Connection, server: WorkspaceServer, door: SideDoor, reason: str
) -> None:
    before = set(connection._sockets)
    await door.fault("disconnect", reason=reason)
    while set(connection._sockets) & before or len(connection._sockets) < 2:
        assert (await door.slash("status"))["acked"] is True
    await until(lambda: sockets(server) == 2)
    assert (await door.slash("status"))["acked"] is True
    assert len(door.calls("apps.connections.open")) == 4


async def test_second_farewell_asks_for_no_second_connection(
    connection: Connection, server: WorkspaceServer, door: SideDoor
) -> None:
    before = set(connection._sockets)
    await door.fault("disconnect", reason="warning")
    await door.fault("disconnect", reason="refresh_requested")
    await until(lambda: not set(connection._sockets) & before and sockets(server) == 2)
    assert len(door.calls("apps.connections.open")) <= 6


async def test_modal_under_way_at_the_change_over_gets_its_answer(
    connection: Connection, door: SideDoor, desk: FakeDesk, publisher: Publisher
) -> None:
    trigger = (await door.slash("anything"))["trigger_id"]
    await publisher.open_modal(trigger, Modal("decline_modal", "handle-42", "Decline", "Decline", REASON))
    [view] = door.server.workspace.modals_of("U0ANA")
    before = set(connection._sockets)
    desk.errors = {"reason": "Say why."}
    desk.is_open.clear()
    values = {"why": {"reason": "no"}}
    submitting = asyncio.create_task(door.act("submit", user_id="U0ANA", view_id=view.id, values=values))
    await until(lambda: any(isinstance(given, ModalSubmission) for given in desk.given))
    await door.fault("disconnect", reason="warning")
    await until(lambda: not set(connection._sockets) & before)
    desk.is_open.set()
    assert (await submitting)["errors"] == {"why": "Say why."}


async def test_modal_whose_socket_broke_off_is_answered_on_the_other(
    connection: Connection, server: WorkspaceServer, door: SideDoor, desk: FakeDesk, publisher: Publisher
) -> None:
    trigger = (await door.slash("anything"))["trigger_id"]
    await publisher.open_modal(trigger, Modal("decline_modal", "handle-42", "Decline", "Decline", REASON))
    [view] = door.server.workspace.modals_of("U0ANA")
    desk.errors = {"reason": "Say why."}
    desk.is_open.clear()
    values = {"why": {"reason": "no"}}
    submitting = asyncio.create_task(door.act("submit", user_id="U0ANA", view_id=view.id, values=values))
    await until(lambda: any(isinstance(given, ModalSubmission) for given in desk.given))
    [bringer] = [socket for socket in connection._sockets if socket.deliveries]
    place = connection._sockets.index(bringer)
    assert server._sockets is not None
    transport = server._sockets._connections[place].transport
    assert transport is not None
    transport.abort()
    await until(lambda: not bringer.is_open)
    desk.is_open.set()
    assert (await submitting)["errors"] == {"why": "Say why."}


async def test_change_over_that_fails_leaves_the_old_sockets(
    connection: Connection, server: WorkspaceServer, door: SideDoor
) -> None:
    before = set(connection._sockets)
    await door.fault("error", method="apps.connections.open", error="internal_error", times=100)
    await door.fault("disconnect", reason="warning")
    await until(lambda: door.calls("apps.connections.open")[-1].error)
    assert set(connection._sockets) == before
    assert (await door.slash("status"))["acked"] is True


@pytest.mark.parametrize("empty_body", [False, True])
async def test_limit_on_tickets_leaves_the_old_sockets_until_there_is_one(
    connection: Connection, server: WorkspaceServer, door: SideDoor, empty_body: bool
) -> None:
    before = set(connection._sockets)
    asked = len(door.calls("apps.connections.open"))
    await door.fault(
        "ratelimit", method="apps.connections.open", retry_after=1, times=1, empty_body=empty_body
    )
    await door.fault("disconnect", reason="warning")
    await until(lambda: len(door.calls("apps.connections.open")) > asked)
    assert (await door.slash("status"))["acked"] is True
    await until(lambda: not set(connection._sockets) & before and sockets(server) == 2)
    assert len(door.calls("apps.connections.open")) == asked + 3


async def test_refused_ticket_is_not_tried_again(
    connection: Connection, server: WorkspaceServer, door: SideDoor
) -> None:
    """Slack's own client would try the dead ticket for ever."""
    await door.fault("refuse_ticket", times=2)
    await door.fault("reset")
    await until(lambda: sockets(server) == 0)
    await until(lambda: sockets(server) == 2)
    assert (await door.slash("status"))["acked"] is True
    assert len(door.calls("apps.connections.open")) == 2 + 2 + 2


async def test_refused_ticket_at_the_start_is_replaced(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    await door.fault("refuse_ticket", times=2)
    async with asyncio.timeout(30):
        await make_connection().open()
    assert sockets(server) >= 1


async def test_open_that_hangs_is_given_up_and_tried_again(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    await door.fault("hang", method="apps.connections.open", seconds=30, times=1)
    async with asyncio.timeout(30):
        await make_connection(opening=timedelta(seconds=0.2)).open()
    assert (await door.slash("status"))["acked"] is True


async def test_socket_that_says_no_hello_is_given_up(told: list[str]) -> None:
    mute = await start_wire_slack(says_hello=False)
    try:
        async with open_client(BOT_TOKEN, api_url=mute.api_url) as client:
            connection = Connection(
                client,
                IDENTITY,
                Listeners(FakeDesk(), now=lambda: datetime.now(UTC)),
                app_token=APP_TOKEN,
                say=told.append,
                watchfulness=replace(HURRIED, ping=timedelta(seconds=0.05), opening=timedelta(seconds=0.05)),
            )
            opening = asyncio.create_task(connection.open())
            await until(lambda: mute.tickets >= 3)
            assert not opening.done()
            await connection.close()
            await opening
    finally:
        await mute.stop()


# What only somebody else can mend


@pytest.mark.parametrize(
    ("reason", "words"),
    [("link_disabled", "Switch it on again"), ("too_many_websockets", "Does it run elsewhere")],
)
async def test_farewell_for_good_is_told_once_and_answered_by_no_ticket(
    make_connection: MakeConnection,
    server: WorkspaceServer,
    door: SideDoor,
    told: list[str],
    reason: str,
    words: str,
) -> None:
    connection = make_connection()
    await connection.open()
    await until(lambda: len(connection._sockets) == 2)
    await door.fault("disconnect", reason=reason)
    await until(lambda: sockets(server) == 0 and not connection._sockets)
    for _ in range(5):
        await connection.watch_once()
    assert len(door.calls("apps.connections.open")) == 2
    [line] = told
    assert words in line
    assert "I hear nobody meanwhile" in line


async def test_connection_left_alone_is_tried_again_later_and_said_to_be_well(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, told: list[str]
) -> None:
    connection = make_connection(helpless=Spacing(timedelta(milliseconds=50), timedelta(seconds=1)))
    await connection.open()
    await door.fault("disconnect", reason="link_disabled")
    await until(lambda: told)
    await watch_until(connection, lambda: sockets(server) == 2)
    assert (await door.slash("status"))["acked"] is True
    assert len(told) == 2
    assert told[1].startswith("I hear Slack again")


async def test_app_token_taken_away_is_told_once_and_once_that_it_is_well(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, told: list[str]
) -> None:
    connection = make_connection(helpless=Spacing(timedelta(milliseconds=20), timedelta(milliseconds=20)))
    await connection.open()
    await until(lambda: sockets(server) == 2)
    await door.fault("error", method="apps.connections.open", error="invalid_auth", times=5)
    await door.fault("reset")
    await watch_until(connection, lambda: sockets(server) == 2)
    assert len(told) == 2
    assert "Slack no longer takes SLACK_APP_TOKEN (invalid_auth)" in told[0]
    assert "start me again" in told[0]
    assert told[1].startswith("I hear Slack again")


async def test_app_token_refused_while_a_socket_still_hears_is_told_as_such(
    connection: Connection, door: SideDoor, told: list[str]
) -> None:
    await door.fault("error", method="apps.connections.open", error="token_revoked", times=5)
    await abort_one(door.server)
    await until(lambda: told)
    assert "I still hear people for now" in told[0]
    assert (await door.slash("status"))["acked"] is True


async def test_slack_that_stays_away_is_told_once_after_a_while(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, told: list[str]
) -> None:
    connection = make_connection(patience=timedelta(seconds=0.1))
    await connection.open()
    await door.fault("error", method="apps.connections.open", error="service_unavailable", times=1_000)
    await door.fault("reset")
    await watch_until(connection, lambda: told)
    for _ in range(5):
        await connection.watch_once()
    assert len(told) == 1
    assert "service_unavailable" in told[0]
    assert connection.silent_for > timedelta(seconds=0.1)
    await door.fault("clear")
    await watch_until(connection, lambda: len(told) == 2)
    assert told[1].startswith("I hear Slack again")


async def test_connections_that_are_not_ours_are_told_of(
    make_connection: MakeConnection, door: SideDoor, caplog: pytest.LogCaptureFixture
) -> None:
    other, connection = make_connection(), make_connection(steady=timedelta(0))
    await other.open()
    await connection.open()
    await until(lambda: "connection(s) of this app that are not mine" in caplog.text)


async def test_stand_in_that_is_down_at_the_start_is_waited_for(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    port = int(server.url.rpartition(":")[2])
    await server.stop()
    opening = asyncio.create_task(make_connection().open())
    await asyncio.sleep(0.1)
    assert not opening.done()
    await start_again(server.start, port)
    async with asyncio.timeout(30):
        await opening
    assert (await door.slash("status"))["acked"] is True


async def test_answered_ping_counts_as_hearing(
    make_connection: MakeConnection, server: WorkspaceServer
) -> None:
    connection = make_connection(ping=SHARP_EARED)
    await connection.open()
    heard_at = connection._sockets[0].heard_at
    await until(lambda: connection._sockets[0].heard_at > heard_at)
    assert connection.silent_for < timedelta(seconds=5)


async def test_keeper_that_broke_is_begun_again_by_the_watch(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    connection = make_connection()
    await connection.open()
    await until(lambda: sockets(server) == 2)
    assert connection._keeping is not None
    connection._keeping.cancel()
    await until(lambda: connection._keeping is not None and connection._keeping.done())
    await door.fault("reset")
    await watch_until(connection, lambda: sockets(server) == 2)


# The end


async def test_close_ends_the_socket_and_leaves_nothing_running(
    make_connection: MakeConnection, server: WorkspaceServer
) -> None:
    before = asyncio.all_tasks()
    connection = make_connection()
    await connection.open()
    await connection.close()
    await until(lambda: sockets(server) == 0)
    own = {
        task
        for task in asyncio.all_tasks() - before
        if "slack_sdk" in repr(task) or "bot/slack" in repr(task) or "aiohttp" in repr(task)
    }
    assert own == set()


async def test_close_lets_the_ask_under_way_end(
    connection: Connection, door: SideDoor, desk: FakeDesk
) -> None:
    desk.is_open.clear()
    await door.slash("deploy prod")
    await until(lambda: desk.given)
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    desk.is_open.set()
    await closing
    assert len(desk.finished) == 1


async def test_connection_is_idle_when_all_that_was_heard_is_done(
    connection: Connection, door: SideDoor, desk: FakeDesk
) -> None:
    await until(lambda: connection.is_idle)
    desk.is_open.clear()
    await door.slash("deploy prod")
    await until(lambda: desk.given)
    assert not connection.is_idle
    desk.is_open.set()
    await until(lambda: connection.is_idle)
    assert len(desk.finished) == 1


async def test_close_twice_or_unopened_does_no_harm(make_connection: MakeConnection) -> None:
    connection = make_connection()
    await connection.close()
    await connection.close()
    await connection.watch_once()


async def test_close_of_a_silent_socket_does_not_wait_for_it(
    make_connection: MakeConnection, door: SideDoor
) -> None:
    connection = make_connection()
    await connection.open()
    await door.fault("silent")
    async with asyncio.timeout(5):
        await connection.close()


async def test_loggers_of_the_libraries_print_no_payloads(connection: Connection) -> None:
    assert logging.getLogger("slack_bolt.app").level == logging.ERROR
