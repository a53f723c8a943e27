"""The adapters, opened in order and made sure of: the database is ours alone, Slack and oec.sh take our keys."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Self, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import (
    BotError,
    ChatError,
    ChatRefusedError,
    ChatUnavailableError,
    HostingRefusedError,
    HostingUnavailableError,
)
from bot.core.rules import Rules
from bot.core.spacing import Spacing
from bot.flow.ports import Clock
from bot.history.store import HistoryStore
from bot.hosting.client import HostingClient
from bot.settings import Settings
from bot.slack.calls import open_client
from bot.slack.connection import Watchfulness
from bot.slack.identity import OPTIONAL_SCOPES, Identity, check_app_token, fetch_identity
from bot.slack.limits import Paces
from bot.slack.people import ChannelFacts
from bot.slack.posting import Own
from bot.slack.publisher import Publisher
from bot.slack.showing import Patience

log = logging.getLogger(__name__)

T = TypeVar("T")

Say = Callable[[str], None]

CLOSING_PATIENCE = 0.3
"""Seconds that calls to Slack under way get at a stop: what matters of them the next start finds out."""

LONGEST_HEEDED = timedelta(minutes=5)
"""A longer wait than this, asked for at the start, is not waited out: asking once in a while harms nobody."""


class StartError(BotError):
    """The bot cannot start, and only its operator can change that; the text says how."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often things are done. The defaults keep to the limits of Slack and oec.sh; tests go faster."""

    turn: timedelta = timedelta(seconds=0.5)
    look_gap: timedelta = timedelta(seconds=2)
    edit_gap: timedelta = timedelta(seconds=3)
    sweep: timedelta = timedelta(seconds=10)
    revive: timedelta = timedelta(minutes=1)
    alive: timedelta = timedelta(seconds=5)
    watch: timedelta = timedelta(seconds=5)
    rules: timedelta = timedelta(seconds=2)
    names: timedelta = timedelta(minutes=10)
    people: timedelta = timedelta(minutes=3)
    purge: timedelta = timedelta(hours=6)
    takeover: timedelta = timedelta(seconds=1)
    paces: Paces = field(default_factory=Paces)
    spacing: Spacing = field(default_factory=Spacing)
    watchfulness: Watchfulness = field(default_factory=Watchfulness)


@dataclass(frozen=True, slots=True)
class Process:
    """What the process gives the bot: the time, the operator's ear, and how often things are done.

    One that `stands_by` waits for another bot with the same database to end, where another would be refused.
    """

    clock: Clock
    say: Say
    tempo: Tempo = field(default_factory=Tempo)
    stands_by: bool = False


@dataclass(frozen=True, slots=True)
class Adapters:
    """Everything that reaches the outside world, open and accepted by the other side."""

    history: HistoryStore
    hosting: HostingClient
    client: AsyncWebClient
    publisher: Publisher
    identity: Identity

    @classmethod
    async def open(
        cls, settings: Settings, history: HistoryStore, process: Process, stack: AsyncExitStack
    ) -> Self:
        """See that Slack and oec.sh take our keys; waits for those out of reach."""
        doors = await _enter(settings, process, stack)
        await history.record_workspace(doors.identity.url)
        publisher = Publisher(
            doors.client,
            own=Own(await history.load_instance(), doors.identity.bot_user_id),
            may_look=doors.identity.may_look,
            say=process.say,
            patience=Patience(edit_gap=process.tempo.edit_gap),
            paces=process.tempo.paces,
        )
        stack.push_async_callback(publisher.close, patience=CLOSING_PATIENCE)
        return cls(history, doors.hosting, doors.client, publisher, doors.identity)


async def check_keys(settings: Settings, process: Process) -> None:
    """See that Slack and oec.sh take our keys, and no more; raises `StartError`. Waits for those out of reach."""
    async with AsyncExitStack() as stack:
        await _enter(settings, process, stack)


@dataclass(frozen=True, slots=True)
class _Doors:
    """Slack and oec.sh, both of which take our keys."""

    client: AsyncWebClient
    identity: Identity
    hosting: HostingClient


async def _enter(settings: Settings, process: Process, stack: AsyncExitStack) -> _Doors:
    say, spacing = process.say, process.tempo.spacing
    client = await stack.enter_async_context(
        open_client(settings.slack_bot_token, api_url=settings.slack_api_url)
    )
    identity = await _enter_slack(client, settings.slack_app_token, say, spacing)
    hosting = HostingClient(
        settings.oec_api_url, settings.oec_api_key, settings.oec_read_key, now=process.clock.now
    )
    stack.push_async_callback(hosting.aclose)
    await _enter_hosting(hosting, say, spacing)
    return _Doors(client, identity, hosting)


async def _enter_slack(client: AsyncWebClient, app_token: str | None, say: Say, spacing: Spacing) -> Identity:
    try:
        identity = await _insist(partial(fetch_identity, client), "Slack", say, spacing)
    except ChatRefusedError as refusal:
        raise StartError(
            f"Slack refuses SLACK_BOT_TOKEN ({refusal.error}). Copy the Bot User OAuth Token from your app's "
            "page OAuth & Permissions."
        ) from None
    try:
        if app_token is not None:
            await _insist(partial(check_app_token, client, app_token), "Slack", say, spacing)
    except ChatRefusedError as refusal:
        raise StartError(
            f"Slack refuses SLACK_APP_TOKEN ({refusal.error}). Make an app-level token with connections:write on "
            "your app's page Basic Information, and see that Socket Mode is on."
        ) from None
    if missing := identity.missing_scopes():
        say(f"The Slack app lacks {', '.join(missing)}: install it again from manifest.yml.")
    if not identity.may_look:
        say(
            f"The Slack app was installed without {' and '.join(OPTIONAL_SCOPES)}: where Slack's answer to a post is "
            "lost, a run may have two cards, one of them kept true. To have it one, install it again with both."
        )
    return identity


async def _enter_hosting(hosting: HostingClient, say: Say, spacing: Spacing) -> None:
    try:
        await _insist(hosting.check_key, "oec.sh", say, spacing)
    except HostingRefusedError as refusal:
        said = refusal.text or refusal.code
        if refusal.status in {401, 403}:
            raise StartError(f"oec.sh refuses the key: {said}") from None
        raise StartError(
            f"What is at OEC_API_URL is not oec.sh's API, or not all of it: asked whether it takes the key, it says "
            f"{refusal.status} ({said}). See that the address is right."
        ) from None


async def _insist(ask: Callable[[], Awaitable[T]], whom: str, say: Say, spacing: Spacing) -> T:
    """The answer of one who may be away for a while; every try that fails is said."""
    failures = 0
    while True:
        try:
            return await ask()
        except (ChatUnavailableError, HostingUnavailableError) as error:
            failures += 1
            asked_for = min(error.retry_after or timedelta(0), LONGEST_HEEDED)
            pause = max(spacing.after(failures), asked_for)
            say(
                f"{whom} is out of reach ({error.reason}). I keep trying, next in {pause.total_seconds():.0f} s."
            )
        await asyncio.sleep(pause.total_seconds())


async def warn_of_channels(publisher: Publisher, rules: Rules, say: Say) -> None:
    """A channel that the rules name and the bot is not in would refuse every card; say so before anybody asks."""
    named = dict.fromkeys((*rules.channels, *([rules.operators] if rules.operators else [])))
    found = await asyncio.gather(*map(publisher.fetch_channel, named), return_exceptions=True)
    for channel_id, facts in zip(named, found, strict=True):
        match facts:
            case ChannelFacts(has_bot=True, is_archived=False):
                pass
            case ChannelFacts(name=name, is_archived=True):
                say(f"#{name} ({channel_id} in the rules) is archived.")
            case ChannelFacts(name=name):
                say(f"I am not in #{name} ({channel_id} in the rules): type /invite @oec there.")
            case ChatRefusedError():
                say(
                    f"I cannot see the channel {channel_id} of the rules. If it is private, type /invite @oec there."
                )
            case ChatError() as error:
                log.warning("Slack did not tell of channel %s: %s", channel_id, error)
            case BaseException() as error:
                raise error
