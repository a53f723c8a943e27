"""Who and what exists: auth.test, api.test, users.*, usergroups.*, blocks.validate."""

from bot.sim.workspace.blocks import find_block_faults
from bot.sim.workspace.contents import decode, read_content
from bot.sim.workspace.entities import JsonObject
from bot.sim.workspace.methods.asking import Asked
from bot.sim.workspace.methods.paging import cut_page
from bot.sim.workspace.methods.views import find_view_faults
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import group_json, user_json


def auth_test(workspace: Workspace, asked: Asked) -> JsonObject:
    """auth.test: who the token belongs to."""
    app, team = workspace.app, workspace.team
    return {
        "ok": True,
        "url": f"{asked.base_url}/",
        "team": team.name,
        "user": workspace.users[app.bot_user_id].name,
        "team_id": team.id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def api_test(_workspace: Workspace, asked: Asked) -> JsonObject:
    """api.test: says back what it was told, or fails as asked."""
    if asked.args.get("error"):
        raise SlackRefusal(str(asked.args["error"]))
    return {"ok": True, "args": asked.args}


def users_info(workspace: Workspace, asked: Asked) -> JsonObject:
    """users.info: one person."""
    user = workspace.users.get(asked.required("user"))
    if user is None:
        raise SlackRefusal("user_not_found")
    return {"ok": True, "user": user_json(workspace, user, now=asked.now)}


def users_list(workspace: Workspace, asked: Asked) -> JsonObject:
    """users.list: everybody, deactivated people and the app's own user among them."""
    page, rest = cut_page(asked, list(workspace.users.values()), usual=1000)
    members = [user_json(workspace, user, now=asked.now) for user in page]
    return {"ok": True, "members": members, "cache_ts": int(asked.now.timestamp()), **rest}


def usergroups_list(workspace: Workspace, asked: Asked) -> JsonObject:
    """usergroups.list: every user group, with its people where asked."""
    groups = []
    for group in workspace.groups.values():
        people: JsonObject = {"users": list(group.users)} if asked.flag("include_users") else {}
        groups.append(group_json(workspace, group) | people)
    return {"ok": True, "usergroups": groups}


def usergroups_users_list(workspace: Workspace, asked: Asked) -> JsonObject:
    """usergroups.users.list: who is in a user group; deactivated people are left out."""
    group = workspace.groups.get(asked.required("usergroup"))
    if group is None:
        raise SlackRefusal("no_such_subteam")
    active = [one for one in group.users if not workspace.users[one].is_deactivated]
    return {"ok": True, "users": active}


def blocks_validate(workspace: Workspace, asked: Asked) -> JsonObject:
    """blocks.validate: checks blocks, a message or a view without posting anything."""
    given = [name for name in ("blocks", "message", "view") if asked.args.get(name)]
    if len(given) != 1:
        raise SlackRefusal("invalid_arguments")
    value = decode(asked.args[given[0]], "invalid_arguments")
    if given[0] == "blocks":
        faults = find_block_faults(value)
    elif given[0] == "view":
        faults = find_view_faults(value)
    else:
        faults = _message_faults(workspace, value)
    if faults:
        raise SlackRefusal(f"invalid_{given[0]}", faults)
    return {"ok": True}


def _message_faults(workspace: Workspace, value: object) -> list[str]:
    if not isinstance(value, dict):
        raise SlackRefusal("invalid_message")
    try:
        read_content(workspace, value)
    except SlackRefusal as refusal:
        return refusal.faults or [f"[ERROR] {refusal.code}"]
    return []
