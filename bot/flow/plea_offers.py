"""Offer the button that asks those who may, wherever somebody learns that they may not: one press makes the plea."""

from bot.core.intents import Change, typed_form
from bot.core.names import ButtonId, ChannelId
from bot.core.pleas import may_plead
from bot.core.policy import Membership, Person
from bot.flow.ports import Clock, History
from bot.flow.rulebook import Rulebook


class PleaOffers:
    """Keeps what such a button would ask for."""

    def __init__(self, history: History, clock: Clock, rulebook: Rulebook) -> None:
        self._history = history
        self._clock = clock
        self._rulebook = rulebook

    async def keep(
        self, change: Change, person: Person, channel: ChannelId, membership: Membership
    ) -> ButtonId | None:
        """The id for the button; None where there is nobody whom this person could ask."""
        if not may_plead(change, person, channel, self._rulebook.current(), membership):
            return None
        return await self._history.record_ask(typed_form(change), self._clock.now())
