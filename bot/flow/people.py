"""What must be known of people before the policy can decide: who they are, and which groups they are in."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.core.errors import ChatError
from bot.core.names import GroupId, TeamId, UserId
from bot.core.policy import Membership, Person
from bot.core.request import Actor
from bot.flow.ports import Chat, Clock, GroupMembers, History
from bot.flow.rulebook import Rulebook

log = logging.getLogger(__name__)


class People:
    """Finds the facts about people at Slack; what cannot be learned gives nobody a right."""

    def __init__(
        self, chat: Chat, history: History, clock: Clock, *, rulebook: Rulebook, home_team: TeamId
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._home_team = home_team
        self._names: dict[UserId, str] = {}
        self.last_known = Membership(home_team)
        """The membership as it was found last."""

    async def find_person(self, actor: Actor, *, anew: bool = False) -> Person:
        """The actor as a person; the team is the one Slack vouched for in the payload, never a looked-up one.

        Raises `ChatError` when Slack does not tell: nothing may be decided then.
        """
        if actor.team_id != self._home_team:
            return Person(actor.user_id, actor.team_id)
        person = await self._fetch(actor.user_id, anew=anew)
        if person.name and self._names.get(person.user_id) != person.name:
            await self._history.record_name(person.user_id, person.name)
            self._names[person.user_id] = person.name
        return person

    async def look_up(self, user_id: UserId) -> Person:
        """Anybody as Slack knows them, their team too: for telling about people, and not for deciding what they ask.

        Raises `ChatError` where Slack does not tell, or knows nobody by this id.
        """
        return await self._fetch(user_id)

    async def _fetch(self, user_id: UserId, *, anew: bool = False) -> Person:
        known = await self._chat.fetch_person(user_id, anew=anew)
        if known.stale_for is None:
            return known.person
        return replace(known.person, learned_at=self._clock.now() - known.stale_for)

    async def find_membership(self, *, anew: Collection[GroupId] = ()) -> Membership:
        """Who is in the groups that the rules name; of `anew` as of this moment. What Slack does not tell is left out."""
        groups = sorted(self._rulebook.current().groups())
        members = await asyncio.gather(*(self._find_members(group, anew=group in anew) for group in groups))
        told = {group: found for group, found in zip(groups, members, strict=True) if found is not None}
        now = self._clock.now()
        self.last_known = Membership(
            self._home_team,
            {group: found.users for group, found in told.items()},
            {group: now - found.stale_for for group, found in told.items() if found.stale_for is not None},
        )
        return self.last_known

    async def _find_members(self, group: GroupId, *, anew: bool) -> GroupMembers | None:
        try:
            return await self._chat.fetch_group(group, anew=anew)
        except ChatError as error:
            log.warning("The members of user group %s could not be learned: %s", group, error)
            return None

    async def warm(self, user_ids: Iterable[UserId] = ()) -> None:
        """Learn the groups before anybody asks, so that the first ask need not wait for Slack."""
        await self.find_membership()
        await asyncio.gather(*(self._chat.fetch_person(user) for user in user_ids), return_exceptions=True)
