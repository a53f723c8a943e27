"""The Socket Mode connection: opened, watched, mended, closed.

slack_sdk's client reconnects by itself, but not from everything: a refused ticket it tries again for ever, and an app
whose Socket Mode is switched off it asks in a tight circle. The watch turn finds it deaf and helps; what it cannot
help, it builds anew.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatError
from bot.slack.calls import call
from bot.slack.identity import DEADLINE, Identity
from bot.slack.listeners import Listeners, register
from bot.slack.redaction import quieten_slack_loggers
from bot.slack.tasks import TaskSet

HELPLESS_REASONS = frozenset({"link_disabled", "too_many_websockets"})
"""Why Slack ends a connection that must not be reopened at once: Socket Mode is off, or there are ten already."""

_log = logging.getLogger(__name__)


class Connection:
    """The bot's ear at Slack. `open`, then `watch_once` every few seconds, then `close`."""

    def __init__(
        self,
        client: AsyncWebClient,
        identity: Identity,
        listeners: Listeners,
        *,
        app_token: str,
        ping_interval: timedelta = timedelta(seconds=5),
        rebuild_after: timedelta = timedelta(seconds=60),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._listeners = listeners
        self._app_token = app_token
        self._ping_interval = ping_interval.total_seconds()
        self._rebuild_after = rebuild_after.total_seconds()
        self._clock = clock
        self._app = make_app(client, identity, listeners)
        self._handler: AsyncSocketModeHandler | None = None
        self._tasks = TaskSet()
        self._connecting: asyncio.Task[Any] | None = None
        self._greeted = asyncio.Event()
        self._down_since: float | None = None
        self._is_closed = False

    @property
    def down_for(self) -> timedelta | None:
        """How long the bot has been deaf, as of the last watch; None while it hears."""
        return None if self._down_since is None else timedelta(seconds=self._clock() - self._down_since)

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was heard is still being worked on."""
        return self._listeners.is_idle

    async def open(self) -> None:
        """Connect; returns when Slack has said hello. Check the app token first: a bad one is tried for ever here."""
        self._greeted.clear()
        self._start()
        while not self._greeted.is_set() and not self._is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._ping_interval):
                    await self._greeted.wait()
            await self.watch_once()

    async def watch_once(self) -> None:
        """See that the connection lives. One that is down too long gets a fresh ticket; still down, a fresh start."""
        if self._is_closed:
            return
        if self._handler is not None and await self._handler.client.is_connected():
            self._down_since = None
            return
        now = self._clock()
        self._down_since = now if self._down_since is None else self._down_since
        down = now - self._down_since
        if down > self._rebuild_after:
            await self._rebuild()
        elif down > 3 * self._ping_interval and self._handler is not None:
            # A ticket opens one connection. The client would try a spent one for ever.
            self._handler.client.wss_uri = None

    async def close(self, *, patience: float = 3.0) -> None:
        """Stop listening and let the work that was taken on end, at most so many seconds for each."""
        self._is_closed = True
        await self._listeners.finish_submissions(patience=patience)
        await self._drop_handler()
        await self._tasks.drain(patience=patience)
        await self._listeners.finish(patience=patience)

    def _start(self) -> None:
        handler = make_handler(self._app, self._client, self._app_token, self._ping_interval)
        handler.client.message_listeners.append(self._notice_hello)
        handler.client.on_message_listeners.append(self._notice_farewell)
        self._handler = handler
        connecting = handler.connect_async()  # type: ignore[no-untyped-call]
        self._connecting = self._tasks.start(connecting, subject="connecting to Slack")

    async def _rebuild(self) -> None:
        _log.warning("the connection to Slack is built anew")
        await self._drop_handler()
        self._down_since = self._clock()
        try:
            # Asked by ourselves: the client would ask again and again, whatever the answer.
            await call(self._client.apps_connections_open(app_token=self._app_token), deadline=DEADLINE)
        except ChatError as error:
            _log.error("Slack opens no connection: %s", error)
            return
        self._start()

    async def _drop_handler(self) -> None:
        handler, self._handler = self._handler, None
        if self._connecting is not None:
            self._connecting.cancel()
        if handler is not None:
            await close_handler(handler)

    async def _notice_hello(
        self, _client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None = None
    ) -> None:
        if message.get("type") != "hello":
            return
        self._greeted.set()
        self._down_since = None
        connections = message.get("num_connections", 1)
        _log.info("connected to Slack")
        if isinstance(connections, int) and connections > 1:
            _log.warning(
                "this app has %s connections: each hears only a part of what people say", connections
            )

    async def _notice_farewell(self, message: aiohttp.WSMessage) -> None:
        """Stop at once where Slack says that connecting again will not help; the watch tries later."""
        reason = read_farewell(message.data)
        if reason in HELPLESS_REASONS and self._handler is not None:
            _log.error("Slack ends the connection: %s", reason)
            self._down_since = self._clock()
            self._tasks.start(self._drop_handler(), subject="closing the connection to Slack")


def make_app(client: AsyncWebClient, identity: Identity, listeners: Listeners) -> AsyncApp:
    """The Bolt app with its listeners. No call to Slack stands between a delivery and its acknowledgement."""
    quieten_slack_loggers()
    logger = logging.getLogger("slack_bolt.app")
    # Its warnings print whole payloads, and give advice on a token it finds in the environment, which is not for it.
    logger.setLevel(logging.ERROR)

    async def authorize() -> AuthorizeResult:
        return identity.as_authorization()

    app = AsyncApp(
        name="oec-bot",
        logger=logger,
        client=AsyncWebClient(base_url=client.base_url, session=client.session, logger=client.logger),
        authorize=authorize,
        signing_secret="",
        process_before_response=True,
        ignoring_self_events_enabled=True,
        attaching_conversation_kwargs_enabled=False,
    )
    register(app, listeners)
    return app


def make_handler(
    app: AsyncApp, client: AsyncWebClient, app_token: str, ping_interval: float
) -> AsyncSocketModeHandler:
    """A Socket Mode handler on the same proxy as the Web API client."""
    logger = logging.getLogger("slack_sdk.socket_mode")
    logger.setLevel(max(logger.level, logging.INFO))
    handler = AsyncSocketModeHandler(
        app, app_token, web_client=client, logger=logger, ping_interval=ping_interval
    )
    handler.client.proxy = client.proxy
    return handler


async def close_handler(handler: AsyncSocketModeHandler) -> None:
    """Close a handler for good, quickly, and leave nothing of it running: an orphan would steal deliveries."""
    client = handler.client
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(1.0):
            await handler.close_async()  # type: ignore[no-untyped-call]
    await client.aiohttp_client_session.close()
    parts = (client.message_processor, client.current_session_monitor, client.message_receiver)
    running = [part for part in parts if part is not None and part is not asyncio.current_task()]
    for part in running:
        part.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def read_farewell(frame: object) -> str | None:
    """Why Slack is about to end the connection, if that is what a frame says."""
    try:
        message = json.loads(frame) if isinstance(frame, str) else None
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("type") != "disconnect":
        return None
    reason = message.get("reason")
    return reason if isinstance(reason, str) else None
