"""A person in the pretend workspace: says things, reads what comes, presses buttons, fills in modals.

Everything goes through the stand-in's side door, as it would through Slack's own window. What a person has read is
remembered: a scenario that leaves something unread fails.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.reading import JsonObject, find_buttons, read_words

PATIENCE = 30.0
"""Seconds that a person waits for something to appear; generous, for the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as one person saw it."""

    channel_id: str
    ts: str
    words: str
    buttons: tuple[str, ...]
    is_private: bool
    raw: JsonObject = field(repr=False)

    @property
    def thread_ts(self) -> str | None:
        """The thread it stands in, if it is a reply."""
        thread = self.raw.get("thread_ts")
        return thread if thread and thread != self.ts else None

    @property
    def is_passing(self) -> bool:
        """Whether it only says that an ask was heard whose card takes its time: said where the machine is slow."""
        return self.is_private and "Heard: " in self.words


class Person:
    """One of the seeded people."""

    def __init__(self, user_id: str, side_door: httpx.AsyncClient, read: set[tuple[str, str]]) -> None:
        self.user_id = user_id
        self._side_door = side_door
        self._read = read

    async def says(self, text: str, channel: str, *, thread: str | None = None) -> JsonObject:
        """Type something: a slash command where it begins with `/`, else an ordinary message."""
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            body = {"user_id": self.user_id, "channel_id": channel, "command": command, "text": rest}
            return await self._post("slash", body)
        body = {"user_id": self.user_id, "channel_id": channel, "text": text}
        return await self._post("mention", body | ({"thread_ts": thread} if thread else {}))

    async def sees(
        self,
        *words: str,
        channel: str,
        thread: str | None = None,
        without: tuple[str, ...] = (),
        patience: float = PATIENCE,
    ) -> Seen:
        """Wait until a message here holds all these words (and none of `without`), and read it.

        Whoever wants to see that an ask was heard has to say `Heard: `; it is never taken for the card.
        """
        deadline = time.monotonic() + patience
        is_asked = any("Heard: " in word for word in words)
        while True:
            messages = await self.looks_at(channel, thread=thread)
            for seen in reversed(messages):
                if seen.is_passing and not is_asked:
                    continue
                if all(word in seen.words for word in words) and not any(w in seen.words for w in without):
                    self._read.add((seen.channel_id, seen.ts))
                    return seen
            if time.monotonic() > deadline:
                shown = "\n---\n".join(seen.words for seen in messages) or "nothing"
                raise AssertionError(f"{self.user_id} waited for {words!r} in {channel}; there was:\n{shown}")
            await asyncio.sleep(0.02)

    async def looks_at(self, channel: str, *, thread: str | None = None) -> list[Seen]:
        """What this person sees there now, oldest first, without reading it; of a thread, the replies."""
        query = {"channel_id": channel, "as": self.user_id} | ({"thread_ts": thread} if thread else {})
        answer = await self._side_door.get("/person/messages", params=query)
        answer.raise_for_status()
        return [
            Seen(
                channel,
                str(message["ts"]),
                read_words(message),
                tuple(find_buttons(message)),
                bool(message.get("ephemeral")),
                message,
            )
            for message in answer.json()["messages"]
            if message["ts"] != thread
        ]

    async def reads_thread(self, card: Seen) -> str:
        """Read everything in a message's thread, however it stands by now; the words of it all."""
        replies = [
            seen for seen in await self.looks_at(card.channel_id, thread=card.ts) if seen.ts != card.ts
        ]
        self._read.update((seen.channel_id, seen.ts) for seen in replies)
        return "\n".join(seen.words for seen in replies)

    async def presses(self, label: str, on: Seen) -> JsonObject:
        """Press a button of a message; it need not still be there as it was read."""
        body = {
            "user_id": self.user_id,
            "channel_id": on.channel_id,
            "message_ts": on.ts,
            "label": label,
        }
        return await self._post("press", body)

    async def finds_modal(self) -> JsonObject:
        """Wait for a modal to open; the topmost."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = await self._side_door.get("/person/views", params={"user_id": self.user_id})
            if modals := answer.json()["modals"]:
                top: JsonObject = modals[-1]
                return top
            await asyncio.sleep(0.02)
        raise AssertionError(f"no modal opened for {self.user_id}")

    async def submits(self, text: str) -> JsonObject:
        """Type into the one field of the open modal, and submit it."""
        modal = await self.finds_modal()
        field_block = next(block for block in modal["blocks"] if block["type"] == "input")
        values = {field_block["block_id"]: {field_block["element"]["action_id"]: text}}
        body = {"user_id": self.user_id, "view_id": modal["id"], "values": values}
        return await self._post("submit", body)

    async def agrees(self) -> JsonObject:
        """Submit the open modal as it is: it only asks back."""
        modal = await self.finds_modal()
        return await self._post("submit", {"user_id": self.user_id, "view_id": modal["id"], "values": {}})

    async def opens_home(self) -> JsonObject:
        """Open the App Home and wait for what the app shows there."""
        await self._post("home", {"user_id": self.user_id})
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = await self._side_door.get("/person/views", params={"user_id": self.user_id})
            if home := answer.json()["home"]:
                shown: JsonObject = home
                return shown
            await asyncio.sleep(0.02)
        raise AssertionError("the App Home stayed empty")

    async def uses_shortcut(self, callback_id: str, on: Seen) -> JsonObject:
        """Use a message shortcut on a message."""
        body = {"callback_id": callback_id, "channel_id": on.channel_id, "message_ts": on.ts}
        return await self._post("shortcut", {"user_id": self.user_id} | body)

    async def _post(self, call: str, body: dict[str, Any]) -> JsonObject:
        answer = await self._side_door.post(f"/person/{call}", json=body)
        if answer.is_error:
            raise AssertionError(f"{call}: {answer.status_code} {answer.text}")
        result: JsonObject = answer.json()
        return result
