"""The modal that takes an ask inside a thread, where Slack takes no slash commands."""

from bot.views import buttons
from bot.views.blocks import modal, text_input
from bot.views.message import Modal


def ask_modal(subject: str) -> Modal:
    """A field for what would be typed after the command; the answer goes to the thread that `subject` stands for."""
    field = text_input(
        buttons.TEXT_FIELD,
        "What should I do?",
        hint="As after /oec: restart staging, status prod, help.",
    )
    return modal(buttons.ASK_MODAL, subject, title="Ask oec", submit="Ask", blocks=(field,))
