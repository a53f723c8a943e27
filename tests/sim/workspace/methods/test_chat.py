"""chat.* as Slack's own client calls it."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.entities import Channel
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.conftest import Clock
from tests.sim.workspace.door import ANA, BEN, CLEO, DEPLOYS, Door

SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}}]


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_posted_message_is_seen_as_the_app_wrote_it(slack: AsyncWebClient, door: Door) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": "42"}}
    answer = await slack.chat_postMessage(channel=DEPLOYS, text="hello", blocks=SECTION, metadata=metadata)
    assert answer["channel"] == DEPLOYS
    assert answer["message"]["bot_id"] == "B0OECBOT"
    assert answer["message"]["app_id"] == "A0OECBOT"
    assert answer["message"]["user"] == "U0OECBOT"
    (seen,) = await door.messages()
    assert seen["ts"] == answer["ts"]
    assert (seen["text"], seen["edits"], seen["edited_at"], seen["ephemeral"]) == ("hello", 0, None, False)
    assert seen["metadata"] == metadata
    assert seen["posted_at"] == "2026-11-02T09:30:00+00:00"
    assert seen["blocks"][0]["text"]["text"] == "*hello*"
    assert seen["blocks"][0]["block_id"], "Slack gives every block an id"


async def test_time_stamps_grow_while_the_clock_stands_still(slack: AsyncWebClient) -> None:
    stamps = [(await slack.chat_postMessage(channel=DEPLOYS, text="x"))["ts"] for _ in range(5)]
    assert stamps == sorted(set(stamps))


async def test_edit_counts_and_keeps_metadata(slack: AsyncWebClient, door: Door, clock: Clock) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": "42"}}
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="1", blocks=SECTION, metadata=metadata)
    clock.forward(seconds=5)
    with_blocks = await slack.chat_update(channel=DEPLOYS, ts=posted["ts"], text="2", blocks=SECTION)
    assert "edited" not in with_blocks["message"], "no mark where blocks are used"
    answer = await slack.chat_update(channel=DEPLOYS, ts=posted["ts"], text="3")
    assert answer["message"]["edited"]["user"] == "U0OECBOT"
    (seen,) = await door.messages()
    assert (seen["text"], seen["edits"], seen["metadata"]) == ("3", 2, metadata)
    assert seen["blocks"] == [], "blocks that are not sent again are dropped"
    assert seen["edited_at"] == "2026-11-02T09:30:05+00:00"


async def test_reply_hangs_under_its_message(slack: AsyncWebClient, door: Door) -> None:
    root = (await slack.chat_postMessage(channel=DEPLOYS, text="root"))["ts"]
    reply = (await slack.chat_postMessage(channel=DEPLOYS, text="reply", thread_ts=root))["ts"]
    nested = await slack.chat_postMessage(channel=DEPLOYS, text="again", thread_ts=reply)
    assert nested["message"]["thread_ts"] == root, "a reply to a reply belongs to the same thread"
    await slack.chat_postMessage(channel=DEPLOYS, text="loud", thread_ts=root, reply_broadcast=True)
    assert await door.texts() == ["root", "loud"]
    (top, _loud) = await door.messages()
    assert top["reply_count"] == 3
    thread = await door.messages(thread_ts=root)
    assert [message["text"] for message in thread] == ["root", "reply", "again", "loud"]


async def test_person_id_as_channel_opens_direct_messages(slack: AsyncWebClient, door: Door) -> None:
    answer = await slack.chat_postMessage(channel=ANA, text="psst")
    assert answer["channel"].startswith("D")
    assert await door.texts(channel=answer["channel"]) == ["psst"]
    again = await slack.chat_postMessage(channel=ANA, text="psst")
    assert again["channel"] == answer["channel"]


async def test_channel_name_is_understood(slack: AsyncWebClient) -> None:
    assert (await slack.chat_postMessage(channel="#deploys", text="x"))["channel"] == DEPLOYS


@pytest.mark.parametrize(
    ("error", "args"),
    [
        ("channel_not_found", {"channel": "C0NOWHERE", "text": "x"}),
        ("not_in_channel", {"channel": "C0RANDOM", "text": "x"}),
        ("is_archived", {"channel": "C0OLD", "text": "x"}),
        ("channel_not_found", {"channel": "C0SECRET", "text": "x"}),
        ("no_text", {"channel": DEPLOYS, "text": ""}),
        ("invalid_blocks", {"channel": DEPLOYS, "text": "x", "blocks": [{"type": "alert"}]}),
        ("invalid_blocks_format", {"channel": DEPLOYS, "text": "x", "blocks": "[{"}),
        ("cannot_reply_to_message", {"channel": DEPLOYS, "text": "x", "thread_ts": "1.000001"}),
        ("markdown_text_conflict", {"channel": DEPLOYS, "text": "x", "markdown_text": "y"}),
        ("invalid_arguments", {"channel": DEPLOYS, "markdown_text": "y" * 12_001}),
        ("too_many_attachments", {"channel": DEPLOYS, "attachments": [{"text": "x"}] * 101}),
        ("invalid_metadata_format", {"channel": DEPLOYS, "text": "x", "metadata": {"event_type": 1}}),
        ("invalid_metadata_schema", {"channel": DEPLOYS, "text": "x", "metadata": {"event_type": "run"}}),
        ("invalid_arguments", {"text": "x"}),
        ("invalid_arguments", {"channel": DEPLOYS, "text": "x", "thread_ts": 1.5}),
    ],
)
async def test_post_that_slack_would_refuse_is_refused(
    server: WorkspaceServer, slack: AsyncWebClient, error: str, args: dict[str, Any]
) -> None:
    server.workspace.put_channel(Channel("C0OLD", "old", (ANA, "U0OECBOT"), is_archived=True))
    server.workspace.put_channel(Channel("C0SECRET", "secret", (ANA,), is_private=True))
    assert await error_of(slack.api_call("chat.postMessage", json=args)) == error


async def test_refused_blocks_name_the_place(slack: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await slack.chat_postMessage(
            channel=DEPLOYS, text="x", blocks=[{"type": "header", "text": {"type": "plain_text", "text": ""}}]
        )
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_very_long_text_is_cut_when_posted_and_refused_when_edited(
    slack: AsyncWebClient, door: Door
) -> None:
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="x" * 40_001)
    assert len((await door.texts())[0]) == 40_000
    await slack.chat_update(channel=DEPLOYS, ts=posted["ts"], text="x" * 4_000)
    assert (
        await error_of(slack.chat_update(channel=DEPLOYS, ts=posted["ts"], text="x" * 4_001))
        == "msg_too_long"
    )


async def test_edit_that_slack_would_refuse_is_refused(
    server: WorkspaceServer, slack: AsyncWebClient, door: Door
) -> None:
    theirs = (await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="mine"))["ts"]
    whisper = await slack.chat_postEphemeral(channel=DEPLOYS, user=ANA, text="psst")
    ours = (await slack.chat_postMessage(channel=DEPLOYS, text="ours"))["ts"]

    async def edit(ts: str, **more: Any) -> str:
        args = {"channel": DEPLOYS, "ts": ts, "text": "x"} | more
        return await error_of(slack.api_call("chat.update", json=args))

    assert await edit("1.000001") == "message_not_found"
    assert await edit(theirs) == "cant_update_message"
    assert await edit(whisper["message_ts"]) == "message_not_found"
    assert await edit(ours, text="") == "no_text"
    assert await error_of(slack.chat_update(channel="C0NOWHERE", ts=ours, text="x")) == "channel_not_found"
    server.workspace.put_channel(replace(server.workspace.channels[DEPLOYS], is_archived=True))
    assert await edit(ours) == "is_inactive"


async def test_ephemeral_message_is_seen_by_one_person(slack: AsyncWebClient, door: Door) -> None:
    answer = await slack.chat_postEphemeral(channel=DEPLOYS, user=BEN, text="psst")
    assert await door.texts(user=ANA) == []
    (seen,) = await door.messages(user=BEN)
    assert (seen["ephemeral"], seen["ts"]) == (True, answer["message_ts"])


async def test_ephemeral_message_that_slack_would_refuse_is_refused(slack: AsyncWebClient) -> None:
    async def whisper(**args: Any) -> str:
        return await error_of(
            slack.chat_postEphemeral(**({"channel": DEPLOYS, "user": ANA, "text": "x"} | args))
        )

    assert await whisper(channel="C0OPS", user=CLEO) == "user_not_in_channel"
    assert await whisper(channel="C0RANDOM") == "not_in_channel"
    assert await whisper(text="ä" * 2001) == "msg_too_long", "the limit is in bytes"


async def test_deleted_message_is_gone(slack: AsyncWebClient, door: Door) -> None:
    ours = (await slack.chat_postMessage(channel=DEPLOYS, text="ours"))["ts"]
    theirs = (await door.post("say", user_id=ANA, channel_id=DEPLOYS, text="mine"))["ts"]
    await slack.chat_delete(channel=DEPLOYS, ts=ours)
    assert await door.texts() == ["mine"]
    assert await error_of(slack.chat_delete(channel=DEPLOYS, ts=ours)) == "message_not_found"
    assert await error_of(slack.chat_delete(channel=DEPLOYS, ts=theirs)) == "cant_delete_message"


async def test_permalink_leads_to_the_thread_on_the_page(slack: AsyncWebClient, door: Door) -> None:
    root = (await slack.chat_postMessage(channel=DEPLOYS, text="root"))["ts"]
    reply = (await slack.chat_postMessage(channel=DEPLOYS, text="reply", thread_ts=root))["ts"]
    link = (await slack.chat_getPermalink(channel=DEPLOYS, message_ts=reply))["permalink"]
    async with door.http.get(link, allow_redirects=False) as response:
        assert response.headers["Location"] == f"/#//{DEPLOYS}/{root}"
    assert (
        await error_of(slack.chat_getPermalink(channel=DEPLOYS, message_ts="1.000001")) == "message_not_found"
    )
