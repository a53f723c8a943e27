"""A page's news: only of what its person may see."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, BEN, CLEO, DEPLOYS, Door, RefusedError
from tests.sim.workspace.test_modals import modal
from tests.sim.workspace.wire_app import WireApp, answered


async def test_message_is_news_for_the_members_of_its_channel(door: Door, slack: AsyncWebClient) -> None:
    async with door.stream(ANA) as anas, door.stream(CLEO) as cleos:
        await slack.chat_postMessage(channel="C0OPS", text="x")
        root = (await slack.chat_postMessage(channel=DEPLOYS, text="x"))["ts"]
        await slack.chat_postMessage(channel=DEPLOYS, text="x", thread_ts=root)
        assert await anas() == {"kind": "messages", "channel_id": "C0OPS", "thread_ts": None}
        in_channel = {"kind": "messages", "channel_id": DEPLOYS, "thread_ts": None}
        in_thread = {"kind": "messages", "channel_id": DEPLOYS, "thread_ts": root}
        assert [await anas(), await anas()] == [in_channel, in_thread]
        assert [await cleos(), await cleos()] == [in_channel, in_thread], "nothing of #ops"


async def test_private_message_is_news_for_one_person(door: Door, slack: AsyncWebClient) -> None:
    async with door.stream(BEN) as bens:
        await slack.chat_postEphemeral(channel="C0OPS", user=ANA, text="x")
        await slack.chat_postEphemeral(channel=DEPLOYS, user=BEN, text="x")
        assert (await bens())["channel_id"] == DEPLOYS


async def test_edit_and_deletion_are_news(door: Door, slack: AsyncWebClient) -> None:
    ts = (await slack.chat_postMessage(channel=DEPLOYS, text="x"))["ts"]
    async with door.stream(ANA) as anas:
        await slack.chat_update(channel=DEPLOYS, ts=ts, text="y")
        assert (await anas())["kind"] == "messages"
        await slack.chat_delete(channel=DEPLOYS, ts=ts)
        assert (await anas())["kind"] == "messages"


async def test_modal_is_news_for_whoever_sees_it(door: Door, app: WireApp, slack: AsyncWebClient) -> None:
    done, _ = await answered(door.slash("x"), app)
    async with door.stream(ANA) as anas, door.stream(BEN) as bens:
        await slack.views_open(trigger_id=done["trigger_id"], view=modal())
        await slack.views_publish(user_id=BEN, view={"type": "home", "blocks": []})
        assert await anas() == {"kind": "views"}
        assert await bens() == {"kind": "views"}
        await slack.chat_postMessage(channel=DEPLOYS, text="x")
        assert (await bens())["kind"] == "messages", "Ana's modal was no news for Ben"


async def test_app_coming_and_going_is_news(door: Door, app: WireApp) -> None:
    async with door.stream(ANA) as anas:
        await app.close()
        assert await anas() == {"kind": "workspace"}


async def test_stream_ends_when_the_server_stops(server: WorkspaceServer, door: Door) -> None:
    async with door.stream(ANA) as anas:
        await server.stop()
        with pytest.raises((EOFError, aiohttp.ClientError)):
            await anas()


async def test_stream_is_for_people_only(door: Door) -> None:
    with pytest.raises(RefusedError) as refused:
        await door.get("stream", **{"as": "U0NOBODY"})
    assert refused.value.status == 404
