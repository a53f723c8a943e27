"""The platform's own hand in a scenario: how tasks go on there, and what it was asked for."""

import asyncio
import time
from typing import Any

import httpx

from tests.support.person import PATIENCE
from tests.support.reading import JsonObject

PROD = "5a296461-9222-40da-91f5-9e912890dc1b"
STAGING = "0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f"
DEV = "7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f"
OLD = "c2d7a9e4-58b1-4f36-a0c9-1e7b6d5f4a32"
SHOP = "e8f4b6c1-27d9-4a5e-b3f0-6c9d1a2e7b84"


class Hosting:
    """Drives the simulator through its side door."""

    def __init__(self, side_door: httpx.AsyncClient) -> None:
        self._side_door = side_door

    async def state(self) -> JsonObject:
        """Everything the simulator knows."""
        answer = await self._side_door.get("/control/state")
        state: JsonObject = answer.raise_for_status().json()
        return state

    async def tasks(self, environment_id: str | None = None) -> list[JsonObject]:
        """The tasks that were made by key, in the order they were made (the seed's own history left out)."""
        tasks = [task for task in (await self.state())["tasks"] if task.get("idempotency_key")]
        return [task for task in tasks if environment_id in (None, task["environment_id"])]

    async def until_tasks(self, environment_id: str, count: int) -> list[JsonObject]:
        """Wait until so many tasks have been begun on an environment."""
        deadline = time.monotonic() + PATIENCE
        while len(tasks := await self.tasks(environment_id)) < count:
            assert time.monotonic() < deadline, f"only {len(tasks)} tasks were started"
            await asyncio.sleep(0.02)
        return tasks

    async def the_task(self, environment_id: str) -> JsonObject:
        """Wait for the one task of an environment."""
        deadline = time.monotonic() + PATIENCE
        while not (tasks := await self.tasks(environment_id)):
            assert time.monotonic() < deadline, "no task was started"
            await asyncio.sleep(0.02)
        [task] = tasks
        return task

    async def requests(self) -> list[JsonObject]:
        """Everything that it was asked."""
        answer = await self._side_door.get("/control/requests")
        requests: list[JsonObject] = answer.json()["requests"]
        return requests

    async def posts(self) -> list[JsonObject]:
        """Every action that was asked for."""
        return [request for request in await self.requests() if request["method"] == "POST"]

    async def until_asked(self, method: str) -> None:
        """Wait until a request of this method has arrived there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = await self._side_door.get("/control/requests")
            if any(request["method"] == method for request in answer.json()["requests"]):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the platform was never asked by {method}")

    async def statuses(self) -> set[int]:
        """Every status that was answered so far."""
        answer = await self._side_door.get("/control/requests")
        return {request["status"] for request in answer.json()["requests"] if request["status"]}

    async def has_failed(self) -> bool:
        """Whether the newest request was answered with a failure of the platform's own."""
        answer = await self._side_door.get("/control/requests")
        requests = answer.json()["requests"]
        return bool(requests) and requests[-1]["status"] >= 500

    async def pace(self, **pace: object) -> None:
        """How tasks advance."""
        await self._control("pace", pace)

    async def moves(self, task_id: str, **facts: object) -> None:
        """Move a task: `status`, `progress_percent`, `current_step`, `steps_completed` …"""
        await self._control(f"tasks/{task_id}", facts)

    async def starts(self, environment_id: str, task_type: str) -> JsonObject:
        """Start a task from the dashboard, as a user of the platform."""
        who = {"triggered_by": "1c9e6679-7425-40de-944b-e07fc1f90ae7"}
        return await self._control("tasks", {"environment_id": environment_id, "type": task_type} | who)

    async def locks(self, environment_id: str, seconds: float) -> None:
        """Hold an environment's action lock: another action is being queued there."""
        await self._control("locks", {"environment_id": environment_id, "seconds": seconds})

    async def forgets(self, task_id: str) -> None:
        """Know nothing of a task any more."""
        await self.fails(
            method="GET", path=f"/deployments/{task_id}", kind="status", status=404, times=100_000
        )

    async def sets(self, environment_id: str, **facts: object) -> None:
        """Change an environment."""
        await self._control(f"environments/{environment_id}", facts)

    async def next_ends(self, environment_id: str, outcome: str, **facts: object) -> None:
        """How the next task of an environment will end."""
        await self._control("next", {"environment_id": environment_id, "outcome": outcome} | facts)

    async def limits(self, **limits: object) -> None:
        """The limits in force."""
        await self._control("limits", limits)

    async def fails(self, **fault: object) -> None:
        """Inject a fault."""
        await self._control("faults", fault)

    async def _control(self, call: str, body: dict[str, Any]) -> JsonObject:
        answer = await self._side_door.post(f"/control/{call}", json=body)
        if answer.is_error:
            raise AssertionError(f"{call}: {answer.status_code} {answer.text}")
        result: JsonObject = answer.json()
        return result
