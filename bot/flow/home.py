"""The App Home: what this person may do, channel by channel."""

from bot.core.names import TeamId, UserId
from bot.core.policy import powers
from bot.core.request import Actor
from bot.flow.people import People
from bot.flow.ports import Chat
from bot.flow.rulebook import Rulebook
from bot.views.home import render_home


class Homes:
    """Shows people their App Home."""

    def __init__(self, chat: Chat, rulebook: Rulebook, people: People, home_team: TeamId) -> None:
        self._chat = chat
        self._rulebook = rulebook
        self._people = people
        self._home_team = home_team

    async def show(self, user_id: UserId) -> None:
        """Publish the App Home of a person of our own team."""
        rules = self._rulebook.current()
        person = await self._people.find_person(Actor(user_id, self._home_team))
        membership = await self._people.find_membership()
        rows = [(channel, powers(person, channel, rules, membership)) for channel in rules.channels]
        await self._chat.publish_home(user_id, render_home(rows))
