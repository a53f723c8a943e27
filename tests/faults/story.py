"""A story that people, Slack, oec.sh, the clock and `kill -9` tell together, over the real bot and both stand-ins.

Every step does something, gives the bot a moment, and has the witness look. A step for which there is nothing to do
just now does nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sim.workspace import presses
from bot.sim.workspace.entities import Message
from bot.sim.workspace.world import PersonRefused
from tests.faults.witness import Witness, check_calm, read_shown
from tests.support.hosting import DEV, PROD, STAGING
from tests.support.person import Person
from tests.support.reading import JsonObject
from tests.support.world import DEPLOYS, World, running_world

BREATH = 0.3
"""Seconds that the bot is given after each step, at most; it may not be done by then."""

CALM = 60.0
"""Seconds until everything must have come to rest once all is well; generous, for the machine may be busy."""

HANG = 1.1
"""Seconds after which a hanging call (of one second) has been carried out: the moved clock must not overtake it."""

ENVIRONMENTS = (PROD, STAGING, DEV)


@dataclass(slots=True)
class Story:
    """One story. `told` is what has happened so far, to be read where it goes wrong."""

    world: World
    witness: Witness
    told: list[str] = field(default_factory=list)
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)
    _envelopes: list[str] = field(default_factory=list)
    _pressable: dict[tuple[str, str], list[Message]] = field(default_factory=dict)
    _deleted: set[int] = field(default_factory=set)

    # What people do

    async def ask(self, who: str, text: str, channel: str = DEPLOYS) -> None:
        """Somebody asks for something, by command or (`@oec …`) by mention."""
        words = text.replace("@oec", "<@U0OECBOT>")
        self._begin(self._says(self.world.person(who), words, channel))

    async def ask_twice(self, who: str, text: str) -> None:
        """The same command goes out twice at once."""
        await self.ask(who, text)
        await self.ask(who, text)

    async def press(self, who: str, nth: int, times: int = 1) -> None:
        """Somebody presses a button that stands somewhere, or stood there a while ago; perhaps several times at once."""
        self._note_buttons()
        buttons = [
            (message, label)
            for versions in self._pressable.values()
            for message in versions
            if message.only_for in {None, who}
            for label in _labels(message)
        ]
        if buttons:
            message, label = buttons[-1 - nth % len(buttons)]
            self.told.append(f"    {label} of {message.content.text!r}")
            for _ in range(times):
                self._begin(self._presses(who, message, label))

    async def decide_at_once(self, *, approve: tuple[bool, bool]) -> None:
        """Two people decide the newest waiting approval at the same instant."""
        self._note_buttons()
        waiting = [
            message
            for versions in self._pressable.values()
            for message in versions[-1:]
            if "Approve" in _labels(message)
        ]
        for message in waiting[-1:]:
            for who, yes in zip(("U0ANA", "U0BEN"), approve, strict=True):
                self._begin(self._presses(who, message, "Approve" if yes else "Decline"))

    async def fill_in(self, who: str, text: str) -> None:
        """Somebody fills in the form in front of them."""
        modals = self.world.sandbox.workspace.workspace.modals_of(who)
        if modals:
            self._begin(self.world.person(who).submits(text))

    async def redeliver(self, nth: int) -> None:
        """Slack delivers something again."""
        if self._envelopes:
            self._begin(self.world.redeliver(self._envelopes[-1 - nth % len(self._envelopes)]))

    async def delete(self, nth: int) -> None:
        """Somebody deletes a run's card or progress message, once a run at most."""
        workspace = self.world.sandbox.workspace.workspace
        messages = [
            message
            for message in workspace.messages_in(DEPLOYS)
            if _slot_of(message) in {"card", "progress"} and _run_of(message) not in self._deleted
        ]
        if messages:
            message = messages[nth % len(messages)]
            self._deleted.add(_run_of(message))
            workspace.delete(message)

    # What goes on elsewhere

    async def move(self, nth: int, **facts: object) -> None:
        """The platform gets on with a task."""
        tasks = [task for task in (await self.world.hosting.state())["tasks"] if task["status"] in OPEN]
        if tasks:
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
        self.world.rules.write_text(changed, encoding="utf-8")

    # What becomes of the bot

    async def stop(self) -> None:
        """The bot is stopped as it should be."""
        await self.world.stop_bot()

    async def crash(self, after: float) -> None:
        """The bot dies after some seconds."""
        await asyncio.sleep(after)
        await self.world.crash_bot()

    async def start(self) -> None:
        """The bot is started, if it does not run."""
        if self.world.bot is None:
            await self.world.faults(kind="clear")
            text = self.world.rules.read_text(encoding="utf-8")
            self.world.rules.write_text(_without_nonsense(text), encoding="utf-8")
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
            assert not self._under_way, "people still wait for an acknowledgement"
            assert await self._is_idle(), "the bot is busy"
            check_calm(shown, records, frozenset(self._deleted))
        except AssertionError as error:
            return error
        return None

    async def _is_idle(self) -> bool:
        return self.world.bot is not None and await self.world.bot.is_idle()

    def _describe(self) -> str:
        runs = [f"#{number} {record.run.state.value}" for number, record in self.witness.records.items()]
        shown = [f"the {one.kind} of #{one.run}" for one in read_shown(self.world.sandbox)]
        return f"{runs}; {shown} stand; {len(self._under_way)} acts under way"

    async def _breathe(self) -> None:
        deadline = time.monotonic() + BREATH
        while time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            if not self._under_way and await self._is_idle():
                return

    def _begin(self, act: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(act)
        self._under_way.add(task)
        task.add_done_callback(self._note_done)

    def _note_done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.told.append(f"    ({task.exception()})")

    async def _says(self, person: Person, text: str, channel: str) -> None:
        self._note_envelope(await person.says(text, channel))

    async def _presses(self, who: str, message: Message, label: str) -> None:
        slack = self.world.sandbox.workspace.world
        person = slack.find_person(who)
        with suppress(PersonRefused):  # not a member there
            channel = slack.find_place(person, message.channel_id)
            wanted = presses.Wanted(label=label)
            delivery = await presses.press_in_message(slack, person, channel, message, wanted, {})
            self._envelopes.append(delivery.envelope_id)

    def _note_envelope(self, said: JsonObject) -> None:
        if said.get("envelope_id"):
            self._envelopes.append(str(said["envelope_id"]))

    def _note_buttons(self) -> None:
        """Keep every version of every message with buttons: people press on what they saw a while ago."""
        workspace = self.world.sandbox.workspace.workspace
        for channel in workspace.channels:
            for message in workspace.messages_in(channel):
                versions = self._pressable.setdefault((channel, message.ts), [])
                if _labels(message) and message not in versions:
                    versions.append(message)

    async def close(self) -> None:
        """Let go of what people were waiting for."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)


NONSENSE = "\nnonsense: 1\n"
OPEN = frozenset({"pending", "queued", "running"})


def _without_nonsense(rules: str) -> str:
    return rules.removesuffix(NONSENSE)


def _run_of(message: Message) -> int:
    return int(_facts_of(message).get("run", 0))


def _slot_of(message: Message) -> str:
    return str(_facts_of(message).get("slot", ""))


def _facts_of(message: Message) -> JsonObject:
    metadata = message.content.metadata or {}
    facts: JsonObject = metadata.get("event_payload", {})
    return facts


def _labels(message: Message) -> list[str]:
    return [
        str(element["text"]["text"])
        for block in message.content.blocks
        for element in block.get("elements", [])
        if element.get("type") == "button" and "url" not in element
    ]


@asynccontextmanager
async def telling(folder: Path) -> AsyncIterator[Story]:
    """A story in a fresh world. Whatever is wrong at its end is wrong with the story."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(running_world(folder))
        world.may_leave_unread = world.may_log_errors = True
        story = Story(world, Witness(world.sandbox, world.database))
        stack.push_async_callback(story.close)
        yield story
