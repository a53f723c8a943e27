"""A tiny Bolt app that gives the page something of every kind to show: cards, modals, threads, private answers, a Home."""

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN

JsonObject = dict[str, Any]

PRIVATE_WORDS = "You may not deploy `prod` from here."
ENVIRONMENT = "dev"
NOT_THE_NAME = "That is not the environment's name."


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def section(text: str) -> JsonObject:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(label: str, action_id: str, **more: Any) -> JsonObject:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def note_input(label: str = "Note") -> JsonObject:
    """A field in a message, which somebody may be typing in while the message changes."""
    element = {"type": "plain_text_input", "action_id": "note"}
    return {"type": "input", "block_id": "note", "optional": True, "label": plain(label), "element": element}


CARD = [
    section("⏳ *Deploy `prod`* waits for approval"),
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            button("Approve", "approve", style="primary"),
            button(
                "Decline",
                "decline",
                style="danger",
                confirm={
                    "title": plain("Decline this deploy?"),
                    "text": plain("The requester is told."),
                    "confirm": plain("Decline it"),
                    "deny": plain("Keep it"),
                    "style": "danger",
                },
            ),
            button("Say nothing", "say_nothing"),
        ],
    },
]

FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Reinitialise sale"),
    "submit": plain("Reinitialise"),
    "close": plain("Cancel"),
    "blocks": [
        {"type": "alert", "level": "warning", "text": plain("This destroys the data of sale.")},
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Type the environment's name"),
            "element": {"type": "plain_text_input", "action_id": "typed"},
        },
        {
            "type": "input",
            "block_id": "reason",
            "optional": True,
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "typed", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "when",
            "label": plain("When"),
            "element": {
                "type": "radio_buttons",
                "action_id": "chosen",
                "options": [
                    {"text": plain("Now"), "value": "now"},
                    {"text": plain("Tonight"), "value": "tonight"},
                ],
                "initial_option": {"text": plain("Now"), "value": "now"},
            },
        },
        {"type": "actions", "elements": [button("Explain", "explain")]},
    ],
}

EXPLANATION = {
    "type": "modal",
    "title": plain("What this does"),
    "close": plain("Back"),
    "blocks": [section("It installs the modules again, from nothing.")],
}

HOME = {
    "type": "home",
    "blocks": [section("*prod* is running"), {"type": "divider"}, section("*staging* is stopped")],
}


class ToyApp:
    """The app on its socket; `submitted` and `pressed` are what it was told."""

    def __init__(self, api_url: str) -> None:
        self.client = AsyncWebClient(token=BOT_TOKEN, base_url=api_url)
        self.submitted: list[JsonObject] = []
        self.pressed: asyncio.Queue[JsonObject] = asyncio.Queue()
        app = AsyncApp(client=self.client, process_before_response=True)
        app.command("/oec")(self._on_command)
        app.action("approve")(self._on_approve)
        app.action("decline")(self._on_press)
        app.action("pick")(self._on_press)
        app.action("more")(self._on_press)
        app.action("say_nothing")(self._on_silence)
        app.action("explain")(self._on_explain)
        app.view("form")(self._on_form)
        app.event("app_mention")(self._on_mention)
        app.event("app_home_opened")(self._on_home)
        app.shortcut("oec_message")(self._on_shortcut)
        self._handler = AsyncSocketModeHandler(app, APP_TOKEN)

    async def connect(self) -> None:
        """Listen to the workspace."""
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    async def disconnect(self) -> None:
        """Leave cleanly; harmless when already gone."""
        await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def next_press(self) -> JsonObject:
        """The next button press the app hears of."""
        async with asyncio.timeout(30):
            return await self.pressed.get()

    async def _on_command(self, ack: Any, body: JsonObject) -> None:
        match body["text"]:
            case "card":
                await ack()
                await self.client.chat_postMessage(
                    channel=body["channel_id"], text="Deploy prod?", blocks=CARD
                )
            case "form":
                await ack()
                await self.client.views_open(trigger_id=body["trigger_id"], view=FORM)
            case "silence":
                return
            case _:
                await ack(text=PRIVATE_WORDS)

    async def _on_approve(self, ack: Any, body: JsonObject) -> None:
        await ack()
        self.pressed.put_nowait(body["actions"][0])
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        done = [
            section("▶ *Deploying `prod`*"),
            {"type": "context", "elements": [plain(f"approved by {body['user']['name']}")]},
        ]
        await self.client.chat_update(channel=channel, ts=ts, text="Deploying prod", blocks=done)
        await self.client.chat_postMessage(
            channel=channel, thread_ts=ts, text="✓ <@U0ANA>, `prod` is deployed"
        )

    async def _on_press(self, ack: Any, body: JsonObject) -> None:
        await ack()
        self.pressed.put_nowait(body["actions"][0])

    async def _on_silence(self) -> None:
        """Never acknowledge."""

    async def _on_explain(self, ack: Any, body: JsonObject) -> None:
        await ack()
        await self.client.views_push(trigger_id=body["trigger_id"], view=EXPLANATION)

    async def _on_form(self, ack: Any, view: JsonObject) -> None:
        values = view["state"]["values"]
        if values["name"]["typed"]["value"] != ENVIRONMENT:
            await ack(response_action="errors", errors={"name": NOT_THE_NAME})
            return
        await ack()
        self.submitted.append(values)

    async def _on_mention(self, event: JsonObject) -> None:
        root = event.get("thread_ts") or event["ts"]
        await self.client.chat_postMessage(channel=event["channel"], thread_ts=root, text="I heard you")

    async def _on_home(self, event: JsonObject) -> None:
        await self.client.views_publish(user_id=event["user"], view=HOME)

    async def _on_shortcut(self, ack: Any, body: JsonObject) -> None:
        await ack()
        await self.client.chat_postMessage(
            channel=body["channel"]["id"], thread_ts=body["message"]["ts"], text="About this message"
        )
