"""The Web API's outside: encodings, tokens, scopes, rate limits and faults."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN, seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.conftest import Clock
from tests.sim.workspace.door import ANA, DEPLOYS, Door

BEARER = {"Authorization": f"Bearer {BOT_TOKEN}"}


async def call(door: Door, method: str, *, verb: str = "POST", **more: Any) -> dict[str, Any]:
    async with door.http.request(verb, f"{door.url}/api/{method}", **more) as response:
        answer: dict[str, Any] = await response.json()
        return answer


BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]


@pytest.mark.parametrize(
    "encoded",
    [
        {"json": {"channel": DEPLOYS, "text": "x", "blocks": BLOCKS}},
        {"json": {"channel": DEPLOYS, "text": "x", "blocks": json.dumps(BLOCKS)}},
        {"data": {"channel": DEPLOYS, "text": "x", "blocks": json.dumps(BLOCKS)}},
        {"params": {"channel": DEPLOYS, "text": "x", "blocks": json.dumps(BLOCKS)}},
        {"params": {"channel": DEPLOYS, "text": "x", "blocks": json.dumps(BLOCKS)}, "verb": "GET"},
    ],
    ids=["json", "json-string", "form", "post-query", "get-query"],
)
async def test_every_encoding_of_arguments_is_understood(door: Door, encoded: dict[str, Any]) -> None:
    answer = await call(door, "chat.postMessage", headers=BEARER, **encoded)
    assert answer["ok"] is True
    assert answer["message"]["blocks"][0]["text"]["text"] == "x"


@pytest.mark.parametrize(
    ("method", "request_parts", "error"),
    [
        ("auth.test", {}, "not_authed"),
        ("auth.test", {"headers": {"Authorization": "Bearer xoxb-wrong"}}, "invalid_auth"),
        ("auth.test", {"headers": {"Authorization": f"Bearer {APP_TOKEN}"}}, "not_allowed_token_type"),
        ("auth.test", {"json": {"token": BOT_TOKEN}}, "not_authed"),
        ("auth.test", {"data": {"token": BOT_TOKEN}}, None),
        ("auth.test", {"params": {"token": BOT_TOKEN}}, None),
        ("auth.test", {"headers": BEARER}, None),
        ("no.such", {"headers": BEARER}, "unknown_method"),
        ("apps.connections.open", {}, "missing_args"),
        ("apps.connections.open", {"data": {"token": APP_TOKEN}}, "missing_args"),
        ("apps.connections.open", {"headers": {"Authorization": "Bearer xapp-wrong"}}, "invalid_auth"),
        ("apps.connections.open", {"headers": BEARER}, "not_allowed_token_type"),
        ("apps.connections.open", {"headers": {"Authorization": f"Bearer {APP_TOKEN}"}}, None),
    ],
)
async def test_tokens_are_checked(
    door: Door, method: str, request_parts: dict[str, Any], error: str | None
) -> None:
    assert (await call(door, method, **request_parts)).get("error") == error


async def test_connection_is_not_opened_by_a_look(door: Door) -> None:
    headers = {"Authorization": f"Bearer {APP_TOKEN}"}
    assert (await call(door, "apps.connections.open", verb="GET", headers=headers))[
        "error"
    ] == "insecure_request"


async def test_granted_scopes_are_in_the_header(slack: AsyncWebClient) -> None:
    answer = await slack.auth_test()
    assert set(answer.headers["x-oauth-scopes"].split(",")) >= {"commands", "chat:write", "usergroups:read"}


async def test_method_whose_scope_is_absent_is_refused(http: aiohttp.ClientSession) -> None:
    server = WorkspaceServer(seeded_workspace(scopes=("commands",)))
    await server.start()
    try:
        door = Door(server.url, http)
        answer = await call(door, "chat.postMessage", headers=BEARER, json={"channel": DEPLOYS, "text": "x"})
        assert answer == {
            "ok": False,
            "error": "missing_scope",
            "needed": "chat:write",
            "provided": "commands",
        }
        view = {"type": "home", "blocks": []}
        opened = await call(door, "views.publish", headers=BEARER, json={"user_id": ANA, "view": view})
        assert opened["ok"] is True, "views need no scope"
    finally:
        await server.stop()


async def test_calls_over_the_tier_are_turned_away_with_a_time(
    http: aiohttp.ClientSession, clock: Clock
) -> None:
    server = WorkspaceServer(seeded_workspace(), now=clock.now)
    await server.start()
    try:
        slack = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url, session=http)
        for _ in range(20):
            await slack.usergroups_list()
        clock.forward(seconds=20)
        with pytest.raises(SlackApiError) as caught:
            await slack.usergroups_list()
        response: Any = caught.value.response
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "40"
        assert response["error"] == "ratelimited"
        await slack.users_info(user=ANA)
        clock.forward(seconds=40)
        await slack.usergroups_list()
    finally:
        await server.stop()


async def test_calls_are_remembered_without_tokens(door: Door, slack: AsyncWebClient, clock: Clock) -> None:
    await slack.chat_postMessage(channel=DEPLOYS, text="one")
    clock.forward(seconds=1)
    between = clock.now().isoformat()
    await call(door, "chat.postMessage", data={"channel": "C0NONE", "text": "two", "token": BOT_TOKEN})
    first, second = await door.calls("chat.postMessage")
    assert (first["ok"], first["error"], first["status"]) == (True, None, 200)
    assert first["args"] == {"channel": DEPLOYS, "text": "one"}
    assert (second["ok"], second["error"], second["args"]) == (
        False,
        "channel_not_found",
        {"channel": "C0NONE", "text": "two"},
    )
    assert (await door.get("calls", since=between))["calls"] == [second]


async def test_ratelimit_fault_strikes_as_often_as_asked(door: Door, slack: AsyncWebClient) -> None:
    await door.fault("ratelimit", method="chat.postMessage", retry_after=7, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await slack.chat_postMessage(channel=DEPLOYS, text="x")
        response: Any = caught.value.response
        assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    await slack.chat_postMessage(channel=DEPLOYS, text="at last")
    assert await door.texts() == ["at last"]
    assert [one["status"] for one in await door.calls("chat.postMessage")] == [429, 429, 200]


async def test_ratelimit_fault_can_have_an_empty_body(door: Door) -> None:
    await door.fault("ratelimit", method="auth.test", retry_after=3, empty_body=True)
    async with door.http.post(f"{door.url}/api/auth.test", headers=BEARER) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "3")
        assert await response.read() == b""


async def test_ratelimit_fault_need_not_say_for_how_long(door: Door) -> None:
    await door.fault("ratelimit", method="auth.test", retry_after=None)
    async with door.http.post(f"{door.url}/api/auth.test", headers=BEARER) as response:
        assert (response.status, response.headers.get("Retry-After")) == (429, None)
        assert (await response.json())["error"] == "ratelimited"


@pytest.mark.parametrize(("facts", "shown"), [({}, b"<h1>Bad gateway"), ({"empty_body": True}, b"")])
async def test_page_fault_answers_in_the_place_of_slack(
    door: Door, facts: dict[str, Any], shown: bytes
) -> None:
    await door.fault("page", method="chat.postMessage", status=504, **facts)
    async with door.http.post(
        f"{door.url}/api/chat.postMessage", headers=BEARER, json={"channel": DEPLOYS, "text": "x"}
    ) as response:
        assert response.status == 504
        assert shown in await response.read()
    assert await door.texts() == []


@pytest.mark.parametrize("kind", ["error", "page"])
async def test_fault_may_strike_after_the_call_was_carried_out(door: Door, kind: str) -> None:
    await door.fault(kind, method="chat.postMessage", carried_out=True)
    async with door.http.post(
        f"{door.url}/api/chat.postMessage", headers=BEARER, json={"channel": DEPLOYS, "text": "done"}
    ) as response:
        assert b"internal_error" in await response.read() or response.status == 502
    assert await door.texts() == ["done"]


async def test_error_fault_answers_the_named_error(door: Door, slack: AsyncWebClient) -> None:
    await door.fault("error", method="chat.update", error="edit_window_closed")
    posted = await slack.chat_postMessage(channel=DEPLOYS, text="1")
    with pytest.raises(SlackApiError) as caught:
        await slack.chat_update(channel=DEPLOYS, ts=posted["ts"], text="2")
    assert caught.value.response["error"] == "edit_window_closed"
    assert await door.texts() == ["1"], "a refused call does nothing"


async def test_hang_fault_does_it_late_even_if_the_app_gave_up(door: Door, slack: AsyncWebClient) -> None:
    await door.fault("hang", method="chat.postMessage", seconds=2)
    async with door.stream(ANA) as next_news:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await slack.chat_postMessage(channel=DEPLOYS, text="late")
        assert (await next_news())["kind"] == "messages"
    assert await door.texts() == ["late"]


async def test_drop_answer_fault_does_it_and_says_nothing(door: Door, slack: AsyncWebClient) -> None:
    await door.fault("drop_answer", method="chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(door, "chat.postMessage", headers=BEARER, json={"channel": DEPLOYS, "text": "done"})
    assert await door.texts() == ["done"]
    (seen,) = await door.calls("chat.postMessage")
    assert (seen["ok"], seen["status"]) == (True, None)


async def test_clear_takes_every_fault_away(door: Door, slack: AsyncWebClient) -> None:
    await door.fault("error", method="*", error="internal_error", times=100)
    await door.fault("clear")
    assert (await slack.auth_test())["ok"] is True


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"'])
async def test_body_that_is_no_object_is_no_arguments(door: Door, body: bytes) -> None:
    headers = BEARER | {"Content-Type": "application/json"}
    answer = await call(door, "chat.postMessage", headers=headers, data=body)
    assert answer["error"] == "invalid_arguments"
