"""What one person alone gets to see: private answers, modals, their App Home."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.names import ChannelId, UserId
from bot.core.request import ReplyTo
from bot.slack.calls import call, is_direct, retry_after
from bot.slack.posting import as_content
from bot.views.message import Home, Message, Modal

LONGEST_PAUSE = 5.0
"""Seconds of a 429 that are waited out for an answer; after more than that, it would answer nobody."""

_UNREACHABLE_THERE = frozenset({"user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived"})

_log = logging.getLogger(__name__)


class Replies:
    """Answers people. An answer that fails is tried again after each of `waits` (seconds), and then given up."""

    def __init__(
        self, client: AsyncWebClient, *, deadline: float, waits: tuple[float, ...] = (0.3, 1.0)
    ) -> None:
        self._client = client
        self._deadline = deadline
        self._waits = waits

    async def answer(self, reply_to: ReplyTo, message: Message) -> None:
        """Answer privately: by the response address, else by an ephemeral, else in the person's own messages.

        Raises `ChatRefusedError` or `ChatUnavailableError` when none of them took it.
        """
        if reply_to.response_url is not None and await self._answer_to_url(reply_to, message):
            return
        if reply_to.place.channel_id == ChannelId(
            reply_to.user_id
        ):  # pressed in the App Home: there is no channel
            await self._insist(lambda: self._post_to_person(reply_to.user_id, message))
            return
        try:
            await self._insist(lambda: self._post_ephemeral(reply_to, message))
        except ChatRefusedError as error:
            if error.error not in _UNREACHABLE_THERE:
                raise
            await self._insist(lambda: self._post_to_person(reply_to.user_id, message))

    async def open_modal(self, trigger_id: str, modal: Modal) -> None:
        """Open a modal. Tried once: a trigger opens one modal, and not for long."""
        view: dict[str, Any] = {
            "type": "modal",
            "callback_id": modal.kind,
            "private_metadata": modal.subject,
            "title": {"type": "plain_text", "text": modal.title},
            "blocks": list(modal.blocks),
        }
        if modal.submit:
            view["submit"] = {"type": "plain_text", "text": modal.submit}
        await call(self._client.views_open(trigger_id=trigger_id, view=view), deadline=self._deadline)

    async def publish_home(self, user_id: UserId, home: Home) -> None:
        """Show a person their App Home."""
        view = {"type": "home", "blocks": list(home.blocks)}
        await self._insist(
            lambda: call(self._client.views_publish(user_id=user_id, view=view), deadline=self._deadline)
        )

    async def _answer_to_url(self, reply_to: ReplyTo, message: Message) -> bool:
        """Whether the response address took the answer: it has five uses in half an hour. Tried once: there are others."""
        try:
            await self._post_to_url(reply_to, message)
        except (ChatRefusedError, ChatUnavailableError) as error:
            _log.info("the response address took no answer (%s): trying an ephemeral", error)
            return False
        return True

    async def _post_to_url(self, reply_to: ReplyTo, message: Message) -> None:
        body = as_content(message) | {"response_type": "ephemeral", "replace_original": False}
        if reply_to.place.thread_ts is not None:
            body["thread_ts"] = reply_to.place.thread_ts
        try:
            async with asyncio.timeout(self._deadline):
                await self._deliver(str(reply_to.response_url), body)
        except TimeoutError:
            raise ChatUnavailableError("timeout") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ChatUnavailableError(type(error).__name__) from None

    async def _deliver(self, url: str, body: dict[str, Any]) -> None:
        session = self._client.session
        if session is None:
            raise RuntimeError("the client was made without a session: use open_client")
        proxy = None if is_direct(url) else self._client.proxy
        async with session.post(url, json=body, proxy=proxy, allow_redirects=False) as answer:
            _check_delivery(answer.status, answer.headers.get("Retry-After"), await answer.text())

    async def _post_ephemeral(self, reply_to: ReplyTo, message: Message) -> None:
        content = as_content(message)
        del content["unfurl_links"], content["unfurl_media"]
        request = self._client.chat_postEphemeral(
            channel=reply_to.place.channel_id,
            user=reply_to.user_id,
            thread_ts=reply_to.place.thread_ts,
            **content,
        )
        await call(request, deadline=self._deadline)

    async def _post_to_person(self, user_id: UserId, message: Message) -> None:
        request = self._client.chat_postMessage(channel=user_id, **as_content(message))
        await call(request, deadline=self._deadline)

    async def _insist(self, attempt: Callable[[], Awaitable[object]]) -> None:
        for wait in self._waits:
            try:
                await attempt()
            except ChatUnavailableError as error:
                told = wait if error.retry_after is None else error.retry_after.total_seconds()
                if told > LONGEST_PAUSE:
                    raise
                await asyncio.sleep(told)
            else:
                return
        await attempt()


def _check_delivery(status: int, wait: str | None, text: str) -> None:
    """Raise unless the response address took it. A spent one says so with 404, or with 200 and `ok: false`."""
    if status == 429:
        raise ChatUnavailableError("ratelimited", retry_after=retry_after(wait))
    if status >= 500:
        raise ChatUnavailableError(f"http_{status}")
    if status != 200:
        raise ChatRefusedError(f"http_{status}")
    answer = json.loads(text) if text.startswith("{") else {}
    if answer.get("ok") is False:
        raise ChatRefusedError(str(answer.get("error", "unknown_error")))
