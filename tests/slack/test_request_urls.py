"""Slack's HTTP mode: what is signed is carried out once, and nothing else is even read."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.arrivals import Answer, Refused
from bot.core.names import TeamId, UserId
from bot.core.request import ButtonPress, ModalSubmission, Request
from bot.sim.workspace.request_urls import sign
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from bot.slack.request_urls import RequestUrl
from tests.slack import payloads
from tests.slack.desk import FakeDesk
from tests.slack.side_door import until

SECRET = "signing-secret-canary"
IDENTITY = Identity(TeamId("T0ACME"), "Acme Odoo", UserId("U0OECBOT"), "B0OECBOT", None)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class Wire:
    """A request URL, and Slack posting to it."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.now_at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        client = AsyncWebClient(base_url="http://127.0.0.1:9/api/")
        listeners = Listeners(desk, now=self.now)
        self.ear = RequestUrl(client, IDENTITY, listeners, signing_secret=SECRET, now=self.now)

    def now(self) -> datetime:
        return self.now_at

    def signed(self, body: bytes, media_type: str = FORM, **more: str) -> Mapping[str, str]:
        timestamp = str(int(self.now_at.timestamp()))
        headers = {
            "Content-Type": media_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": sign(SECRET, timestamp, body),
        }
        return CIMultiDict(headers | more)

    async def post(self, body: bytes, media_type: str = FORM, **more: str) -> Answer | Refused:
        return await self.ear.take(self.signed(body, media_type, **more), body)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    running = Wire(FakeDesk())
    yield running
    running.desk.is_open.set()
    await running.ear.close(patience=1)


def command(text: str = "deploy prod") -> bytes:
    return urlencode(payloads.slash_command(text=text)).encode()


def interaction(payload: dict[str, Any]) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def event(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()


async def test_signed_command_is_acknowledged_and_carried_out(wire: Wire) -> None:
    assert await wire.post(command()) == Answer(200, "", "text/plain")
    await until(lambda: wire.desk.finished)
    [request] = wire.desk.finished
    assert isinstance(request, Request)
    assert (request.text, request.actor.user_id) == ("deploy prod", "U0ANA")


async def test_command_is_acknowledged_while_the_desk_hangs(wire: Wire) -> None:
    wire.desk.is_open.clear()
    assert (await wire.post(command())).status == 200
    assert wire.desk.finished == []
    assert not wire.ear.is_idle


async def test_press_mention_and_modal_reach_the_same_desk(wire: Wire) -> None:
    assert (await wire.post(interaction(payloads.press()))).status == 200
    assert (await wire.post(event(payloads.mention("restart staging")), JSON)).status == 200
    wire.desk.errors = {"reason": "Say why."}
    answer = await wire.post(interaction(payloads.submission()))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.media_type) == (200, JSON)
    assert json.loads(answer.body) == {"response_action": "errors", "errors": {"reason-block": "Say why."}}
    await until(lambda: len(wire.desk.finished) == 3)
    assert {type(one) for one in wire.desk.finished} == {ButtonPress, Request, ModalSubmission}


async def test_challenge_is_said_back_where_it_is_signed(wire: Wire) -> None:
    body = event({"token": "x", "challenge": "3eZbrw1aB10F", "type": "url_verification"})
    answer = await wire.post(body, JSON)
    assert isinstance(answer, Answer)
    assert json.loads(answer.body) == {"challenge": "3eZbrw1aB10F"}
    refused = await wire.ear.take(CIMultiDict({"Content-Type": JSON}), body)
    assert refused.status == 401


async def test_probe_of_the_certificate_is_answered_unsigned_and_carries_out_nothing(wire: Wire) -> None:
    body = urlencode(
        payloads.slash_command() | {"ssl_check": "1", "response_url": "", "trigger_id": ""}
    ).encode()
    assert await wire.ear.take(CIMultiDict(), body) == Answer()
    assert wire.ear.is_idle
    assert wire.desk.given == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"x-slack-signature": None}, "without Slack's signature"),
        ({"x-slack-signature": ""}, "without Slack's signature"),
        ({"x-slack-signature": "v0=" + "0" * 64}, "wrong signature"),
        ({"x-slack-signature": "v0=\udcff☃"}, "wrong signature"),
        ({"x-slack-request-timestamp": None}, "without Slack's time"),
        ({"x-slack-request-timestamp": "soon"}, "without Slack's time"),
        ({"x-slack-request-timestamp": "-1"}, "without Slack's time"),
        ({"x-slack-request-timestamp": "٣٣٣"}, "without Slack's time"),
        ({"x-slack-request-timestamp": "9" * 400}, "without Slack's time"),
        ({"x-slack-request-timestamp": "1"}, "older"),
    ],
)
async def test_request_that_slack_did_not_sign_is_refused(
    wire: Wire, changes: dict[str, str | None], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = dict(wire.signed(command("canary"))) | changes
    given_headers = CIMultiDict({name: value for name, value in headers.items() if value is not None})
    refused = await wire.ear.take(given_headers, command("canary"))
    assert isinstance(refused, Refused)
    assert refused.status == 401
    assert why in refused.why
    assert wire.desk.given == []
    assert "canary" not in caplog.text


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
async def test_any_bit_flipped_in_a_request_is_refused(data: st.DataObject) -> None:
    wire = Wire(FakeDesk())
    body = command()
    headers = wire.signed(body)
    parts = {name: headers[name] for name in ("x-slack-signature", "x-slack-request-timestamp")}
    whole = body + "".join(parts.values()).encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:place] + bytes([whole[place] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[place + 1 :]
    told = flipped[len(body) :].decode("utf-8", "surrogateescape")
    signature, timestamp = told[: len(parts["x-slack-signature"])], told[len(parts["x-slack-signature"]) :]
    given_headers = CIMultiDict({"x-slack-signature": signature, "x-slack-request-timestamp": timestamp})
    refused = await wire.ear.take(given_headers, flipped[: len(body)])
    assert isinstance(refused, Refused)
    assert wire.desk.given == []


@pytest.mark.parametrize("away", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
async def test_request_of_another_time_is_refused_though_it_is_signed(wire: Wire, away: timedelta) -> None:
    headers = wire.signed(command())
    wire.now_at += away
    refused = await wire.ear.take(headers, command())
    assert isinstance(refused, Refused)
    assert "five minutes" in refused.why


async def test_request_that_was_seen_before_is_acknowledged_and_not_carried_out_again(wire: Wire) -> None:
    headers = wire.signed(command())
    for _ in range(3):
        assert await wire.ear.take(headers, command()) == Answer()
        wire.now_at += timedelta(minutes=2)
    assert len(wire.desk.given) + (not wire.ear.is_idle) == 1
    await until(lambda: wire.desk.finished)
    assert len(wire.desk.given) == 1


async def test_same_request_twice_at_once_is_carried_out_once(wire: Wire) -> None:
    headers = wire.signed(interaction(payloads.submission()))
    body = interaction(payloads.submission())
    answers = await asyncio.gather(*(wire.ear.take(headers, body) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len(wire.desk.given) == 1


async def test_event_that_slack_sends_again_is_heard_again(wire: Wire) -> None:
    """Slack signs it anew; that it is the same one, the desk knows by its id."""
    body = event(payloads.mention("status"))
    await wire.post(body, JSON)
    wire.now_at += timedelta(seconds=1)
    again = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    assert (await wire.post(body, JSON, **again)).status == 200
    await until(lambda: len(wire.desk.finished) == 2)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", FORM),
        (b"[]", JSON),
        (b"null", JSON),
        (b"{", JSON),
        (b"[" * 100_000 + b"]" * 100_000, JSON),
        (b'{"a":' * 50_000, JSON),
        (b"payload=" + b"%5B" * 50_000, FORM),
        (b"payload=3", FORM),
        (b"\xff\xfe", FORM),
        (event({"type": "block_actions", "actions": []}), JSON),
        (event({"type": "event_callback", "event": 7, "authorizations": "x"}), JSON),
        (event({"type": "view_submission", "view": None, "response_urls": None}), JSON),
    ],
)
async def test_signed_body_that_makes_no_sense_is_refused_without_a_traceback(
    wire: Wire, body: bytes, media_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    refused = await wire.post(body, media_type)
    assert refused.status in {400, 401, 404}
    assert isinstance(refused, Refused)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_headers_that_are_not_signed_change_nothing(wire: Wire) -> None:
    """Bolt runs a listener by name where such a header asks it to."""
    lazy = {"x-slack-bolt-lazy-only": "1", "x-slack-bolt-lazy-function-name": "on_press"}
    assert (await wire.post(command(), **lazy)).status == 200
    await until(lambda: wire.desk.finished)


async def test_closed_ear_takes_nothing_and_says_so(wire: Wire) -> None:
    await wire.ear.close(patience=1)
    assert (await wire.post(command())).status == 503
    assert wire.desk.given == []


async def test_work_under_way_at_the_close_is_finished(wire: Wire) -> None:
    await wire.post(command())
    await wire.ear.close(patience=5)
    assert len(wire.desk.finished) == 1


async def test_what_is_remembered_of_signatures_stays_small(wire: Wire) -> None:
    wire.desk.is_open.clear()
    for number in range(30):
        await wire.post(command(f"history {number}"))
    assert len(wire.ear._seen) == 30
    wire.now_at += timedelta(minutes=11)
    await wire.post(command("status"))
    assert len(wire.ear._seen) == 1
