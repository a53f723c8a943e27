"""The people of a story: what they ask, press and fill in, all at once where they like, on what they saw a while ago too."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.sim.workspace import presses
from bot.sim.workspace.entities import Message
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.world import PersonRefused
from tests.faults.witness import Record
from tests.support.person import Person
from tests.support.reading import JsonObject
from tests.support.world import DEPLOYS, World


@dataclass(slots=True)
class Crowd:
    """Everybody who acts in Slack. What they do is begun and not waited for; `under_way` is what nobody answered yet."""

    world: World
    told: list[str]
    under_way: set[asyncio.Task[Any]] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    """The runs of which somebody has deleted a message."""
    _envelopes: list[str] = field(default_factory=list)
    _pressable: dict[tuple[str, str], list[Message]] = field(default_factory=dict)
    _commands: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many commands of whom were acknowledged where."""

    @property
    def _workspace(self) -> Workspace:
        return self.world.sandbox.workspace.workspace

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
        modals, person = self._workspace.modals_of(who), self.world.person(who)
        if modals:
            has_field = any(block["type"] == "input" for block in modals[-1].blocks)
            self._begin(person.submits(text) if has_field else person.agrees())

    async def redeliver(self, nth: int) -> None:
        """Slack delivers something again."""
        if self._envelopes:
            self._begin(self.world.redeliver(self._envelopes[-1 - nth % len(self._envelopes)]))

    async def delete(self, nth: int) -> None:
        """Somebody deletes a run's card or progress message, once a run at most."""
        messages = [
            message
            for message in self._workspace.messages_in(DEPLOYS)
            if _slot_of(message) in {"card", "progress"} and _run_of(message) not in self.deleted
        ]
        if messages:
            message = messages[nth % len(messages)]
            self.deleted.add(_run_of(message))
            self._workspace.delete(message)

    def check_answered(self, records: dict[int, Record]) -> None:
        """Every command was answered: by a card, or privately."""
        runs: Counter[tuple[str, str]] = Counter(
            (record.run.requester, record.run.place.channel_id)
            for record in records.values()
            if record.run.request_key.startswith("slash:")
        )
        for (who, channel), count in self._commands.items():
            private = [
                one for one in self._workspace.messages_in(channel) if one.only_for == who and one.bot_id
            ]
            told = f"{who} gave {count} commands in {channel}: {runs[who, channel]} cards, {len(private)} answers"
            assert runs[who, channel] + len(private) >= count, told

    def _begin(self, act: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(act)
        self.under_way.add(task)
        task.add_done_callback(self._note_done)

    def _note_done(self, task: asyncio.Task[Any]) -> None:
        self.under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.told.append(f"    ({task.exception()})")

    async def _says(self, person: Person, text: str, channel: str) -> None:
        said = await person.says(text, channel)
        self._note_envelope(said)
        if said.get("acked"):
            self._commands[person.user_id, channel] += 1

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
        for channel in self._workspace.channels:
            for message in self._workspace.messages_in(channel):
                versions = self._pressable.setdefault((channel, message.ts), [])
                if _labels(message) and message not in versions:
                    versions.append(message)

    async def close(self) -> None:
        """Let go of what people were waiting for."""
        for task in self.under_way:
            task.cancel()
        await asyncio.gather(*self.under_way, return_exceptions=True)


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
