"""An app in HTTP mode that answers as a test tells it, and keeps what it was sent."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

JsonObject = dict[str, Any]
Answering = Callable[["Sent"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> JsonObject:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> JsonObject:
        parsed: JsonObject = json.loads(self.body)
        return parsed

    @property
    def retry(self) -> tuple[str | None, str | None]:
        return self.headers.get("x-slack-retry-num"), self.headers.get("x-slack-retry-reason")


async def say_ok(_: Sent) -> web.StreamResponse:
    """Acknowledge."""
    return web.Response()


async def say_challenge(sent: Sent) -> web.StreamResponse:
    """Pass the check of the address, and acknowledge everything else."""
    challenge = sent.json.get("challenge") if sent.headers["content-type"] == "application/json" else None
    return web.Response(text=challenge or "")


class HttpApp:
    """A server on a free loopback port."""

    def __init__(self) -> None:
        self.answers: Answering = say_challenge
        self.sent: list[Sent] = []
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/{path:.*}", self._take)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"

    async def _take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = Sent(request.path, headers, await request.read())
        async with self._news:
            self.sent.append(sent)
            self._news.notify_all()
        return await self.answers(sent)

    async def until_sent(self, count: int) -> list[Sent]:
        """Wait for so many requests."""
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: len(self.sent) >= count)
        return self.sent

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
