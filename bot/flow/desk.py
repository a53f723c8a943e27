"""Where everything from people arrives: each delivery is taken once, and whatever happens, the person hears of it.

The outermost functions here are one of the two places where a bug of ours is caught (the other is the timer's turn):
it is logged with a short reference, and the person is told that reference.
"""

import logging
from collections.abc import Awaitable, Mapping

from bot.core.errors import BotError, ChatError
from bot.core.names import ChannelId, RequestKey, UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Place, ReplyTo, Request
from bot.flow.conversation import Conversation
from bot.flow.home import Homes
from bot.flow.ports import Chat, Clock, History
from bot.flow.presses import Presses
from bot.views import answers

log = logging.getLogger(__name__)


class Desk:
    """Takes asks, presses, modals and shortcuts from people."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        conversation: Conversation,
        presses: Presses,
        homes: Homes,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._conversation = conversation
        self._presses = presses
        self._homes = homes

    async def ask(self, request: Request) -> None:
        """Carry out a request; one that is delivered again is dropped."""
        if await self._is_new(request.key):
            await self._attend(request.reply_to, self._conversation.ask(request))

    async def press(self, press: ButtonPress) -> None:
        """Carry out a button press; one that is delivered again is dropped."""
        if await self._is_new(press.key):
            await self._attend(press.reply_to, self._presses.press(press))

    async def use_shortcut(self, shortcut: MessageShortcut) -> None:
        """Carry out the message shortcut."""
        if await self._is_new(shortcut.key):
            await self._attend(shortcut.reply_to, self._presses.use_shortcut(shortcut))

    async def submit(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        """Carry out a submitted modal: None closes it, else the sentences to show beside its fields."""
        return await self._presses.submit(submission)

    async def tell_late(self, submission: ModalSubmission, errors: Mapping[str, str]) -> None:
        """Tell a person in their own messages what was wrong with a modal that closed before it was known."""
        user_id = submission.actor.user_id
        reply_to = ReplyTo(user_id, Place(ChannelId(user_id)))
        await self._chat.answer(reply_to, answers.render_not_counted(tuple(errors.values())))

    async def open_home(self, user_id: UserId) -> None:
        """Show a person their App Home."""
        try:
            await self._homes.show(user_id)
        except BotError as error:
            log.warning("The App Home of %s could not be shown: %s", user_id, error)

    async def _is_new(self, key: RequestKey) -> bool:
        if await self._history.claim_delivery(key, self._clock.now()):
            return True
        log.info("Dropped what was delivered again")
        return False

    async def _attend(self, reply_to: ReplyTo, work: Awaitable[None]) -> None:
        try:
            await work
        except ChatError as error:
            log.warning("An answer could not be given: %s", error)
        except Exception:
            reference = self._clock.new_id()[:4].lower()
            log.exception("Something of ours broke (reference %s)", reference)
            await self._tell_broken(reply_to, reference)

    async def _tell_broken(self, reply_to: ReplyTo, reference: str) -> None:
        try:
            await self._chat.answer(reply_to, answers.render_broken(reference))
        except ChatError as error:
            log.warning("Nor could the person be told (reference %s): %s", reference, error)
