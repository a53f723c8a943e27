"""The two stand-ins as a benchmark uses them: as their own process, acted on through their side doors."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.programs import Program, running

ENDED = frozenset({"completed", "failed", "cancelled"})
ALWAYS = 1_000_000
"""How often a fault strikes that is to strike as long as it is there."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A message that was edited, and when that arrived."""

    channel: str
    ts: str
    at: datetime


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

    async def calm(self) -> None:
        """Whatever hung answers at once from now on."""
        await self._post(f"{self._hosting}/control/faults", {"kind": "clear"})
        await self._post(f"{self._slack}/person/faults", {"kind": "clear"})

    async def lift_limits(self) -> None:
        """Let oec.sh take as many requests as come, and let tasks stand still until told."""
        await self._post(f"{self._hosting}/control/limits", {"reads": ALWAYS, "writes": ALWAYS})
        await self._post(f"{self._hosting}/control/pace", {"mode": "manual"})

    async def limit_hosting(self, *, reads: int, writes: int) -> None:
        """What oec.sh takes in a minute from each key."""
        await self._post(f"{self._hosting}/control/limits", {"reads": reads, "writes": writes})

    async def pace_tasks(self, speed: float) -> None:
        """Let tasks run so many times faster than life; 0 lets them stand still until they are moved."""
        wish = {"mode": "time", "speed": speed} if speed else {"mode": "manual"}
        await self._post(f"{self._hosting}/control/pace", wish)

    async def set_duration(self, environment_id: str, seconds: float) -> None:
        """How long the next task of an environment takes, at the pace of life."""
        wish = {"environment_id": environment_id, "duration_seconds": seconds}
        await self._post(f"{self._hosting}/control/next", wish)

    async def move_task(self, task_id: str, **facts: object) -> None:
        """Put a task somewhere by hand."""
        await self._post(f"{self._hosting}/control/tasks/{task_id}", facts)

    async def fetch_tasks(self) -> list[dict[str, Any]]:
        """All tasks there ever were, as the platform has them now."""
        tasks: list[dict[str, Any]] = (await self._get(f"{self._hosting}/control/state"))["tasks"]
        return tasks

    async def fetch_requests(self) -> list[dict[str, Any]]:
        """The calls that oec.sh received, oldest first, as far back as it remembers."""
        requests: list[dict[str, Any]] = (await self._get(f"{self._hosting}/control/requests"))["requests"]
        return requests

    async def fetch_calls(self) -> list[dict[str, Any]]:
        """The calls that Slack's Web API received, oldest first, as far back as it remembers."""
        calls: list[dict[str, Any]] = (await self._get(f"{self._slack}/person/calls"))["calls"]
        return calls

    async def fetch_texts(self, channel: str) -> dict[str, str]:
        """The texts of the messages at the top of a channel, by their places."""
        told = await self._get(f"{self._slack}/person/messages?as=U0ANA&channel_id={channel}")
        return {one["ts"]: one["text"] for one in told["messages"]}

    async def count_answers(self, *, since: datetime) -> int:
        """How many private answers people have had: at the response address or, where that failed, as an ephemeral."""
        moment = f"since={since.timestamp()}"
        told = (await self._get(f"{self._slack}/person/answers?{moment}"))["answers"]
        shown = (await self._get(f"{self._slack}/person/calls?method=chat.postEphemeral&{moment}"))["calls"]
        return sum(one["ok"] for one in [*told, *shown])

    async def count_open_tasks(self) -> int:
        """How many tasks are under way at oec.sh."""
        return sum(task["status"] not in ENDED for task in await self.fetch_tasks())

    async def _get(self, url: str) -> dict[str, Any]:
        told: dict[str, Any] = (await self._client.get(url)).raise_for_status().json()
        return told

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
