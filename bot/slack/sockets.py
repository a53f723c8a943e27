"""One Socket Mode socket: slack_sdk's client, minus its own idea of what to do when Slack says farewell.

Left to itself it closes its socket first and only then asks for another, so that whatever people do in between fails
before their eyes; and it comes back at once for ever to an app whose Socket Mode is switched off.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.frames import Counter, Nonsense, read_frame

CLOSING_DEADLINE = 1.0
"""Seconds that the other side has to return a close; a dead one never does."""

_log = logging.getLogger(__name__)

Farewell = Callable[["SocketClient", str], None]
"""Told when Slack is about to end a connection, and why."""


class SocketClient(SocketModeClient):
    """A client that keeps hold of the deliveries under way, and hands farewells to whoever owns it."""

    def __init__(
        self, app_token: str, web_client: AsyncWebClient, *, ping_interval: float, farewell: Farewell
    ) -> None:
        logger = logging.getLogger("slack_sdk.socket_mode")
        logger.setLevel(max(logger.level, logging.INFO))
        super().__init__(app_token, logger=logger, web_client=web_client, ping_interval=ping_interval)
        self.proxy = web_client.proxy
        self.greeted = asyncio.Event()
        self.deliveries: set[asyncio.Task[Any]] = set()
        self._farewell = farewell
        self._nonsense = Counter()

    async def process_message(self) -> None:
        """Take up the next frame. What nobody can read is counted, and acknowledged lest it come again for ever."""
        raw = await self.message_queue.get()
        frame = read_frame(raw) if raw else None
        if isinstance(frame, Nonsense):
            self._nonsense.note(frame)
            if frame.envelope_id is not None:
                await self.send_socket_mode_response({"envelope_id": frame.envelope_id})
        elif frame is not None:
            delivery = asyncio.ensure_future(self.run_message_listeners(frame.message, raw))
            self.deliveries.add(delivery)
            delivery.add_done_callback(self.deliveries.discard)

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Take one frame, already parsed and judged."""
        if message.get("type") == "disconnect":
            self._farewell(self, str(message.get("reason")))
            return
        if message.get("type") == "hello":
            self._greet(message)
        await super().run_message_listeners(message, raw_message)

    def _greet(self, message: dict[str, Any]) -> None:
        self.greeted.set()
        connections = message.get("num_connections")
        _log.info("connected to Slack; this app has %s connection(s)", connections)


class SocketHandler(AsyncSocketModeHandler):
    """Carries deliveries from a client to the app, and the app's acknowledgements back."""

    client: SocketClient

    def __init__(self, app: AsyncApp, client: SocketClient) -> None:
        self.app = app
        self.app_token = client.app_token
        self.client = client
        client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # as Bolt itself does
        connecting = client.connect()  # type: ignore[no-untyped-call]
        self._connecting = asyncio.create_task(connecting, name="connecting to Slack")

    async def hears_hello(self, *, within: float) -> bool:
        """Whether Slack has said hello, waiting for it so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.client.greeted.wait()
        return self.client.greeted.is_set()

    async def close(self, *, patience: float) -> None:
        """Let deliveries be acknowledged, at most so many seconds; then close for good, and leave nothing running.

        What stayed behind would go on taking deliveries from Slack that nobody hears.
        """
        if self.client.deliveries:
            await asyncio.wait(self.client.deliveries, timeout=patience)
        self._connecting.cancel()
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(CLOSING_DEADLINE):
                await self.client.close()  # type: ignore[no-untyped-call]
        await self.client.aiohttp_client_session.close()
        client = self.client
        parts = (client.message_processor, client.current_session_monitor, client.message_receiver)
        running = [self._connecting, *(part for part in parts if part is not None)]
        for part in running:
            part.cancel()
        await asyncio.gather(*running, return_exceptions=True)
