"""Slack's own clients upload files as they do at Slack, in one call that makes three requests."""

from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from tests.conformance.node_app import NodeApp
from tests.conformance.packages import JAVASCRIPT, node_with_packages
from tests.sim.workspace.door import ANA, DEPLOYS, Door

LOG = b"line 1\nline 2 \xe2\x9c\x93\n"


@pytest.fixture(autouse=True)
def _may_upload(server: WorkspaceServer) -> None:
    """An app that was granted files."""
    app = server.workspace.app
    server.workspace.put_app(replace(app, scopes=(*app.scopes, "files:write")))


async def read(door: Door, file_id: str) -> bytes:
    """A file's bytes, as Ana downloads them."""
    place = f"{door.url}/person/file"
    async with door.http.get(place, params={"as": ANA, "file_id": file_id}) as response:
        assert response.status == 200, await response.text()
        return await response.read()


async def test_python_client_uploads_into_a_thread(
    server: WorkspaceServer, door: Door, http: aiohttp.ClientSession
) -> None:
    slack = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url, session=http)
    card = str((await slack.chat_postMessage(channel=DEPLOYS, text="card"))["ts"])
    done = await slack.files_upload_v2(
        filename="task.log",
        content=LOG,
        title="The task's log",
        channel=DEPLOYS,
        thread_ts=card,
        initial_comment="The last lines",
    )
    shared = (await door.messages(thread_ts=card))[1]
    assert shared["text"] == "The last lines"
    assert [(file["id"], file["title"]) for file in shared["files"]] == [
        (done["file"]["id"], "The task's log")
    ]
    assert await read(door, done["file"]["id"]) == LOG


async def test_python_client_uploads_several_at_once(
    server: WorkspaceServer, door: Door, http: aiohttp.ClientSession
) -> None:
    slack = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url, session=http)
    uploads = [{"filename": f"{name}.txt", "content": name} for name in ("one", "two")]
    await slack.files_upload_v2(file_uploads=uploads, channel=DEPLOYS)
    (shared,) = await door.messages()
    assert [file["name"] for file in shared["files"]] == ["one.txt", "two.txt"]
    assert [await read(door, file["id"]) for file in shared["files"]] == [b"one", b"two"]


async def test_javascript_client_uploads_into_a_channel(door: Door, settings: dict[str, str]) -> None:
    more = {"CHANNEL": DEPLOYS, "CONTENT": LOG.decode()}
    script = await NodeApp.start(node_with_packages(), JAVASCRIPT / "upload.mjs", settings | more)
    done = await script.until("uploaded")
    await script.stop()
    shared = await door.until_seen("The last lines")
    assert [file["id"] for file in shared["files"]] == [done["file"]]
    assert await read(door, done["file"]) == LOG
