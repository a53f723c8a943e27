"""conversations.*: which there are, who is in them, what was said there."""

from collections.abc import Callable

from bot.sim.workspace.entities import Channel, JsonObject, Message
from bot.sim.workspace.methods.asking import Asked, find_channel
from bot.sim.workspace.methods.paging import cut_page
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import channel_json, message_json

_KINDS: dict[str, Callable[[Channel], bool]] = {
    "public_channel": lambda channel: not channel.is_private,
    "private_channel": lambda channel: channel.is_private and not channel.is_im,
    "mpim": lambda _channel: False,
    "im": lambda channel: channel.is_im,
}
_SCOPE_OF_KIND = {"public_channel": "channels", "private_channel": "groups", "mpim": "mpim", "im": "im"}


def conversations_info(workspace: Workspace, asked: Asked) -> JsonObject:
    """conversations.info: one conversation; the scope needed depends on its kind."""
    channel = _find_by_id(workspace, asked)
    _must_have_scope(workspace, channel, "read")
    described = channel_json(workspace, channel)
    if asked.flag("include_num_members"):
        described["num_members"] = len(channel.members)
    return {"ok": True, "channel": described}


def conversations_list(workspace: Workspace, asked: Asked) -> JsonObject:
    """conversations.list: every conversation of the kinds asked for that the app may know of."""
    return _describe_many(workspace, asked, list(workspace.channels.values()))


def users_conversations(workspace: Workspace, asked: Asked) -> JsonObject:
    """users.conversations: those that somebody is in; the app itself unless said otherwise."""
    member = asked.optional("user") or workspace.app.bot_user_id
    joined = [channel for channel in workspace.channels.values() if member in channel.members]
    return _describe_many(workspace, asked, joined)


def _describe_many(workspace: Workspace, asked: Asked, channels: list[Channel]) -> JsonObject:
    kinds = _read_kinds(workspace, asked)
    app_id, skips_archived = workspace.app.bot_user_id, asked.flag("exclude_archived")
    found = [
        channel
        for channel in channels
        if any(_KINDS[kind](channel) for kind in kinds)
        and not (channel.is_private and app_id not in channel.members)
        and not (skips_archived and channel.is_archived)
    ]
    page, rest = cut_page(asked, found)
    return {"ok": True, "channels": [channel_json(workspace, channel) for channel in page], **rest}


def _read_kinds(workspace: Workspace, asked: Asked) -> list[str]:
    kinds = [kind.strip() for kind in (asked.optional("types") or "public_channel").split(",")]
    if not set(kinds) <= set(_KINDS):
        raise SlackRefusal("invalid_types")
    for kind in kinds:
        _must_hold(workspace, f"{_SCOPE_OF_KIND[kind]}:read")
    return kinds


def conversations_members(workspace: Workspace, asked: Asked) -> JsonObject:
    """conversations.members: the ids of everybody there, the app among them."""
    channel = _find_by_id(workspace, asked)
    _must_have_scope(workspace, channel, "read")
    page, rest = cut_page(asked, channel.members)
    return {"ok": True, "members": list(page), **rest}


def conversations_open(workspace: Workspace, asked: Asked) -> JsonObject:
    """conversations.open: the app's direct messages with one person."""
    _must_hold(workspace, "im:write")
    was_there = set(workspace.channels)
    channel = _find_by_id(workspace, asked) if asked.optional("channel") else _open(workspace, asked)
    described: JsonObject = {"id": channel.id}
    if asked.flag("return_im"):
        described = channel_json(workspace, channel)
    is_old = {"no_op": True, "already_open": True} if channel.id in was_there else {}
    return {"ok": True, "channel": described, **is_old}


def _open(workspace: Workspace, asked: Asked) -> Channel:
    names = asked.optional("users")
    if not names:
        raise SlackRefusal("users_list_not_supplied")
    people = [name.strip() for name in names.split(",")]
    if len(people) > 1:
        raise SlackRefusal("too_many_users")
    user = workspace.users.get(people[0])
    if user is None or user.is_bot:
        raise SlackRefusal("user_not_found")
    if user.is_deactivated:
        raise SlackRefusal("user_disabled")
    return workspace.direct_messages(user.id)


def conversations_history(workspace: Workspace, asked: Asked) -> JsonObject:
    """conversations.history: what was said in the channel itself, newest first."""
    channel = _find_readable(workspace, asked)
    top = [one for one in workspace.messages_in(channel.id) if not one.is_reply or one.broadcast]
    found = [one for one in reversed(top) if not one.is_ephemeral and _is_within(asked, one)]
    page, rest = cut_page(asked, found)
    return {
        "ok": True,
        "messages": [_told(workspace, asked, message) for message in page],
        "has_more": bool(rest["response_metadata"]["next_cursor"]),
        "pin_count": 0,
        **rest,
    }


def conversations_replies(workspace: Workspace, asked: Asked) -> JsonObject:
    """conversations.replies: a thread in order, its first message ahead."""
    channel = _find_readable(workspace, asked)
    named = workspace.find_message(channel.id, asked.required("ts"))
    first = workspace.find_message(channel.id, named.thread_ts) if named and named.thread_ts else named
    if first is None or first.is_ephemeral:
        raise SlackRefusal("thread_not_found")
    replies = [one for one in workspace.replies_to(channel.id, first.ts) if _is_within(asked, one)]
    page, rest = cut_page(asked, [first, *replies], usual=1000)
    more = bool(rest["response_metadata"]["next_cursor"])
    return {"ok": True, "messages": [_told(workspace, asked, one) for one in page], "has_more": more, **rest}


def _find_readable(workspace: Workspace, asked: Asked) -> Channel:
    channel = _find_by_id(workspace, asked)
    _must_have_scope(workspace, channel, "history")
    if workspace.app.bot_user_id not in channel.members:
        raise SlackRefusal("not_in_channel")
    return channel


def _is_within(asked: Asked, message: Message) -> bool:
    """Whether a message lies between `oldest` and `latest`, which themselves count where `inclusive` says so."""
    ts, is_inclusive = float(message.ts), asked.flag("inclusive")
    oldest, latest = _read_ts(asked, "oldest"), _read_ts(asked, "latest")
    if oldest is not None and (ts < oldest or (ts == oldest and not is_inclusive)):
        return False
    return latest is None or ts < latest or (ts == latest and is_inclusive)


def _read_ts(asked: Asked, name: str) -> float | None:
    given = asked.args.get(name)
    if given in (None, "", 0, "0"):
        return None
    try:
        return float(str(given))
    except ValueError:
        raise SlackRefusal(f"invalid_ts_{name}") from None


def _told(workspace: Workspace, asked: Asked, message: Message) -> JsonObject:
    """A message with what is known of its thread; its metadata only where they are asked for."""
    written = message_json(workspace, message)
    if not asked.flag("include_all_metadata"):
        written.pop("metadata", None)
    replies = workspace.replies_to(message.channel_id, message.ts)
    if replies:
        written |= {
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(reply.user_id for reply in replies)),
            "latest_reply": replies[-1].ts,
        }
    return written


def _find_by_id(workspace: Workspace, asked: Asked) -> Channel:
    wanted = asked.required("channel")
    if wanted not in workspace.channels:
        raise SlackRefusal("channel_not_found")
    return find_channel(workspace, wanted)


def _must_have_scope(workspace: Workspace, channel: Channel, what: str) -> None:
    kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
    _must_hold(workspace, f"{kind}:{what}")


def _must_hold(workspace: Workspace, scope: str) -> None:
    if scope not in workspace.app.scopes:
        raise SlackRefusal("missing_scope", needed=scope, provided=",".join(workspace.app.scopes))
