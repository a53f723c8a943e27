"""Put right what no change of a run would: messages that stand twice, and those that could not be shown for a while.

All of it is durable, so that a bot that starts finds what the one before it left to do.
"""

import logging
from datetime import timedelta

from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError, Cure
from bot.core.names import ChannelId
from bot.core.request import Place
from bot.flow.cards import Cards
from bot.flow.ports import AnySlot, Chat, Clock, Doubt, History, MessageRef, PleaSlot

log = logging.getLogger(__name__)

UNHEARD = timedelta(seconds=30)
"""So long after it left, a post that nobody heard of is looked for once more: Slack may have carried it out late."""


class Mending:
    """Mends what people see of runs and pleas."""

    def __init__(self, chat: Chat, history: History, clock: Clock, cards: Cards) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._cards = cards
        self._is_fresh = True

    async def mend_once(self) -> None:
        """Take away what stands twice."""
        for doubt in await self._history.find_doubts(self._clock.now() - UNHEARD):
            await self._settle(doubt)
        for ref in await self._history.find_strays():
            await self._take_away(ref)

    async def revive_once(self) -> None:
        """Show again what could not be shown: in channels that take messages again, and of an app that was set right."""
        if self._is_fresh:  # operators set the app right, and then start the bot
            await self._history.revive_slots(Cure.APP_SET_RIGHT)
            self._is_fresh = False
        for channel_id in await self._history.find_dead_channels(Cure.LET_IN):
            await self._revive(channel_id)

    async def _revive(self, channel_id: ChannelId) -> None:
        try:
            if await self._chat.may_post(channel_id):
                await self._history.revive_slots(Cure.LET_IN, channel_id)
        except ChatError as error:
            log.info("Whether %s takes messages again is not known: %s", channel_id, error)

    async def _settle(self, doubt: Doubt) -> None:
        """Look for what an unheard post may have left beside a message that stands."""
        record = await self._history.find_slot(doubt.slot)
        if record is None or record.ref is None:
            return
        place = await self._find_place(doubt.slot, record.ref)
        if place is None:
            return
        try:
            found = await self._chat.find_posted(doubt, place)
        except ChatUnavailableError as error:
            log.info("Whether %s stands twice is not known yet: %s", doubt.slot, error)
            return
        except ChatRefusedError:  # nobody may look there: two may stand
            found = ()
        await self._history.record_settled(doubt.slot, [ref for ref in found if ref != record.ref])

    async def _find_place(self, slot: AnySlot, ref: MessageRef) -> Place | None:
        """Where the posts of a message went to; None while the card that it hangs under is not posted."""
        if isinstance(slot, PleaSlot):
            return Place(ref.channel_id)
        return await self._cards.find_place(await self._history.load_run(slot.run_id), slot)

    async def _take_away(self, ref: MessageRef) -> None:
        try:
            await self._chat.delete(ref)
        except ChatUnavailableError as error:
            log.info("A message too many could not be taken away yet: %s", error)
            return
        except ChatRefusedError as error:
            log.info("A message too many is gone already, or must stay: %s", error.error)
        await self._history.forget_stray(ref)
