"""Through Bolt and the listeners to the desk: acknowledged first, whatever the desk does."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import TeamId, UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Request
from bot.slack.bolt import make_app
from bot.slack.identity import Identity
from bot.slack.listeners import AT_ONCE, FieldErrors, Listeners, register
from bot.slack.standstill import Standstill
from bot.views.answers import render_restarting
from bot.views.answers.trouble import RESTARTING
from bot.views.buttons import MESSAGE_SHORTCUT
from bot.views.message import Message
from tests.slack import payloads
from tests.slack.desk import FakeDesk
from tests.slack.payloads import BOT, JsonObject, button
from tests.slack.side_door import until

IDENTITY = Identity(TeamId("T0ACME"), "Acme Odoo", UserId(BOT), "B0OECBOT", None)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ack:
    """How a delivery was acknowledged."""

    status: int
    body: Any


class Bolt:
    """The app, given payloads as its socket would give them."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def deliver(self, payload: JsonObject) -> Ack:
        request = AsyncBoltRequest(mode="socket_mode", body=payload)
        answer = await self._app.async_dispatch(request)
        return Ack(answer.status, json.loads(answer.body) if answer.body else None)


Late = list[tuple[ModalSubmission, FieldErrors]]


@pytest.fixture
def late() -> Late:
    """Errors of modals that were closed before they were known."""
    return []


@pytest.fixture
async def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def listeners(desk: FakeDesk, late: Late) -> AsyncIterator[Listeners]:
    async def tell_late(submission: ModalSubmission, errors: FieldErrors) -> None:
        late.append((submission, errors))

    made = Listeners(desk, now=lambda: NOW, tell_late=tell_late, submission_deadline=0.5)
    yield made
    desk.is_open.set()
    await made.finish(patience=1)


@pytest.fixture
def bolt(listeners: Listeners) -> Bolt:
    return Bolt(make_app(AsyncWebClient(), IDENTITY, listeners))


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (payloads.slash_command(), Request),
        (payloads.slash_command(command="/oec-staging", text="nonsense"), Request),
        (payloads.mention(), Request),
        (payloads.press(), ButtonPress),
        (payloads.press(button(action_id="a_button_of_years_ago")), ButtonPress),
        (payloads.message_shortcut(), MessageShortcut),
        (payloads.home_opened(), str),
    ],
)
async def test_delivery_reaches_the_desk_and_is_acknowledged_without_words(
    bolt: Bolt, desk: FakeDesk, payload: JsonObject, kind: type
) -> None:
    assert await bolt.deliver(payload) == Ack(200, None)
    await until(lambda: desk.finished)
    assert [type(given) for given in desk.finished] == [kind]


@pytest.mark.parametrize(
    "payload", [payloads.slash_command(), payloads.mention(), payloads.press(), payloads.home_opened()]
)
async def test_desk_that_hangs_keeps_nobody_from_being_acknowledged(
    bolt: Bolt, desk: FakeDesk, payload: JsonObject
) -> None:
    desk.is_open.clear()
    assert await bolt.deliver(payload) == Ack(200, None)
    await until(lambda: desk.given)
    assert desk.finished == []


async def test_desk_that_breaks_is_logged_and_acknowledged(
    bolt: Bolt, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.failure = RuntimeError("a bug")
    assert await bolt.deliver(payloads.slash_command()) == Ack(200, None)
    await until(lambda: caplog.records)
    assert "a slash command by U0ANA failed" in caplog.text


@pytest.mark.parametrize(
    "payload",
    [
        payloads.press(button(url="https://erp.client.example")),
        payloads.mention(user=BOT),
        payloads.mention(bot_id="B0OTHER"),
        payloads.mention(type="reaction_added"),
        payloads.mention(type="message", subtype="message_changed"),
        payloads.home_opened(tab="messages"),
        payloads.message_shortcut(callback_id="somebody_elses"),
        payloads.message_shortcut(type="shortcut", callback_id="a_global_one"),
        payloads.submission() | {"type": "view_closed", "is_cleared": False},
        {"type": "interactive_message", "callback_id": "old", "actions": [{}], "user": {"id": "U0ANA"}},
        payloads.slash_command(trigger_id=None),
        payloads.submission(id=None),
    ],
)
async def test_delivery_that_asks_nothing_is_acknowledged_all_the_same(
    bolt: Bolt, desk: FakeDesk, payload: JsonObject
) -> None:
    assert (await bolt.deliver(payload)).status == 200
    assert desk.given == []


async def test_menu_that_asks_for_choices_gets_none(bolt: Bolt) -> None:
    payload = {"type": "block_suggestion", "action_id": "menu", "value": "x", "user": {"id": "U0ANA"}}
    assert await bolt.deliver(payload) == Ack(200, {"options": []})


async def test_event_delivered_again_reaches_the_desk_with_the_same_key(bolt: Bolt, desk: FakeDesk) -> None:
    for _ in range(2):
        await bolt.deliver(payloads.mention())
    await until(lambda: len(desk.finished) == 2)
    assert len({request.key for request in desk.finished if isinstance(request, Request)}) == 1


async def test_command_read_after_a_standstill_is_late_and_one_read_later_is_not(desk: FakeDesk) -> None:
    wall = 1_000.0
    listeners = Listeners(desk, now=lambda: NOW, standstill=Standstill(lambda: wall))
    bolt = Bolt(make_app(AsyncWebClient(), IDENTITY, listeners))
    wall += 7_200
    await bolt.deliver(payloads.slash_command(trigger_id="t-1"))
    await until(lambda: len(desk.finished) == 1)
    for _ in range(2):
        wall += 1
        await listeners.tick_once()
    await bolt.deliver(payloads.slash_command(trigger_id="t-2"))
    await until(lambda: len(desk.finished) == 2)
    assert [
        request.late_by >= timedelta(hours=2) for request in desk.finished if isinstance(request, Request)
    ] == [
        True,
        False,
    ]


# Modals


async def test_modal_that_counts_is_closed(bolt: Bolt, desk: FakeDesk) -> None:
    assert await bolt.deliver(payloads.submission()) == Ack(200, None)
    [given] = desk.finished
    assert isinstance(given, ModalSubmission)
    assert dict(given.values) == {"reason": "Not on a Friday"}


async def test_modal_that_does_not_count_stays_with_its_errors(bolt: Bolt, desk: FakeDesk) -> None:
    desk.errors = {"reason": "Say why, in a few words."}
    assert await bolt.deliver(payloads.submission()) == Ack(
        200, {"response_action": "errors", "errors": {"reason-block": "Say why, in a few words."}}
    )


async def test_modal_whose_errors_come_late_is_closed_and_they_are_told_otherwise(
    bolt: Bolt, desk: FakeDesk, late: Late
) -> None:
    desk.errors = {"reason": "Decided already."}
    desk.is_open.clear()
    assert await bolt.deliver(payloads.submission()) == Ack(200, None)
    assert late == []
    desk.is_open.set()
    await until(lambda: late)
    [(submission, errors)] = late
    assert (submission.actor.user_id, dict(errors)) == ("U0BEN", {"reason": "Decided already."})


async def test_modal_that_counts_late_tells_nobody(
    bolt: Bolt, desk: FakeDesk, listeners: Listeners, late: Late
) -> None:
    desk.is_open.clear()
    assert await bolt.deliver(payloads.submission()) == Ack(200, None)
    desk.is_open.set()
    await listeners.finish(patience=5)
    assert (len(desk.finished), late) == (1, [])


async def test_modal_whose_work_breaks_is_closed_and_logged(
    bolt: Bolt, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.failure = RuntimeError("a bug")
    assert await bolt.deliver(payloads.submission()) == Ack(200, None)
    assert "a decline_modal of U0BEN failed" in caplog.text


async def test_late_errors_that_nobody_tells_are_logged(
    desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    listeners = Listeners(desk, now=lambda: NOW, submission_deadline=0.01)
    bolt = Bolt(make_app(AsyncWebClient(), IDENTITY, listeners))
    desk.errors = {"reason": "Decided already."}
    desk.is_open.clear()
    await bolt.deliver(payloads.submission())
    desk.is_open.set()
    await listeners.finish(patience=5)
    assert "Decided already." in caplog.text


# The end


async def test_finish_lets_the_work_under_way_end(bolt: Bolt, desk: FakeDesk, listeners: Listeners) -> None:
    desk.is_open.clear()
    await bolt.deliver(payloads.slash_command())
    await until(lambda: desk.given)
    asyncio.get_running_loop().call_soon(desk.is_open.set)
    await listeners.finish(patience=5)
    assert len(desk.finished) == 1


async def test_hurry_lets_those_in_who_waited_for_room(
    bolt: Bolt, desk: FakeDesk, listeners: Listeners
) -> None:
    desk.is_open.clear()
    for number in range(AT_ONCE + 5):
        await bolt.deliver(payloads.slash_command(trigger_id=f"t-{number}"))
    await until(lambda: len(desk.given) == AT_ONCE)
    listeners.hurry(Message("Ask again in a moment."))
    await until(lambda: len(desk.given) == AT_ONCE + 5)
    await bolt.deliver(payloads.press())
    await until(lambda: len(desk.given) == AT_ONCE + 6)


async def test_command_during_a_stop_is_told_so_by_its_acknowledgement(
    bolt: Bolt, desk: FakeDesk, listeners: Listeners
) -> None:
    listeners.hurry(render_restarting())
    acknowledgement = await bolt.deliver(payloads.slash_command())
    assert acknowledgement.body["text"] == RESTARTING
    assert desk.given == []


async def test_token_in_the_environment_is_left_alone(
    desk: FakeDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt takes tokens from the environment if it finds any, and would then ask Slack about them at each delivery."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-example-of-another-app")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "example")
    bolt = Bolt(make_app(AsyncWebClient(), IDENTITY, Listeners(desk, now=lambda: NOW)))
    assert await bolt.deliver(payloads.slash_command()) == Ack(200, None)
    await until(lambda: desk.finished)
    assert caplog.records == []


def test_shortcut_listened_to_is_the_one_in_the_buttons() -> None:
    """It stands there as a word, so that the manifest's test finds it."""
    listened = inspect.getsource(register)
    assert f'app.shortcut("{MESSAGE_SHORTCUT}")' in listened
