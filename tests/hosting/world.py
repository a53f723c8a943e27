"""The simulator as the tests of the client drive it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.core.names import Action, EnvironmentId, IdempotencyKey, UpdateMode
from bot.core.tasks import Submission
from bot.hosting.client import HostingClient
from bot.hosting.retries import RetryWaits
from bot.sim.hosting import seeds
from bot.sim.hosting.server import HostingServer

PROD = EnvironmentId(seeds.PRODUCTION)
STAGING = EnvironmentId(seeds.STAGING)
OLD = EnvironmentId(seeds.OLD)
NOWHERE = EnvironmentId("00000000-0000-4000-8000-000000000000")

NO_WAITS = RetryWaits(timedelta(0), timedelta(0), timedelta(0), longest=timedelta(0))


class StandingClock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now_at = datetime(2026, 3, 2, 9, 30, 10, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now_at

    def forward(self, **span: float) -> None:
        self.now_at += timedelta(**span)


class World:
    """A simulator, its side door, and clients that are closed with it."""

    def __init__(self, server: HostingServer, clock: StandingClock, door: httpx.AsyncClient) -> None:
        self.server = server
        self.clock = clock
        self.door = door
        self.clients: list[HostingClient] = []

    def client(
        self,
        full_key: str = seeds.FULL_KEY,
        read_key: str | None = seeds.READ_KEY,
        *,
        base_url: str | None = None,
        timeout: timedelta = timedelta(seconds=10),
        waits: RetryWaits = NO_WAITS,
    ) -> HostingClient:
        """A client that waits for nothing."""
        client = HostingClient(
            base_url or self.server.api_url, full_key, read_key, now=self.clock, timeout=timeout, waits=waits
        )
        self.clients.append(client)
        return client

    async def control(self, call: str, **body: object) -> Any:
        """Use the side door."""
        return (await self.door.post(f"/{call}", json=body)).raise_for_status().json()

    async def fails(self, kind: str, **fault: object) -> None:
        """Let the next call go wrong."""
        await self.control("faults", kind=kind, **fault)

    async def requests(self) -> list[Any]:
        """Every call that came in."""
        listed: list[Any] = (await self.door.get("/requests")).raise_for_status().json()["requests"]
        return listed

    async def posts(self) -> list[Any]:
        """Every action that was asked for."""
        return [call for call in await self.requests() if call["method"] == "POST"]

    async def tasks(self, key: str) -> list[Any]:
        """The tasks that this idempotency key made."""
        state = (await self.door.get("/state")).raise_for_status().json()
        return [task for task in state["tasks"] if task["idempotency_key"] == key]


def deploy(key: str = "key-1", environment_id: EnvironmentId = PROD, *modules: str) -> Submission:
    return Submission(IdempotencyKey(key), environment_id, Action.DEPLOY, None, modules)


def act(action: Action, environment_id: EnvironmentId = PROD, mode: UpdateMode | None = None) -> Submission:
    return Submission(IdempotencyKey("key-1"), environment_id, action, mode)
