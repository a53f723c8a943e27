"""reactions.*: the app's emoji under a message."""

import re

from bot.sim.workspace.entities import JsonObject, Message
from bot.sim.workspace.methods.asking import Asked, find_channel, find_visible_message
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import message_json

_NAME = re.compile(r"[a-z0-9_'+-]{1,100}(::skin-tone-[2-6])?")


def is_emoji(name: str) -> bool:
    """Whether this could be an emoji's name; which there are is not known here."""
    return _NAME.fullmatch(name) is not None


def add_reaction(workspace: Workspace, asked: Asked) -> JsonObject:
    """reactions.add"""
    message, name = _find(workspace, asked), _read_name(asked)
    if workspace.channels[message.channel_id].is_archived:
        raise SlackRefusal("is_archived")
    if not workspace.react(message, name, workspace.app.bot_user_id, adds=True):
        raise SlackRefusal("already_reacted")
    return {"ok": True}


def remove_reaction(workspace: Workspace, asked: Asked) -> JsonObject:
    """reactions.remove"""
    message, name = _find(workspace, asked), _read_name(asked)
    if not workspace.react(message, name, workspace.app.bot_user_id, adds=False):
        raise SlackRefusal("no_reaction")
    return {"ok": True}


def get_reactions(workspace: Workspace, asked: Asked) -> JsonObject:
    """reactions.get: a message with everybody's reactions."""
    message = _find(workspace, asked)
    written = message_json(workspace, message)
    return {"ok": True, "type": "message", "channel": message.channel_id, "message": written}


def _find(workspace: Workspace, asked: Asked) -> Message:
    if not asked.optional("channel") or not asked.optional("timestamp"):
        raise SlackRefusal("no_item_specified")
    channel = find_channel(workspace, asked.required("channel"))
    return find_visible_message(workspace, channel, asked.required("timestamp"))


def _read_name(asked: Asked) -> str:
    name = asked.required("name").strip(":")
    if not is_emoji(name):
        raise SlackRefusal("invalid_name")
    return name
