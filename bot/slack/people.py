"""What Slack knows of people, groups and messages: asked for once, remembered for a while.

User groups may be read only about twenty times a minute (Slack's tier 2), and a person waits for each answer; so
one question is under way at most, and when Slack is slow or unwell, what it said before still holds for a while.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.core.names import ChannelId, GroupId, TeamId, UserId
from bot.core.policy import Person
from bot.flow.background import Background
from bot.flow.ports import GroupMembers, KnownPerson, MessageRef
from bot.slack.calls import call
from bot.views.marked import clean

STALE_FOR = timedelta(hours=1)
"""How long an old answer may stand in for a new one: somebody who left the team must not stay a releaser for days."""

ANEW = 1.0
"""Seconds for which an answer that was asked for anew is as good as a new one."""

LONGEST_NAME = 200
"""Characters kept of what somebody calls themselves or a channel; they are for operators to read."""

SLACKBOT = UserId("USLACKBOT")

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Memory(Generic[Value]):
    """One remembered answer."""

    value: Value
    learned_at: float


class Remembered(Generic[Key, Value]):
    """Answers by key. Fresh ones are served at once; old ones only where no new one comes within `patience` seconds."""

    def __init__(
        self,
        fetch: Callable[[Key], Awaitable[Value]],
        background: Background,
        *,
        fresh_for: timedelta,
        clock: Callable[[], float],
        patience: float = 1.0,
        capacity: int = 5_000,
    ) -> None:
        self._fetch = fetch
        self._background = background
        self._fresh_for = fresh_for.total_seconds()
        self._stale_for = max(STALE_FOR.total_seconds(), self._fresh_for)
        self._clock = clock
        self._patience = patience
        self._capacity = capacity
        self._known: OrderedDict[Key, Memory[Value]] = OrderedDict()
        self._under_way: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """The answer. Raises what the fetch raised, where there is no old answer that may stand in."""
        value, _ = await self.recall(key)
        return value

    async def recall(self, key: Key, *, anew: bool = False) -> tuple[Value, timedelta | None]:
        """The answer, and how old it is where it stands in for a new one; None where it is as new as it should be.

        Asked for `anew`, it should be as new as this moment: of this second, for many may ask at once.
        """
        known = self._known.get(key)
        age = float("inf") if known is None else self._clock() - known.learned_at
        if known is not None and age < (min(ANEW, self._fresh_for) if anew else self._fresh_for):
            return known.value, None
        asking = self._under_way.get(key) or self._ask(key)
        if known is None or age > self._stale_for:
            return await asyncio.shield(asking), None
        with suppress(TimeoutError, ChatUnavailableError):
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(asking), None
        return known.value, timedelta(seconds=age)

    def _ask(self, key: Key) -> asyncio.Task[Value]:
        name = f"asking Slack about {key}"
        task = self._under_way[key] = self._background.start(self._learn(key), name=name, is_awaited=True)
        task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return task

    async def _learn(self, key: Key) -> Value:
        try:
            value = await self._fetch(key)
        except ChatRefusedError:
            self._known.pop(key, None)
            raise
        self._known[key] = Memory(value, learned_at=self._clock())
        self._known.move_to_end(key)
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What Slack knows of a channel; `has_bot` says whether the bot was invited, without which it cannot post."""

    id: ChannelId
    name: str
    has_bot: bool
    is_archived: bool


class People:
    """Who is who in the workspace, and where messages are found."""

    def __init__(
        self,
        client: AsyncWebClient,
        background: Background,
        *,
        names_for: timedelta,
        groups_for: timedelta,
        clock: Callable[[], float],
        deadline: float,
    ) -> None:
        self._client = client
        self._deadline = deadline
        self._persons = Remembered(self._ask_person, background, fresh_for=names_for, clock=clock)
        self._channels = Remembered(self._ask_channel, background, fresh_for=names_for, clock=clock)
        self._groups = Remembered(self._ask_group, background, fresh_for=groups_for, clock=clock)
        self._links = Remembered(self._ask_link, background, fresh_for=timedelta.max, clock=clock)

    async def fetch_person(self, user_id: UserId, *, anew: bool = False) -> KnownPerson:
        """What Slack knows of a person, and how old that is if Slack does not tell anew."""
        return KnownPerson(*await self._persons.recall(user_id, anew=anew))

    async def fetch_group(self, group_id: GroupId, *, anew: bool = False) -> GroupMembers:
        """The members of a user group, in the same way."""
        return GroupMembers(*await self._groups.recall(group_id, anew=anew))

    async def fetch_channel(self, channel_id: ChannelId) -> ChannelFacts:
        """What Slack knows of a channel."""
        return await self._channels.get(channel_id)

    async def fetch_channel_now(self, channel_id: ChannelId) -> ChannelFacts:
        """The same as Slack knows it at this moment."""
        return await self._ask_channel(channel_id)

    async def fetch_permalink(self, ref: MessageRef) -> str:
        """A link to a message; it never changes."""
        return await self._links.get(ref)

    async def _ask_person(self, user_id: UserId) -> Person:
        answer = await call(self._client.users_info(user=user_id), deadline=self._deadline)
        return person_from_payload(user_id, answer.get("user") or {})

    async def _ask_group(self, group_id: GroupId) -> frozenset[UserId]:
        answer = await call(self._client.usergroups_users_list(usergroup=group_id), deadline=self._deadline)
        return frozenset(UserId(user) for user in answer.get("users") or ())

    async def _ask_channel(self, channel_id: ChannelId) -> ChannelFacts:
        answer = await call(self._client.conversations_info(channel=channel_id), deadline=self._deadline)
        channel = answer.get("channel") or {}
        return ChannelFacts(
            channel_id,
            name=clean(str(channel.get("name") or "")[:LONGEST_NAME]),
            has_bot=bool(channel.get("is_member")),
            is_archived=bool(channel.get("is_archived")),
        )

    async def _ask_link(self, ref: MessageRef) -> str:
        request = self._client.chat_getPermalink(channel=ref.channel_id, message_ts=ref.ts)
        return str((await call(request, deadline=self._deadline))["permalink"])


def person_from_payload(user_id: UserId, user: Mapping[str, Any]) -> Person:
    """A person from `users.info`. A stranger (somebody of another team in a shared channel) counts as a guest."""
    return Person(
        user_id=user_id,
        team_id=TeamId(str(user.get("team_id") or "")),
        is_guest=any(user.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger")),
        is_bot=bool(user.get("is_bot")) or user_id == SLACKBOT,
        is_deactivated=bool(user.get("deleted")),
        time_zone=zone if isinstance(zone := user.get("tz"), str) and zone else None,
        name=_name_from_payload(user),
    )


def _name_from_payload(user: Mapping[str, Any]) -> str | None:
    """What people call this person: the full name, else the display name, else the handle."""
    told = user.get("profile")
    profile: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    names = (user.get("real_name"), profile.get("real_name"), profile.get("display_name"), user.get("name"))
    readable = (clean(name[:LONGEST_NAME]) for name in names if isinstance(name, str))
    return next((name for name in readable if name), None)
