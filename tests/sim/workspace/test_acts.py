"""Typing commands, writing, mentioning, shortcuts, Home: what the app is sent and what people see."""

from dataclasses import replace
from typing import Any

import pytest

from bot.sim.workspace.entities import Channel, Shortcut
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.conftest import Clock, impatient
from tests.sim.workspace.door import ANA, BEN, DEPLOYS, GUS, Door, RefusedError
from tests.sim.workspace.wire_app import WireApp, answered

JsonObject = dict[str, Any]


async def test_command_carries_every_documented_field(
    server: WorkspaceServer, door: Door, app: WireApp
) -> None:
    done, sent = await answered(door.slash("deploy prod for @ben"), app)
    url = sent.pop("response_url")
    assert url.startswith(f"{server.url}/commands/T0ACME/")
    assert sent == {
        "token": "sandbox-verification",
        "team_id": "T0ACME",
        "team_domain": "acme-odoo",
        "channel_id": DEPLOYS,
        "channel_name": "deploys",
        "user_id": ANA,
        "user_name": "ana",
        "command": "/oec",
        "text": "deploy prod for <@U0BEN>",
        "api_app_id": "A0OECBOT",
        "is_enterprise_install": "false",
        "trigger_id": done["trigger_id"],
    }
    assert done["acked"] is True
    assert done["ack_ms"] >= 0
    assert done["response"] is None
    assert await door.messages() == [], "an empty acknowledgement shows nothing"


async def test_private_channel_is_not_named_in_a_command(
    server: WorkspaceServer, door: Door, app: WireApp
) -> None:
    server.workspace.put_channel(Channel("C0SECRET", "secret", (ANA,), is_private=True))
    _, sent = await answered(door.slash("status", channel="C0SECRET"), app)
    assert sent["channel_name"] == "privategroup"


async def test_answer_in_the_acknowledgement_is_private(door: Door, app: WireApp) -> None:
    done, _ = await answered(door.slash("status"), app, {"text": "only you"})
    assert done["response"] == {"text": "only you"}
    (seen,) = await door.messages()
    assert (seen["text"], seen["ephemeral"], seen["user"]) == ("only you", True, "U0OECBOT")
    assert await door.messages(user=BEN) == []


async def test_answer_in_the_acknowledgement_can_be_public(door: Door, app: WireApp) -> None:
    await answered(door.slash("status"), app, {"text": "all", "response_type": "in_channel"})
    (seen,) = await door.messages(user=BEN)
    assert (seen["text"], seen["ephemeral"]) == ("all", False)


@impatient
async def test_command_nobody_acknowledges_ends_in_slacks_words(door: Door, app: WireApp) -> None:
    done = await door.slash("deploy prod")
    assert done["acked"] is False
    (seen,) = await door.messages()
    assert seen["text"] == '/oec failed with the error "operation_timeout"'
    assert (seen["ephemeral"], seen["username"], seen["bot_id"]) == (True, "Slackbot", None)


async def test_command_with_no_app_connected_cannot_be_dispatched(door: Door) -> None:
    done = await door.slash("deploy prod")
    assert (done["acked"], done["ack_ms"]) == (False, None)
    assert await door.texts() == ['/oec failed with the error "dispatch_failed"']


async def test_answer_that_slack_cannot_show_is_named(door: Door, app: WireApp) -> None:
    await answered(door.slash("status"), app, {"text": "x", "blocks": [{"type": "alert"}]})
    assert await door.texts() == ['/oec failed with the error "invalid_blocks"']


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        (
            "slash",
            {"user_id": GUS, "channel_id": "C0OPS", "command": "/oec"},
            403,
            "Gus is not a member of #ops.",
        ),
        ("slash", {"user_id": ANA, "channel_id": "C0OLD", "command": "/oec"}, 403, "#old is archived."),
        (
            "slash",
            {"user_id": ANA, "channel_id": DEPLOYS, "command": "/no"},
            404,
            "/no is not a valid command.",
        ),
        (
            "slash",
            {"user_id": "U0NO", "channel_id": DEPLOYS, "command": "/oec"},
            404,
            "There is no person U0NO.",
        ),
        (
            "slash",
            {"user_id": "U0OECBOT", "channel_id": DEPLOYS, "command": "/oec"},
            404,
            "There is no person U0OECBOT.",
        ),
        (
            "slash",
            {"user_id": "U0GONE", "channel_id": DEPLOYS, "command": "/oec"},
            403,
            "Zoe is deactivated.",
        ),
        (
            "slash",
            {"user_id": ANA, "channel_id": "C0NO", "command": "/oec"},
            404,
            "There is no channel C0NO.",
        ),
        ("slash", {"channel_id": DEPLOYS, "command": "/oec"}, 400, "Say `user_id`."),
        (
            "say",
            {"user_id": ANA, "channel_id": DEPLOYS, "text": "  "},
            400,
            "There is nothing to say: `text` is empty.",
        ),
        (
            "say",
            {"user_id": ANA, "channel_id": DEPLOYS, "text": "x", "thread_ts": "1.000001"},
            404,
            "Ana sees no message 1.000001 in #deploys.",
        ),
        ("shortcut", {"user_id": ANA, "callback_id": "no"}, 404, "There is no global shortcut no."),
        ("home", {"user_id": "U0NO"}, 404, "There is no person U0NO."),
    ],
)
async def test_deed_that_is_not_possible_is_refused_in_plain_words(
    server: WorkspaceServer, door: Door, path: str, body: JsonObject, status: int, words: str
) -> None:
    ana = server.workspace.users[ANA]
    server.workspace.put_user(replace(ana, id="U0GONE", real_name="Zoe", is_deactivated=True))
    server.workspace.put_channel(Channel("C0OLD", "old", (ANA,), is_archived=True))
    with pytest.raises(RefusedError) as refused:
        await door.post(path, **body)
    assert (refused.value.status, refused.value.words) == (status, words)


async def test_mention_is_a_message_and_an_event(door: Door, app: WireApp, clock: Clock) -> None:
    done, sent = await answered(door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="status"), app)
    assert sent["event"] == {
        "type": "app_mention",
        "user": ANA,
        "text": "<@U0OECBOT> status",
        "ts": done["ts"],
        "team": "T0ACME",
        "channel": DEPLOYS,
        "event_ts": done["ts"],
    }
    assert (sent["type"], sent["team_id"], sent["api_app_id"]) == ("event_callback", "T0ACME", "A0OECBOT")
    assert sent["event_id"] == done["event_id"]
    assert sent["event_time"] == int(clock.now().timestamp())
    assert sent["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": "T0ACME",
            "user_id": "U0OECBOT",
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    assert (await door.texts(user=BEN)) == ["<@U0OECBOT> status"]


async def test_mention_in_a_thread_names_the_thread(door: Door, app: WireApp) -> None:
    root = (await door.post("say", user_id=BEN, channel_id=DEPLOYS, text="root"))["ts"]
    _, sent = await answered(
        door.post("mention", user_id=ANA, channel_id=DEPLOYS, text="hey @oec status", thread_ts=root), app
    )
    assert sent["event"]["thread_ts"] == root
    assert sent["event"]["text"] == "hey <@U0OECBOT> status", "named already, so not named again"


async def test_saying_the_apps_name_is_a_mention_and_saying_else_is_not(door: Door, app: WireApp) -> None:
    plain = await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="morning @ben")
    assert plain["event_id"] is None
    named, sent = await answered(door.post("say", user_id=ANA, channel_id=DEPLOYS, text="@oec help"), app)
    assert sent["event_id"] == named["event_id"]
    assert await door.texts() == ["morning <@U0BEN>", "<@U0OECBOT> help"]


async def test_mention_where_the_app_is_no_member_reaches_nobody(door: Door, app: WireApp) -> None:
    done = await door.post("mention", user_id=ANA, channel_id="C0RANDOM", text="status")
    assert done["event_id"] is None
    said, notice = await door.messages(channel="C0RANDOM")
    assert said["ephemeral"] is False
    assert (notice["ephemeral"], notice["username"]) == (True, "Slackbot")


async def test_nobody_replies_to_a_private_message(door: Door, app: WireApp) -> None:
    await answered(door.slash("status"), app, {"text": "only you"})
    (private,) = await door.messages()
    with pytest.raises(RefusedError) as refused:
        await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="x", thread_ts=private["ts"])
    assert refused.value.status == 400


async def test_message_shortcut_carries_the_message(door: Door, app: WireApp) -> None:
    ts = (await door.post("say", user_id=BEN, channel_id=DEPLOYS, text="look"))["ts"]
    done, sent = await answered(
        door.post("shortcut", user_id=ANA, callback_id="oec_message", channel_id=DEPLOYS, message_ts=ts), app
    )
    assert done["acked"] is True
    assert (sent["type"], sent["callback_id"], sent["message_ts"]) == ("message_action", "oec_message", ts)
    assert sent["message"]["text"] == "look"
    assert sent["user"] == {"id": ANA, "username": "ana", "name": "ana", "team_id": "T0ACME"}
    assert sent["channel"] == {"id": DEPLOYS, "name": "deploys"}
    assert sent["trigger_id"]
    assert sent["response_url"]


async def test_global_shortcut_has_no_place(server: WorkspaceServer, door: Door, app: WireApp) -> None:
    workspace = server.workspace
    workspace.app = replace(workspace.app, shortcuts=(Shortcut("anywhere", "Anywhere", "global"),))
    _, sent = await answered(door.post("shortcut", user_id=ANA, callback_id="anywhere"), app)
    assert (sent["type"], sent["callback_id"]) == ("shortcut", "anywhere")
    assert "channel" not in sent


async def test_opening_home_is_an_event(door: Door, app: WireApp) -> None:
    done, sent = await answered(door.post("home", user_id=ANA), app)
    assert sent["event_id"] == done["event_id"]
    event = sent["event"]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", ANA, "home")
    assert event["channel"].startswith("D")
    assert "view" not in event
