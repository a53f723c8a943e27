"""Which message shows what. A run's messages are drawn whole from its newest state, each time anew.

Every run has a card in the channel; once the platform has a task, a progress message in the card's thread; and at
its end a new message there, because edits notify nobody. So do calls to approvers who let it wait, and those of what
was asked anew are new messages once more. A run asked inside a thread has its card there, which is its progress message too.

What a slot shows is durable: it holds the version of the run it was drawn from. A message whose version is behind is
drawn again, by the turn of `redraw_stale_once` if everything else was lost. So is that a post has left, before it
leaves: should its answer be lost, or the process die, the message is looked for before it is posted again.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot.core.errors import ChatRefusedError, ChatUnavailableError, Cure
from bot.core.names import ChannelId, MessageTs, RunId
from bot.core.request import Place, ReplyTo
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.flow.background import Background
from bot.flow.calls import Calls
from bot.flow.drawings import Drawings
from bot.flow.experience import Experience
from bot.flow.links import find_link
from bot.flow.news import CALLS, earlier_calls, find_change, find_urgency, wanted_slots
from bot.flow.ports import (
    Chat,
    Clock,
    Doubt,
    History,
    MessageRef,
    Shown,
    Slot,
    SlotKind,
    Urgency,
    Wish,
)
from bot.flow.standing import Standing

log = logging.getLogger(__name__)

STILL_ARRIVES = timedelta(seconds=30)
"""So long after it left, a call that nobody heard of is waited for before it is made again."""

SHOWN_SOON = timedelta(seconds=1.5)
"""So long somebody who asks for the same again waits for its card to be drawn."""


@dataclass(eq=False, slots=True)
class _Drawing:
    """A message that is being drawn: how urgently, and what it is to show, as of when somebody last said so."""

    run: Run
    urgency: Urgency
    task: asyncio.Task[None] | None = None


class Cards:
    """Keeps every run's messages true to the run."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        background: Background,
        experience: Experience,
        calls: Calls,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._background = background
        self._drawings = Drawings(history, clock, experience)
        self._calls = calls
        self._drawing: dict[Slot, _Drawing] = {}
        self._dirty: set[Slot] = set()
        self._standing = Standing()
        self._gone: dict[Slot, MessageTs] = {}

    async def show_first(self, run: Run) -> None:
        """Show a new run's card; returns when people can see it. Raises `ChatRefusedError`."""
        await self._draw(Slot(run.id, SlotKind.CARD), Urgency.FIRST_SIGHT)

    def redraw(self, run: Run) -> None:
        """Have every message of this run drawn again. Returns at once; asked often, it draws the newest."""
        for slot in (*wanted_slots(run), *earlier_calls(run)):
            self._want(slot, run)

    async def show_again(self, run: Run) -> None:
        """Have a run's card drawn though it may look right: where somebody has taken it away, it is shown anew.

        Returns when that is done, or has taken longer than a person waits.
        """
        slot = Slot(run.id, SlotKind.CARD)
        self._standing.doubt(slot)
        self._want(slot, run)
        drawing = self._drawing.get(slot)
        if drawing is not None and drawing.task is not None:
            await asyncio.wait({drawing.task}, timeout=SHOWN_SOON.total_seconds())

    async def redraw_stale_once(self) -> None:
        """Draw what shows an older version than its run has: after a restart, or after an outage of Slack."""
        for slot in await self._history.find_stale_slots():
            run = await self._history.find_run(slot.run_id)
            if run is not None and slot not in self._drawing:
                self._want(slot, run)

    async def find_card(self, run_id: RunId) -> MessageRef | None:
        """Where a run's card stands."""
        record = await self._history.find_slot(Slot(run_id, SlotKind.CARD))
        return record.ref if record else None

    async def find_link(self, run_id: RunId) -> str | None:
        """A link to a run's card; None while it has none, or where Slack does not give one."""
        return await find_link(self._chat, await self.find_card(run_id))

    def _want(self, slot: Slot, run: Run) -> None:
        urgency = find_urgency(slot.kind, run, self._standing.find_run(slot))
        drawing = self._drawing.get(slot)
        if drawing is None:
            drawing = self._drawing[slot] = _Drawing(run, urgency)
            work = self._draw_until_true(slot, drawing)
            name = f"draw {slot.name} of {slot.run_id}"
            drawing.task = self._background.start(work, name=name)
            return
        self._dirty.add(slot)
        if run.version > drawing.run.version:
            drawing.run = run
        if urgency < drawing.urgency:
            drawing.urgency = urgency
            name = f"hurry {slot.name} of {slot.run_id}"
            self._background.start(self._hurry(slot, urgency), name=name)

    async def _hurry(self, slot: Slot, urgency: Urgency) -> None:
        """Join a wait with more urgency, so that it ends sooner: with that of an end, now."""
        # a refusal is heard by whoever waited first, and answered there, once
        with suppress(ChatRefusedError):
            await self._draw(slot, urgency)

    async def _draw_until_true(self, slot: Slot, drawing: _Drawing) -> None:
        try:
            while True:
                self._dirty.discard(slot)
                await self._draw_or_bury(slot, drawing.urgency)
                if slot not in self._dirty:
                    return
                drawing.urgency = find_urgency(slot.kind, drawing.run, self._standing.find_run(slot))
        finally:
            self._drawing.pop(slot, None)

    async def _draw_or_bury(self, slot: Slot, urgency: Urgency) -> None:
        try:
            await self._draw(slot, urgency)
        except ChatRefusedError as refusal:
            if await self._begin_anew(slot, refusal):
                return
            log.warning("Slack will not show the %s of run %s: %s", slot.name, slot.run_id, refusal.error)
            await self._bury(slot, refusal.cure)

    async def _begin_anew(self, slot: Slot, refusal: ChatRefusedError) -> bool:
        """Whether a fresh message helps, which is tried once for each; it is drawn then."""
        if refusal.cure is Cure.THREAD_ANEW and slot.kind is not SlotKind.CARD:
            return await self._begin_thread_anew(slot)
        record = await self._history.find_slot(slot)
        if refusal.cure is not Cure.ANEW or record is None or record.ref is None or slot.kind in CALLS:
            return False  # people are called once: who deletes a call does not have it made again
        if not await self._give_up(slot, record.ref):
            return False
        self._dirty.add(slot)
        return True

    async def _give_up(self, slot: Slot, ref: MessageRef) -> bool:
        """Give a message up for a fresh one; False where that was done before."""
        before = self._gone.get(slot)
        # known at once: a wish that is rendered meanwhile must not have what is gone edited again
        self._gone[slot] = ref.ts
        self._standing.forget(slot)
        if await self._history.record_gone(slot, ref):
            return True
        if before is None:
            del self._gone[slot]
        else:
            self._gone[slot] = before
        return False

    async def _begin_thread_anew(self, slot: Slot) -> bool:
        """What a message should hang under is not there: whether that is our own card, to be posted anew."""
        run = await self._history.load_run(slot.run_id)
        if run.place.thread_ts is not None:
            return False
        card = await self.find_card(run.id)
        if card is not None:
            if self._standing.thread_of(slot) != card.ts:
                self._dirty.add(slot)  # the card was posted anew meanwhile
                return True
            if not await self._give_up(Slot(run.id, SlotKind.CARD), card):
                return False
        self.redraw(run)  # the card first, and when it stands, what hangs under it
        return True

    async def _bury(self, slot: Slot, cure: Cure) -> None:
        """Give a message up, until it may be shown again. An end that the channel does not take is told the requester."""
        if slot.kind is SlotKind.END and cure is not Cure.APP_SET_RIGHT:
            run = await self._history.load_run(slot.run_id)
            reply_to = ReplyTo(run.requester, Place(ChannelId(run.requester)))
            try:
                await self._chat.answer(reply_to, await self._drawings.draw(run, slot))
            except ChatUnavailableError as error:
                log.warning("The end of run %s will be told later: %s", run.id, error)
                return  # it stays behind its run, so the sweep comes back to it
            except ChatRefusedError as error:
                log.warning("The end of run %s could not be told to anybody: %s", run.id, error)
            else:
                cure = Cure.NONE  # told, and not to be told again
        await self._history.record_dead_slot(slot, cure)

    async def _draw(self, slot: Slot, urgency: Urgency) -> None:
        shown = await self._chat.show(
            slot, urgency, lambda: self._render(slot), lambda: self._find_change(slot)
        )
        if shown is None or shown.ref.ts == self._gone.get(slot):
            return
        is_first = await self._history.find_slot(slot) is None
        await self._history.record_shown(slot, shown)
        self._standing.take(slot, shown)
        if is_first and slot.kind is SlotKind.CARD:
            self.redraw(await self._history.load_run(slot.run_id))

    def _find_change(self, slot: Slot) -> float:
        """How much a message does not show of what its run has come to."""
        drawing = self._drawing.get(slot)
        return 1.0 if drawing is None else find_change(drawing.run, self._standing.find_run(slot))

    async def _render(self, slot: Slot) -> Wish | None:
        run = await self._history.load_run(slot.run_id)
        record, gone = await self._history.find_slot(slot), self._gone.get(slot)
        if record is not None and record.ref is not None and record.ref.ts == gone:
            record = None  # given up, and not written down as such yet
        if record is not None and (record.is_dead or record.shown_version >= run.version):
            return None
        if slot.kind is SlotKind.END and record is not None:
            return None
        if slot.kind in CALLS and record is None and not await self._is_still_wanted(slot, run):
            return None
        place = await self.find_place(run, slot)
        if place is None:
            return None
        message = await self._drawings.draw(run, slot)
        ref = record.ref if record else None
        if ref is not None and self._standing.is_there(slot, message):
            await self._history.record_shown(slot, Shown(ref, run.version))
            self._standing.note(slot, run)
            return None
        begin, adopt = partial(self._begin, slot), partial(self._adopt, slot)
        wish = Wish(message, place, ref, run.version, begin, adopt, gone)
        self._standing.send(slot, wish, run)
        return wish

    async def _is_still_wanted(self, slot: Slot, run: Run) -> bool:
        """Whether a call that stands nowhere is to be shown: once it is over, only if it may stand, unheard of.

        Until then, only to those whom it is to reach at this moment: Slack may have taken no posts since it was decided on.
        """
        if run.state is not RunState.WAITING or slot.asking != run.asking:
            return slot in await self._history.find_stale_slots()
        return slot in wanted_slots(run) and await self._calls.are_right(run, slot)

    async def _begin(self, slot: Slot) -> Doubt | None:
        now = self._clock.now()
        doubt = await self._history.record_begun(slot, now)
        if doubt is None or slot.kind not in CALLS:
            return doubt
        return replace(doubt, is_fresh=now - doubt.since < STILL_ARRIVES)

    async def _adopt(self, slot: Slot, found: Shown) -> None:
        """A message of ours was found. It is remembered before it is edited: the edit may be refused, or never end."""
        run = await self._history.load_run(slot.run_id)
        if slot.kind is SlotKind.END:  # that it was posted is all there is to it
            found = replace(found, version=run.version)
        await self._history.record_shown(slot, found)
        if slot.kind is SlotKind.CARD:
            self.redraw(run)

    async def find_place(self, run: Run, slot: Slot) -> Place | None:
        """Where a slot's message belongs; None while the card that it hangs under is not posted."""
        if slot.kind is SlotKind.CARD or run.place.thread_ts is not None:
            return run.place
        card = await self.find_card(run.id)
        return None if card is None else Place(card.channel_id, card.ts)

    async def see(self, run: Run) -> Sight:
        """The run with all that its messages are drawn from."""
        return await self._drawings.see(run)
