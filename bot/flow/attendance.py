"""Work that a person waits for: whatever happens to it, the person hears of it.

This is one of the two places where a bug of ours is caught (the other is the timer's turn): it is logged with a short
reference, and the person is told that reference.
"""

import logging
from collections.abc import Awaitable, Coroutine

from bot.core.errors import ChatError, HistoryError
from bot.core.request import ReplyTo
from bot.flow.background import Background
from bot.flow.ports import Chat, Clock
from bot.views import answers
from bot.views.message import Message

log = logging.getLogger(__name__)


class Attendance:
    """Sees what people asked for through to its end."""

    def __init__(self, chat: Chat, clock: Clock, background: Background) -> None:
        self._chat = chat
        self._clock = clock
        self._background = background

    async def attend(self, reply_to: ReplyTo, work: Awaitable[None]) -> None:
        """Do the work. A trouble with Slack is only logged: what did not get through will not get through now."""
        try:
            await work
        except ChatError as error:
            log.warning("An answer could not be given: %s", error)
        except HistoryError as error:
            log.warning("What was asked for could not be remembered: %s", error)
            await self._tell(reply_to, answers.render_history_trouble())
        except Exception:
            reference = self.new_reference()
            log.exception("Something of ours broke (reference %s)", reference)
            await self.tell_broken(reply_to, reference)

    def go_on(self, reply_to: ReplyTo, work: Coroutine[object, object, None], *, name: str) -> None:
        """Do the work after a modal has closed: its answer must not wait for that."""
        self._background.start(self.attend(reply_to, work), name=name)

    def new_reference(self) -> str:
        """What a person says and the operators find in the log."""
        return self._clock.new_id()[:4].lower()

    async def tell_broken(self, reply_to: ReplyTo, reference: str) -> None:
        """Tell the person that something broke, if they can be told."""
        await self._tell(reply_to, answers.render_broken(reference))

    async def _tell(self, reply_to: ReplyTo, message: Message) -> None:
        try:
            await self._chat.answer(reply_to, message)
        except ChatError as error:
            log.warning("Nor could the person be told: %s", error)
