"""The inlet with its doors, as the settings ask for them: Slack's HTTP mode, the webhooks of oec.sh, and `/health`."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import HistoryError
from bot.flow.ports import Clock, History
from bot.hosting.webhooks import Hint, Signing, Webhooks
from bot.inlet import Inlet
from bot.settings import Address, Settings
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners
from bot.slack.request_urls import RequestUrl

SLACK_PATH, WEBHOOK_PATH = "/slack/events", "/oec/webhook"

LONGEST_SILENCE = timedelta(seconds=60)
"""How old the bot's newest sign of life may be; it signs its database every few seconds."""

SIGN_DEADLINE = 2.0
"""Seconds in which the sign of life must be found; a database that takes longer is unwell."""


def make_request_url(
    settings: Settings, client: AsyncWebClient, identity: Identity, listeners: Listeners, clock: Clock
) -> RequestUrl:
    """The ear for HTTP mode."""
    secret = settings.slack_signing_secret or ""  # the settings see to it that there is one
    return RequestUrl(client, identity, listeners, signing_secret=secret, now=clock.now)


async def open_inlet(
    settings: Settings,
    history: History,
    clock: Clock,
    say: Callable[[str], None],
    stack: AsyncExitStack,
) -> Inlet | None:
    """Listen where the settings say so; None where they do not. Raises `ListenError`."""
    if settings.listen is None:
        return None

    async def is_well() -> bool:
        try:
            async with asyncio.timeout(SIGN_DEADLINE):
                alive_at = await history.find_alive()
        except (HistoryError, TimeoutError):
            return False
        return alive_at is not None and abs(clock.now() - alive_at) <= LONGEST_SILENCE

    inlet = Inlet(settings.listen, is_well=is_well)
    await inlet.open()
    stack.push_async_callback(inlet.close)
    if settings.slack_app_token is None:
        inlet.expect(SLACK_PATH)
    if settings.webhook is not None:
        inlet.expect(WEBHOOK_PATH)
    say(f"Listening at {Address(settings.listen.host, inlet.port)}: {', '.join(inlet.paths)}.")
    return inlet


def put_doors(
    inlet: Inlet, settings: Settings, slack: RequestUrl | None, *, hint: Hint, clock: Clock
) -> None:
    """From now on take what comes in: what Slack delivers, where it comes this way, and what oec.sh tells."""
    if slack is not None:
        inlet.put_door(SLACK_PATH, slack)
    if (given := settings.webhook) is not None:
        signing = Signing(given.secrets, given.header, given.encoding, given.prefix, given.time_header)
        inlet.put_door(WEBHOOK_PATH, Webhooks(signing, hint=hint, now=clock.now))
