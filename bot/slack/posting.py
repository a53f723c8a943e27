"""A run's message put on the screen: one post or one edit."""

import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError
from bot.core.names import ChannelId, MessageTs
from bot.core.request import Place
from bot.flow.ports import MessageRef, Slot, Wish
from bot.slack.calls import call
from bot.views.message import Block, Message

METADATA_EVENT = "oec_run"
"""The event type of our messages' metadata: by it a message's run can be told, whatever its text says."""

_log = logging.getLogger(__name__)


class Posting:
    """Posts and edits. `instance` is put in the metadata beside run and slot; `deadline` is in seconds a call."""

    def __init__(self, client: AsyncWebClient, *, instance: str, deadline: float) -> None:
        self._client = client
        self._instance = instance
        self._deadline = deadline

    async def post_or_edit(self, slot: Slot, wish: Wish) -> MessageRef:
        """Bring a wish on the screen; where it stands. Raises `ChatRefusedError` or `ChatUnavailableError`.

        Should Slack not like the blocks, the text goes without them: a bare line is a bug, a missing card is a lie.
        """
        try:
            return await self._send(slot, wish, wish.message.blocks)
        except ChatRefusedError as error:
            if error.error != "invalid_blocks" or not wish.message.blocks:
                raise
            _log.error(
                "the %s of run %s goes without its blocks: Slack does not like them",
                slot.kind.value,
                slot.run_id,
            )
            return await self._send(slot, wish, ())

    async def _send(self, slot: Slot, wish: Wish, blocks: tuple[Block, ...]) -> MessageRef:
        if wish.ref is None:
            return await self.post(wish.place, Message(wish.message.text, blocks), slot=slot)
        request = self._client.chat_update(
            channel=wish.ref.channel_id,
            ts=wish.ref.ts,
            text=wish.message.text,
            blocks=list(blocks),
        )
        await call(request, deadline=self._deadline)
        return wish.ref

    async def post(self, place: Place, message: Message, *, slot: Slot | None = None) -> MessageRef:
        """Post a message, marked as this slot's if it is one's."""
        request = self._client.chat_postMessage(
            channel=place.channel_id,
            thread_ts=place.thread_ts,
            metadata=None if slot is None else self._metadata(slot),
            **as_content(message),
        )
        answer = await call(request, deadline=self._deadline)
        return MessageRef(ChannelId(answer["channel"]), MessageTs(answer["ts"]))

    def _metadata(self, slot: Slot) -> dict[str, Any]:
        payload = {"run": slot.run_id, "slot": slot.kind.value, "instance": self._instance}
        return {"event_type": METADATA_EVENT, "event_payload": payload}


def as_content(message: Message) -> dict[str, Any]:
    """The arguments that say what a new message shows. Links are never unfurled: they would bury the card."""
    content: dict[str, Any] = {"text": message.text, "unfurl_links": False, "unfurl_media": False}
    return content | ({"blocks": list(message.blocks)} if message.blocks else {})
