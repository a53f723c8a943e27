"""One call's failure told as one of two errors, in every shape that Slack and what stands before it give it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.core.errors import ChatRefusedError, ChatUnavailableError
from bot.slack.calls import UNTOLD_RETRY_AFTER, call, is_direct, make_client, open_client, retry_after

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN = "xoxb-sandbox-0000000000"


@asynccontextmanager
async def slack_that_answers(answer: Answer) -> AsyncIterator[str]:
    """Something at Slack's address that answers every call in one way."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/api/"
    finally:
        await runner.cleanup()


def saying(body: object = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return answer


def showing(text: str, kind: str, status: int, headers: dict[str, str] | None = None) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=kind, status=status, headers=headers)

    return answer


async def ask(answer: Answer, *, deadline: float = 3.0) -> object:
    async with slack_that_answers(answer) as api_url, open_client(TOKEN, api_url=api_url) as client:
        return (await call(client.auth_test(), deadline=deadline)).data


async def test_good_answer_is_returned() -> None:
    assert await ask(saying({"ok": True, "team_id": "T0ACME"})) == {"ok": True, "team_id": "T0ACME"}


@pytest.mark.parametrize(
    "answer",
    [
        saying({"ok": False, "error": "internal_error"}),
        saying({"ok": False, "error": "fatal_error"}),
        saying({"ok": False, "error": "service_unavailable"}, status=503),
        saying({"ok": False, "error": "request_timeout"}),
        saying({"ok": False, "error": "team_added_to_org"}),
        saying({"ok": False}),
        saying({"ok": False, "error": ""}),
        saying({}),
        saying([]),
        saying(["not", "an", "object"]),
        saying("words"),
        showing("<h1>Bad gateway</h1>", "text/html", 502),
        showing("<h1>Captive portal</h1>", "text/html", 200),
        showing("", "text/html", 500),
        showing("upstream timed out", "text/plain", 200),
        showing("upstream timed out", "text/plain", 504),
        showing("{not json", "application/json", 200),
        showing("", "application/json", 200),
    ],
)
async def test_slack_that_is_unwell_is_unavailable(answer: Answer) -> None:
    with pytest.raises(ChatUnavailableError) as raised:
        await ask(answer)
    assert raised.value.retry_after is None


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (saying({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "12"}), 12),
        (saying({"ok": False, "error": "rate_limited"}, headers={"Retry-After": "3"}), 3),
        (showing("", "text/html", 429, {"Retry-After": "30"}), 30),
        (showing("", "text/html", 429), UNTOLD_RETRY_AFTER.total_seconds()),
        (showing("slow down", "text/plain", 429, {"Retry-After": "soon"}), None),
        (saying({"ok": False, "error": "ratelimited"}), UNTOLD_RETRY_AFTER.total_seconds()),
    ],
)
async def test_too_many_calls_say_when_to_come_again(answer: Answer, seconds: float | None) -> None:
    with pytest.raises(ChatUnavailableError) as raised:
        await ask(answer)
    if seconds is not None:
        assert raised.value.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize("error", ["not_in_channel", "invalid_auth", "message_not_found", "brand_new_error"])
async def test_refusal_carries_slacks_own_word(error: str) -> None:
    with pytest.raises(ChatRefusedError) as raised:
        await ask(saying({"ok": False, "error": error}))
    assert raised.value.error == error


async def test_refusal_of_blocks_is_logged_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    details = ["[ERROR] must be shorter [json-pointer:/blocks/0/text]"]
    body = {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": details}}
    with pytest.raises(ChatRefusedError):
        await ask(saying(body))
    assert "json-pointer:/blocks/0/text" in caplog.text


async def test_answer_that_does_not_come_is_unavailable() -> None:
    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.Response()

    with pytest.raises(ChatUnavailableError, match="timeout"):
        await ask(hang, deadline=0.05)


async def test_connection_that_is_cut_is_unavailable() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(ChatUnavailableError):
        await ask(cut)


async def test_address_where_nobody_listens_is_unavailable() -> None:
    async with open_client(TOKEN, api_url="http://127.0.0.1:9/api/") as client:
        with pytest.raises(ChatUnavailableError):
            await call(client.auth_test(), deadline=3)


async def test_token_is_in_no_error() -> None:
    with pytest.raises(ChatRefusedError) as raised:
        await ask(saying({"ok": False, "error": "invalid_auth"}))
    assert TOKEN not in repr(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("told", "seconds"), [("7", 7.0), ("0", 0.0), ("-3", 0.0), ("1.5", 1.5), (None, 5.0), ("soon", 5.0)]
)
def test_retry_after_is_read_with_care(told: str | None, seconds: float) -> None:
    assert retry_after(told) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("url", "proxied"),
    [
        ("http://127.0.0.1:8420/api/", False),
        ("http://localhost:8420/api/", False),
        ("http://[::1]:8420/api/", False),
        ("https://slack.inside.example/api/", False),
        ("https://slack.com/api/", True),
    ],
)
async def test_proxy_of_the_environment_is_for_the_outside(
    monkeypatch: pytest.MonkeyPatch, url: str, proxied: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    async with aiohttp.ClientSession() as session:
        client = make_client(TOKEN, api_url=url, session=session)
    assert client.proxy == ("http://proxy.example:3128" if proxied else None)
    assert is_direct(url) is not proxied
