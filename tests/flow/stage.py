"""The real flow on the real history, in a world of fakes: who says what, one turn at a time, and what is on screen."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.names import ButtonId, RunId, TaskId
from bot.core.policy import Person
from bot.core.rules import Rules
from bot.core.runs import Run
from bot.flow.ports import MessageRef, Slot, SlotKind
from bot.flow.wiring import Flow, wire
from bot.history.store import HistoryStore
from bot.views import buttons
from bot.views.message import Message
from tests.support.explained import find_breaks, find_flaw_in_database
from tests.support.factories import (
    CLEO,
    HOME,
    MEMBERS,
    TEAM,
    a_press,
    a_submission,
    an_ask,
    some_rules,
)
from tests.support.fakes import FakeChat, FakeClock, FakeHosting, Meddler, Posted
from tests.support.reading import find_buttons, read_words

PATIENCE = 30.0
"""Seconds until something that should happen is given up; generous, for the machine may be busy."""


def words_of(message: Message) -> str:
    """Everything that is to be read in a message."""
    return read_words({"text": message.text, "blocks": list(message.blocks)})


def buttons_of(message: Message) -> list[str]:
    """The labels of its buttons."""
    return find_buttons({"blocks": list(message.blocks)})


def find_button(message: Message, label: str) -> tuple[str, str]:
    """The kind and the id that a button carries."""
    for block in message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == label:
                return str(element["action_id"]).partition(":")[0], str(element["value"])
    raise AssertionError(f"no button {label!r} among {buttons_of(message)}")


class ErrorLog(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(self.format(record))


@dataclass(slots=True)
class Stage:
    """One bot in its world. `errors` must be empty at the end, unless a test reads and clears them."""

    path: Path
    clock: FakeClock
    chat: FakeChat
    hosting: FakeHosting
    store: HistoryStore
    flow: Flow
    rules: Rules
    meddler: Meddler
    errors: ErrorLog = field(default_factory=ErrorLog)

    @classmethod
    def build(cls, path: Path, rules: Rules | None = None) -> "Stage":
        """A world with a bot that was just started for the first time."""
        clock = FakeClock()
        chat, hosting = FakeChat(TEAM, dict(MEMBERS)), FakeHosting(clock)
        store, meddler = open_store(path, clock), Meddler()
        rules = rules or some_rules()
        flow = wire_on(chat, store, hosting, clock, rules, meddler)
        return cls(path, clock, chat, hosting, store, flow, rules, meddler)

    # What people do; each returns when the bot has come to rest

    async def ask(self, text: str, by: Person = CLEO, **more: Any) -> None:
        """Somebody types something."""
        await self.flow.desk.ask(an_ask(text, by, **more))
        await self.settle()

    async def press(self, label: str, on: Message, by: Person, **more: Any) -> None:
        """Somebody presses a button of a message that they see."""
        kind, button_id = find_button(on, label)
        await self.flow.desk.press(a_press(kind, button_id, by, **more))
        await self.settle()

    async def vote(self, run: Run, by: Person, *, approve: bool = True, **more: Any) -> None:
        """Somebody presses *Approve*, or *Decline* and gives a reason, on whatever copy of the card they have."""
        if approve:
            await self.flow.desk.press(a_press(buttons.APPROVE, run.handle, by, **more))
        else:
            await self.submit(buttons.DECLINE_MODAL, run.handle, {buttons.REASON_FIELD: "not today"}, by)
        await self.settle()

    async def vote_now(self, run: Run, by: Person) -> None:
        """Somebody presses *Approve* in the middle of something else: nothing is waited for."""
        await self.flow.desk.press(a_press(buttons.APPROVE, run.handle, by))

    async def submit(
        self, kind: str, subject: str, values: dict[str, str], by: Person, **more: Any
    ) -> dict[str, str]:
        """Somebody submits a modal; the sentences beside its fields."""
        errors = await self.flow.desk.submit(a_submission(kind, subject, values, by, **more))
        await self.settle()
        return dict(errors or {})

    # What goes on by itself

    async def turn(self, **span: float) -> None:
        """Time goes by, then the tracker has its turn."""
        self.clock.forward(**(span or {"seconds": 2}))
        await self.flow.tracker.look_once()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.until(lambda: self.flow.background.is_idle)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, "it does not come to that"
            await asyncio.sleep(0.001)

    async def restart(self, **away: float) -> None:
        """The bot is stopped, is away for a while, and is started again with nothing in memory."""
        await self.store.record_alive(self.clock.now())
        self.clock.forward(**(away or {"seconds": 3}))
        await self.reopen(Meddler())
        await self.flow.tracker.resume(await self.store.find_alive())
        await self.settle()

    async def reopen(self, meddler: Meddler) -> None:
        """Another process takes the place of this one, and has yet to resume what it finds.

        Its record is looked through when the last of them ends: nothing in it is ever changed.
        """
        await self._end()
        self.meddler, self.store = meddler, open_store(self.path, self.clock)
        self.flow = wire_on(self.chat, self.store, self.hosting, self.clock, self.rules, meddler)

    async def close(self) -> None:
        """Stop everything."""
        await self._end()
        self.check_explained()

    async def _end(self) -> None:
        await self.flow.background.close(grace=0)
        await self.chat.reconnects()
        self.store.close()

    def check_explained(self) -> None:
        """See that the record holds together, and a decision before whatever the platform was asked to do."""
        flaws = [
            find_flaw_in_database(self.path, post.key, are_rules_recorded=False)
            for post in self.hosting.posts
        ]
        assert not any(flaws), flaws
        breaks = find_breaks(self.path)
        assert not breaks, breaks

    # What there is to see

    async def run(self, number: int = 1) -> Run:
        """A run by its number."""
        return await self.store.load_run(RunId(number))

    async def card(self, number: int = 1) -> Posted:
        """A run's card, where the history says that it stands."""
        return self.chat.find(await self._ref(number, SlotKind.CARD))

    async def progress(self, number: int = 1) -> Posted:
        """A run's progress message."""
        return self.chat.find(await self._ref(number, SlotKind.PROGRESS))

    async def _ref(self, number: int, kind: SlotKind) -> MessageRef:
        record = await self.store.find_slot(Slot(RunId(number), kind))
        assert record is not None, f"run {number} has no {kind.value}"
        assert record.ref is not None, f"the {kind.value} of run {number} was never posted"
        return record.ref

    def ends(self, number: int = 1) -> list[Posted]:
        """A run's end messages: there should be one at most."""
        return self.chat.of(Slot(RunId(number), SlotKind.END))

    def told(self, who: Person) -> list[str]:
        """What one person was told privately, in words."""
        return [words_of(message) for reply, message in self.chat.answers if reply.user_id == who.user_id]

    @property
    def task(self) -> TaskId:
        """The newest task that the bot began."""
        return self.hosting.own_tasks[-1].id

    async def entries(self, number: int | None = 1) -> list[str]:
        """The kinds of a run's history entries, in order."""
        run_id = None if number is None else RunId(number)
        return [type(entry.entry).__name__ for entry in await self.store.find_entries(run_id)]

    async def keep_ask(self, text: str) -> ButtonId:
        """A button somewhere that asks this."""
        return await self.store.record_ask(text, self.clock.now())


def open_store(path: Path, clock: FakeClock) -> HistoryStore:
    """The history of a bot in this world.

    It does not wait for the disk: a process that dies, unlike a machine that does, loses nothing it has written.
    """
    store = HistoryStore.open(path, now=clock.now)
    store._turns._thread.submit(lambda: store._turns._writer._db.execute("PRAGMA synchronous=OFF")).result()
    return store


def wire_on(
    chat: FakeChat,
    history: HistoryStore,
    hosting: FakeHosting,
    clock: FakeClock,
    rules: Rules,
    meddler: Meddler,
) -> Flow:
    """The flow of a bot in this world."""
    return wire(
        meddler.around(chat),
        meddler.around(history),
        meddler.around(hosting),
        clock,
        rules=rules,
        home_team=HOME,
        look_gap=timedelta(seconds=2),
    )
