"""Who and what exists, as Slack's own client asks."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.entities import Channel
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, DEPLOYS


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_token_is_told_whose_it_is(slack: AsyncWebClient) -> None:
    answer = await slack.auth_test()
    assert {name: answer[name] for name in ("team", "user", "team_id", "user_id", "bot_id")} == {
        "team": "Acme Odoo",
        "user": "oec",
        "team_id": "T0ACME",
        "user_id": "U0OECBOT",
        "bot_id": "B0OECBOT",
    }


async def test_api_test_says_back_what_it_was_told(slack: AsyncWebClient) -> None:
    assert (await slack.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert await error_of(slack.api_test(error="my_error")) == "my_error"


async def test_person_is_described_with_their_zone(slack: AsyncWebClient) -> None:
    ana = (await slack.users_info(user=ANA))["user"]
    assert (ana["name"], ana["tz"], ana["tz_offset"], ana["is_restricted"]) == (
        "ana",
        "Europe/Madrid",
        3600,
        False,
    )
    assert (await slack.users_info(user="U0GUS"))["user"]["is_restricted"] is True
    assert (await slack.users_info(user="U0OECBOT"))["user"]["is_bot"] is True
    assert await error_of(slack.users_info(user="U0NOBODY")) == "user_not_found"


async def test_person_who_left_or_comes_from_elsewhere_is_marked(
    server: WorkspaceServer, slack: AsyncWebClient
) -> None:
    ana = server.workspace.users[ANA]
    server.workspace.put_user(replace(ana, is_deactivated=True))
    server.workspace.put_user(replace(ana, id="U9ZOE", name="zoe", team_id="T9OTHER"))
    assert (await slack.users_info(user=ANA))["user"]["deleted"] is True
    stranger = (await slack.users_info(user="U9ZOE"))["user"]
    assert (stranger["team_id"], stranger["is_stranger"]) == ("T9OTHER", True)
    assert (await slack.usergroups_users_list(usergroup="S0RELEASE"))["users"] == ["U0BEN"]


async def test_groups_are_listed(slack: AsyncWebClient) -> None:
    listed = (await slack.usergroups_list(include_users=True))["usergroups"]
    assert [(group["id"], group["handle"], group["users"]) for group in listed] == [
        ("S0RELEASE", "releasers", [ANA, "U0BEN"]),
        ("S0LEADS", "leads", ["U0DORA", "U0ELI"]),
    ]
    bare = (await slack.usergroups_list())["usergroups"]
    assert not any("users" in group for group in bare)
    assert (await slack.usergroups_users_list(usergroup="S0RELEASE"))["users"] == [ANA, "U0BEN"]
    assert await error_of(slack.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"


async def test_conversation_is_described_as_far_as_scopes_reach(
    server: WorkspaceServer, slack: AsyncWebClient
) -> None:
    workspace = server.workspace
    workspace.put_channel(Channel("C0MINE", "mine", (ANA, "U0OECBOT"), is_private=True))
    workspace.put_channel(Channel("C0THEIRS", "theirs", (ANA,), is_private=True))
    deploys = (await slack.conversations_info(channel=DEPLOYS, include_num_members=True))["channel"]
    assert (deploys["name"], deploys["is_member"], deploys["num_members"]) == ("deploys", True, 7)
    assert (await slack.conversations_info(channel="C0RANDOM"))["channel"]["is_member"] is False
    assert (await slack.conversations_info(channel="C0MINE"))["channel"]["is_private"] is True
    assert await error_of(slack.conversations_info(channel="C0THEIRS")) == "channel_not_found"
    assert await error_of(slack.conversations_info(channel="C0NONE")) == "channel_not_found"
    direct = (await slack.chat_postMessage(channel=ANA, text="x"))["channel"]
    with pytest.raises(SlackApiError) as caught:
        await slack.conversations_info(channel=direct)
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "im:read"


async def test_blocks_are_validated_without_being_posted(slack: AsyncWebClient) -> None:
    good = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
    bad = {"type": "section", "text": {"type": "mrkdwn", "text": ""}}
    view = {"type": "home", "blocks": [bad]}
    assert (await slack.api_call("blocks.validate", json={"blocks": [good]}))["ok"] is True
    assert (await slack.api_call("blocks.validate", json={"message": {"blocks": [good]}}))["ok"] is True
    assert await error_of(slack.api_call("blocks.validate", json={"blocks": [bad]})) == "invalid_blocks"
    assert (
        await error_of(slack.api_call("blocks.validate", json={"message": {"blocks": [bad]}}))
        == "invalid_message"
    )
    assert await error_of(slack.api_call("blocks.validate", json={"view": view})) == "invalid_view"
    assert await error_of(slack.api_call("blocks.validate", json={})) == "invalid_arguments"
    assert (
        await error_of(slack.api_call("blocks.validate", json={"blocks": [], "view": view})) == "invalid_view"
    )
