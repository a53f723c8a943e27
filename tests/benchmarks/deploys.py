"""Deploys through a bot and stand-ins as processes of their own, on the real clock; what they leave behind to be read."""

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from math import exp, log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks import crowd
from tests.benchmarks.ack import settings_for
from tests.benchmarks.programs import Program, running
from tests.benchmarks.screen import Course, Look, MessageKey
from tests.benchmarks.stand_ins import ENDED, StandIns, stand_ins

USUAL, SPREAD = 180.0, 0.25
"""A deploy takes three minutes; the spread is that of the logarithm."""

RUNS_IN_A_CHANNEL = 5
LOOK_EVERY = 0.5
PATIENCE = 600.0
_PLACES = "SELECT run_id, kind, channel_id, ts FROM slots WHERE ts IS NOT NULL"
_BEHIND = """
SELECT count(*) FROM runs LEFT JOIN slots ON slots.run_id = runs.id AND slots.kind = ?
WHERE slots.run_id IS NULL OR slots.ts IS NULL OR (slots.kind != 'end' AND slots.shown_version < runs.version)
"""


@dataclass(frozen=True, slots=True)
class Records:
    """What both stand-ins and the database say of all that was."""

    courses: tuple[Course, ...]
    looks: tuple[Look, ...]
    calls: tuple[dict[str, Any], ...]
    requests: tuple[dict[str, Any], ...]
    places: dict[tuple[str, str], MessageKey]


def draw_durations(count: int) -> list[float]:
    """Seconds that so many deploys take: the same each time."""
    chance = random.Random(count)
    return [exp(chance.gauss(log(USUAL), SPREAD)) for _ in range(count)]


class Deploys:
    """So many deploys, each on an environment of its own, asked for in several channels."""

    def __init__(self, there: StandIns, program: Program, database: Path, count: int) -> None:
        self.there = there
        self._program = program
        self._database = database
        self._count = count

    async def begin(self, *, within: float) -> None:
        """Type them one after another, so that all are typed within so many seconds; returns when all are tasks."""
        for number, seconds in enumerate(draw_durations(self._count)):
            await self.there.set_duration(crowd.environment_id(number), seconds)
        typing = [self._type(number, within * number / self._count) for number in range(self._count)]
        await asyncio.gather(*typing)
        deadline = time.monotonic() + PATIENCE
        while len(await self.fetch_tasks()) < self._count:
            await self._wait(deadline, "the deploys were not all begun")

    async def fetch_tasks(self) -> list[dict[str, Any]]:
        """The tasks that were begun for a bot: they carry a key."""
        return [task for task in await self.there.fetch_tasks() if task["idempotency_key"]]

    async def _type(self, number: int, later: float) -> None:
        await asyncio.sleep(later)
        channel = crowd.channel_id(number // RUNS_IN_A_CHANNEL)
        if await self.there.slash(f"deploy {crowd.alias(number)}", channel=channel) is None:
            raise self._program.failure("did not acknowledge a deploy")

    async def wait_for_ends(self) -> None:
        """Returns when all tasks are over and everything on the screen says so."""
        deadline = time.monotonic() + PATIENCE
        while await self.there.count_open_tasks() or self._is_behind():
            await self._wait(deadline, "left the screen behind")

    async def _wait(self, deadline: float, what: str) -> None:
        self._program.require_alive()
        if time.monotonic() > deadline:
            raise self._program.failure(what)
        await asyncio.sleep(LOOK_EVERY)

    def _is_behind(self) -> bool:
        with closing(self._open()) as database:
            return any(
                database.execute(_BEHIND, (kind,)).fetchone()[0] for kind in ("card", "progress", "end")
            )

    async def read(self) -> Records:
        """All that is to be known of them."""
        tasks = {task["id"]: task for task in await self.there.fetch_tasks()}
        requests, calls = await self.there.fetch_requests(), await self.there.fetch_calls()
        with closing(self._open()) as database:
            rows = database.execute("SELECT id, task_id, steps FROM runs").fetchall()
            places = {(channel, ts): (run, kind) for run, kind, channel, ts in database.execute(_PLACES)}
        courses = [
            _read_course(run, tasks[task_id], json.loads(steps or "[]")) for run, task_id, steps in rows
        ]
        return Records(tuple(courses), tuple(read_looks(requests)), tuple(calls), tuple(requests), places)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._database.resolve().as_uri()}?mode=ro", uri=True, timeout=5)


def _read_course(run: int, task: dict[str, Any], steps: Sequence[dict[str, Any]]) -> Course:
    seen = tuple((int(step["number"]), datetime.fromisoformat(step["seen_at"])) for step in steps)
    if task["status"] not in ENDED:
        raise ValueError(f"task {task['id']} is {task['status']}")
    return Course(run, task["id"], datetime.fromisoformat(task["completed_at"]), seen)


def read_looks(requests: Sequence[dict[str, Any]]) -> list[Look]:
    """The answered looks at tasks among all calls that oec.sh received."""
    return [
        Look(str(one["path"]).rpartition("/")[2], datetime.fromisoformat(one["at"]))
        for one in requests
        if one["method"] == "GET"
        and str(one["path"]).rpartition("/")[0].endswith("/deployments")
        and one["status"] == 200
    ]


@asynccontextmanager
async def deploying(count: int) -> AsyncIterator[Deploys]:
    """A bot and stand-ins with room for so many deploys, for the length of a block."""
    channels = -(-count // RUNS_IN_A_CHANNEL)
    size = ("--environments", str(count), "--channels", str(channels))
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        async with (
            stand_ins("tests.benchmarks.crowd", *size, folder=folder) as there,
            running("bot", "run", settings=settings_for(there, folder), folder=folder) as program,
        ):
            await there.wait_for_connection(program)
            yield Deploys(there, program, folder / "bench.db", count)
