"""A caller of the simulator, over real HTTP, and the clock that the tests move."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.documented import check_answer

Json = Any
"""What an answer holds; the tests look inside."""


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_at = datetime(2026, 3, 2, 9, 30, 10, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now_at

    def forward(self, **span: float) -> None:
        self.now_at += timedelta(**span)


def plain_client(base_url: str = "", headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """A client for plain HTTP; reading the machine's certificates each time would take most of a test's time."""
    unread = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=10, verify=unread, trust_env=False)


class Caller:
    """Somebody with a key."""

    def __init__(self, server: HostingServer, key: str) -> None:
        self.server = server
        self.key = key
        headers = {"Authorization": f"Bearer {key}"}
        self.client = plain_client(base_url=server.api_url, headers=headers)
        self.client.event_hooks["response"] = [self._check]
        self.door = plain_client(base_url=f"{server.url}/control")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        await self.door.aclose()

    async def _check(self, response: httpx.Response) -> None:
        """Every answer is as documented, unless somebody has meddled with it."""
        if not self.server.front.faults:
            await response.aread()
            check_answer(response)

    async def patch(self, path: str, /, **body: Json) -> httpx.Response:
        return await self.client.patch(path, json=body)

    async def post(
        self, path: str, body: Json = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """POST, with the idempotency key of creations if given; headers by their names with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["X-Idempotency-Key"] = key
        return await self.client.post(path, json=body, headers=given)

    async def delete(self, path: str, /, **headers: str) -> httpx.Response:
        """DELETE; headers by their names with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.delete(path, headers=given)

    async def get(self, path: str, /, **query: Json) -> httpx.Response:
        return await self.client.get(path, params=query)

    async def act(
        self, environment_id: str, action: str, body: Json = None, *, key: str | None = None
    ) -> httpx.Response:
        """POST an action, with an idempotency key if given."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.client.post(f"/environments/{environment_id}/{action}", json=body, headers=headers)

    async def start(self, environment_id: str, action: str, body: Json = None) -> str:
        """POST an action that must be accepted; the task's id."""
        response = await self.act(environment_id, action, body)
        assert response.status_code == 202, response.text
        return str(response.json()["task_id"])

    async def task(self, task_id: str) -> Json:
        return (await self.get(f"/deployments/{task_id}")).json()

    async def environment(self, environment_id: str) -> Json:
        return (await self.get(f"/environments/{environment_id}")).json()

    async def control(self, path: str, /, **body: Json) -> Json:
        """POST to the side door; must succeed."""
        response = await self.door.post(path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def state(self) -> Json:
        return (await self.door.get("/state")).json()

    async def requests(self, **query: Json) -> Json:
        return (await self.door.get("/requests", params=query)).json()["requests"]


async def becomes(check: Callable[[], Json], *, seconds: float = 30) -> None:
    """Wait until something is so, looking often; fails at the deadline."""
    async with asyncio.timeout(seconds):
        while not check():  # noqa: ASYNC110 # the server shares this loop and has no event for what is checked
            await asyncio.sleep(0.005)


def error_of(response: httpx.Response) -> str:
    """The code of an answer in the most frequent shape."""
    return str(response.json()["detail"]["error"])
