"""`response_url`: five answers within half an hour, private unless said otherwise, visibility never changed."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.sim.workspace.contents import read_content
from bot.sim.workspace.entities import Content, JsonObject, Message, ReplyAddress
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.store import Workspace

REPLY_LIFE = timedelta(minutes=30)
MOST_REPLIES = 5


def accept_reply(workspace: Workspace, key: str, body: JsonObject, *, now: datetime) -> None:
    """Do what the app wants with one post to a `response_url`.

    Raises SlackRefusal: expired_url for an unknown, worn out or late address; what posting would raise otherwise.
    """
    address = workspace.reply_addresses.get(key)
    if address is None or address.uses >= MOST_REPLIES or now - address.issued_at > REPLY_LIFE:
        raise SlackRefusal("expired_url")
    _apply(workspace, address, body, now)
    workspace.reply_addresses[key] = replace(address, uses=address.uses + 1)


def _apply(workspace: Workspace, address: ReplyAddress, body: JsonObject, now: datetime) -> None:
    origin = _find_origin(workspace, address)
    if body.get("delete_original") is True and not body.get("replace_original"):
        if origin is None:
            raise SlackRefusal("message_not_found")
        workspace.delete(origin)
        return
    is_edit = body.get("replace_original") is True and origin is not None
    content = read_content(workspace, body, kept=origin.content if is_edit and origin else None)
    if is_edit and origin is not None:
        workspace.edit(origin, content, now=now, mark=not content.blocks)
        return
    is_public = body.get("response_type") == "in_channel"
    thread_ts = body.get("thread_ts") if is_public else None
    show_answer(
        workspace,
        address.channel_id,
        content,
        only_for=None if is_public else address.user_id,
        thread_ts=thread_ts if isinstance(thread_ts, str) else None,
        now=now,
    )


def _find_origin(workspace: Workspace, address: ReplyAddress) -> Message | None:
    """The app's message that was acted on; a person's own message can be neither replaced nor deleted."""
    if address.origin_ts is None:
        return None
    message = workspace.find_message(address.channel_id, address.origin_ts)
    return message if message is not None and message.bot_id == workspace.app.bot_id else None


def show_answer(
    workspace: Workspace,
    channel_id: str,
    content: Content,
    *,
    only_for: str | None,
    now: datetime,
    thread_ts: str | None = None,
) -> Message:
    """Post in the app's name where it may not even be a member, as answers to interactions may."""
    return workspace.post(
        Message(
            ts=workspace.next_ts(now),
            channel_id=channel_id,
            user_id=workspace.app.bot_user_id,
            content=content,
            posted_at=now,
            thread_ts=thread_ts,
            bot_id=workspace.app.bot_id,
            app_id=workspace.app.id,
            only_for=only_for,
        )
    )
