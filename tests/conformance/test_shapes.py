"""What travels from the stand-in to an app has the fields that Slack's documents list, and no others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from tests.conformance.shapes import Each, Maybe, find_misfits
from tests.sim.workspace.door import ANA, DEPLOYS, Door
from tests.sim.workspace.wire_app import WireApp, answered

Shape = dict[str, Any]

TEAM: Shape = {"id": str, "domain": str}
USER: Shape = {"id": str, "username": str, "name": str, "team_id": str}
CHANNEL: Shape = {"id": str, "name": str}
WORDS: Shape = {"type": "plain_text", "text": str}
BUTTON: Shape = {"type": "button", "text": WORDS, "action_id": str, "value": str}
INPUT: Shape = {
    "type": "input",
    "block_id": str,
    "label": WORDS,
    "element": {"type": "plain_text_input", "action_id": str},
}
STATE: Shape = {"values": {"why": {"text": {"type": "plain_text_input", "value": Maybe(str)}}}}
INTERACTION: Shape = {
    "team": TEAM,
    "user": USER,
    "api_app_id": str,
    "token": str,
    "enterprise": None,
    "is_enterprise_install": False,
}
MESSAGE: Shape = {
    "type": "message",
    "user": str,
    "ts": str,
    "text": str,
    "team": str,
    "bot_id": str,
    "app_id": str,
    "blocks": Each({"type": "actions", "block_id": str, "elements": Each(BUTTON)}),
}
PERSONS_MESSAGE: Shape = {"type": "message", "user": str, "ts": str, "text": str, "team": str}
ACTION: Shape = {
    "type": "button",
    "text": WORDS,
    "action_id": str,
    "block_id": str,
    "value": str,
    "action_ts": str,
}
VIEW: Shape = {
    "id": str,
    "team_id": str,
    "type": "modal",
    "blocks": Each(INPUT),
    "private_metadata": str,
    "callback_id": str,
    "state": STATE,
    "hash": str,
    "title": WORDS,
    "clear_on_close": bool,
    "notify_on_close": bool,
    "close": Maybe(WORDS),
    "submit": WORDS,
    "previous_view_id": None,
    "root_view_id": str,
    "app_id": str,
    "external_id": str,
    "app_installed_team_id": str,
    "bot_id": str,
}
COMMAND: Shape = {
    "token": str,
    "team_id": "T0ACME",
    "team_domain": str,
    "channel_id": DEPLOYS,
    "channel_name": "deploys",
    "user_id": ANA,
    "user_name": str,
    "command": "/oec",
    "text": str,
    "api_app_id": str,
    "is_enterprise_install": "false",
    "response_url": str,
    "trigger_id": str,
}
PRESS: Shape = INTERACTION | {
    "type": "block_actions",
    "container": {"type": "message", "message_ts": str, "channel_id": DEPLOYS, "is_ephemeral": False},
    "trigger_id": str,
    "channel": CHANNEL,
    "message": MESSAGE,
    "state": {"values": {}},
    "response_url": str,
    "actions": Each(ACTION),
}
PRESS_IN_VIEW: Shape = INTERACTION | {
    "type": "block_actions",
    "container": {"type": "view", "view_id": str},
    "trigger_id": str,
    "view": VIEW
    | {
        "blocks": Each({"type": "actions", "block_id": str, "elements": Each(BUTTON)}),
        "state": {"values": {}},
    },
    "actions": Each(ACTION),
}
SUBMISSION: Shape = INTERACTION | {
    "type": "view_submission",
    "trigger_id": str,
    "view": VIEW,
    "response_urls": list,
}
CLOSED: Shape = INTERACTION | {
    "type": "view_closed",
    "view": VIEW | {"state": {"values": {}}},
    "is_cleared": False,
}
SHORTCUT: Shape = INTERACTION | {
    "type": "message_action",
    "action_ts": str,
    "callback_id": str,
    "trigger_id": str,
    "response_url": str,
    "message_ts": str,
    "channel": CHANNEL,
    "message": PERSONS_MESSAGE,
}
MENTION: Shape = {
    "type": "app_mention",
    "user": ANA,
    "text": str,
    "ts": str,
    "team": str,
    "channel": DEPLOYS,
    "event_ts": str,
}
HOME_OPENED: Shape = {"type": "app_home_opened", "user": ANA, "channel": str, "tab": "home", "event_ts": str}
AUTHORIZATION: Shape = {
    "enterprise_id": None,
    "team_id": str,
    "user_id": str,
    "is_bot": True,
    "is_enterprise_install": False,
}


def event(inner: Shape) -> Shape:
    """The wrapping that every event travels in."""
    return {
        "token": str,
        "team_id": str,
        "api_app_id": str,
        "event": inner,
        "type": "event_callback",
        "event_id": str,
        "event_time": int,
        "authorizations": Each(AUTHORIZATION),
        "is_ext_shared_channel": False,
        "event_context": str,
    }


def envelope(kind: str, payload: Shape, *, accepts: bool) -> Shape:
    """A frame of Socket Mode."""
    retries: Shape = {"retry_attempt": int, "retry_reason": str} if kind == "events_api" else {}
    return {
        "envelope_id": str,
        "type": kind,
        "accepts_response_payload": accepts,
        "payload": payload,
        **retries,
    }


@pytest.fixture
async def app(server: WorkspaceServer, http: aiohttp.ClientSession) -> AsyncIterator[WireApp]:
    """A connected app that looks at frames."""
    wire_app = WireApp(server.url, http)
    await wire_app.connect()
    yield wire_app
    await wire_app.close()


@pytest.fixture
def slack(server: WorkspaceServer, http: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url, session=http)


def check(shape: Shape, value: Any) -> None:
    assert list(find_misfits(shape, value)) == []


def words(text: str) -> Shape:
    return {"type": "plain_text", "text": text}


ROW: Shape = {
    "type": "actions",
    "elements": [{"type": "button", "text": words("Go"), "action_id": "go", "value": "1"}],
}
FORM: Shape = {
    "type": "modal",
    "title": words("Why?"),
    "submit": words("Send"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": words("Why?"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


async def frame_of(deed: Any, app: WireApp) -> Shape:
    """The whole frame that something a person does sends to the app."""
    doing = asyncio.ensure_future(deed)
    frame = await app.answer_next()
    await doing
    return frame


async def open_modal(door: Door, app: WireApp, slack: AsyncWebClient, view: Shape) -> str:
    _, sent = await answered(door.slash("form"), app)
    opened = await slack.views_open(trigger_id=sent["trigger_id"], view=view)
    return str(opened["view"]["id"])


async def test_hello_is_as_documented(server: WorkspaceServer, http: aiohttp.ClientSession) -> None:
    wire_app = WireApp(server.url, http)
    hello = await wire_app.connect()
    await wire_app.close()
    check(
        {
            "type": "hello",
            "num_connections": 1,
            "connection_info": {"app_id": "A0OECBOT"},
            "debug_info": {
                "host": str,
                "started": str,
                "build_number": int,
                "approximate_connection_time": 18060,
            },
        },
        hello,
    )


async def test_goodbye_is_as_documented(door: Door, app: WireApp) -> None:
    await door.fault("disconnect", reason="warning", seconds=0)
    for reason in ("warning", "refresh_requested"):
        check({"type": "disconnect", "reason": reason, "debug_info": {"host": str}}, await app.frame())


async def test_slash_command_is_as_documented(door: Door, app: WireApp) -> None:
    frame = await frame_of(door.slash("deploy prod"), app)
    check(envelope("slash_commands", COMMAND, accepts=True), frame)


async def test_press_is_as_documented(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="Go?", blocks=[ROW])
    frame = await frame_of(door.press(str(posted["ts"]), "Go"), app)
    check(envelope("interactive", PRESS, accepts=True), frame)


async def test_press_in_a_thread_names_the_thread(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    card = str((await slack.chat_postMessage(channel=DEPLOYS, text="card"))["ts"])
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="Go?", blocks=[ROW], thread_ts=card)
    frame = await frame_of(door.press(str(posted["ts"]), "Go"), app)
    in_thread = PRESS | {
        "container": PRESS["container"] | {"thread_ts": card},
        "message": MESSAGE | {"thread_ts": card},
    }
    check(envelope("interactive", in_thread, accepts=True), frame)


async def test_press_on_a_private_message_names_it_only(
    door: Door, app: WireApp, slack: AsyncWebClient
) -> None:
    posted = await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="Go?", blocks=[ROW])
    frame = await frame_of(door.press(str(posted["message_ts"]), "Go"), app)
    private = PRESS | {"container": PRESS["container"] | {"is_ephemeral": True}}
    del private["message"]
    check(envelope("interactive", private, accepts=True), frame)


async def test_press_in_a_modal_is_as_documented(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    view_id = await open_modal(door, app, slack, FORM | {"blocks": [ROW]})
    frame = await frame_of(door.post("press", user_id=ANA, view_id=view_id, label="Go"), app)
    check(envelope("interactive", PRESS_IN_VIEW, accepts=True), frame)


async def test_submission_is_as_documented(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    view_id = await open_modal(door, app, slack, FORM)
    sending = door.post("submit", user_id=ANA, view_id=view_id, values={"why": {"text": "late"}})
    check(envelope("interactive", SUBMISSION, accepts=True), await frame_of(sending, app))


async def test_closing_is_as_documented(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    view_id = await open_modal(door, app, slack, FORM)
    frame = await frame_of(door.post("close", user_id=ANA, view_id=view_id), app)
    check(envelope("interactive", CLOSED, accepts=False), frame)


async def test_message_shortcut_is_as_documented(door: Door, app: WireApp) -> None:
    said = await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="it is slow")
    chosen = {"callback_id": "oec_message", "channel_id": DEPLOYS, "message_ts": said["ts"]}
    frame = await frame_of(door.post("shortcut", user_id=ANA, **chosen), app)
    check(envelope("interactive", SHORTCUT, accepts=False), frame)


async def test_mention_is_as_documented(door: Door, app: WireApp) -> None:
    frame = await frame_of(door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status"), app)
    check(envelope("events_api", event(MENTION), accepts=False), frame)
    assert (frame["retry_attempt"], frame["retry_reason"]) == (0, "")


async def test_opened_home_is_as_documented(door: Door, app: WireApp) -> None:
    frame = await frame_of(door.post("home", user_id=ANA), app)
    check(envelope("events_api", event(HOME_OPENED), accepts=False), frame)


@pytest.mark.parametrize(
    ("shape", "value", "misfits"),
    [
        ({"a": str}, {"a": "x"}, []),
        ({"a": str}, {"a": 1}, ["/a: 1 is not str"]),
        ({"a": str}, {}, ["/a: is missing"]),
        ({}, {"a": 1}, ["/a: is not in Slack's documents"]),
        ({"a": False}, {"a": 0}, ["/a: 0 is not False"]),
        ({"a": Each(int)}, {"a": []}, ["/a: [] is no list with something in it"]),
        ({"a": Each(int)}, {"a": [1, "x"]}, ["/a/1: 'x' is not int"]),
        ({"a": Maybe({"b": int})}, {"a": None}, []),
        ({"a": {"b": int}}, {"a": 1}, ["/a: 1 is no object"]),
    ],
)
def test_misfits_are_found(shape: Shape, value: Shape, misfits: list[str]) -> None:
    assert list(find_misfits(shape, value)) == misfits
