"""chat.*: posting, editing, deleting, private messages, links to messages."""

from dataclasses import replace

from bot.sim.workspace.contents import read_content
from bot.sim.workspace.entities import Channel, Content, JsonObject, Message
from bot.sim.workspace.methods.asking import Asked, find_channel, find_visible_message
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import message_json

_LONGEST_POST = 40_000
_LONGEST_EDIT = 4_000


def post_message(workspace: Workspace, asked: Asked) -> JsonObject:
    """chat.postMessage: a public message; longer text than 40,000 characters is cut off, not refused."""
    channel = find_channel(workspace, asked.required("channel"))
    _must_be_open(workspace, channel)
    content = read_content(workspace, asked.args)
    thread_ts = find_thread(workspace, channel, asked.optional("thread_ts"))
    message = workspace.post(
        app_message(
            workspace,
            asked,
            channel.id,
            replace(content, text=content.text[:_LONGEST_POST]),
            thread_ts=thread_ts,
            broadcast=asked.flag("reply_broadcast") and thread_ts is not None,
        )
    )
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(workspace, message),
    }


def app_message(
    workspace: Workspace,
    asked: Asked,
    channel_id: str,
    content: Content,
    *,
    thread_ts: str | None = None,
    only_for: str | None = None,
    broadcast: bool = False,
) -> Message:
    """A new message by the app, not posted yet."""
    return Message(
        ts=workspace.next_ts(asked.now),
        channel_id=channel_id,
        user_id=workspace.app.bot_user_id,
        content=content,
        posted_at=asked.now,
        thread_ts=thread_ts,
        bot_id=workspace.app.bot_id,
        app_id=workspace.app.id,
        only_for=only_for,
        broadcast=broadcast,
    )


def update_message(workspace: Workspace, asked: Asked) -> JsonObject:
    """chat.update: replaces one of the app's own messages; blocks go if they are not sent again."""
    channel = find_channel(workspace, asked.required("channel"))
    message = find_visible_message(workspace, channel, asked.required("ts"))
    if message.bot_id != workspace.app.bot_id:
        raise SlackRefusal("cant_update_message")
    if channel.is_archived:
        raise SlackRefusal("is_inactive")
    content = read_content(workspace, asked.args, kept=message.content)
    if len(content.text) > _LONGEST_EDIT:
        raise SlackRefusal("msg_too_long")
    edited = workspace.edit(message, content, now=asked.now, mark=not content.blocks)
    return {
        "ok": True,
        "channel": channel.id,
        "ts": edited.ts,
        "text": edited.content.text,
        "message": message_json(workspace, edited),
    }


def post_ephemeral(workspace: Workspace, asked: Asked) -> JsonObject:
    """chat.postEphemeral: a message only one member of the channel sees."""
    channel = find_channel(workspace, asked.required("channel"))
    _must_be_open(workspace, channel)
    user_id = asked.required("user")
    if user_id not in channel.members or workspace.users[user_id].is_deactivated:
        raise SlackRefusal("user_not_in_channel")
    content = read_content(workspace, asked.args)
    if len(content.text.encode()) > _LONGEST_EDIT:
        raise SlackRefusal("msg_too_long")
    thread_ts = find_thread(workspace, channel, asked.optional("thread_ts"))
    message = app_message(workspace, asked, channel.id, content, thread_ts=thread_ts, only_for=user_id)
    workspace.post(message)
    return {"ok": True, "message_ts": message.ts}


def delete_message(workspace: Workspace, asked: Asked) -> JsonObject:
    """chat.delete: takes one of the app's own messages away."""
    channel = find_channel(workspace, asked.required("channel"))
    message = find_visible_message(workspace, channel, asked.required("ts"))
    if message.bot_id != workspace.app.bot_id:
        raise SlackRefusal("cant_delete_message")
    workspace.delete(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def get_permalink(workspace: Workspace, asked: Asked) -> JsonObject:
    """chat.getPermalink: a link that opens the stand-in's own page at the message."""
    channel = find_channel(workspace, asked.required("channel"))
    message = find_visible_message(workspace, channel, asked.required("message_ts"))
    link = f"{asked.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def _must_be_open(workspace: Workspace, channel: Channel) -> None:
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    if workspace.app.bot_user_id in channel.members:
        return
    if channel.is_private or "chat:write.public" not in workspace.app.scopes:
        raise SlackRefusal("not_in_channel")


def find_thread(workspace: Workspace, channel: Channel, thread_ts: str | None) -> str | None:
    """The thread's first message, also where a reply's own time stamp was given."""
    if not thread_ts:
        return None
    parent = workspace.find_message(channel.id, thread_ts)
    if parent is None or parent.is_ephemeral:
        raise SlackRefusal("cannot_reply_to_message")
    return parent.thread_ts or parent.ts
