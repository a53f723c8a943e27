"""What people do in a life, through the side door, and what is remembered of it. The bot may be gone at any moment."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.benchmarks.chaos.town import BOT, CHANNELS
from tests.support.reading import JsonObject, find_buttons, read_words

LOOK_EVERY = 0.05
PATIENCE = 2.5
"""Seconds that a person waits for something to appear before doing something else."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Something typed: who, where, what, and the key by which the bot knows it again."""

    key: str
    user: str
    channel: str
    text: str
    acked: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A form by which somebody decided, and what the app said to it at once."""

    handle: str
    user: str
    kind: str
    is_taken: bool
    """Acknowledged in time, with nothing wrong beside a field: the person saw it close."""
    took: float = 0.0
    """Milliseconds until that acknowledgement."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands in a channel."""

    channel: str
    ts: str
    words: str
    text: str
    buttons: tuple[str, ...]
    raw: JsonObject = field(repr=False)

    @property
    def run(self) -> int | None:
        """The run whose message this is, by what the bot wrote beside it."""
        return _told_beside(self.raw).get("run")

    @property
    def slot(self) -> str | None:
        """Which of the run's messages it is."""
        return _told_beside(self.raw).get("slot")


def _told_beside(message: JsonObject) -> dict[str, Any]:
    if message.get("ephemeral"):  # what one person is told is nobody's card
        return {}
    metadata = message.get("metadata") or {}
    payload: dict[str, Any] = metadata.get("event_payload") or {}
    return payload if metadata.get("event_type") == "oec_run" else {}


class People:
    """Everybody in the pretend workspace. Remembers every ask and every decision."""

    def __init__(self, door: httpx.AsyncClient) -> None:
        self._door = door
        self.asks: list[Ask] = []
        self.decisions: list[Decision] = []
        self.presses = 0
        self.redeliveries = 0

    # Acting

    async def types(self, user: str, text: str, channel: str) -> str | None:
        """Type `/oec …`; the envelope it went in."""
        body = {"user_id": user, "channel_id": channel, "command": "/oec", "text": text}
        done = await self._post("slash", body)
        if not done:  # an archived channel takes no words
            return None
        self.asks.append(Ask(f"slash:{done.get('trigger_id')}", user, channel, text, bool(done.get("acked"))))
        return done.get("envelope_id")

    async def mentions(self, user: str, text: str, channel: str, thread: str | None = None) -> str | None:
        """Write to the bot in a message; the envelope of the event."""
        body = {"user_id": user, "channel_id": channel, "text": text}
        done = await self._post("mention", body | ({"thread_ts": thread} if thread else {}))
        if not done:
            return None
        self.asks.append(
            Ask(f"event:{done.get('event_id')}", user, channel, text, bool(done.get("event_id")))
        )
        return done.get("envelope_id")

    async def writes(self, user: str, text: str, channel: str) -> str:
        """Write something to nobody in particular; where it stands."""
        done = await self._post("say", {"user_id": user, "channel_id": channel, "text": text})
        return str(done.get("ts"))

    async def redelivers(self, envelope: str | None) -> None:
        """Slack sends it again."""
        if envelope is not None:
            self.redeliveries += 1
            await self._post("redeliver", {"envelope_id": envelope})

    async def presses_on(self, user: str, label: str, on: Seen) -> bool:
        """Press a button; whether it was acknowledged."""
        self.presses += 1
        body = {"user_id": user, "channel_id": on.channel, "message_ts": on.ts, "label": label}
        return bool((await self._post("press", body)).get("acked"))

    async def submits(self, user: str, words: str) -> None:
        """Fill in the form that opens, if one does, and send it off."""
        modal = await self._finds_modal(user)
        if modal is None:
            return
        field_block = next(block for block in modal["blocks"] if block["type"] == "input")
        values = {field_block["block_id"]: {field_block["element"]["action_id"]: words}}
        done = await self._post("submit", {"user_id": user, "view_id": modal["id"], "values": values})
        is_taken = bool(done.get("acked")) and not done.get("errors") and not done.get("problem")
        handle, _, _ = str(modal.get("private_metadata")).partition(
            "."
        )  # what follows are the terms of an approval
        kind = str(modal.get("callback_id"))
        self.decisions.append(Decision(handle, user, kind, is_taken, float(done.get("ack_ms") or 0)))
        if not is_taken:
            await self._post("close", {"user_id": user, "view_id": modal["id"]})

    async def confirms(self, user: str) -> None:
        """Say yes to the question that opens, if one does."""
        modal = await self._finds_modal(user)
        if modal is not None:
            await self._post("submit", {"user_id": user, "view_id": modal["id"], "values": {}})

    async def uses_shortcut(self, user: str, on: Seen) -> None:
        """Choose *Ask oec about this* from a message's menu."""
        body = {"callback_id": "oec_message", "channel_id": on.channel, "message_ts": on.ts}
        await self._post("shortcut", {"user_id": user} | body)

    async def arranges(self, channel: str, *, is_archived: bool) -> None:
        """Archive a channel, or open it again."""
        answer = await self._door.post("/person/channels", json={"id": channel, "is_archived": is_archived})
        answer.raise_for_status()

    async def opens_home(self, user: str) -> None:
        """Open the App Home."""
        await self._post("home", {"user_id": user})

    # Seeing

    async def looks_at(self, channel: str, *, user: str = "U0ANA", thread: str | None = None) -> list[Seen]:
        """What stands there now for this person, oldest first."""
        query = {"channel_id": channel, "as": user} | ({"thread_ts": thread} if thread else {})
        answer = await self._door.get("/person/messages", params=query)
        return [_seen(channel, one) for one in answer.raise_for_status().json()["messages"]]

    async def finds(
        self,
        is_it: Callable[[Seen], bool],
        *,
        user: str = "U0ANA",
        channels: Iterable[str] = CHANNELS,
        patience: float = PATIENCE,
    ) -> Seen | None:
        """Wait for the newest message that is the one; None where it does not come."""
        deadline = time.monotonic() + patience
        while True:
            for channel in channels:
                for seen in reversed(await self.looks_at(channel, user=user)):
                    if is_it(seen):
                        return seen
            if time.monotonic() > deadline:
                return None
            await asyncio.sleep(LOOK_EVERY)

    async def finds_cards(self, button: str) -> list[Seen]:
        """The cards that offer a button, whatever their age."""
        return [
            seen
            for channel in CHANNELS
            for seen in await self.looks_at(channel)
            if seen.slot == "card" and button in seen.buttons
        ]

    async def sees_answer(self, user: str, channel: str, *, after: float, patience: float = 8.0) -> bool:
        """Whether something private comes for this person, posted after this time (Unix seconds)."""

        def is_it(seen: Seen) -> bool:
            return bool(seen.raw.get("ephemeral")) and seen.raw["user"] == BOT and float(seen.ts) >= after

        return await self.finds(is_it, user=user, channels=(channel,), patience=patience) is not None

    async def calls(self, *, since: float = 0.0) -> list[JsonObject]:
        """Every call of Slack's Web API that the bot made from this time on (Unix seconds), oldest first."""
        answer = await self._door.get("/person/calls", params={"since": f"{since:.6f}"})
        told: list[JsonObject] = answer.raise_for_status().json()["calls"]
        return told

    async def last_limited_at(self, *, since: float) -> float:
        """When Slack's limits last kept a message from being posted or edited; `since` where they did not."""
        calls = [one for one in await self.calls(since=since) if one["method"].startswith("chat.")]
        limited = [one["at"] for one in calls if one["error"] == "ratelimited"]
        return datetime.fromisoformat(limited[-1]).timestamp() if limited else since

    async def connections(self) -> tuple[int, int]:
        """How many sockets the bot has open now, and how many it ever opened."""
        told = (await self._door.get("/person/workspace")).raise_for_status().json()["bot"]
        return int(told["connections"]), int(told["connected"])

    async def _finds_modal(self, user: str) -> JsonObject | None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = await self._door.get("/person/views", params={"user_id": user})
            if modals := answer.raise_for_status().json()["modals"]:
                top: JsonObject = modals[-1]
                return top
            await asyncio.sleep(LOOK_EVERY)
        return None

    async def causes(self, **fault: object) -> None:
        """Let something go wrong at Slack."""
        (await self._door.post("/person/faults", json=fault)).raise_for_status()

    async def _post(self, call: str, body: dict[str, Any]) -> JsonObject:
        """Do something; what a person may not do (press a button that is gone) is simply not done."""
        answer = await self._door.post(f"/person/{call}", json=body)
        done: JsonObject = {} if answer.is_error else answer.json()
        return done


def _seen(channel: str, message: JsonObject) -> Seen:
    return Seen(
        channel,
        str(message["ts"]),
        read_words(message),
        str(message.get("text") or ""),
        tuple(find_buttons(message)),
        message,
    )
