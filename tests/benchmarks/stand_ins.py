"""The two stand-ins as a benchmark uses them: as their own process, acted on through their side doors."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.programs import Program, running

ALWAYS = 1_000_000
"""How often a fault strikes that is to strike as long as it is there."""


class StandIns:
    """The pretend workspace and the pretend oec.sh."""

    def __init__(self, announcement: dict[str, Any], program: Program, client: httpx.AsyncClient) -> None:
        self.settings: dict[str, str] = announcement["settings"]
        self.program = program
        self._slack: str = announcement["slack_url"]
        self._hosting: str = announcement["hosting_url"]
        self._client = client

    async def slash(self, text: str, *, channel: str = "C0DEPLOYS", user: str = "U0ANA") -> float | None:
        """Type `/oec` with this text; how long the acknowledgement took in milliseconds, None if none came."""
        body = {"user_id": user, "channel_id": channel, "command": "/oec", "text": text}
        answer = await self._post(f"{self._slack}/person/slash", body)
        return float(answer["ack_ms"]) if answer["acked"] else None

    async def wait_for_connection(self, program: Program, *, within: float = 30.0) -> float:
        """Wait until an app has its socket open; how many seconds after the program was started that was."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            seen = await self._client.get(f"{self._slack}/person/workspace")
            if seen.json()["bot"]["connections"]:
                return time.perf_counter() - program.started_at
            program.require_alive()
            await asyncio.sleep(0.01)
        raise program.failure(f"was not connected within {within} s")

    async def let_hosting_hang(self, seconds: float) -> None:
        """Every call to oec.sh is answered this much later."""
        fault = {"method": "*", "path": "*", "kind": "hang", "seconds": seconds, "times": ALWAYS}
        await self._post(f"{self._hosting}/control/faults", fault)

    async def let_slack_hang(self, seconds: float) -> None:
        """Every call to Slack's Web API is answered this much later; sockets go on."""
        fault = {"kind": "hang", "method": "*", "seconds": seconds, "times": ALWAYS}
        await self._post(f"{self._slack}/person/faults", fault)

    async def lift_limits(self) -> None:
        """Let oec.sh take as many requests as come, and let tasks stand still until told."""
        await self._post(f"{self._hosting}/control/limits", {"reads": ALWAYS, "writes": ALWAYS})
        await self._post(f"{self._hosting}/control/pace", {"mode": "manual"})

    async def count_open_tasks(self) -> int:
        """How many tasks are under way at oec.sh."""
        state = (await self._client.get(f"{self._hosting}/control/state")).json()
        over = {"completed", "failed", "cancelled"}
        return sum(task["status"] not in over for task in state["tasks"])

    async def _post(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._client.post(url, json=body)
        if answer.status_code != httpx.codes.OK:
            raise self.program.failure(f"answered {answer.status_code} {answer.text} to {url} {body}")
        told: dict[str, Any] = answer.json()
        return told


@asynccontextmanager
async def stand_ins(*words: str, folder: Path) -> AsyncIterator[StandIns]:
    """Stand-ins for the length of a block; `words` say how they are started, `sandbox` unless said otherwise."""
    started = words or ("bot", "sandbox", "--json", "--slack-port", "0", "--hosting-port", "0")
    rules = ("--rules-out", str(folder / "oec.yml"))
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with (
        running(*started, *rules, settings={}, folder=folder) as program,
        httpx.AsyncClient(limits=limits, timeout=30.0, trust_env=False) as client,
    ):
        yield StandIns(json.loads(await program.first_line()), program, client)
