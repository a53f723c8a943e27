"""The address of a message in Slack's own windows, as `chat.getPermalink` would tell it, without asking. Pure."""

from bot.core.names import MessageTs
from bot.flow.ports import MessageRef


def permalink(workspace_url: str, ref: MessageRef, thread_ts: MessageTs | None = None) -> str:
    """The link to a message, in the workspace of this address (`auth.test` tells it); `thread_ts` if it is a reply."""
    link = f"{workspace_url.rstrip('/')}/archives/{ref.channel_id}/p{ref.ts.replace('.', '')}"
    is_reply = thread_ts is not None and thread_ts != ref.ts
    return f"{link}?thread_ts={thread_ts}&cid={ref.channel_id}" if is_reply else link
