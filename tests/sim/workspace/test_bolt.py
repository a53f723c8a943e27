"""A whole app written with Bolt, on Slack's own clients, against the stand-in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import APP_TOKEN
from tests.sim.workspace.conftest import impatient
from tests.sim.workspace.door import ANA, BEN, DEPLOYS, Door

JsonObject = dict[str, Any]


def words(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


CARD: list[JsonObject] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Deploy `prod`?"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": words("Approve"), "action_id": "approve", "value": "7"},
            {"type": "button", "text": words("Decline"), "action_id": "decline", "value": "7"},
        ],
    },
]
REASON: JsonObject = {
    "type": "modal",
    "callback_id": "reason",
    "title": words("Decline"),
    "submit": words("Send"),
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": words("Why?"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def build_app(client: AsyncWebClient) -> AsyncApp:
    """An app that asks for an approval, as the product does, in a few lines of Bolt."""
    app = AsyncApp(client=client)

    @app.command("/oec")
    async def ask(ack: AsyncAck, body: JsonObject) -> None:
        await ack(f"Heard: {body['text']}")
        await client.chat_postMessage(channel=body["channel_id"], text="Deploy prod?", blocks=CARD)

    @app.action("approve")
    async def approve(ack: AsyncAck, body: JsonObject, respond: AsyncRespond) -> None:
        await ack()
        await respond(text=f"Approved by <@{body['user']['id']}>", replace_original=True)
        await respond(text="Thank you.", replace_original=False)

    @app.action("decline")
    async def decline(ack: AsyncAck, body: JsonObject) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=REASON)

    @app.view("reason")
    async def take_reason(ack: AsyncAck, view: JsonObject) -> None:
        reason = view["state"]["values"]["why"]["text"]["value"]
        if len(reason) < 5:
            await ack(response_action="errors", errors={"why": "Say a little more."})
            return
        await ack()
        await client.chat_postMessage(channel=DEPLOYS, text=f"Declined: {reason}")

    @app.event("app_mention")
    async def answer(event: JsonObject, say: AsyncSay) -> None:
        await say(text=f"You said {event['text']}", thread_ts=event.get("thread_ts") or event["ts"])

    @app.event("app_home_opened")
    async def greet(event: JsonObject) -> None:
        section = {"type": "section", "text": words("Welcome home")}
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section]})

    @app.shortcut("oec_message")
    async def look(ack: AsyncAck, shortcut: JsonObject, respond: AsyncRespond) -> None:
        await ack()
        await respond(text=f"About: {shortcut['message']['text']}")

    return app


@pytest.fixture
async def bolt(slack: AsyncWebClient, door: Door) -> AsyncIterator[None]:
    """The app, connected; it is disconnected again at the end."""
    handler = AsyncSocketModeHandler(build_app(slack), APP_TOKEN)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await door.until_connected()
    yield
    await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.mark.usefixtures("bolt")
async def test_command_is_answered_privately_and_posts_a_card(door: Door) -> None:
    done = await door.slash("deploy prod")
    assert done["acked"] is True
    assert (await door.until_seen("Heard: deploy prod"))["ephemeral"] is True
    card = await door.until_seen("Deploy prod?", user=BEN)
    assert card["blocks"][1]["elements"][0]["text"]["text"] == "Approve"


@pytest.mark.usefixtures("bolt")
async def test_button_replaces_the_card_and_thanks_in_private(door: Door) -> None:
    await door.slash("deploy prod")
    card = await door.until_seen("Deploy prod?", user=BEN)
    assert (await door.press(card["ts"], "Approve", user=BEN))["acked"] is True
    replaced = await door.until_seen("Approved by <@U0BEN>")
    assert (replaced["ts"], replaced["edits"], replaced["blocks"]) == (card["ts"], 1, [])
    assert (await door.until_seen("Thank you.", user=BEN))["ephemeral"] is True
    assert "Thank you." not in await door.texts(user=ANA)


@pytest.mark.usefixtures("bolt")
async def test_modal_refuses_and_then_takes_a_reason(door: Door) -> None:
    await door.slash("deploy prod")
    card = await door.until_seen("Deploy prod?")
    await door.press(card["ts"], "Decline")
    modal = await door.until_modal()
    refused = await door.post("submit", user_id=ANA, view_id=modal["id"], values={"why": {"text": "no"}})
    assert (refused["response_action"], refused["errors"]) == ("errors", {"why": "Say a little more."})
    taken = await door.post("submit", user_id=ANA, view_id=modal["id"], values={"why": {"text": "not today"}})
    assert (taken["acked"], taken["response_action"]) == (True, None)
    await door.until_seen("Declined: not today", user=BEN)
    assert await door.modals() == []


@pytest.mark.usefixtures("bolt")
async def test_mention_is_answered_in_its_thread(door: Door) -> None:
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    await door.until_seen("You said <@U0OECBOT> status", thread_ts=said["ts"])


@pytest.mark.usefixtures("bolt")
async def test_home_is_published_when_opened(door: Door) -> None:
    async with asyncio.timeout(30), door.stream(ANA) as next_news:
        await door.post("home", user_id=ANA)
        while (await next_news())["kind"] != "views":
            pass
    home = (await door.get("views", user_id=ANA))["home"]
    assert home["blocks"][0]["text"]["text"] == "Welcome home"


@pytest.mark.usefixtures("bolt")
async def test_shortcut_answers_about_the_message(door: Door) -> None:
    ts = (await door.post("say", user_id=BEN, channel_id=DEPLOYS, text="odd"))["ts"]
    body = {"callback_id": "oec_message", "channel_id": DEPLOYS, "message_ts": ts}
    assert (await door.post("shortcut", user_id=ANA, **body))["acked"] is True
    assert (await door.until_seen("About: odd"))["ephemeral"] is True


@pytest.mark.usefixtures("bolt")
@impatient
async def test_unknown_button_is_not_acknowledged(door: Door, slack: AsyncWebClient) -> None:
    row = {"type": "actions", "elements": [{"type": "button", "text": words("Old"), "action_id": "gone"}]}
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="x", blocks=[row])
    assert (await door.press(str(posted["ts"]), "Old"))["acked"] is False
