"""The workspace's things as Slack writes them in answers and payloads."""

from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.sim.workspace.entities import Channel, File, Group, JsonObject, Message, User, View
from bot.sim.workspace.store import Workspace


def user_json(workspace: Workspace, user: User, *, now: datetime) -> JsonObject:
    """A user object as users.info answers it."""
    local = now.astimezone(ZoneInfo(user.tz))
    offset = local.utcoffset()
    return {
        "id": user.id,
        "team_id": workspace.team_of(user.id),
        "name": user.name,
        "deleted": user.is_deactivated,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": local.tzname() or user.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "title": user.title,
            "team": workspace.team_of(user.id),
        },
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_guest or user.is_single_channel_guest,
        "is_ultra_restricted": user.is_single_channel_guest,
        "is_stranger": user.team_id is not None,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": int(now.timestamp()),
    }


def channel_json(workspace: Workspace, channel: Channel) -> JsonObject:
    """A conversation object as conversations.info answers it to the app."""
    shared: JsonObject = {
        "id": channel.id,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private and not channel.is_im,
        "is_im": channel.is_im,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "context_team_id": workspace.team.id,
    }
    if channel.is_im:
        person = next(member for member in channel.members if member != workspace.app.bot_user_id)
        return shared | {"user": person}
    return shared | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": False,
        "is_shared": bool(channel.connected_teams),
        "is_ext_shared": bool(channel.connected_teams),
        "is_org_shared": False,
        "shared_team_ids": [workspace.team.id, *channel.connected_teams],
        "is_member": workspace.app.bot_user_id in channel.members,
    }


def group_json(workspace: Workspace, group: Group) -> JsonObject:
    """A user group as usergroups.list answers it, without its members."""
    return {
        "id": group.id,
        "team_id": workspace.team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "handle": group.handle,
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.users),
    }


def message_json(workspace: Workspace, message: Message) -> JsonObject:
    """A message as answers and block_actions payloads carry it."""
    written: JsonObject = {
        "type": "message",
        "user": message.user_id,
        "ts": message.ts,
        "text": message.content.text,
        "team": workspace.team.id,
    }
    if message.bot_id:
        written |= {"bot_id": message.bot_id, "app_id": message.app_id}
    if message.content.blocks:
        written["blocks"] = list(message.content.blocks)
    if message.content.attachments:
        written["attachments"] = list(message.content.attachments)
    if message.content.metadata:
        written["metadata"] = message.content.metadata
    if message.content.files:
        written["files"] = [file_json(workspace, file) for file in message.content.files]
    reactions = workspace.reactions_to(message)
    if reactions:
        written["reactions"] = reactions_json(reactions)
    if message.thread_ts or workspace.replies_to(message.channel_id, message.ts):
        # The first message of a thread names itself once it has replies.
        written["thread_ts"] = message.thread_ts or message.ts
    if message.shows_edited and message.edited_at is not None:
        written["edited"] = {"user": message.user_id, "ts": f"{message.edited_at.timestamp():.6f}"}
    return written


def reactions_json(reactions: dict[str, list[str]]) -> list[JsonObject]:
    """Reactions as a message carries them."""
    return [{"name": name, "users": list(users), "count": len(users)} for name, users in reactions.items()]


def file_json(workspace: Workspace, file: File) -> JsonObject:
    """A file object; the address of its bytes is relative to where the workspace is."""
    return {
        "id": file.id,
        "created": int(file.created_at.timestamp()),
        "timestamp": int(file.created_at.timestamp()),
        "name": file.name,
        "title": file.title,
        "mimetype": file.media_type,
        "filetype": file.name.rpartition(".")[2] if "." in file.name else "text",
        "user": file.user_id,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "is_public": True,
        "alt_txt": file.alt_text,
        "url_private": f"/files-pri/{workspace.team.id}-{file.id}/{quote(file.name)}",
    }


def view_json(workspace: Workspace, view: View) -> JsonObject:
    """A view as views.* answer it and as view_submission and block_actions payloads carry it."""
    content = view.content
    return {
        "id": view.id,
        "team_id": workspace.team.id,
        "type": content["type"],
        "blocks": view.blocks,
        "private_metadata": content.get("private_metadata") or "",
        "callback_id": content.get("callback_id") or "",
        "state": {"values": dict(view.values)},
        "hash": view.hash,
        "title": content.get("title"),
        "clear_on_close": bool(content.get("clear_on_close")),
        "notify_on_close": bool(content.get("notify_on_close")),
        "close": content.get("close"),
        "submit": content.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": workspace.app.id,
        "external_id": view.external_id,
        "app_installed_team_id": workspace.team.id,
        "bot_id": workspace.app.bot_id,
    }
