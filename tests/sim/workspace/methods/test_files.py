"""An upload in its three steps, each of which may be left out or done wrong."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import BOT_TOKEN
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import ANA, DEPLOYS, Door


@pytest.fixture(autouse=True)
def _may_upload(server: WorkspaceServer) -> None:
    """An app that was granted files."""
    app = server.workspace.app
    server.workspace.put_app(replace(app, scopes=(*app.scopes, "files:write", "files:read")))


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def upload(slack: AsyncWebClient, http: aiohttp.ClientSession, body: Any = b"bytes") -> str:
    """The first two steps."""
    got = await slack.files_getUploadURLExternal(filename="log.txt", length=5, alt_txt="the log")
    async with http.post(str(got["upload_url"]), data=body) as response:
        assert (response.status, await response.text()) == (200, "OK - 5")
    return str(got["file_id"])


async def test_file_is_shared_into_a_thread_and_can_be_read(
    server: WorkspaceServer, door: Door, slack: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    card = await slack.chat_postMessage(channel=DEPLOYS, text="card")
    file_id = await upload(slack, http)
    done = await slack.files_completeUploadExternal(
        files=[{"id": file_id, "title": "The log"}],
        channel_id=DEPLOYS,
        thread_ts=str(card["ts"]),
        initial_comment="See <@U0ANA>",
    )
    assert (done["files"][0]["id"], done["files"][0]["title"]) == (file_id, "The log")
    shared = (await door.messages(thread_ts=str(card["ts"])))[1]
    assert (shared["text"], shared["pings"]) == ("See <@U0ANA>", [ANA])
    (file,) = shared["files"]
    wanted = ("log.txt", "The log", 5, "text/plain", "the log")
    assert (file["name"], file["title"], file["size"], file["mimetype"], file["alt_txt"]) == wanted
    async with http.get(f"{server.url}/person/file", params={"as": ANA, "file_id": file_id}) as response:
        assert (response.status, await response.read()) == (200, b"bytes")
        assert response.headers["Content-Disposition"] == "attachment"
    async with http.get(f"{server.url}/person/file", params={"as": "U0BOB", "file_id": file_id}) as response:
        assert response.status == 404
    url, bearer = server.url + file["url_private"], {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with http.get(url, headers=bearer) as response:
        assert await response.read() == b"bytes"
    async with http.get(url) as response:
        assert response.status == 403
    assert (await slack.files_info(file=file_id))["file"]["name"] == "log.txt"


async def test_bytes_may_come_as_a_form(slack: AsyncWebClient, http: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"bytes", filename="log.txt")
    file_id = await upload(slack, http, form)
    assert (await slack.files_info(file=file_id))["file"]["size"] == 5


async def test_address_takes_bytes_once(slack: AsyncWebClient, http: aiohttp.ClientSession) -> None:
    got = await slack.files_getUploadURLExternal(filename="log.txt", length=5)
    for status in (200, 404):
        async with http.post(str(got["upload_url"]), data=b"bytes") as response:
            assert response.status == status


async def test_file_that_was_not_shared_is_seen_by_nobody(
    server: WorkspaceServer, slack: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    file_id = await upload(slack, http)
    await slack.files_completeUploadExternal(files=[{"id": file_id, "title": None}])
    async with http.get(f"{server.url}/person/file", params={"as": ANA, "file_id": file_id}) as response:
        assert response.status == 404


async def test_upload_done_wrong_is_refused(
    server: WorkspaceServer, slack: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    get, complete = slack.files_getUploadURLExternal, slack.files_completeUploadExternal
    assert await error_of(get(filename="x", length=0)) == "missing_argument"
    assert await error_of(get(filename="x", length=1, alt_txt="x" * 1001)) == "alt_txt_too_large"
    begun = str((await get(filename="x", length=1))["file_id"])
    assert await error_of(complete(files=[{"id": begun}])) == "file_not_found"
    assert await error_of(complete(files=[])) == "invalid_arguments"
    sent: list[dict[str, str | None]] = [{"id": await upload(slack, http)}]
    assert await error_of(complete(files=sent, channel_id="C0RANDOM")) == "not_in_channel"
    assert await error_of(complete(files=sent, channel_id="C0NONE")) == "channel_not_found"
    assert await error_of(slack.files_info(file="F1")) == "file_not_found"
    server.workspace.put_app(replace(server.workspace.app, scopes=("chat:write",)))
    assert await error_of(get(filename="x", length=1)) == "missing_scope"


async def test_edit_keeps_the_file(door: Door, slack: AsyncWebClient, http: aiohttp.ClientSession) -> None:
    file_id = await upload(slack, http)
    await slack.files_completeUploadExternal(files=[{"id": file_id}], channel_id=DEPLOYS)
    ts = (await door.messages())[0]["ts"]
    await slack.chat_update(channel=DEPLOYS, ts=ts, text="with words")
    shown = (await door.messages())[0]
    assert (shown["text"], [file["id"] for file in shown["files"]]) == ("with words", [file_id])
