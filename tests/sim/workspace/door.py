"""How these tests act as people: the side door of a running stand-in, one method per call."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

DEPLOYS = "C0DEPLOYS"
ANA, BEN, CLEO, GUS = "U0ANA", "U0BEN", "U0CLEO", "U0GUS"
DORA, ELI = "U0DORA", "U0ELI"

JsonObject = dict[str, Any]


class RefusedError(Exception):
    """The side door said no."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}")
        self.status = status
        self.words = words


class Door:
    """A person's hands and eyes."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http

    async def get(self, path: str, **query: str) -> JsonObject:
        async with self.http.get(f"{self.url}/person/{path}", params=query) as response:
            return await _answer(response)

    async def post(self, path: str, **body: Any) -> JsonObject:
        async with self.http.post(f"{self.url}/person/{path}", json=body) as response:
            return await _answer(response)

    async def slash(self, text: str, *, user: str = ANA, channel: str = DEPLOYS) -> JsonObject:
        return await self.post("slash", user_id=user, channel_id=channel, command="/oec", text=text)

    async def messages(
        self, *, user: str = ANA, channel: str = DEPLOYS, thread_ts: str | None = None
    ) -> list[JsonObject]:
        query = {"channel_id": channel, "as": user} | ({"thread_ts": thread_ts} if thread_ts else {})
        answer: list[JsonObject] = (await self.get("messages", **query))["messages"]
        return answer

    async def texts(self, *, user: str = ANA, channel: str = DEPLOYS) -> list[str]:
        return [message["text"] for message in await self.messages(user=user, channel=channel)]

    async def modals(self, user: str = ANA) -> list[JsonObject]:
        answer: list[JsonObject] = (await self.get("views", user_id=user))["modals"]
        return answer

    async def until_seen(
        self, text: str, *, user: str = ANA, channel: str = DEPLOYS, thread_ts: str | None = None
    ) -> JsonObject:
        """The message with this text, as soon as this person sees it there."""
        async with asyncio.timeout(30), self.stream(user) as next_news:
            while True:
                for message in await self.messages(user=user, channel=channel, thread_ts=thread_ts):
                    if message["text"] == text:
                        return message
                await next_news()

    async def until_modal(self, user: str = ANA) -> JsonObject:
        """The topmost modal, as soon as there is one."""
        async with asyncio.timeout(30), self.stream(user) as next_news:
            while not (modals := await self.modals(user)):
                await next_news()
        return modals[-1]

    async def until_home(self, user: str = ANA) -> JsonObject:
        """The Home tab, as soon as there is one."""
        async with asyncio.timeout(30), self.stream(user) as next_news:
            while not (home := (await self.get("views", user_id=user))["home"]):
                await next_news()
        shown: JsonObject = home
        return shown

    async def press(self, ts: str, label: str, *, user: str = ANA, channel: str = DEPLOYS) -> JsonObject:
        return await self.post("press", user_id=user, channel_id=channel, message_ts=ts, label=label)

    async def calls(self, method: str) -> list[JsonObject]:
        answer: list[JsonObject] = (await self.get("calls", method=method))["calls"]
        return answer

    async def fault(self, kind: str, **more: Any) -> None:
        await self.post("faults", kind=kind, **more)

    async def connections(self) -> int:
        return int((await self.get("workspace"))["bot"]["connections"])

    async def until_connected(self, count: int = 1) -> None:
        """Wait until the app holds so many sockets, told by the stand-in's own news."""
        async with asyncio.timeout(30), self.stream(ANA) as next_news:
            while await self.connections() != count:
                await next_news()

    async def until_back(self, deed: Awaitable[Any]) -> None:
        """Do something that costs the app its connection, and wait until it has a new one and no other."""
        async with asyncio.timeout(30), self.stream(ANA) as next_news:
            before = (await self.get("workspace"))["bot"]["connected"]
            await deed
            while True:
                bot = (await self.get("workspace"))["bot"]
                if bot["connected"] > before and bot["connections"] == 1:
                    return
                await next_news()

    @asynccontextmanager
    async def stream(self, user: str) -> AsyncIterator[Callable[[], Any]]:
        """A page's stream of news; yields a function that waits for the next one."""
        async with self.http.get(f"{self.url}/person/stream", params={"as": user}) as response:
            assert response.status == 200, await response.text()
            await response.content.readline()
            yield lambda: _next_news(response)


async def _answer(response: aiohttp.ClientResponse) -> JsonObject:
    answer: JsonObject = await response.json()
    if response.status != 200:
        raise RefusedError(response.status, answer["error"])
    return answer


async def _next_news(response: aiohttp.ClientResponse) -> JsonObject:
    async with asyncio.timeout(30):
        while True:
            line = (await response.content.readline()).decode()
            if not line:
                raise EOFError
            if line.startswith("data: "):
                news: JsonObject = json.loads(line.removeprefix("data: "))
                return news
