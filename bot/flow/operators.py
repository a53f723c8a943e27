"""Tell the operators, in the channel that the rules name, what only they can set right."""

import logging
from collections.abc import Sequence

from bot.core.errors import ChatError
from bot.core.request import Place
from bot.flow.ports import Chat
from bot.flow.rulebook import Rulebook
from bot.views.message import Message
from bot.views.operators import render_deadlocks, render_key_refused, render_no_deadlocks

log = logging.getLogger(__name__)


class Operators:
    """The people who run the bot."""

    def __init__(self, chat: Chat, rulebook: Rulebook) -> None:
        self._chat = chat
        self._rulebook = rulebook
        self._told_of: frozenset[str] = frozenset()
        self._deadlocks: frozenset[str] = frozenset()

    async def tell(self, message: Message) -> None:
        """Post to the operators' channel; where there is none, or Slack refuses, the log has to do."""
        log.warning("%s", message.text)
        channel = self._rulebook.current().operators
        if channel is None:
            return
        try:
            await self._chat.post(Place(channel), message)
        except ChatError as error:
            log.warning("The operators could not be told: %s", error)

    async def tell_of_keys(self, refused: frozenset[str]) -> None:
        """Tell of the settings whose keys oec.sh refuses now: once each, and again once it has taken them in between."""
        news, self._told_of = sorted(refused - self._told_of), refused
        for setting in news:
            await self.tell(render_key_refused(setting))

    async def tell_of_deadlocks(self, found: Sequence[str]) -> None:
        """Tell, whenever it is more, of what may be asked for and nobody could approve, by who is in which group now."""
        before, self._deadlocks = self._deadlocks, frozenset(found)
        if self._deadlocks - before:
            await self.tell(render_deadlocks(found))
        elif before and not found:
            await self.tell(render_no_deadlocks())
