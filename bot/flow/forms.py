"""Open forms in answer to presses. Slack takes them for three seconds only."""

import logging

from bot.core.errors import ChatError
from bot.core.request import ButtonPress, MessageShortcut
from bot.flow.ports import Chat
from bot.views import answers
from bot.views.message import Modal

log = logging.getLogger(__name__)


class Forms:
    """Opens a form, or offers to open it again."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def open(self, modal: Modal, press: ButtonPress | MessageShortcut, opener: tuple[str, str]) -> None:
        """Open a form; where Slack does not, the trigger has run out, most likely: offer a button that opens it again.

        `opener` is the kind and the id of such a button.
        """
        try:
            await self._chat.open_modal(press.trigger_id, modal)
        except ChatError as error:
            log.warning("A form could not be opened: %s", error)
            await self._chat.answer(press.reply_to, answers.render_form_not_opened(*opener))
