"""A message of a run or of a plea put on the screen: one post or one edit."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError, Cure
from bot.core.names import ChannelId, MessageTs
from bot.core.request import Place
from bot.flow.ports import AnySlot, MessageRef, PleaSlot, Wish
from bot.slack.calls import call
from bot.views.message import Message

METADATA_EVENT = "oec_run"
"""The event type of our messages' metadata: by it can be told what a message is of, whatever its text says."""

LONGEST_PLAIN = 3_900
"""Characters of a message that goes without its blocks; Slack takes 4,000 in an edit."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Own:
    """By what our own messages are told from others: the installation that posts them, and the bot's user there."""

    instance: str = ""
    bot_user_id: str = ""

    def mark(self, slot: AnySlot) -> dict[str, Any]:
        """The metadata of a slot's message. Everybody in the workspace may read them."""
        payload = _name(slot) | {"instance": self.instance}
        return {"event_type": METADATA_EVENT, "event_payload": payload}

    def is_of(self, slot: AnySlot, told: Mapping[str, Any]) -> bool:
        """Whether a message, as Slack tells of it, is ours and this slot's. Other apps may copy the metadata."""
        if self.bot_user_id and told.get("user") != self.bot_user_id:
            return False
        metadata, mark = told.get("metadata") or {}, self.mark(slot)
        if metadata.get("event_type") != METADATA_EVENT:
            return False
        # Slack may write a number as a text
        payload = metadata.get("event_payload") or {}
        return {name: str(payload.get(name)) for name in mark["event_payload"]} == {
            name: str(value) for name, value in mark["event_payload"].items()
        }


class Posting:
    """Posts and edits, marked as our own; `deadline` is in seconds a call."""

    def __init__(self, client: AsyncWebClient, *, own: Own, deadline: float) -> None:
        self._client = client
        self._own = own
        self._deadline = deadline

    async def post_or_edit(self, slot: AnySlot, wish: Wish) -> MessageRef:
        """Bring a wish on the screen; where it stands. Raises `ChatRefusedError` or `ChatUnavailableError`.

        Should Slack not like the blocks, the text goes without them, cut short if need be: a bare line is a bug, a
        missing card is a lie.
        """
        try:
            return await self._send(slot, wish, wish.message)
        except ChatRefusedError as error:
            if error.cure is not Cure.LESS:
                raise
            _log.error(
                "%s goes without its blocks: Slack does not like them (%s)",
                slot,
                error.error,
            )
            return await self._send(slot, wish, Message(wish.message.text[:LONGEST_PLAIN], ()))

    async def _send(self, slot: AnySlot, wish: Wish, message: Message) -> MessageRef:
        if wish.ref is None:
            return await self.post(wish.place, message, slot=slot)
        request = self._client.chat_update(
            channel=wish.ref.channel_id,
            ts=wish.ref.ts,
            text=message.text,
            blocks=list(message.blocks),
        )
        await call(request, deadline=self._deadline)
        return wish.ref

    async def delete(self, ref: MessageRef) -> None:
        """Take one of our own messages away."""
        await call(self._client.chat_delete(channel=ref.channel_id, ts=ref.ts), deadline=self._deadline)

    async def post(self, place: Place, message: Message, *, slot: AnySlot | None = None) -> MessageRef:
        """Post a message, marked as this slot's if it is one's."""
        request = self._client.chat_postMessage(
            channel=place.channel_id,
            thread_ts=place.thread_ts,
            metadata=None if slot is None else self._own.mark(slot),
            **as_content(message),
        )
        answer = await call(request, deadline=self._deadline)
        return MessageRef(ChannelId(answer["channel"]), MessageTs(answer["ts"]))


def _name(slot: AnySlot) -> dict[str, Any]:
    """What a message is of, as it is marked."""
    if isinstance(slot, PleaSlot):
        return {"plea": slot.number}
    return {"run": slot.run_id, "slot": slot.name}


def as_content(message: Message) -> dict[str, Any]:
    """The arguments that say what a new message shows. Links are never unfurled: they would bury the card."""
    content: dict[str, Any] = {"text": message.text, "unfurl_links": False, "unfurl_media": False}
    return content | ({"blocks": list(message.blocks)} if message.blocks else {})
