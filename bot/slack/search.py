"""Finds our own messages again, of which nobody knows whether they were posted: by the metadata they were posted with.

Needs `channels:history` or `groups:history`, which an operator may leave out. Nothing is read but where a message of
ours may stand unknown, and of that only whose it is.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError, ChatUnavailableError, Cure
from bot.core.names import MessageTs
from bot.core.request import Place
from bot.flow.ports import Doubt, MessageRef, Urgency
from bot.slack.calls import call
from bot.slack.gate import Call, Gate, Method
from bot.slack.posting import Own

EARLIER = timedelta(minutes=15)
"""How much earlier than it was written down a post may have been made: our clock and Slack's are not the same."""

PAGE = 200
MOST_PAGES = 5
"""So many pages of so many messages are looked through, the newest first."""

_log = logging.getLogger(__name__)


class Search:
    """Looks for messages. `deadline` is in seconds a call; without `may_look`, every look is refused."""

    def __init__(
        self, client: AsyncWebClient, gate: Gate, *, own: Own, may_look: bool, deadline: float
    ) -> None:
        self._client = client
        self._gate = gate
        self._own = own
        self._may_look = may_look
        self._deadline = deadline

    async def find(
        self, doubt: Doubt, place: Place, urgency: Callable[[], Urgency]
    ) -> tuple[MessageRef, ...]:
        """Our own messages of a slot at a place, oldest first. Raises as every call does."""
        if not self._may_look:
            raise ChatRefusedError("missing_scope", cure=Cure.APP_SET_RIGHT)
        method = Method.HISTORY if place.thread_ts is None else Method.REPLIES
        found: list[MessageRef] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            await self._gate.enter(Call(method, place.channel_id), urgency)
            answer = await self._fetch_page(method, place, doubt.since - EARLIER, cursor)
            told = answer.get("messages") or ()
            found += [_ref(place, one) for one in told if self._is_sought(doubt, one)]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return tuple(sorted(found, key=lambda ref: ref.ts))
        _log.warning("looked for %s among the newest messages only", doubt.slot)
        return tuple(sorted(found, key=lambda ref: ref.ts))

    def _is_sought(self, doubt: Doubt, told: Mapping[str, Any]) -> bool:
        return told.get("ts") != doubt.gone and self._own.is_of(doubt.slot, told)

    async def _fetch_page(
        self, method: Method, place: Place, oldest: datetime, cursor: str | None
    ) -> Mapping[str, Any]:
        bounds: dict[str, Any] = {
            "channel": place.channel_id,
            "oldest": f"{oldest.timestamp():.6f}",
            "limit": PAGE,
            "cursor": cursor,
            "include_all_metadata": True,
        }
        if method is Method.HISTORY:
            request = self._client.conversations_history(**bounds)
        else:
            request = self._client.conversations_replies(ts=str(place.thread_ts), **bounds)
        try:
            answer = await call(request, deadline=self._deadline)
        except ChatUnavailableError as error:
            if error.retry_after is None:
                raise
            # that wait is for this method alone, and not for what is to be posted
            self._gate.pause(method, error.retry_after.total_seconds())
            raise ChatUnavailableError(error.reason) from None
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _ref(place: Place, told: Mapping[str, Any]) -> MessageRef:
    return MessageRef(place.channel_id, MessageTs(str(told["ts"])))
