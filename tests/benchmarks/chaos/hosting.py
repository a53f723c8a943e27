"""The pretend oec.sh as a life meets it, through its side door: what it knows, and what is made to happen there."""

import httpx

from tests.benchmarks.chaos.town import environment_id
from tests.support.reading import JsonObject


class Hosting:
    """Drives and reads the simulator. What it refuses (a second task in one environment) is simply not done."""

    def __init__(self, door: httpx.AsyncClient) -> None:
        self._door = door

    async def tasks(self) -> list[JsonObject]:
        """Every task of the environments of this world."""
        state = (await self._door.get("/control/state")).raise_for_status().json()
        homes = {
            environment["id"]
            for environment in state["environments"]
            if environment["name"].startswith("chaos-")
        }
        return [task for task in state["tasks"] if task["environment_id"] in homes]

    async def requests(self) -> list[JsonObject]:
        """Every call it received, oldest first."""
        told: list[JsonObject] = (
            (await self._door.get("/control/requests")).raise_for_status().json()["requests"]
        )
        return told

    async def starts(self, alias: str, kind: str) -> None:
        """Start a task from the dashboard."""
        await self._door.post("/control/tasks", json={"environment_id": environment_id(alias), "type": kind})

    async def next_ends(self, alias: str, outcome: str) -> None:
        """How the next task there will end."""
        body = {"environment_id": environment_id(alias), "outcome": outcome}
        (await self._door.post("/control/next", json=body)).raise_for_status()

    async def moves(self, task_id: str, **facts: object) -> None:
        """Move a task by hand."""
        (await self._door.post(f"/control/tasks/{task_id}", json=facts)).raise_for_status()

    async def counts_afresh(self) -> None:
        """Begin a new minute of the documented limits: starts come far more often here than in life."""
        (await self._door.post("/control/limits", json={})).raise_for_status()

    async def paces(self, **pace: object) -> None:
        """How tasks advance."""
        (await self._door.post("/control/pace", json=pace)).raise_for_status()

    async def mends(self) -> None:
        """Have everything run again that broke or was stopped, as somebody would in the dashboard."""
        state = (await self._door.get("/control/state")).raise_for_status().json()
        for home in state["environments"]:
            if home["name"].startswith("chaos-") and home["status"] in {"error", "stopped"}:
                await self._door.post(f"/control/environments/{home['id']}", json={"status": "running"})

    async def causes(self, **fault: object) -> None:
        """Let something go wrong on the way."""
        (await self._door.post("/control/faults", json=fault)).raise_for_status()
