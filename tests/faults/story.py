"""A story that people, Slack, oec.sh, the clock and `kill -9` tell together, over the real bot and both stand-ins.

Every step does something, gives the bot a moment, and has the witness look. A step for which there is nothing to do
just now does nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.sim.sandbox import RULES
from tests.faults.crowd import Crowd
from tests.faults.witness import Witness, check_calm, read_shown
from tests.support.hosting import DEV, PROD, STAGING
from tests.support.world import IN_SLACKS_OWN_TIME, SHARP_EARED, World, running_world

BREATH = 0.3
"""Seconds that the bot is given after each step, at most; it may not be done by then."""

CALM = 60.0
"""Seconds until everything must have come to rest once all is well; generous, for the machine may be busy."""

HANG = 1.1
"""Seconds after which a hanging call (of one second) has been carried out: the moved clock must not overtake it."""

ENVIRONMENTS = (PROD, STAGING, DEV)

TEMPO = replace(SHARP_EARED, paces=IN_SLACKS_OWN_TIME.paces)
"""Sockets fall silent in stories, and much waits for Slack's pace while the bot dies."""


@dataclass(slots=True)
class Story:
    """One story. `told` is what has happened so far, to be read where it goes wrong."""

    world: World
    witness: Witness
    crowd: Crowd
    told: list[str]
    has_died: bool = False

    # What goes on elsewhere

    async def move(self, nth: int, **facts: object) -> None:
        """The platform gets on with a task."""
        tasks = [task for task in (await self.world.hosting.state())["tasks"] if task["status"] in OPEN]
        if tasks:
            with suppress(AssertionError):  # it may have fewer steps
                await self.world.hosting.moves(tasks[nth % len(tasks)]["id"], **facts)

    async def start_elsewhere(self, nth: int, task_type: str) -> None:
        """Somebody starts something in the dashboard."""
        with suppress(AssertionError):  # the environment may be busy
            await self.world.hosting.starts(ENVIRONMENTS[nth % len(ENVIRONMENTS)], task_type)

    async def break_slack(self, **fault: object) -> None:
        """Something goes wrong at Slack."""
        self.witness.may_stand_twice |= fault["kind"] == "hang"
        await self.world.faults(**fault)

    async def break_hosting(self, **fault: object) -> None:
        """Something goes wrong at oec.sh."""
        await self.world.hosting.fails(**fault)

    async def mend(self) -> None:
        """Slack and oec.sh are well again."""
        await self.world.faults(kind="clear")
        await self.world.hosting.fails(kind="clear")

    async def change_rules(self, minutes: int) -> None:
        """The rules file is saved with another expiry, or (0) broken."""
        text = _without_nonsense(self.world.rules.read_text(encoding="utf-8"))
        head, _, rest = text.partition("expires: ")
        changed = f"{head}expires: {minutes}m{rest[rest.index('}') :]}" if minutes else f"{text}{NONSENSE}"
        self.world.write_rules(changed)

    # What becomes of the bot

    async def stop(self) -> None:
        """The bot is stopped as it should be."""
        await self.world.stop_bot()

    async def crash(self, after: float) -> None:
        """The bot dies after some seconds."""
        await asyncio.sleep(after)
        self.has_died = True
        await self.world.crash_bot()

    async def start(self) -> None:
        """The bot is started, if it does not run."""
        if self.world.bot is None:
            await self.world.faults(kind="clear")
            text = self.world.rules.read_text(encoding="utf-8")
            self.world.write_rules(_without_nonsense(text))
            async with asyncio.timeout(CALM):
                await self.world.start_bot()

    async def move_clock(self, seconds: float) -> None:
        """Time goes by, or the clock is turned back; a call that Slack is slow to carry out is carried out before."""
        if self.witness.may_stand_twice:
            await asyncio.sleep(HANG)
        self.world.clock.forward(seconds=seconds)

    # How it goes on

    async def tell(self, step: Coroutine[Any, Any, None], words: str) -> None:
        """One step, a moment for the bot, and a look."""
        self.told.append(words)
        try:
            await step
            await self._breathe()
            self.witness.look()
            assert not self.world.errors.tracebacks, "\n".join(self.world.errors.tracebacks)
        except BaseException as error:
            error.add_note("\n".join(["What had happened:", *self.told]))
            raise

    async def come_to_rest(self) -> None:
        """All is well from here on; everything converges."""
        await self.tell(self._rest(), "all is well, and time goes by")

    async def _rest(self) -> None:
        await self.mend()
        await self.start()
        await self.move_clock(0)
        deadline = time.monotonic() + CALM
        while (wrong := await self._find_wrong()) is not None:
            if time.monotonic() > deadline:
                raise AssertionError(f"it does not come to rest: {self._describe()}") from wrong
            for task in (await self.world.hosting.state())["tasks"]:
                if task["status"] in OPEN:
                    await self.world.hosting.moves(task["id"], status="completed")
            self.world.clock.forward(seconds=10)
            await asyncio.sleep(0.1)

    async def _find_wrong(self) -> AssertionError | None:
        """What is not yet as it must be when all is calm. What must hold at any time holds here as well."""
        shown, records = read_shown(self.world.sandbox), self.witness.look()
        try:
            assert not self.crowd.under_way, "people still wait for an acknowledgement"
            assert await self._is_idle(), "the bot is busy"
            check_calm(shown, records, frozenset(self.crowd.deleted))
            if not self.has_died:  # what a death took along was promised to nobody
                self.crowd.check_answered(records)
        except AssertionError as error:
            return error
        return None

    async def _is_idle(self) -> bool:
        return self.world.bot is not None and await self.world.bot.is_idle()

    def _describe(self) -> str:
        runs = [f"#{number} {record.run.state.value}" for number, record in self.witness.records.items()]
        shown = [f"the {one.kind} of #{one.run}" for one in read_shown(self.world.sandbox)]
        return f"{runs}; {shown} stand; {len(self.crowd.under_way)} acts under way"

    async def _breathe(self) -> None:
        deadline = time.monotonic() + BREATH
        while time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            if not self.crowd.under_way and await self._is_idle():
                return


OPEN_RULES = RULES.partition("\ntests:")[0].replace("on: all, who: releasers}", "on: all, who: everyone}")
"""Everybody may ask for everything, so that of most asks two people may approve; the file's own tests say otherwise."""

NONSENSE = "\nnonsense: 1\n"
OPEN = frozenset({"pending", "queued", "running"})


def _without_nonsense(rules: str) -> str:
    return rules.removesuffix(NONSENSE)


@asynccontextmanager
async def telling(folder: Path) -> AsyncIterator[Story]:
    """A story in a fresh world. Whatever is wrong at its end is wrong with the story."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(running_world(folder, rules=OPEN_RULES, tempo=TEMPO))
        world.may_leave_unread = world.may_log_errors = True
        told: list[str] = []
        crowd = Crowd(world, told)
        stack.push_async_callback(crowd.close)
        yield Story(world, Witness(world.sandbox, world.database), crowd, told)
