"""How the bot hears, as the settings ask for it: Slack's socket or Slack's posts, webhooks of oec.sh, and `/health`."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

from bot.adapters import Adapters, Process
from bot.core.errors import HistoryError
from bot.flow.ports import History
from bot.hosting.webhooks import Hint, Signing, Webhooks
from bot.inlet import Inlet
from bot.settings import Address, Settings
from bot.slack.connection import Connection
from bot.slack.listeners import Listeners
from bot.slack.request_urls import RequestUrl

SLACK_PATH, WEBHOOK_PATH = "/slack/events", "/oec/webhook"

LONGEST_SILENCE = timedelta(seconds=60)
"""How old the bot's newest sign of life may be; it signs its database every few seconds."""

SIGN_DEADLINE = 2.0
"""Seconds in which the sign of life must be found; a database that takes longer is unwell."""

Ear = Connection | RequestUrl
"""How Slack is heard: over sockets that we open, or at a URL that Slack posts to."""


def make_ear(settings: Settings, adapters: Adapters, listeners: Listeners, process: Process) -> Ear:
    """Socket Mode where there is an app token, HTTP mode where there is none."""
    client, identity = adapters.client, adapters.identity
    if settings.slack_app_token is None:
        secret = settings.slack_signing_secret or ""  # the settings see to it that there is one
        return RequestUrl(client, identity, listeners, signing_secret=secret, now=process.clock.now)
    return Connection(
        client,
        identity,
        listeners,
        app_token=settings.slack_app_token,
        say=process.say,
        watchfulness=process.tempo.watchfulness,
    )


async def open_inlet(
    settings: Settings, history: History, process: Process, stack: AsyncExitStack
) -> Inlet | None:
    """Listen where the settings say so; None where they do not. Raises `ListenError`.

    Early in the start, so that a port that is taken is said at once, and `/health` is told while Slack is waited for.
    """
    if settings.listen is None:
        return None

    opened_at = process.clock.now()

    async def is_well() -> bool:
        try:
            async with asyncio.timeout(SIGN_DEADLINE):
                alive_at = await history.find_alive()
        except (HistoryError, TimeoutError):
            return False
        newest_at = max(alive_at or opened_at, opened_at)  # the first sign of this process takes a moment
        return abs(process.clock.now() - newest_at) <= LONGEST_SILENCE

    inlet = Inlet(settings.listen, is_well=is_well)
    await inlet.open()
    stack.push_async_callback(inlet.close)
    if settings.slack_app_token is None:
        inlet.expect(SLACK_PATH)
    if settings.webhook is not None:
        inlet.expect(WEBHOOK_PATH)
    process.say(f"Listening at {Address(settings.listen.host, inlet.port)}: {', '.join(inlet.paths)}.")
    return inlet


def put_doors(
    inlet: Inlet, settings: Settings, ear: Ear, process: Process, stack: AsyncExitStack, *, hint: Hint
) -> None:
    """From now on take what comes in: what Slack delivers, where it comes this way, and what oec.sh tells.

    At the stop the ear itself says what it still takes; hints are of no more use from its first moment on.
    """
    if isinstance(ear, RequestUrl):
        inlet.put_door(SLACK_PATH, ear)
    if (given := settings.webhook) is not None:
        signing = Signing(given.secrets, given.header, given.encoding, given.prefix, given.time_header)
        inlet.put_door(WEBHOOK_PATH, Webhooks(signing, hint=hint, now=process.clock.now))
        stack.callback(inlet.expect, WEBHOOK_PATH)
