"""HTTP mode: what reaches an app at its address, how it is signed, and what its answers mean."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.sim.workspace.request_urls import sign
from bot.sim.workspace.seeds import SIGNING_SECRET
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.conftest import Clock, impatient
from tests.sim.workspace.door import ANA, DEPLOYS, Door, RefusedError
from tests.sim.workspace.http_app import Answering, HttpApp, Sent, say_challenge, say_ok
from tests.sim.workspace.wire_app import WireApp


@pytest.fixture
async def http_app() -> AsyncIterator[HttpApp]:
    """An app that listens, not installed yet."""
    running = HttpApp()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def installed(http_app: HttpApp, door: Door) -> HttpApp:
    """An app whose address for everything was taken, and which has forgotten how that went."""
    await door.post("app", request_url=http_app.url)
    http_app.sent.clear()
    http_app.answers = say_ok
    return http_app


def answering(status: int = 200, **more: object) -> Answering:
    async def answer(_: Sent) -> web.StreamResponse:
        headers = {str(name).replace("_", "-"): str(value) for name, value in more.items()}
        return web.Response(status=status, headers=headers)

    return answer


def saying(text: str, media_type: str = "text/plain") -> Answering:
    async def answer(_: Sent) -> web.StreamResponse:
        return web.Response(text=text, content_type=media_type)

    return answer


def test_signature_is_that_of_slacks_own_example() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)
    assert signature == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def test_command_arrives_as_a_signed_form(door: Door, installed: HttpApp, clock: Clock) -> None:
    done = await door.slash("deploy prod")
    assert (done["acked"], done["response"]) == (True, None)
    (sent,) = installed.sent
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.form["command"] == "/oec"
    assert sent.form["text"] == "deploy prod"
    assert sent.form["is_enterprise_install"] == "false"
    assert sent.retry == (None, None)

    class Now:
        def now(self) -> float:
            return clock.now().timestamp()

    verifier = SignatureVerifier(SIGNING_SECRET, clock=Now())  # type: ignore[arg-type] # any clock will do
    assert verifier.is_valid_request(sent.body, sent.headers)
    assert not verifier.is_valid_request(sent.body + b"&more=1", sent.headers)
    clock.forward(seconds=301)
    assert not verifier.is_valid_request(sent.body, sent.headers)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (saying("heard"), ["heard"]),
        (saying(json.dumps({"text": "heard"}), "application/json"), ["heard"]),
        (saying(""), []),
        (saying(" \n"), []),
    ],
    ids=["text", "json", "nothing", "blank"],
)
async def test_answer_to_a_command_is_shown(
    door: Door, installed: HttpApp, answer: Answering, shown: list[str]
) -> None:
    installed.answers = answer
    assert (await door.slash("deploy prod"))["acked"] is True
    assert await door.texts() == shown


@pytest.mark.parametrize(
    ("answer", "error"),
    [(answering(404), "http_client_error"), (answering(500), "http_service_error")],
    ids=["4xx", "5xx"],
)
async def test_refused_command_says_what_slack_says(
    door: Door, installed: HttpApp, answer: Answering, error: str
) -> None:
    installed.answers = answer
    assert (await door.slash("deploy prod"))["acked"] is False
    assert await door.texts() == [f'/oec failed with the error "{error}"']


async def test_app_that_is_not_there_cannot_be_dispatched_to(door: Door, installed: HttpApp) -> None:
    await installed.stop()
    assert (await door.slash("deploy prod"))["acked"] is False
    assert await door.texts() == ['/oec failed with the error "dispatch_failed"']


@impatient
async def test_late_answer_to_a_command_counts_for_nothing(door: Door, installed: HttpApp) -> None:
    installed.answers = _never
    assert (await door.slash("deploy prod"))["acked"] is False
    assert await door.texts() == ['/oec failed with the error "operation_timeout"']


async def _never(_: Sent) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def test_press_arrives_as_json_in_a_form(
    door: Door, installed: HttpApp, server: WorkspaceServer
) -> None:
    said = await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="it is slow")
    installed.sent.clear()
    used = await door.post(
        "shortcut", user_id=ANA, callback_id="oec_message", channel_id=DEPLOYS, message_ts=said["ts"]
    )
    assert used["acked"] is True
    (sent,) = installed.sent
    payload = json.loads(sent.form["payload"])
    assert (payload["type"], payload["message"]["text"]) == ("message_action", "it is slow")


async def test_event_arrives_as_json(door: Door, installed: HttpApp) -> None:
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    (sent,) = await installed.until_sent(1)
    assert sent.headers["content-type"] == "application/json"
    assert sent.json["event_id"] == said["event_id"]
    assert sent.retry == (None, None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering(503), "http_error"),
        (answering(302, location="/slack/events"), "too_many_redirects"),
    ],
    ids=["5xx", "redirects"],
)
async def test_event_comes_again_and_says_why(
    door: Door, installed: HttpApp, answer: Answering, reason: str
) -> None:
    installed.answers = answer
    await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    per_try = 3 if reason == "too_many_redirects" else 1
    sent = await installed.until_sent(4 * per_try)
    assert [one.retry for one in sent[::per_try]] == [(None, None), *((str(n), reason) for n in (1, 2, 3))]
    assert len({one.json["event_id"] for one in sent}) == 1


@impatient
async def test_event_waited_for_in_vain_comes_again(door: Door, installed: HttpApp) -> None:
    installed.answers = _never
    await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    await installed.until_sent(1)
    installed.answers = say_ok
    assert (await installed.until_sent(2))[1].retry == ("1", "http_timeout")


async def test_app_can_ask_not_to_be_told_again(door: Door, installed: HttpApp) -> None:
    installed.answers = answering(500, x_slack_no_retry=1)
    await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="one")
    await installed.until_sent(1)
    installed.answers = say_ok
    await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="two")
    assert [one.json["event"]["text"] for one in await installed.until_sent(2)] == [
        "<@U0OECBOT> one",
        "<@U0OECBOT> two",
    ]


async def test_redirected_event_is_delivered(door: Door, installed: HttpApp) -> None:
    async def lead_on(sent: Sent) -> web.StreamResponse:
        return (
            web.Response()
            if sent.path == "/there"
            else web.Response(status=307, headers={"Location": "/there"})
        )

    installed.answers = lead_on
    assert (await door.slash("deploy prod"))["acked"] is True
    assert [one.path for one in installed.sent] == ["/slack/events", "/there"]


@pytest.mark.parametrize(
    "answer",
    [
        say_challenge,
        lambda sent: saying(json.dumps({"challenge": sent.json["challenge"]}), "application/json")(sent),
        lambda sent: saying(f"challenge={sent.json['challenge']}", "application/x-www-form-urlencoded")(sent),
    ],
    ids=["text", "json", "form"],
)
async def test_address_that_says_the_challenge_back_is_taken(
    door: Door, http_app: HttpApp, answer: Answering
) -> None:
    http_app.answers = answer
    app = await door.post("app", request_url=http_app.url)
    assert (app["mode"], app["events_url"]) == ("http", http_app.url)
    (asked,) = http_app.sent
    assert set(asked.json) == {"token", "challenge", "type"}
    assert asked.json["type"] == "url_verification"
    assert asked.headers["x-slack-signature"].startswith("v0=")


@pytest.mark.parametrize(
    "answer", [say_ok, saying("something"), answering(404)], ids=["empty", "wrong", "404"]
)
async def test_address_that_does_not_is_refused(door: Door, http_app: HttpApp, answer: Answering) -> None:
    http_app.answers = answer
    with pytest.raises(RefusedError, match="challenge"):
        await door.post("app", request_url=http_app.url)
    assert (await door.get("workspace"))["bot"]["mode"] == "socket"


async def test_address_where_nobody_listens_is_refused(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(RefusedError, match="could not be asked"):
        await door.post("app", request_url=f"http://127.0.0.1:{port}/")


async def test_app_goes_back_to_its_socket(door: Door, installed: HttpApp, app: WireApp) -> None:
    assert (await door.post("app", request_url=None))["mode"] == "socket"
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    assert (await app.answer_next())["payload"]["event_id"] == said["event_id"]
    assert installed.sent == []
