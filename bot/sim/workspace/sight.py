"""What people see: the workspace, the messages of a channel or thread, their views; and what a log reader sees."""

from datetime import UTC, datetime

from bot.sim.workspace.entities import SLACKBOT_ID, Call, Channel, Group, JsonObject, Message, User
from bot.sim.workspace.pings import find_mentions
from bot.sim.workspace.wire import file_json, reactions_json, view_json
from bot.sim.workspace.world import PersonRefused, World

_PRIVATE_MESSAGE_AUTHORS = {SLACKBOT_ID: "Slackbot"}


def describe_workspace(world: World) -> JsonObject:
    """Team, people, groups, channels and the app, without its secrets."""
    workspace, app = world.workspace, world.workspace.app
    people = [user for user in workspace.users.values() if not user.is_bot]
    return {
        "team": {"id": workspace.team.id, "name": workspace.team.name, "domain": workspace.team.domain},
        "users": [describe_user(world, user) for user in people],
        "groups": [describe_group(group) for group in workspace.groups.values()],
        "channels": [describe_channel(channel) for channel in workspace.channels.values()],
        "bot": describe_app(world),
        "commands": [
            {
                "command": one.command,
                "usage_hint": one.usage_hint,
                "description": one.description,
                "should_escape": one.should_escape,
            }
            for one in app.commands
        ],
        "shortcuts": [
            {"callback_id": one.callback_id, "name": one.name, "type": one.type} for one in app.shortcuts
        ],
    }


def describe_app(world: World) -> JsonObject:
    """The installed app: its ids, how it is reached and what it hears of."""
    app = world.workspace.app
    return {
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "name": app.name,
        "connections": world.sockets.connections,
        "connected": world.sockets.opened,
        "has_home": app.has_home,
        "mode": "socket" if app.uses_sockets else "http",
        "events_url": app.events_url,
        "interactivity_url": app.interactivity_url,
        "events": list(app.events),
        "scopes": list(app.scopes),
    }


def describe_user(world: World, user: User) -> JsonObject:
    """A person; `team_id` names the workspace of somebody from elsewhere."""
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "is_guest": user.is_guest or user.is_single_channel_guest,
        "is_deactivated": user.is_deactivated,
        "team_id": user.team_id,
        "groups": [group.id for group in world.workspace.groups_of(user.id)],
        "tz": user.tz,
        "title": user.title,
        "color": user.color,
    }


def describe_group(group: Group) -> JsonObject:
    """A user group with its people."""
    return {"id": group.id, "handle": group.handle, "name": group.name, "users": list(group.users)}


def describe_channel(channel: Channel) -> JsonObject:
    """A channel with its people; `connected_teams` are the other workspaces that share it."""
    return {
        "id": channel.id,
        "name": channel.name,
        "members": list(channel.members),
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "connected_teams": list(channel.connected_teams),
    }


def list_messages(world: World, user: User, channel: Channel, thread_ts: str | None) -> list[JsonObject]:
    """A channel's messages as one person sees them, or a thread's: its first message, then the replies."""
    seen = [
        message for message in world.workspace.messages_in(channel.id) if message.only_for in (None, user.id)
    ]
    if thread_ts:
        shown = [message for message in seen if thread_ts in (message.ts, message.thread_ts)]
    else:
        shown = [message for message in seen if not message.is_reply or message.broadcast]
    return [_message(world, message) for message in shown]


def _message(world: World, message: Message) -> JsonObject:
    return {
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "user": message.user_id,
        "username": _author(world, message),
        "bot_id": message.bot_id,
        "text": message.content.text,
        "blocks": list(message.content.blocks),
        "attachments": list(message.content.attachments),
        "metadata": message.content.metadata,
        "files": [file_json(world.workspace, file) for file in message.content.files],
        "reactions": reactions_json(world.workspace.reactions_to(message)),
        "mentions": find_mentions(message.content),
        "pings": list(message.pinged),
        "edits": message.edits,
        "posted_at": _stamp(message.posted_at),
        "edited_at": _stamp(message.edited_at) if message.edited_at else None,
        "ephemeral": message.is_ephemeral,
        "broadcast": message.broadcast,
        "reply_count": len(world.workspace.replies_to(message.channel_id, message.ts)),
    }


def _author(world: World, message: Message) -> str:
    user = world.workspace.users.get(message.user_id)
    return user.real_name if user else _PRIVATE_MESSAGE_AUTHORS.get(message.user_id, message.user_id)


def describe_views(world: World, user: User) -> JsonObject:
    """A person's Home tab and stack of modals, the visible one last."""
    workspace = world.workspace
    home = workspace.home_of(user.id)
    return {
        "home": view_json(workspace, home) if home else None,
        "modals": [view_json(workspace, view) for view in workspace.modals_of(user.id)],
    }


def list_calls(world: World, method: str | None, since: str | None) -> list[JsonObject]:
    """Web API calls received, oldest first; `since` is a time (ISO 8601 or Unix seconds) and counts itself."""
    since_at = _read_time(since) if since else None
    return [
        _call(call)
        for call in world.workspace.calls
        if (not method or call.method == method) and (since_at is None or call.at >= since_at)
    ]


def _call(call: Call) -> JsonObject:
    return {
        "at": _stamp(call.at),
        "method": call.method,
        "args": call.args,
        "ok": call.is_ok,
        "error": call.error,
        "status": call.status,
    }


def list_answers(world: World, since: str | None) -> list[JsonObject]:
    """What the app said in acknowledgements and at response_urls, oldest first."""
    since_at = _read_time(since) if since else None
    return [
        {"at": _stamp(one.at), "via": one.via, "body": one.body, "ok": one.error is None, "error": one.error}
        for one in world.workspace.answers
        if since_at is None or one.at >= since_at
    ]


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _read_time(written: str) -> datetime:
    try:
        if written.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(written), UTC)
        # A plus sign in a query that was not encoded arrives as a blank.
        moment = datetime.fromisoformat(written.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise PersonRefused(400, f"{written!r} is not a time; write 2026-11-01T12:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
