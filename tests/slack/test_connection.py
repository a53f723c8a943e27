"""The socket to the stand-in: opened, heard, lost in every way, mended, closed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import ChannelId, TeamId, UserId
from bot.core.request import ButtonPress, ModalSubmission, Place, Request
from bot.sim.workspace.seeds import APP_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from bot.slack.connection import Connection
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from bot.slack.publisher import Publisher
from bot.views.message import Message, Modal
from tests.slack.desk import FakeDesk
from tests.slack.side_door import DEPLOYS, SideDoor, until

IDENTITY = Identity(TeamId("T0ACME"), "Acme Odoo", UserId("U0OECBOT"), "B0OECBOT", None)
PING = timedelta(seconds=0.05)
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


MakeConnection = Callable[..., Connection]


@pytest.fixture
async def make_connection(client: AsyncWebClient, desk: FakeDesk) -> AsyncIterator[MakeConnection]:
    """Makes connections that are closed at the end."""
    made: list[Connection] = []

    def make(
        *, app_token: str = APP_TOKEN, ping: timedelta = PING, rebuild_after: timedelta = timedelta(hours=1)
    ) -> Connection:
        listeners = Listeners(desk, now=lambda: datetime.now(UTC))
        connection = Connection(
            client,
            IDENTITY,
            listeners,
            app_token=app_token,
            ping_interval=ping,
            rebuild_after=rebuild_after,
        )
        made.append(connection)
        return connection

    yield make
    desk.is_open.set()
    for connection in made:
        await connection.close(patience=1)


@pytest.fixture
async def connection(make_connection: MakeConnection) -> Connection:
    """An open connection that pings as seldom as the real one: only what a test does to it happens."""
    opened = make_connection(ping=timedelta(seconds=5))
    await opened.open()
    return opened


def sockets(server: WorkspaceServer) -> int:
    assert server._sockets is not None
    return server._sockets.connections


async def watch_until(connection: Connection, condition: Callable[[], object]) -> None:
    """Run the watch turn as the timer would, until something is so."""
    async with asyncio.timeout(10):
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


@pytest.mark.parametrize("kind", ["reset", "silent"])
async def test_connection_that_breaks_off_is_made_again(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, desk: FakeDesk, kind: str
) -> None:
    connection = make_connection()
    await connection.open()
    await door.fault(kind)
    opened = len(door.calls("apps.connections.open"))
    await watch_until(connection, lambda: len(door.calls("apps.connections.open")) > opened)
    await watch_until(connection, lambda: sockets(server) == 1 and connection.down_for is None)
    assert (await door.slash("status"))["acked"] is True


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_connection_that_slack_ends_is_changed_over_without_a_gap(
    connection: Connection, server: WorkspaceServer, door: SideDoor, desk: FakeDesk, reason: str
) -> None:
    first = connection._handler
    await door.fault("disconnect", reason=reason)
    while connection._handler is first:
        assert (await door.slash("status"))["acked"] is True
    await until(lambda: sockets(server) == 1)
    assert (await door.slash("status"))["acked"] is True
    assert len(door.calls("apps.connections.open")) == 2


async def test_second_farewell_asks_for_no_second_connection(
    connection: Connection, server: WorkspaceServer, door: SideDoor
) -> None:
    first = connection._handler
    await door.fault("disconnect", reason="warning")
    await door.fault("disconnect", reason="refresh_requested")
    await until(lambda: connection._handler is not first and sockets(server) == 1)
    assert len(door.calls("apps.connections.open")) <= 3


async def test_modal_under_way_at_the_change_over_gets_its_answer(
    connection: Connection, door: SideDoor, desk: FakeDesk, publisher: Publisher
) -> None:
    trigger = (await door.slash("anything"))["trigger_id"]
    await publisher.open_modal(trigger, Modal("decline_modal", "handle-42", "Decline", "Decline", REASON))
    [view] = door.server.workspace.modals_of("U0ANA")
    first = connection._handler
    desk.errors = {"reason": "Say why."}
    desk.is_open.clear()
    values = {"why": {"reason": "no"}}
    submitting = asyncio.create_task(door.act("submit", user_id="U0ANA", view_id=view.id, values=values))
    await until(lambda: any(isinstance(given, ModalSubmission) for given in desk.given))
    await door.fault("disconnect", reason="warning")
    await until(lambda: connection._handler is not first)
    desk.is_open.set()
    assert (await submitting)["errors"] == {"why": "Say why."}


async def test_change_over_that_fails_leaves_the_old_connection(
    connection: Connection, server: WorkspaceServer, door: SideDoor
) -> None:
    first = connection._handler
    await door.fault("error", method="apps.connections.open", error="internal_error", times=100)
    await door.fault("disconnect", reason="warning")
    await until(lambda: door.calls("apps.connections.open")[-1].error)
    assert connection._handler is first
    assert (await door.slash("status"))["acked"] is True


async def test_refused_ticket_is_replaced_by_the_watch(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    """Slack's client would try the dead ticket for ever."""
    connection = make_connection()
    await connection.open()
    await door.fault("refuse_ticket", times=1)
    await door.fault("reset")
    await until(lambda: sockets(server) == 0)
    await watch_until(connection, lambda: sockets(server) == 1)
    await watch_until(connection, lambda: connection.down_for is None)
    assert (await door.slash("status"))["acked"] is True


async def test_refused_ticket_at_the_start_is_replaced(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    await door.fault("refuse_ticket", times=2)
    async with asyncio.timeout(10):
        await make_connection().open()
    assert sockets(server) == 1


async def test_connection_that_stays_down_is_built_anew_without_an_orphan(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    connection = make_connection(rebuild_after=timedelta(seconds=0.1))
    await connection.open()
    first = connection._handler
    await door.fault("refuse_ticket", times=3)
    await door.fault("reset")
    await watch_until(connection, lambda: connection._handler is not first and sockets(server) == 1)
    assert first is not None
    assert first.client.closed
    assert (await door.slash("status"))["acked"] is True


@pytest.mark.parametrize("reason", ["link_disabled", "too_many_websockets"])
async def test_connection_that_must_not_be_reopened_is_left_alone_for_a_while(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, reason: str
) -> None:
    connection = make_connection(ping=timedelta(seconds=5))
    await connection.open()
    await door.fault("disconnect", reason=reason)
    await until(lambda: sockets(server) == 0 and connection._handler is None)
    opened = len(door.calls("apps.connections.open"))
    for _ in range(5):
        await connection.watch_once()
    assert len(door.calls("apps.connections.open")) == opened
    assert opened <= 2
    assert connection.down_for is not None


async def test_connection_left_alone_is_tried_again_later(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    connection = make_connection(rebuild_after=timedelta(seconds=0.05))
    await connection.open()
    await door.fault("disconnect", reason="link_disabled")
    await until(lambda: sockets(server) == 0)
    await watch_until(connection, lambda: sockets(server) == 1 and connection.down_for is None)
    assert (await door.slash("status"))["acked"] is True


async def test_app_token_taken_away_is_asked_seldom_and_said(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor, caplog: pytest.LogCaptureFixture
) -> None:
    connection = make_connection(rebuild_after=timedelta(seconds=0.1))
    await connection.open()
    await door.fault("error", method="apps.connections.open", error="invalid_auth", times=20)
    await door.fault("reset")
    await watch_until(connection, lambda: "Slack opens no connection: invalid_auth" in caplog.text)
    assert connection.down_for is not None
    await door.fault("clear")
    await watch_until(connection, lambda: sockets(server) == 1 and connection.down_for is None)


async def test_stand_in_that_is_down_at_the_start_is_waited_for(
    make_connection: MakeConnection, server: WorkspaceServer, door: SideDoor
) -> None:
    port = int(server.url.rpartition(":")[2])
    await server.stop()
    opening = asyncio.create_task(make_connection().open())
    await asyncio.sleep(0.1)
    assert not opening.done()
    await server.start(port)
    async with asyncio.timeout(10):
        await opening
    assert (await door.slash("status"))["acked"] is True


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
        if "slack_sdk" in repr(task) or "bot/slack" in repr(task)
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
    connection = make_connection(ping=timedelta(seconds=5))
    await connection.open()
    await door.fault("silent")
    async with asyncio.timeout(5):
        await connection.close()


async def test_loggers_of_the_libraries_print_no_payloads(connection: Connection) -> None:
    assert logging.getLogger("slack_bolt.app").level == logging.ERROR
    assert logging.getLogger("slack_sdk.socket_mode").level >= logging.INFO
