"""Who is in the workspace, which channels there are and which app is installed can be arranged from outside."""

import asyncio
import json
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, CLEO, DEPLOYS, Door, RefusedError
from tests.sim.workspace.wire_app import WireApp, answered

STRANGER: dict[str, Any] = {
    "id": "U9ZOE",
    "name": "zoe",
    "real_name": "Zoe",
    "team_id": "T9CLIENT",
    "tz": "Europe/Paris",
}
SHARED: dict[str, Any] = {
    "id": "C9SHARED",
    "name": "client-erp",
    "members": [ANA, "U9ZOE", "U0OECBOT"],
    "connected_teams": ["T9CLIENT"],
}
MANIFEST: dict[str, Any] = {
    "display_information": {"name": "other"},
    "features": {
        "app_home": {"home_tab_enabled": False},
        "bot_user": {"display_name": "other"},
        "slash_commands": [{"command": "/coffee", "description": "Makes it", "usage_hint": "black"}],
        "shortcuts": [{"name": "Brew", "type": "global", "callback_id": "brew", "description": "Brews"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:history"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["message.channels"]},
        "socket_mode_enabled": True,
    },
}


async def test_stranger_in_a_shared_channel_is_named_as_one(
    door: Door, slack: AsyncWebClient, app: WireApp
) -> None:
    assert (await door.post("users", **STRANGER))["team_id"] == "T9CLIENT"
    assert (await door.post("channels", **SHARED))["connected_teams"] == ["T9CLIENT"]
    user = (await slack.users_info(user="U9ZOE"))["user"]
    assert (user["is_stranger"], user["team_id"], user["profile"]["team"]) == (True, "T9CLIENT", "T9CLIENT")
    channel = (await slack.conversations_info(channel="C9SHARED"))["channel"]
    assert (channel["is_shared"], channel["is_ext_shared"]) == (True, True)
    assert channel["shared_team_ids"] == ["T0ACME", "T9CLIENT"]

    await door.post("mention", user_id="U9ZOE", channel_id="C9SHARED", text="deploy prod")
    payload = (await app.answer_next())["payload"]
    assert (payload["team_id"], payload["is_ext_shared_channel"]) == ("T0ACME", True)
    event = payload["event"]
    assert (event["team"], event["user_team"], event["source_team"]) == ("T9CLIENT",) * 3

    _, sent = await answered(door.slash("status", user="U9ZOE", channel="C9SHARED"), app)
    assert (sent["team_id"], sent["user_id"]) == ("T0ACME", "U9ZOE")


async def test_own_people_have_no_other_team_in_events(door: Door, app: WireApp) -> None:
    await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status")
    payload = (await app.answer_next())["payload"]
    assert payload["is_ext_shared_channel"] is False
    assert payload["event"]["team"] == "T0ACME"
    assert "user_team" not in payload["event"]


async def test_guests_of_both_kinds_are_told_apart(door: Door, slack: AsyncWebClient) -> None:
    await door.post("users", id=CLEO, is_single_channel_guest=True)
    gus = (await slack.users_info(user="U0GUS"))["user"]
    cleo = (await slack.users_info(user=CLEO))["user"]
    assert (gus["is_restricted"], gus["is_ultra_restricted"]) == (True, False)
    assert (cleo["is_restricted"], cleo["is_ultra_restricted"]) == (True, True)


async def test_archived_channel_takes_nothing_until_it_is_back(door: Door, slack: AsyncWebClient) -> None:
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="before")
    await door.post("channels", id=DEPLOYS, is_archived=True)
    assert (await slack.conversations_info(channel=DEPLOYS))["channel"]["is_archived"] is True
    with pytest.raises(SlackApiError, match="is_archived"):
        await slack.chat_postMessage(channel=DEPLOYS, text="x")
    with pytest.raises(SlackApiError, match="is_archived"):
        await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="x")
    with pytest.raises(SlackApiError, match="is_inactive"):
        await slack.chat_update(channel=DEPLOYS, ts=str(posted["ts"]), text="x")
    with pytest.raises(RefusedError, match="archived"):
        await door.slash("status")
    assert await door.texts() == ["before"]
    await door.post("channels", id=DEPLOYS, is_archived=False)
    await slack.chat_postMessage(channel=DEPLOYS, text="after")


async def test_group_gets_other_people(door: Door, slack: AsyncWebClient) -> None:
    await door.post("groups", id="S0RELEASE", users=[CLEO])
    assert (await slack.usergroups_users_list(usergroup="S0RELEASE"))["users"] == [CLEO]
    made = await door.post("groups", id="S0NIGHT", handle="night", users=[ANA])
    assert made == {"id": "S0NIGHT", "handle": "night", "name": "night", "users": [ANA]}


@pytest.mark.parametrize(
    ("call", "body", "words"),
    [
        ("users", {"name": "x"}, "Say `id`"),
        ("users", {"id": "U1"}, "Say `name`"),
        ("users", {"id": "U0OECBOT", "name": "x"}, "installing"),
        ("users", {"id": ANA, "is_guest": "yes"}, "true or false"),
        ("users", {"id": ANA, "tz": 7}, "words"),
        ("channels", {"id": DEPLOYS, "members": ["U0NOBODY"]}, "U0NOBODY"),
        ("channels", {"id": DEPLOYS, "members": "U0ANA"}, "list of ids"),
        ("groups", {"id": "S1"}, "Say `handle`"),
        ("app", {"manifest": []}, "object"),
        ("app", {"request_url": "ftp://x"}, "http://"),
        ("app", {"request_url": 7}, "http://"),
        ("app", {"manifest": {"features": 7}}, "features is an object"),
        ("app", {"manifest": {"features": {"slash_commands": [{"command": "x"}]}}}, "begins with /"),
        ("app", {"manifest": {"features": {"slash_commands": {"a": 1}}}}, "list of objects"),
        ("app", {"manifest": {"features": {"slash_commands": [7]}}}, "list of objects"),
        ("app", {"manifest": {"features": {"shortcuts": [{"type": "odd"}]}}}, "message or global"),
        ("app", {"manifest": {"oauth_config": {"scopes": {"bot": [7]}}}}, "list of words"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    door: Door, call: str, body: dict[str, Any], words: str
) -> None:
    before = await door.get("workspace")
    with pytest.raises(RefusedError, match=words):
        await door.post(call, **body)
    assert await door.get("workspace") == before


async def test_another_app_is_installed_by_its_manifest(
    door: Door, slack: AsyncWebClient, app: WireApp
) -> None:
    installed = await door.post("app", manifest=MANIFEST)
    assert (installed["mode"], installed["has_home"]) == ("socket", False)
    assert installed["events"] == ["message.channels"]
    workspace = await door.get("workspace")
    assert [one["command"] for one in workspace["commands"]] == ["/coffee"]
    assert [(one["callback_id"], one["type"]) for one in workspace["shortcuts"]] == [("brew", "global")]
    with pytest.raises(SlackApiError, match="missing_scope"):
        await slack.users_info(user=ANA)
    with pytest.raises(RefusedError, match="not a valid command"):
        await door.slash("status")
    _, sent = await answered(door.post("shortcut", user_id=ANA, callback_id="brew"), app)
    assert sent["callback_id"] == "brew"


@pytest.mark.parametrize(("without", "may_read"), [(False, True), (True, False)])
async def test_optional_scopes_are_granted_unless_they_are_left_out(
    server: WorkspaceServer, door: Door, without: bool, may_read: bool
) -> None:
    scopes = {"bot": ["chat:write"], "bot_optional": ["channels:history", "chat:write"]}
    manifest = MANIFEST | {"oauth_config": {"scopes": scopes}}
    await door.post("app", manifest=manifest, without_optional=without)
    assert server.workspace.app.scopes == ("chat:write", *(["channels:history"] if may_read else []))


async def test_app_hears_only_what_it_subscribed_to(door: Door, app: WireApp) -> None:
    await door.post("app", manifest=MANIFEST)
    assert (await door.post("home", user_id=ANA))["event_id"] is None
    said = await door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="hello")
    heard = (await app.answer_next())["payload"]
    assert heard["event_id"] == said["event_id"]
    assert (heard["event"]["type"], heard["event"]["channel_type"]) == ("message", "channel")
    unheard = await door.post("say", user_id=ANA, channel_id="C0RANDOM", text="hello")
    assert unheard["event_id"] is None


@pytest.mark.parametrize(
    ("subscription", "scope", "channel", "kind"),
    [
        ("message.groups", "groups:history", "C1OURS", "group"),
        ("message.im", "im:history", "D0ANA", "im"),
    ],
)
async def test_messages_of_other_places_are_subscribed_to_apart(
    server: WorkspaceServer, door: Door, app: WireApp, subscription: str, scope: str, channel: str, kind: str
) -> None:
    server.workspace.direct_messages(ANA)
    await door.post("channels", id="C1OURS", name="ours", members=[ANA, "U0OECBOT"], is_private=True)
    manifest: dict[str, Any] = {
        "oauth_config": {"scopes": {"bot": [scope]}},
        "settings": {
            "event_subscriptions": {"bot_events": [subscription]},
            "socket_mode_enabled": True,
        },
    }
    await door.post("app", manifest=manifest)
    assert (await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="elsewhere"))["event_id"] is None
    await door.post("say", user_id=ANA, channel_id=channel, text="here")
    event = (await app.answer_next())["payload"]["event"]
    assert (event["type"], event["channel_type"], event["text"]) == ("message", kind, "here")


async def test_app_that_may_not_read_hears_no_message(door: Door, app: WireApp) -> None:
    manifest = MANIFEST | {"oauth_config": {"scopes": {"bot": ["commands"]}}}
    await door.post("app", manifest=manifest)
    assert (await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="hello"))["event_id"] is None


async def test_secrets_stay_secret(door: Door) -> None:
    seen = json.dumps(
        await asyncio.gather(door.get("workspace"), door.post("app", manifest=MANIFEST), door.get("calls"))
    )
    assert all(secret not in seen for secret in (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET))


async def test_reactions_are_told_to_an_app_that_asked(door: Door, app: WireApp) -> None:
    manifest: dict[str, Any] = {
        "oauth_config": {"scopes": {"bot": ["reactions:read"]}},
        "settings": {
            "event_subscriptions": {"bot_events": ["reaction_added", "reaction_removed"]},
            "socket_mode_enabled": True,
        },
    }
    await door.post("app", manifest=manifest)
    said = await door.post("say", user_id=CLEO, channel_id=DEPLOYS, text="hello")
    reaction = {"user_id": ANA, "channel_id": DEPLOYS, "message_ts": said["ts"], "name": "eyes"}
    told = await door.post("react", **reaction)
    heard = (await app.answer_next())["payload"]
    assert heard["event_id"] == told["event_id"]
    event = heard["event"]
    assert (event["type"], event["user"], event["reaction"], event["item_user"]) == (
        "reaction_added",
        ANA,
        "eyes",
        CLEO,
    )
    assert event["item"] == {"type": "message", "channel": DEPLOYS, "ts": said["ts"]}
    with pytest.raises(RefusedError, match="has reacted"):
        await door.post("react", **reaction)
    await door.post("react", **reaction, remove=True)
    assert (await app.answer_next())["payload"]["event"]["type"] == "reaction_removed"
    with pytest.raises(RefusedError, match="not reacted"):
        await door.post("react", **reaction, remove=True)
    with pytest.raises(RefusedError, match="Nobody can react"):
        await door.post("react", **(reaction | {"name": "No Such"}))
