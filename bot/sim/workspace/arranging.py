"""The side door's other half: who and what is in the workspace, and which app is installed in it."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.sim.workspace.door import Answering, needed, with_body
from bot.sim.workspace.entities import App, Channel, Group, JsonObject, User
from bot.sim.workspace.manifests import ManifestMisread, move_to, read_manifest
from bot.sim.workspace.request_urls import AddressRefused
from bot.sim.workspace.sight import describe_app, describe_channel, describe_group, describe_user
from bot.sim.workspace.world import PersonRefused, World

_USER_WORDS = ("name", "real_name", "tz", "title", "color", "team_id")
_USER_FLAGS = ("is_guest", "is_single_channel_guest", "is_deactivated")
_CHANNEL_FLAGS = ("is_private", "is_archived")


class ArrangingDoor:
    """Answers `POST /person/users`, `groups`, `channels` and `app`: adds what is new by its id, changes what is there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The HTTP routes of this part."""
        arranging: dict[str, Answering] = {
            "users": self._put_user,
            "groups": self._put_group,
            "channels": self._put_channel,
            "app": self._install,
        }
        return [web.post(f"/person/{name}", with_body(answer)) for name, answer in arranging.items()]

    async def _put_user(self, body: JsonObject) -> JsonObject:
        user_id, workspace = needed(body, "id"), self._world.workspace
        user = workspace.users.get(user_id) or User(user_id, needed(body, "name"), needed(body, "name"))
        if user.is_bot:
            raise PersonRefused(400, "The app's own user is changed by installing the app.")
        user = replace(user, **_words(body, _USER_WORDS), **_flags(body, _USER_FLAGS))
        workspace.put_user(user)
        return describe_user(self._world, user)

    async def _put_group(self, body: JsonObject) -> JsonObject:
        group_id, workspace = needed(body, "id"), self._world.workspace
        group = workspace.groups.get(group_id) or Group(
            group_id, needed(body, "handle"), needed(body, "handle"), ()
        )
        group = replace(group, **_words(body, ("handle", "name")))
        if "users" in body:
            group = replace(group, users=self._known_people(body, "users"))
        workspace.put_group(group)
        return describe_group(group)

    async def _put_channel(self, body: JsonObject) -> JsonObject:
        channel_id, workspace = needed(body, "id"), self._world.workspace
        channel = workspace.channels.get(channel_id) or Channel(channel_id, needed(body, "name"), ())
        channel = replace(channel, **_words(body, ("name",)), **_flags(body, _CHANNEL_FLAGS))
        if "members" in body:
            channel = replace(channel, members=self._known_people(body, "members"))
        if "connected_teams" in body:
            channel = replace(channel, connected_teams=_listed(body, "connected_teams"))
        workspace.put_channel(channel)
        return describe_channel(channel)

    async def _install(self, body: JsonObject) -> JsonObject:
        """Install an app by its manifest, or move the one that is there to an address, or back to its sockets."""
        app = self._world.workspace.app
        try:
            if "manifest" in body:
                grants_optional = body.get("without_optional") is not True
                app = read_manifest(app, body["manifest"], grants_optional=grants_optional)
            if "request_url" in body:
                app = move_to(app, body["request_url"])
            await self._verify(app)
        except (ManifestMisread, AddressRefused) as refused:
            raise PersonRefused(400, str(refused)) from None
        self._world.workspace.put_app(app)
        return describe_app(self._world)

    async def _verify(self, app: App) -> None:
        """The address for events has to prove that it is the app's, as Slack asks for before it is taken."""
        is_new = app.events_url != self._world.workspace.app.events_url
        if app.events_url is not None and not app.uses_sockets and is_new:
            await self._world.urls.verify(app.events_url)

    def _known_people(self, body: JsonObject, name: str) -> tuple[str, ...]:
        people = _listed(body, name)
        unknown = [one for one in people if one not in self._world.workspace.users]
        if unknown:
            raise PersonRefused(404, f"There is nobody called {', '.join(unknown)}.")
        return people


def _words(body: JsonObject, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: body[name] for name in names if name in body}
    if not all(isinstance(word, str) or (name == "team_id" and word is None) for name, word in found.items()):
        raise PersonRefused(400, f"These are words: {', '.join(found)}.")
    return found


def _flags(body: JsonObject, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: body[name] for name in names if name in body}
    if not all(isinstance(flag, bool) for flag in found.values()):
        raise PersonRefused(400, f"These are true or false: {', '.join(found)}.")
    return found


def _listed(body: JsonObject, name: str) -> tuple[str, ...]:
    listed = body[name]
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise PersonRefused(400, f"`{name}` is a list of ids.")
    return tuple(listed)
