"""What Slack sends the app: slash commands, presses, submissions, shortcuts and events, field by field."""

from datetime import datetime
from typing import Literal

from bot.sim.workspace.entities import Channel, JsonObject, Message, User, View
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import message_json, view_json

Interaction = Literal["block_actions", "message_action", "shortcut", "view_closed", "view_submission"]
"""The kinds of interaction beside slash commands."""

_VERIFICATION_TOKEN = "sandbox-verification"  # noqa: S105 - the long obsolete field every payload still carries


def slash_command(
    workspace: Workspace,
    user: User,
    channel: Channel,
    *,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> JsonObject:
    """A slash command; there is no thread in it, because Slack refuses them there."""
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_press(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Message,
    *,
    action: JsonObject,
    values: JsonObject,
    trigger_id: str,
    response_url: str,
) -> JsonObject:
    """A block_actions payload from a message. An ephemeral one is not repeated in the payload, only named."""
    container: JsonObject = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.is_ephemeral,
    }
    written = message_json(workspace, message)
    if "thread_ts" in written:
        container["thread_ts"] = written["thread_ts"]
    payload = _interaction(workspace, user, "block_actions") | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    return payload if message.is_ephemeral else payload | {"message": written}


def view_press(
    workspace: Workspace, user: User, view: View, *, action: JsonObject, trigger_id: str
) -> JsonObject:
    """A block_actions payload from a modal or Home."""
    return _interaction(workspace, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": view_json(workspace, view),
        "actions": [action],
    }


def view_submission(workspace: Workspace, user: User, view: View, *, trigger_id: str) -> JsonObject:
    """A modal sent off."""
    return _interaction(workspace, user, "view_submission") | {
        "trigger_id": trigger_id,
        "view": view_json(workspace, view),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, user: User, view: View, *, is_cleared: bool) -> JsonObject:
    """A modal closed without sending."""
    return _interaction(workspace, user, "view_closed") | {
        "view": view_json(workspace, view),
        "is_cleared": is_cleared,
    }


def message_shortcut(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Message,
    *,
    callback_id: str,
    trigger_id: str,
    response_url: str,
    now: datetime,
) -> JsonObject:
    """A shortcut chosen from a message's menu."""
    return _interaction(workspace, user, "message_action") | {
        "action_ts": f"{now.timestamp():.6f}",
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "message": message_json(workspace, message),
    }


def global_shortcut(
    workspace: Workspace, user: User, *, callback_id: str, trigger_id: str, now: datetime
) -> JsonObject:
    """A shortcut chosen anywhere."""
    return _interaction(workspace, user, "shortcut") | {
        "action_ts": f"{now.timestamp():.6f}",
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def posted(workspace: Workspace, channel: Channel, message: Message) -> JsonObject:
    """The event of somebody writing a message."""
    event = app_mention(workspace, message) | {"type": "message"}
    return event | {"channel_type": kind_of(channel)}


def app_mention(workspace: Workspace, message: Message) -> JsonObject:
    """The event of somebody naming the app in a message."""
    event: JsonObject = {
        "type": "app_mention",
        "user": message.user_id,
        "text": message.content.text,
        "ts": message.ts,
        "team": workspace.team_of(message.user_id),
        "channel": message.channel_id,
        "event_ts": message.ts,
    }
    if event["team"] != workspace.team.id:
        # Over Slack Connect the author's own workspace is named twice more.
        event |= {"user_team": event["team"], "source_team": event["team"]}
    return event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def reacted(user: User, message: Message, *, kind: str, name: str, event_ts: str) -> JsonObject:
    """The event of somebody putting an emoji under a message, or taking it back."""
    return {
        "type": kind,
        "user": user.id,
        "reaction": name,
        "item_user": message.user_id,
        "item": {"type": "message", "channel": message.channel_id, "ts": message.ts},
        "event_ts": event_ts,
    }


def app_home_opened(
    workspace: Workspace, user: User, channel: Channel, home: View | None, *, event_ts: str
) -> JsonObject:
    """The event of somebody opening the app's Home tab."""
    event: JsonObject = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": channel.id,
        "tab": "home",
        "event_ts": event_ts,
    }
    return event | ({"view": view_json(workspace, home)} if home else {})


def event_callback(
    workspace: Workspace,
    event: JsonObject,
    *,
    event_id: str,
    now: datetime,
    channel: Channel | None = None,
) -> JsonObject:
    """The wrapping every event travels in; `event_id` stays the same when it is delivered again."""
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "api_app_id": workspace.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(now.timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team.id,
                "user_id": workspace.app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.connected_teams),
        "event_context": f"4-{event_id}",
    }


def _interaction(workspace: Workspace, user: User, kind: Interaction) -> JsonObject:
    return {
        "type": kind,
        "team": {"id": workspace.team.id, "domain": workspace.team.domain},
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": workspace.team_of(user.id),
        },
        "api_app_id": workspace.app.id,
        "token": _VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def kind_of(channel: Channel) -> str:
    """`channel`, `group` or `im`, as events call it."""
    if channel.is_im:
        return "im"
    return "group" if channel.is_private else "channel"


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
