"""The Socket Mode connection: opened, watched, mended, closed.

slack_sdk's client reconnects by itself, but not from everything: a refused ticket it tries again for ever. The watch
turn finds it deaf and helps; what it cannot help, it builds anew. When Slack asks for a fresh connection, as it does
every few hours, the new one is open before the old one is let go.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatError
from bot.flow.background import Background
from bot.slack.calls import call
from bot.slack.identity import DEADLINE, Identity
from bot.slack.listeners import Listeners, register
from bot.slack.redaction import quieten_slack_loggers
from bot.slack.sockets import SocketClient, SocketHandler

HELPLESS_REASONS = frozenset({"link_disabled", "too_many_websockets"})
"""Why Slack ends a connection that must not be reopened at once: Socket Mode is off, or there are ten already."""

GRACE = 10.0
"""Seconds between Slack's farewell and its close, about."""

ACKNOWLEDGING = 3.0
"""Seconds in which a delivery must be acknowledged; after them nobody waits for it."""

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
        self._handler: SocketHandler | None = None
        self._background = Background()
        self._refreshing: asyncio.Task[None] | None = None
        self._is_closed = False
        self._down_since: float | None = None

    @property
    def down_for(self) -> timedelta | None:
        """How long the bot has been deaf, as of the last watch; None while it hears."""
        return None if self._down_since is None else timedelta(seconds=self._clock() - self._down_since)

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was heard is still being worked on."""
        return self._listeners.is_idle and (self._handler is None or not self._handler.client.deliveries)

    async def open(self) -> None:
        """Connect; returns when Slack has said hello. Check the app token first: a bad one is tried for ever here."""
        self._handler = self._connect()
        while not self._is_closed and not await self._hears_hello():
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
        """Stop listening, and let the work that was taken on end, at most so many seconds for each."""
        self._is_closed = True
        if self._refreshing is not None:
            self._refreshing.cancel()
        await self._drop(patience=patience)
        await self._background.close(grace=2 * ACKNOWLEDGING)
        await self._listeners.finish(patience=patience)

    def _connect(self) -> SocketHandler:
        client = SocketClient(
            self._app_token,
            self._client,
            ping_interval=self._ping_interval,
            farewell=self._take_farewell,
        )
        return SocketHandler(self._app, client)

    async def _rebuild(self) -> None:
        _log.warning("the connection to Slack is built anew")
        await self._drop(patience=0)
        self._down_since = self._clock()
        try:
            # Asked by ourselves: the client would ask again and again, whatever the answer.
            await call(self._client.apps_connections_open(app_token=self._app_token), deadline=DEADLINE)
        except ChatError as error:
            _log.error("Slack opens no connection: %s", error)
            return
        if not self._is_closed:
            self._handler = self._connect()

    async def _drop(self, *, patience: float) -> None:
        handler, self._handler = self._handler, None
        if handler is not None:
            await handler.close(patience=patience)

    def _take_farewell(self, client: SocketClient, reason: str) -> None:
        """Slack is about to end a connection: open another one first, unless Slack says that this will not help."""
        if self._is_closed or self._handler is None or self._handler.client is not client:
            return
        if reason in HELPLESS_REASONS:
            _log.error("Slack ends the connection: %s", reason)
            self._down_since = self._clock()
            self._background.start(self._drop(patience=ACKNOWLEDGING), name="leaving Slack")
        elif self._refreshing is None:
            name = "refreshing the connection to Slack"
            self._refreshing = self._background.start(self._refresh(self._handler), name=name)

    async def _refresh(self, old: SocketHandler) -> None:
        """Change over to a new connection. If it does not come, the old client finds its own way back when it is cut."""
        new = unused = self._connect()
        try:
            if await new.hears_hello(within=GRACE) and self._handler is old:
                self._handler, unused = new, old
        finally:
            self._refreshing = None
            # A task of its own: this one is cancelled by `close`, and half a closing would leave an orphan.
            closing = unused.close(patience=ACKNOWLEDGING)
            self._background.start(closing, name="closing a connection to Slack")

    async def _hears_hello(self) -> bool:
        if self._handler is not None:
            return await self._handler.hears_hello(within=self._ping_interval)
        await asyncio.sleep(self._ping_interval)
        return False


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
