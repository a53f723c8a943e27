"""Where everything from people arrives: each delivery is taken once, and whatever happens, the person hears of it."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from bot.core.errors import BotError, HistoryError
from bot.core.names import ChannelId, RequestKey, UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Place, ReplyTo, Request
from bot.flow.attendance import Attendance
from bot.flow.conversation import Conversation
from bot.flow.home import Homes
from bot.flow.ports import Chat, Clock, History
from bot.flow.presses import Presses
from bot.views import answers

log = logging.getLogger(__name__)

FieldErrors = Mapping[str, str]
"""The sentences to show beside a modal's fields, by field name; one without a name stands beside the first."""

ERRORS_KEPT = 100
"""Of so many modals it is kept in mind what was wrong with them, should Slack deliver them again."""


class Desk:
    """Takes asks, presses, modals and shortcuts from people."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        *,
        attendance: Attendance,
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
        self._attendance = attendance
        self._is_stopping = False
        self._errors: OrderedDict[RequestKey, FieldErrors] = OrderedDict()

    def stop_taking(self) -> None:
        """Take on nothing new: whoever asks from now on is told to ask again in a moment. What was begun goes on."""
        self._is_stopping = True

    async def ask(self, request: Request) -> None:
        """Carry out a request; one that is delivered again is dropped."""
        await self._take(request.key, request.reply_to, lambda: self._conversation.ask(request))

    async def press(self, press: ButtonPress) -> None:
        """Carry out a button press; one that is delivered again is dropped."""
        await self._take(press.key, press.reply_to, lambda: self._presses.press(press))

    async def use_shortcut(self, shortcut: MessageShortcut) -> None:
        """Carry out the message shortcut."""
        await self._take(shortcut.key, shortcut.reply_to, lambda: self._presses.use_shortcut(shortcut))

    async def submit(self, submission: ModalSubmission) -> FieldErrors | None:
        """Carry out a submitted modal: None closes it, else the sentences to show beside its fields.

        One that is delivered again gets the same answer, and is not carried out again.
        """
        try:
            return await self._submit_once(submission)
        except HistoryError as error:
            log.warning("What a modal asked for could not be remembered: %s", error)
            return {"": answers.HISTORY_TROUBLE}
        except Exception:
            reference = self._attendance.new_reference()
            log.exception("A modal of ours broke (reference %s)", reference)
            return {"": answers.render_broken(reference).text}

    async def _submit_once(self, submission: ModalSubmission) -> FieldErrors | None:
        if not await self._is_new(submission.key):
            return self._errors.get(submission.key)
        if self._is_stopping:
            return {"": answers.RESTARTING}
        errors = await self._presses.submit(submission)
        if errors is not None:
            self._errors[submission.key] = errors
        if len(self._errors) > ERRORS_KEPT:
            self._errors.popitem(last=False)
        return errors

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

    async def _take(self, key: RequestKey, reply_to: ReplyTo, work: Callable[[], Awaitable[None]]) -> None:
        async def take_once() -> None:
            if not await self._is_new(key):
                return
            if self._is_stopping:
                await self._chat.answer(reply_to, answers.render_restarting())
            else:
                await work()

        await self._attendance.attend(reply_to, take_once())

    async def _is_new(self, key: RequestKey) -> bool:
        if await self._history.claim_delivery(key, self._clock.now()):
            return True
        log.info("Dropped what was delivered again")
        return False
