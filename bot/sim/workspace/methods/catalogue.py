"""Which methods the stand-in knows, with the scope and the rate-limit tier of each."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sim.workspace.entities import JsonObject
from bot.sim.workspace.methods import chat, conversations, directory, files, reactions, views
from bot.sim.workspace.methods.asking import Asked
from bot.sim.workspace.store import Workspace

Answering = Callable[[Workspace, Asked], JsonObject]

# The tiers state a floor per minute for the app in the whole workspace; `special` has no published figure.
TIER_1, TIER_2, TIER_3, TIER_4, SPECIAL = 1, 20, 50, 100, 300


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method. `scopes` are alternatives, any of which is enough; none means no scope is needed."""

    answer: Answering
    per_minute: int
    scopes: tuple[str, ...] = ()


_KINDS = ("channels", "groups", "im", "mpim")
_READ_CHANNELS = tuple(f"{kind}:read" for kind in _KINDS)
_OPEN = ("channels:manage", "groups:write", "im:write", "mpim:write")
_READ_HISTORY = tuple(f"{kind}:history" for kind in _KINDS)

METHODS: dict[str, Method] = {
    "api.test": Method(directory.api_test, TIER_4),
    "auth.test": Method(directory.auth_test, SPECIAL),
    "blocks.validate": Method(directory.blocks_validate, SPECIAL),
    "chat.delete": Method(chat.delete_message, TIER_3, ("chat:write",)),
    "chat.getPermalink": Method(chat.get_permalink, SPECIAL),
    "chat.postEphemeral": Method(chat.post_ephemeral, TIER_4, ("chat:write",)),
    "chat.postMessage": Method(chat.post_message, SPECIAL, ("chat:write",)),
    "chat.update": Method(chat.update_message, TIER_3, ("chat:write",)),
    "conversations.history": Method(conversations.conversations_history, TIER_3, _READ_HISTORY),
    "conversations.info": Method(conversations.conversations_info, TIER_3, _READ_CHANNELS),
    "conversations.list": Method(conversations.conversations_list, TIER_2, _READ_CHANNELS),
    "conversations.members": Method(conversations.conversations_members, TIER_4, _READ_CHANNELS),
    "conversations.open": Method(conversations.conversations_open, TIER_3, _OPEN),
    "conversations.replies": Method(conversations.conversations_replies, TIER_3, _READ_HISTORY),
    "files.completeUploadExternal": Method(files.complete_upload, TIER_4, ("files:write",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, TIER_4, ("files:write",)),
    "files.info": Method(files.file_info, TIER_4, ("files:read",)),
    "reactions.add": Method(reactions.add_reaction, TIER_3, ("reactions:write",)),
    "reactions.get": Method(reactions.get_reactions, TIER_3, ("reactions:read",)),
    "reactions.remove": Method(reactions.remove_reaction, TIER_2, ("reactions:write",)),
    "usergroups.list": Method(directory.usergroups_list, TIER_2, ("usergroups:read",)),
    "usergroups.users.list": Method(directory.usergroups_users_list, TIER_2, ("usergroups:read",)),
    "users.conversations": Method(conversations.users_conversations, TIER_3, _READ_CHANNELS),
    "users.info": Method(directory.users_info, TIER_4, ("users:read",)),
    "users.list": Method(directory.users_list, TIER_2, ("users:read",)),
    "views.open": Method(views.open_view, TIER_4),
    "views.publish": Method(views.publish_view, TIER_4),
    "views.push": Method(views.push_view, TIER_4),
    "views.update": Method(views.update_view, TIER_4),
}
