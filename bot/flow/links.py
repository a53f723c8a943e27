"""Links to messages, for answers that point at them."""

from bot.core.errors import ChatError
from bot.flow.ports import Chat, MessageRef


async def find_link(chat: Chat, ref: MessageRef | None) -> str | None:
    """A link to a message; None while it stands nowhere, or where Slack does not give one."""
    if ref is None:
        return None
    try:
        return await chat.fetch_permalink(ref)
    except ChatError:
        return None
