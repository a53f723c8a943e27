"""The whole world of a scenario: the real bot, the stand-in and the simulator, over sockets, on one movable clock.

Leaving it fails if the bot has posted something that nobody read, if something is still on its way, if anything was
logged as an error, or if the platform was asked for something that no recorded decision explains.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx

from bot.adapters import Process, Tempo
from bot.app import Bot
from bot.core.spacing import Spacing
from bot.history.backup import write_backup
from bot.rules_file import RulesFile
from bot.settings import read_settings
from bot.sim.sandbox import RULES, Ports, Sandbox
from bot.slack.connection import Watchfulness
from bot.slack.limits import Pace, Paces
from tests.support.calls import find_breaches
from tests.support.clock import MovableClock
from tests.support.explained import find_broken_records, find_unexplained
from tests.support.hosting import Hosting
from tests.support.life import Life, MortalLoop, is_dead
from tests.support.person import PATIENCE, Person
from tests.support.reading import JsonObject

DEPLOYS, SUPPORT, RANDOM, OPS = "C0DEPLOYS", "C0SUPPORT", "C0RANDOM", "C0OPS"

QUICK = Tempo(
    turn=timedelta(milliseconds=20),
    look_gap=timedelta(0),
    edit_gap=timedelta(0),
    sweep=timedelta(milliseconds=200),
    revive=timedelta(milliseconds=200),
    alive=timedelta(milliseconds=200),
    watch=timedelta(milliseconds=200),
    rules=timedelta(milliseconds=50),
    paces=Paces(
        edits=Pace(burst=50, gap=0.05),
        progress=Pace(burst=5, gap=0.05),
        posts=Pace(burst=20, gap=0.02),
        posts_in_channel=Pace(burst=2, gap=0.1),
        others=Pace(burst=10, gap=0.05),
    ),
    spacing=Spacing(timedelta(milliseconds=20), timedelta(milliseconds=200)),
    watchfulness=Watchfulness(
        spacing=Spacing(timedelta(milliseconds=20), timedelta(milliseconds=200)),
        steady=timedelta(seconds=1),
    ),
)
"""The tempo of scenarios: everything that waits for a turn waits a moment only.

Pings alone are as seldom as ever: on a busy machine half a moment without an answer is no silence.
"""

IN_SLACKS_OWN_TIME = replace(QUICK, paces=Paces())
"""The same at the pace that Slack sets: a message a second in a channel, fifty edits a minute."""

SHARP_EARED = replace(QUICK, watchfulness=replace(QUICK.watchfulness, ping=timedelta(milliseconds=500)))
"""The same for what is about connections that fall silent."""


REST = 60.0
"""Seconds until the bot has come to rest: after many posts, Slack's pace alone takes some of them."""


class ErrorLog(logging.Handler):
    """Keeps what was logged as an error; what came with a traceback, apart as well."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.tracebacks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, unless a dead process says it."""
        if is_dead():
            return
        line = self.format(record)
        self.lines.append(line)
        if record.exc_info:
            self.tracebacks.append(line)


@dataclass(slots=True)
class World:
    """One running world. `read` holds what people have read, as (channel, ts).

    A test that asks the platform for something itself puts the idempotency key of that into `own_keys`.
    """

    folder: Path
    clock: MovableClock
    sandbox: Sandbox
    side_door: httpx.AsyncClient
    hosting: Hosting
    errors: ErrorLog
    read: set[tuple[str, str]] = field(default_factory=set)
    own_keys: set[str] = field(default_factory=set)
    bot: Bot | None = None
    life: Life | None = None
    lines: list[str] = field(default_factory=list)
    tempo: Tempo = QUICK
    may_leave_unread: bool = False
    may_log_errors: bool = False
    may_break_record: bool = False

    @property
    def database(self) -> Path:
        """The bot's database."""
        return self.folder / "oec-bot.db"

    @property
    def rules(self) -> Path:
        """The bot's rules file."""
        return self.folder / "oec.yml"

    def person(self, user_id: str) -> Person:
        """Somebody of the workspace."""
        return Person(user_id, self.side_door, self.read)

    @property
    def ana(self) -> Person:
        """A releaser."""
        return self.person("U0ANA")

    @property
    def ben(self) -> Person:
        """Another releaser."""
        return self.person("U0BEN")

    @property
    def cleo(self) -> Person:
        """A member who is no releaser."""
        return self.person("U0CLEO")

    @property
    def dora(self) -> Person:
        """A lead, in Tokyo."""
        return self.person("U0DORA")

    @property
    def eli(self) -> Person:
        """Another lead, in New York."""
        return self.person("U0ELI")

    @property
    def gus(self) -> Person:
        """A guest."""
        return self.person("U0GUS")

    def write_rules(self, text: str) -> None:
        """Save the rules file as editors do: whole, under the name of the old one."""
        fresh = self.rules.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.rules)

    def keep_record(self) -> None:
        """Copy the record of what was decided, before a test destroys it."""
        write_backup(self.database, self.folder / "kept.db")

    async def start_bot(self, **more_settings: str) -> Bot:
        """Start the bot; it is ready when this returns."""
        environment = self.sandbox.settings() | {
            "OEC_RULES": str(self.rules),
            "OEC_DATABASE": str(self.database),
        }
        settings = read_settings(environment | more_settings)
        process = Process(self.clock, self.lines.append, self.tempo)
        self.life = Life()
        bot = await self.life.live(Bot.start(settings, RulesFile(self.rules), process))
        assert bot is not None
        self.bot = bot
        return bot

    async def stop_bot(self) -> None:
        """Stop the bot, if it runs."""
        if self.bot is not None:
            await self.bot.stop()
            self.bot = self.life = None

    async def crash_bot(self) -> None:
        """Let the bot die at this moment, as by `kill -9`. The event loop must be a `MortalLoop`."""
        assert isinstance(asyncio.get_running_loop(), MortalLoop)
        if self.bot is not None and self.life is not None:
            bot, self.bot, life, self.life = self.bot, None, self.life, None
            await life.end(bury=bot.stop)

    async def faults(self, **fault: object) -> None:
        """Inject a fault into the Slack stand-in."""
        answer = await self.side_door.post("/person/faults", json=fault)
        assert answer.is_success, answer.text

    async def redeliver(self, envelope_id: str) -> JsonObject:
        """Deliver an envelope again, as Slack may; what became of it."""
        answer = await self.side_door.post("/person/redeliver", json={"envelope_id": envelope_id})
        assert answer.is_success, answer.text
        result: JsonObject = answer.json()
        return result

    async def count_calls(self, method: str) -> int:
        """How often the bot has called a method of Slack's."""
        answer = await self.side_door.get("/person/calls", params={"method": method})
        return len(answer.json()["calls"])

    async def until_called(self, method: str, *, channel: str) -> None:
        """Wait until the bot has called a method of Slack's for this channel, and was answered well."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = await self.side_door.get("/person/calls", params={"method": method})
            if any(call["ok"] and call["args"].get("channel") == channel for call in answer.json()["calls"]):
                return
            assert time.monotonic() < deadline, f"{method} was not called for {channel}"
            await asyncio.sleep(0.02)

    async def until_said(self, words: str) -> None:
        """Wait until the operator has been told this."""
        deadline = time.monotonic() + PATIENCE
        while not any(words in line for line in self.lines):
            assert time.monotonic() < deadline, f"{words!r} is not said"
            await asyncio.sleep(0.02)

    async def until_struck(self) -> None:
        """Wait until every fault that was injected into the Slack stand-in has struck."""
        deadline = time.monotonic() + PATIENCE
        while (await self.side_door.get("/person/faults")).json()["faults"]:
            assert time.monotonic() < deadline, "the bot does not run into the fault"
            await asyncio.sleep(0.02)

    async def until_heard(self) -> None:
        """Wait until the bot hears what people say: until a command of somebody's is acknowledged."""
        deadline = time.monotonic() + PATIENCE
        while True:
            said = await self.ana.says("/oec help", OPS)
            if said["acked"]:
                break
            assert time.monotonic() < deadline, "the bot stays deaf"
            await asyncio.sleep(0.05)
        await self.until_idle()
        self.read |= {(OPS, seen.ts) for seen in await self.ana.looks_at(OPS)}

    async def until_deaf(self) -> None:
        """Wait until the bot has left Slack."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = await self.side_door.get("/person/workspace")
            if not answer.json()["bot"]["connections"]:
                return
            assert time.monotonic() < deadline, "the bot stays connected"
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def hurrying(self) -> AsyncIterator[None]:
        """Let time pass fifty times as fast meanwhile."""

        async def hurry() -> None:
            while True:
                self.clock.forward(seconds=5)
                await asyncio.sleep(0.1)

        hurrying = asyncio.create_task(hurry())
        try:
            yield
        finally:
            hurrying.cancel()

    async def until_asked_again(self) -> None:
        """Let the time pass after which a submission that went wrong is tried again, until the task stands."""
        deadline = time.monotonic() + PATIENCE
        while not await self.hosting.tasks():
            assert time.monotonic() < deadline, "no task was started"
            self.clock.forward(seconds=1)
            await asyncio.sleep(0.1)

    async def pause(self, seconds: float) -> None:
        """Let so much real time pass: for what happens at no moment in particular."""
        await asyncio.sleep(seconds)

    async def until_unsent(self) -> None:
        """Wait until the bot has tried in vain to send a run, and waits to try again."""
        deadline = time.monotonic() + PATIENCE
        while len(await self.hosting.posts()) < 2 or self.bot is None or not await self.bot.is_idle():
            assert time.monotonic() < deadline, "nothing was sent in vain"
            await asyncio.sleep(0.02)

    async def until_refused(self, status: int) -> None:
        """Wait until the platform has answered the bot with this status."""
        deadline = time.monotonic() + PATIENCE
        while status not in await self.hosting.statuses():
            assert time.monotonic() < deadline, f"the platform has answered nothing with {status}"
            await asyncio.sleep(0.02)

    async def until_silent(self) -> None:
        """Wait until a look at the platform has gone unanswered."""
        deadline = time.monotonic() + PATIENCE
        while not await self.hosting.has_failed():
            assert time.monotonic() < deadline, "no look has failed"
            await asyncio.sleep(0.02)

    async def until_remembered(self, messages: int) -> None:
        """Wait until the bot, in a process of its own, has written down where so many of its messages stand."""
        deadline = time.monotonic() + PATIENCE
        while await asyncio.to_thread(self._count_remembered) < messages:
            assert time.monotonic() < deadline, "the bot does not write down where its messages stand"
            await asyncio.sleep(0.02)

    def _count_remembered(self) -> int:
        with closing(sqlite3.connect(self.database)) as database:
            row = database.execute("SELECT count(*) FROM slots WHERE ts IS NOT NULL").fetchone()
            return int(row[0])

    async def until_idle(self) -> None:
        """Wait until the bot has nothing under way and every message shows the newest state."""
        deadline = time.monotonic() + REST
        while self.bot is not None and not await self.bot.is_idle():
            assert time.monotonic() < deadline, "the bot does not come to rest"
            await asyncio.sleep(0.02)

    async def find_unread(self) -> list[str]:
        """What the bot has posted (edits aside) that nobody has read."""
        found = []
        for channel in (DEPLOYS, SUPPORT, RANDOM, OPS):
            for person in (self.ana, self.ben, self.cleo, self.dora, self.eli, self.gus):
                found += await self._find_unread_by(person, channel)
        return found

    async def _find_unread_by(self, person: Person, channel: str) -> list[str]:
        unread = []
        try:
            top = await person.looks_at(channel)
        except httpx.HTTPStatusError:
            return []  # not a member there
        threads = [seen for seen in top if seen.raw.get("reply_count")]
        replies = [reply for seen in threads for reply in await person.looks_at(channel, thread=seen.ts)]
        for seen in [*top, *replies]:
            is_from_bot = seen.raw.get("user") == "U0OECBOT"
            if is_from_bot and not seen.is_passing and (channel, seen.ts) not in self.read:
                self.read.add((channel, seen.ts))
                unread.append(f"{person.user_id} in {channel}: {seen.words}")
        return unread


@asynccontextmanager
async def running_world(
    folder: Path, *, rules: str = RULES, start: bool = True, tempo: Tempo = QUICK
) -> AsyncIterator[World]:
    """A world whose bot runs; its tasks advance by hand, and the platform's limits are out of the way.

    It is a morning in Europe, at whatever hour it is played: by night people are not called. Where the bot is started
    later, it may be a process of its own, which has the real time; so has everybody else.
    """
    clock, errors = MovableClock(), ErrorLog()
    if start:
        clock.set(clock.now().replace(hour=10, minute=0, second=0, microsecond=0))
    sandbox = Sandbox(now=clock.now, enforce_tiers=False)
    async with AsyncExitStack() as stack:
        await sandbox.start(Ports(0, 0))
        stack.push_async_callback(sandbox.stop)
        side_door, control = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=PATIENCE))
            for url in (sandbox.workspace.url, sandbox.hosting.url)
        ]
        world = World(folder, clock, sandbox, side_door, Hosting(control), errors, tempo=tempo)
        world.rules.write_text(rules, encoding="utf-8")
        await world.hosting.limits(reads=1_000_000, writes=1_000_000)
        await world.hosting.pace(mode="manual")
        logging.getLogger().addHandler(errors)
        stack.callback(logging.getLogger().removeHandler, errors)
        stack.push_async_callback(world.stop_bot)
        if start:
            await world.start_bot()
        yield world
        await world.until_idle()
        unread = [] if world.may_leave_unread else await world.find_unread()
        assert not unread, "nobody read:\n" + "\n---\n".join(unread)
        await world.stop_bot()
        unexplained = find_unexplained(sandbox.hosting.front.requests, folder, of_tests=world.own_keys)
        assert not unexplained, "no decision explains:\n" + "\n".join(unexplained)
        broken = [] if world.may_break_record else find_broken_records(folder)
        assert not broken, "the record is broken:\n" + "\n".join(broken)
        assert world.may_log_errors or not errors.lines, "logged as errors:\n" + "\n".join(errors.lines)
        breaches = find_breaches(sandbox.workspace.workspace)
        assert not breaches, "Slack would mind:\n" + "\n".join(breaches)
