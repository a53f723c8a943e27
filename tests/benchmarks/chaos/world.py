"""One world: stand-ins of its own, a database and a rules file, and the bot that is born into it again and again."""

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.chaos.doomed import NONE, ROOT
from tests.benchmarks.chaos.hosting import Hosting
from tests.benchmarks.chaos.people import People
from tests.benchmarks.chaos.town import CHANNELS, write_rules
from tests.benchmarks.programs import running

TASK_SPEED = 60.0
"""How many times faster than life tasks run: a deploy takes about three seconds."""

LOOK_EVERY = 0.02


class Nursery:
    """Starts bots; one for all worlds."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncIterator["Nursery"]:
        """The nursery for the length of a block."""
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.chaos.nursery"),
            env=environment,
            stdin=PIPE,
            stdout=PIPE,
        )
        try:
            yield cls(process)
        finally:
            process.kill()
            await process.wait()

    async def bear(self, wish: dict[str, Any]) -> int:
        """Start one; its pid."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(wish).encode() + b"\n")
            return int(await self._process.stdout.readline())


@dataclass(frozen=True, slots=True)
class Birth:
    """How a bot is born: the point it is to die at with its count, or none; whether that holds from the start."""

    point: str = NONE
    is_armed_later: bool = True
    notes: Path | None = None
    """Where it writes down the points it passes."""


class Bot:
    """One process of the bot."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.born_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; the nursery has the system take the dead away at once."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def arm(self) -> None:
        """From now on it may die at its point."""
        self._tell(signal.SIGUSR1)

    async def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self._tell(signal.SIGKILL)
        await self.dies(within=10)

    async def stop(self) -> None:
        """SIGTERM, and wait until it is gone."""
        self._tell(signal.SIGTERM)
        if not await self.dies(within=15):
            await self.kill()

    async def dies(self, *, within: float) -> bool:
        """Wait for its end; whether it came."""
        deadline = time.monotonic() + within
        while self.is_alive and time.monotonic() < deadline:  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(LOOK_EVERY)
        return not self.is_alive

    def _tell(self, number: signal.Signals) -> None:
        if self.is_alive:
            os.kill(self.pid, number)


class World:
    """What outlives the bot."""

    def __init__(
        self, folder: Path, settings: dict[str, str], nursery: Nursery, people: People, hosting: Hosting
    ) -> None:
        self._settings = settings
        self._nursery = nursery
        self._editions = 0
        self.diary: list[str] = []
        """What was planned, life by life."""
        self.people = people
        self.hosting = hosting
        self.folder = folder
        self.database = folder / "chaos.db"
        self.errors = folder / "bot.err"

    def touch_rules(self) -> None:
        """Write the rules anew: the same rights, another version."""
        self._editions += 1
        fresh = self.folder / "oec.yml.new"
        fresh.write_text(write_rules(edition=self._editions), encoding="utf-8")
        fresh.replace(self.folder / "oec.yml")

    async def bear(self, birth: Birth) -> Bot:
        """Start a bot on this world's database."""
        later = {"OEC_CHAOS_ARMED": "later"} if birth.is_armed_later else {}
        notes = {"OEC_CHAOS_FOUND": str(birth.notes)} if birth.notes else {}
        settings = {**self._settings, "OEC_DATABASE": str(self.database), **later, **notes}
        wish = {
            "point": birth.point,
            "settings": settings,
            "folder": str(self.folder),
            "errors": str(self.errors),
        }
        return Bot(await self._nursery.bear(wish))

    async def hears(self, bot: Bot, *, after: int, within: float) -> bool:
        """Wait until this bot has opened a socket, `after` so many before it; False where it dies or takes too long."""
        deadline = time.monotonic() + within
        while bot.is_alive and time.monotonic() < deadline:
            open_now, opened = await self.people.connections()
            if open_now and opened > after:
                return True
            await asyncio.sleep(LOOK_EVERY)
        return False

    async def starts_well(self, *, within: float = 120.0) -> Bot:
        """A bot that hears, with nothing in its way."""
        _, opened = await self.people.connections()
        bot = await self.bear(Birth())
        if not await self.hears(bot, after=opened, within=within):
            raise RuntimeError(
                f"the bot does not come up:\n{self.errors.read_text(errors='replace')[-2000:]}"
            )
        return bot


@asynccontextmanager
async def opened_world(
    folder: Path, nursery: Nursery, *, channels: Sequence[str] = CHANNELS
) -> AsyncIterator[World]:
    """A world for the length of a block, in an empty folder."""
    sizes = ("--speed", str(TASK_SPEED), "--channels", str(len(channels)))
    words = ("--rules-out", str(folder / "oec.yml"), *sizes)
    async with running("tests.benchmarks.chaos.town", *words, settings={}, folder=folder) as program:
        told = json.loads(await program.first_line(within=60))
        async with (
            httpx.AsyncClient(base_url=told["slack_url"], timeout=30, trust_env=False) as slack,
            httpx.AsyncClient(base_url=told["hosting_url"], timeout=30, trust_env=False) as hosting,
        ):
            yield World(folder, told["settings"], nursery, People(slack), Hosting(hosting))
