"""The Slack app's manifest: valid, no wider than the code needs, and wide enough for it."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.sim.workspace.seeds import seeded_workspace
from bot.slack.identity import NEEDED_SCOPES, OPTIONAL_SCOPES

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"

# What this app may ever ask a workspace for. Wider powers are a decision, made here and in the manifest together.
SCOPES_WE_MAY_ASK = {
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "usergroups:read",
    "users:read",
}
SCOPES_WE_MAY_DO_WITHOUT = {"channels:history", "groups:history"}
EVENTS_WE_MAY_ASK = {"app_home_opened", "app_mention"}

# What needs a scope without a Web API method: the feature or event in the manifest that it is for.
SCOPE_OF_EVENT = {"app_mention": "app_mentions:read", "app_home_opened": None}

# Where a method takes any of several scopes, by the kind of conversation, these are the kinds we serve.
CONVERSATIONS_WE_SERVE = {"channels:read", "groups:read", "channels:history", "groups:history"}


def load_manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    return manifest


def scopes(manifest: dict[str, Any]) -> set[str]:
    return set(manifest["oauth_config"]["scopes"]["bot"])


def optional_scopes(manifest: dict[str, Any]) -> set[str]:
    return set(manifest["oauth_config"]["scopes"]["bot_optional"])


def events(manifest: dict[str, Any]) -> set[str]:
    return set(manifest["settings"]["event_subscriptions"]["bot_events"])


def known_methods() -> dict[str, dict[str, Any]]:
    """Slack's methods by the name the Python client gives them: `chat_postMessage`."""
    text = (DATA / "slack-methods.json").read_text(encoding="utf-8")
    methods: dict[str, dict[str, Any]] = json.loads(text)["methods"]
    return {name.replace(".", "_"): method for name, method in methods.items()}


def trees_of_the_bot() -> Iterator[ast.Module]:
    """The bot's modules, those of the stand-ins excepted."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if "sim" not in path.relative_to(ROOT).parts:
            yield ast.parse(path.read_text(encoding="utf-8"))


def methods_called() -> set[str]:
    """Every Web API method whose name the bot's code speaks, as `client.chat_update` or as `"chat.update"`."""
    known = known_methods()
    called: set[str] = set()
    for tree in trees_of_the_bot():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in known:
                called.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                called.update({node.value.replace(".", "_")} & known.keys())
    return called


def scopes_for(methods: set[str]) -> set[str]:
    """The bot scopes without which one of these methods would be refused."""
    known = known_methods()
    wanted: set[str] = set()
    for name in methods:
        bot: set[str] = set(known[name]["scope"].get("bot", ()))
        wanted |= bot & CONVERSATIONS_WE_SERVE if len(bot) > 1 else bot
    return wanted


def words_in_listeners() -> set[str]:
    """Every string the listeners hold: command words, callback ids and event names among them."""
    tree = ast.parse((ROOT / "bot" / "slack" / "listeners.py").read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_manifest_against_slacks_schema_is_valid() -> None:
    schema = json.loads((DATA / "slack-manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
    errors = [
        f"{error.json_path}: {error.message}"
        for error in jsonschema.Draft7Validator(schema).iter_errors(load_manifest())
    ]
    assert errors == []


def test_manifest_with_a_misspelt_key_is_not_valid() -> None:
    schema = json.loads((DATA / "slack-manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
    manifest = load_manifest()
    manifest["features"]["slash_comands"] = manifest["features"].pop("slash_commands")
    assert not jsonschema.Draft7Validator(schema).is_valid(manifest)


def test_scopes_and_events_are_ones_we_may_ask() -> None:
    manifest = load_manifest()
    listed = manifest["oauth_config"]["scopes"]["bot"]
    assert set(listed) <= SCOPES_WE_MAY_ASK
    assert events(manifest) <= EVENTS_WE_MAY_ASK
    assert listed == sorted(set(listed)), "one line each, in order"
    assert set(manifest["oauth_config"]["scopes"]["bot_optional"]) <= SCOPES_WE_MAY_DO_WITHOUT
    assert manifest["oauth_config"]["scopes"].keys() == {"bot", "bot_optional"}, (
        "nothing on behalf of a person"
    )


def test_socket_mode_needs_no_address_of_ours() -> None:
    manifest = load_manifest()
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert "http" not in json.dumps(manifest)


def test_colour_is_one() -> None:
    """The schema misspells the rule for it, so it is checked here."""
    colour = load_manifest()["display_information"]["background_color"]
    assert len(colour) == 7
    assert colour[0] == "#"
    int(colour[1:], 16)


def test_every_method_called_has_its_scope() -> None:
    called = methods_called()
    assert {"chat_postMessage", "chat_update"} <= called, "the search finds the calls it must find"
    manifest = load_manifest()
    assert scopes_for(called) - scopes(manifest) - optional_scopes(manifest) == set()


def test_every_scope_is_used() -> None:
    manifest = load_manifest()
    used = scopes_for(methods_called())
    used |= {scope for event in events(manifest) if (scope := SCOPE_OF_EVENT[event])}
    if manifest["features"].get("slash_commands") or manifest["features"].get("shortcuts"):
        used.add("commands")
    assert scopes(manifest) - used == set()
    assert optional_scopes(manifest) - used == set()


@pytest.mark.parametrize("event", sorted(EVENTS_WE_MAY_ASK))
def test_event_is_subscribed_and_listened_to(event: str) -> None:
    assert event in events(load_manifest())
    assert event in words_in_listeners()


def test_start_of_the_bot_asks_for_the_scopes_of_the_manifest() -> None:
    """It tells operators which scopes the installed app lacks."""
    assert set(NEEDED_SCOPES) == scopes(load_manifest())
    assert set(OPTIONAL_SCOPES) == optional_scopes(load_manifest())


def test_command_and_shortcut_are_the_ones_listened_to() -> None:
    features = load_manifest()["features"]
    heard = words_in_listeners()
    assert [command["command"] for command in features["slash_commands"]] == ["/oec"]
    assert "/oec" in heard
    assert {shortcut["callback_id"] for shortcut in features["shortcuts"]} <= heard


def test_what_is_told_to_one_person_has_a_place_to_stand() -> None:
    """Slack refuses a message to a person by `messages_tab_disabled` where the app has no Messages tab."""
    app_home = load_manifest()["features"]["app_home"]
    assert app_home["home_tab_enabled"] is True
    assert app_home["messages_tab_enabled"] is True
    assert app_home["messages_tab_read_only_enabled"] is True, "nobody listens to what would be typed there"


def test_slash_command_escapes_names() -> None:
    """Without it `@ana` would arrive as words that anyone can choose for themselves."""
    assert [command["should_escape"] for command in load_manifest()["features"]["slash_commands"]] == [True]


def test_pretend_workspace_has_the_app_of_the_manifest() -> None:
    """Or the demonstration would show an app that nobody can install."""
    manifest = load_manifest()
    app = seeded_workspace().app
    assert set(app.scopes) == scopes(manifest) | optional_scopes(manifest)
    commands = [(one.command, one.description, one.usage_hint, one.should_escape) for one in app.commands]
    assert commands == [
        (one["command"], one["description"], one["usage_hint"], one["should_escape"])
        for one in manifest["features"]["slash_commands"]
    ]
    shortcuts = [(one.callback_id, one.name) for one in app.shortcuts]
    assert shortcuts == [(one["callback_id"], one["name"]) for one in manifest["features"]["shortcuts"]]
    assert app.name == manifest["features"]["bot_user"]["display_name"]
