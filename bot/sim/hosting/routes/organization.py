"""The organization, its use of the plan, and its API keys."""

from dataclasses import replace

from bot.sim.hosting import errors, shapes
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.route import Ask

_SHOWN_OF_A_KEY = 16


async def get_organization(ask: Ask) -> Answer:
    """Plan and limits."""
    return Answer(200, shapes.organization(ask.front.hosting.organization))


async def get_usage(ask: Ask) -> Answer:
    """What runs, and what it uses."""
    hosting = ask.up_to_date().hosting
    projects = hosting.visible_projects(ask.key)
    return Answer(
        200, shapes.usage([one for project in projects for one in hosting.environments_of(project.id)])
    )


async def list_api_keys(ask: Ask) -> Answer:
    """A plain array. The real field names are not documented; these are ours. No key is shown whole."""
    listed = [
        {
            "id": one.id,
            "name": one.name,
            "prefix": one.value[:_SHOWN_OF_A_KEY],
            "kind": one.kind,
            "scope": "organization" if one.project_id is None else "project",
            "project_id": one.project_id,
            "is_active": not one.is_revoked,
            "expires_at": ask.front.writer.time(one.expires_at),
            "created_at": ask.front.writer.time(one.created_at),
        }
        for one in ask.front.hosting.keys.values()
    ]
    return Answer(200, listed)


async def revoke_api_key(ask: Ask) -> Answer:
    """Good from the next call on, also for the key that asked."""
    keys = ask.front.hosting.keys
    for key in keys.values():
        if key.id == ask.places["key_id"] and not key.is_revoked:
            keys[key.value] = replace(key, is_revoked=True)
            return Answer(204, None)
    raise RefusedError(errors.not_found("API key"))
