"""Installing another app into the workspace: what its manifest (Slack's own format) declares, as the stand-in keeps it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.sim.workspace.entities import App, JsonObject, Shortcut, SlashCommand


class ManifestMisread(Exception):  # noqa: N818 - told to whoever installs the app
    """A manifest that declares something nobody can follow; the words say where."""


def read_manifest(app: App, manifest: object, *, grants_optional: bool = True) -> App:
    """The app with the commands, shortcuts, scopes, events and addresses of this manifest; ids and secrets stay.

    Whoever installs an app may leave out its optional scopes, all of them here. Only what matters here is read; other
    keys are let through. Raises ManifestMisread.
    """
    if not isinstance(manifest, dict):
        raise ManifestMisread("A manifest is an object.")
    features, settings = _part(manifest, "features"), _part(manifest, "settings")
    events = _part(settings, "event_subscriptions", "settings.")
    interactivity = _part(settings, "interactivity", "settings.")
    scopes = _part(_part(manifest, "oauth_config"), "scopes", "oauth_config.")
    home = _part(features, "app_home", "features.")
    optional = _words(scopes, "bot_optional", "oauth_config.scopes.") if grants_optional else ()
    return replace(
        app,
        scopes=tuple(dict.fromkeys((*_words(scopes, "bot", "oauth_config.scopes."), *optional))),
        commands=tuple(_command(one) for one in _list(features, "slash_commands", "features.")),
        shortcuts=tuple(_shortcut(one) for one in _list(features, "shortcuts", "features.")),
        events=_words(events, "bot_events", "settings.event_subscriptions."),
        has_home=home.get("home_tab_enabled") is True,
        uses_sockets=settings.get("socket_mode_enabled") is True,
        events_url=_url(events.get("request_url"), "settings.event_subscriptions.request_url"),
        interactivity_url=_url(interactivity.get("request_url"), "settings.interactivity.request_url"),
    )


def move_to(app: App, url: object) -> App:
    """The same app in HTTP mode with one address for everything, or back on its sockets where `url` is None.

    Raises ManifestMisread.
    """
    address = _url(url, "request_url")
    commands = tuple(replace(one, url=address) for one in app.commands)
    return replace(
        app,
        commands=commands,
        uses_sockets=address is None,
        events_url=address,
        interactivity_url=address,
    )


def _part(whole: Mapping[str, Any], name: str, path: str = "") -> JsonObject:
    part = whole.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise ManifestMisread(f"{path}{name} is an object.")
    return part


def _list(whole: Mapping[str, Any], name: str, path: str) -> list[JsonObject]:
    found = whole.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ManifestMisread(f"{path}{name} is a list of objects.")
    return found


def _words(whole: Mapping[str, Any], name: str, path: str) -> tuple[str, ...]:
    found = whole.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ManifestMisread(f"{path}{name} is a list of words.")
    return tuple(found)


def _command(declared: JsonObject) -> SlashCommand:
    command = declared.get("command")
    if not isinstance(command, str) or not command.startswith("/") or len(command) > 32:
        raise ManifestMisread(
            "features.slash_commands: a command begins with / and has at most 32 characters."
        )
    return SlashCommand(
        command,
        str(declared.get("description") or ""),
        str(declared.get("usage_hint") or ""),
        should_escape=declared.get("should_escape") is True,
        url=_url(declared.get("url"), f"the url of {command}"),
    )


def _shortcut(declared: JsonObject) -> Shortcut:
    kind, callback_id = declared.get("type"), declared.get("callback_id")
    if kind not in ("message", "global") or not isinstance(callback_id, str) or not callback_id:
        raise ManifestMisread(
            "features.shortcuts: a shortcut has a callback_id, and is of type message or global."
        )
    return Shortcut(callback_id, str(declared.get("name") or callback_id), kind)


def _url(value: object, what: str) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ManifestMisread(f"{what} is an address that begins with http:// or https://.")
    return str(value)
