"""Which conversations there are, who is in them and what was said, as Slack's own client asks."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.entities import Channel
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, BEN, CLEO, DEPLOYS, DORA, ELI, Door

READING = ("im:history", "im:read", "im:write", "reactions:write", "reactions:read")


@pytest.fixture(autouse=True)
def _may_read(server: WorkspaceServer) -> None:
    """An app that was granted what these methods need."""
    app = server.workspace.app
    server.workspace.put_app(replace(app, scopes=(*app.scopes, *READING)))


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_conversations_are_listed_by_kind(server: WorkspaceServer, slack: AsyncWebClient) -> None:
    server.workspace.put_channel(Channel("C1OURS", "ours", (ANA, "U0OECBOT"), is_private=True))
    server.workspace.put_channel(Channel("C1THEIRS", "theirs", (ANA,), is_private=True))
    server.workspace.put_channel(Channel("C1OLD", "old", (ANA,), is_archived=True))
    server.workspace.direct_messages(ANA)

    async def ids(**query: Any) -> list[str]:
        return [one["id"] for one in (await slack.conversations_list(**query))["channels"]]

    seeded = ["C0DEPLOYS", "C0SUPPORT", "C0RANDOM", "C0OPS"]
    assert await ids() == [*seeded, "C1OLD"]
    assert await ids(exclude_archived=True) == seeded
    assert await ids(types="private_channel,im") == ["C1OURS", "D0ANA"]
    assert await error_of(slack.conversations_list(types="secret")) == "invalid_types"
    assert await error_of(slack.conversations_list(types="mpim")) == "missing_scope"


async def test_list_is_cut_into_pages(slack: AsyncWebClient) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(2):
        answer = await slack.conversations_list(limit=2, cursor=cursor)
        seen += [one["name"] for one in answer["channels"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert (seen, cursor) == (["deploys", "support", "random", "ops"], "")
    assert await error_of(slack.conversations_list(cursor="nonsense")) == "invalid_cursor"
    assert await error_of(slack.conversations_list(cursor="bm90aGluZw==")) == "invalid_cursor"
    assert await error_of(slack.conversations_list(limit=2000)) == "invalid_limit"


async def test_people_of_a_channel_and_channels_of_people_are_listed(slack: AsyncWebClient) -> None:
    assert (await slack.conversations_members(channel="C0OPS"))["members"] == [
        ANA,
        BEN,
        DORA,
        ELI,
        "U0OECBOT",
    ]
    assert await error_of(slack.conversations_members(channel="C0NONE")) == "channel_not_found"
    own = [one["id"] for one in (await slack.users_conversations())["channels"]]
    assert own == ["C0DEPLOYS", "C0SUPPORT", "C0OPS"]
    cleos = [one["id"] for one in (await slack.users_conversations(user=CLEO))["channels"]]
    assert cleos == ["C0DEPLOYS", "C0SUPPORT", "C0RANDOM"]


async def test_everybody_is_listed_page_by_page(slack: AsyncWebClient) -> None:
    everybody = (await slack.users_list())["members"]
    assert [one["id"] for one in everybody] == [ANA, BEN, CLEO, DORA, ELI, "U0GUS", "U0OECBOT"]
    first = await slack.users_list(limit=6)
    rest = await slack.users_list(limit=6, cursor=first["response_metadata"]["next_cursor"])
    assert [one["id"] for one in rest["members"]] == ["U0OECBOT"]


async def test_direct_messages_are_opened_once(slack: AsyncWebClient) -> None:
    opened = await slack.conversations_open(users=ANA)
    assert (opened["channel"]["id"], opened.get("already_open")) == ("D0ANA", None)
    again = await slack.conversations_open(users=[ANA], return_im=True)
    assert (again["channel"]["user"], again["already_open"]) == (ANA, True)
    assert (await slack.conversations_open(channel="D0ANA"))["channel"]["id"] == "D0ANA"
    assert await error_of(slack.conversations_open(users="U0NOBODY")) == "user_not_found"
    assert await error_of(slack.conversations_open(users=[ANA, BEN])) == "too_many_users"
    assert await error_of(slack.api_call("conversations.open")) == "users_list_not_supplied"


async def test_deactivated_person_has_no_direct_messages(
    server: WorkspaceServer, slack: AsyncWebClient
) -> None:
    server.workspace.put_user(replace(server.workspace.users[ANA], is_deactivated=True))
    assert await error_of(slack.conversations_open(users=ANA)) == "user_disabled"


async def test_history_is_newest_first_and_private_words_are_not_in_it(
    door: Door, slack: AsyncWebClient
) -> None:
    said = await door.post("say", user_id=BEN, channel_id=DEPLOYS, text="one")
    await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="secret")
    await slack.chat_postMessage(channel=DEPLOYS, text="reply", thread_ts=said["ts"])
    two = await slack.chat_postMessage(channel=DEPLOYS, text="two")
    history = await slack.conversations_history(channel=DEPLOYS)
    assert [one["text"] for one in history["messages"]] == ["two", "one"]
    assert history["has_more"] is False
    first = history["messages"][1]
    assert (first["reply_count"], first["reply_users"], first["thread_ts"]) == (1, ["U0OECBOT"], said["ts"])
    page = await slack.conversations_history(channel=DEPLOYS, limit=1)
    assert ([one["text"] for one in page["messages"]], page["has_more"]) == (["two"], True)

    async def texts(**bounds: Any) -> list[str]:
        answer = await slack.conversations_history(channel=DEPLOYS, **bounds)
        return [one["text"] for one in answer["messages"]]

    assert await texts(oldest=said["ts"]) == ["two"]
    assert await texts(oldest=said["ts"], inclusive=True) == ["two", "one"]
    assert await texts(latest=two["ts"]) == ["one"]
    assert await error_of(slack.conversations_history(channel=DEPLOYS, oldest="x")) == "invalid_ts_oldest"
    assert await error_of(slack.conversations_history(channel="C0RANDOM")) == "not_in_channel"


async def test_thread_is_told_in_order_from_any_of_its_messages(slack: AsyncWebClient) -> None:
    first = str((await slack.chat_postMessage(channel=DEPLOYS, text="card"))["ts"])
    reply = str((await slack.chat_postMessage(channel=DEPLOYS, text="step", thread_ts=first))["ts"])
    for ts in (first, reply):
        thread = await slack.conversations_replies(channel=DEPLOYS, ts=ts)
        assert [one["text"] for one in thread["messages"]] == ["card", "step"]
    assert await error_of(slack.conversations_replies(channel=DEPLOYS, ts="1.0")) == "thread_not_found"


async def test_history_of_a_kind_that_was_not_granted_is_refused(
    server: WorkspaceServer, slack: AsyncWebClient
) -> None:
    app = server.workspace.app
    without = tuple(scope for scope in app.scopes if scope != "groups:history")
    server.workspace.put_app(replace(app, scopes=without))
    server.workspace.put_channel(Channel("C1OURS", "ours", (ANA, "U0OECBOT"), is_private=True))
    assert await error_of(slack.conversations_history(channel="C1OURS")) == "missing_scope"


async def test_metadata_are_told_where_they_are_asked_for(slack: AsyncWebClient) -> None:
    marked = {"event_type": "oec_run", "event_payload": {"run": 7}}
    card = str((await slack.chat_postMessage(channel=DEPLOYS, text="card", metadata=marked))["ts"])
    await slack.chat_postMessage(channel=DEPLOYS, text="step", thread_ts=card, metadata=marked)
    for told in (
        await slack.conversations_history(channel=DEPLOYS, include_all_metadata=True),
        await slack.conversations_replies(channel=DEPLOYS, ts=card, include_all_metadata=True),
    ):
        assert [one["metadata"] for one in told["messages"]] == [marked] * len(told["messages"])
    untold = await slack.conversations_history(channel=DEPLOYS)
    assert "metadata" not in untold["messages"][0]


async def test_reactions_are_added_once_and_taken_back(door: Door, slack: AsyncWebClient) -> None:
    ts = str((await slack.chat_postMessage(channel=DEPLOYS, text="card"))["ts"])
    await slack.reactions_add(channel=DEPLOYS, timestamp=ts, name="eyes")
    await door.post("react", user_id=ANA, channel_id=DEPLOYS, message_ts=ts, name="eyes")
    seen = (await slack.reactions_get(channel=DEPLOYS, timestamp=ts))["message"]["reactions"]
    assert seen == [{"name": "eyes", "users": ["U0OECBOT", ANA], "count": 2}]
    assert (await door.messages())[0]["reactions"] == seen
    add, remove = slack.reactions_add, slack.reactions_remove
    assert await error_of(add(channel=DEPLOYS, timestamp=ts, name="eyes")) == "already_reacted"
    assert await error_of(add(channel=DEPLOYS, timestamp=ts, name="No Such")) == "invalid_name"
    assert await error_of(add(channel=DEPLOYS, timestamp="1.0", name="eyes")) == "message_not_found"
    assert await error_of(remove(name="eyes")) == "no_item_specified"
    await remove(channel=DEPLOYS, timestamp=ts, name="eyes")
    assert await error_of(remove(channel=DEPLOYS, timestamp=ts, name="eyes")) == "no_reaction"
    assert (await door.messages())[0]["reactions"] == [{"name": "eyes", "users": [ANA], "count": 1}]
