"""Brings the newest state of every message on the screen, within Slack's limits and past its outages.

Each slot has a lane. At most one wish per lane waits and at most one is under way; whoever asks while one waits joins
it, and what is shown is rendered when its turn has come. So a hundred wishes during an outage end as one edit.

A post that may have been carried out unheard (no answer, an error in the middle, a process that died over it) is looked
for before it is made again. Where the bot may not look, two may stand.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError, Cure
from bot.flow.background import Background
from bot.flow.ports import (
    AnySlot,
    Change,
    MessageRef,
    PleaSlot,
    Render,
    Shown,
    Slot,
    SlotKind,
    Urgency,
    Wish,
    all_changed,
)
from bot.slack.gate import Call, Gate, Method
from bot.slack.lanes import Lane, Pending
from bot.slack.posting import Posting
from bot.slack.search import Search
from bot.slack.sharing import LONGEST_UNSEEN, appraise
from bot.slack.standing import Standing

LANES_REMEMBERED = 2_000
"""How many messages' whereabouts are kept in memory; the durable ones are in the history."""

LONGEST_TO_LOOK = 10.0
"""Seconds that Slack may keep us from looking for a message before it is posted again unlooked-for: it is looked for
once more later, and what stands twice is taken away then."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """The publisher's spans.

    `edit_gap` between two progress edits of one message (Slack's guide: 3 s); `call_deadline` for one call; a failed
    wish is tried again after `first_retry`, then twice that, and so on up to `longest_retry`, for ever. What Slack
    says of a person or channel is remembered for `names`, of a user group for `groups`.
    """

    edit_gap: timedelta = timedelta(seconds=3)
    call_deadline: timedelta = timedelta(seconds=10)
    first_retry: timedelta = timedelta(seconds=0.5)
    longest_retry: timedelta = timedelta(seconds=15)
    names: timedelta = timedelta(minutes=10)
    groups: timedelta = timedelta(minutes=3)


class Showing:
    """Every slot's lane."""

    def __init__(
        self,
        posting: Posting,
        search: Search,
        gate: Gate,
        standing: Standing,
        background: Background,
        *,
        patience: Patience,
        lanes_remembered: int,
        clock: Callable[[], float],
    ) -> None:
        self._posting = posting
        self._search = search
        self._gate = gate
        self._standing = standing
        self._background = background
        self._patience = patience
        self._lanes_remembered = lanes_remembered
        self._clock = clock
        self._is_closing = False
        self._lanes: OrderedDict[AnySlot, Lane] = OrderedDict()

    async def show(
        self, slot: AnySlot, urgency: Urgency, render: Render, change: Change = all_changed
    ) -> Shown | None:
        """Show the newest state of a slot, as `Chat.show` promises; what `render` raises reaches whoever asked."""
        if self._is_closing:
            return None
        lane = self._lane(slot)
        pending = lane.waiting
        if pending is None:
            pending = lane.waiting = Pending(lane, urgency, render, change)
            name = f"showing {slot}"
            pending.task = self._background.start(self._bring(pending), name=name, is_awaited=True)
        else:
            pending.join(urgency, render, change)
            self._gate.look_again()
        return await _outcome(pending)

    def close(self) -> None:
        """Give up what waits, and take nothing new; the calls under way go on."""
        self._is_closing = True
        for lane in self._lanes.values():
            for task in (lane.checking, lane.waiting.task if lane.waiting is not None else None):
                if task is not None:
                    task.cancel()

    # One wish, from asked to shown

    async def _bring(self, pending: Pending) -> Shown | None:
        lane = pending.lane
        while True:
            async with lane.turn:
                await self._wait_until_due(pending)
                try:
                    return await self._show_in_turn(pending)
                except ChatUnavailableError as error:
                    self._postpone(lane, error)
            if self._is_closing:
                return None
            if lane.waiting is not None:
                # Asked for again while this one was under way: the newer wish will show this one's state too.
                lane.waiting.urgency = min(lane.waiting.urgency, pending.urgency)
                return await _outcome(lane.waiting)
            lane.waiting = pending

    async def _wait_until_due(self, pending: Pending) -> None:
        """Keep the distance between progress edits, and between tries; a more urgent wish ends the wait."""
        lane, now = pending.lane, self._clock()
        due = max(lane.retry_at, lane.next_progress_at if pending.urgency is Urgency.PROGRESS else now)
        if due > now:
            with suppress(TimeoutError):
                async with asyncio.timeout(due - now):
                    await pending.hurry.wait()
        pending.hurry.clear()

    async def _show_in_turn(self, pending: Pending) -> Shown | None:
        lane = pending.lane
        try:
            wish = await self._render_in_turn(pending)
            shown = None if wish is None else await self._send(pending, wish)
        finally:
            if lane.waiting is pending:
                lane.waiting = None
        return shown

    async def _render_in_turn(self, pending: Pending) -> Wish | None:
        """Pass the gate, close the wish to joiners, and render. From here on, a new wish waits for a turn of its own.

        It is rendered once before, to find out what call it will be: where nothing is to be shown, none is used up.
        """
        lane = pending.lane
        while True:
            asked = pending.asked
            early = await self._rendered(pending)
            if early is not None:
                break
            if pending.asked == asked:
                lane.waiting = None
                return None
        waited = await self._enter(pending, _call_of(early))
        lane.waiting = None
        is_newest = pending.asked == asked and not waited
        wish = early if is_newest else await self._rendered(pending)
        wanted = None if wish is None else _call_of(wish)
        if wanted != _call_of(early):
            self._gate.give_back(_call_of(early), pending.urgency)
        if wanted is not None and wanted != _call_of(early):
            await self._enter(pending, wanted)
        return wish

    async def _enter(self, pending: Pending, call: Call) -> bool:
        return await self._gate.enter(call, lambda: pending.urgency, worth=lambda: self._appraise(pending))

    def _appraise(self, pending: Pending) -> float:
        lane = pending.lane
        unseen = LONGEST_UNSEEN if lane.shown_at is None else self._clock() - lane.shown_at
        # a plea stands in the channel, as cards do
        kind = SlotKind.CARD if isinstance(lane.slot, PleaSlot) else lane.slot.kind
        return appraise(kind, change=pending.change(), unseen=unseen)

    async def _rendered(self, pending: Pending) -> Wish | None:
        """The wish as rendered now. A message posted a moment ago is edited, even if the render does not know it yet;
        unless it is wanted elsewhere now, for what it hung under was posted anew."""
        wish, lane = await pending.render(), pending.lane
        if wish is None or wish.ref is not None or lane.shown is None:
            return wish
        if lane.place != wish.place or lane.shown.ref.ts == wish.gone:
            return wish
        return replace(wish, ref=lane.shown.ref)

    async def _send(self, pending: Pending, wish: Wish) -> Shown:
        lane = pending.lane
        lane.call = _call_of(wish)
        try:
            earlier = () if wish.ref is not None else await self._find_earlier(pending, wish)
            if earlier:
                wish = await self._adopt(lane, wish, earlier)
            ref = await self._put(pending, wish, is_found=bool(earlier))
        except ChatRefusedError as error:
            self._standing.note_refusal(error)
            if error.cure is Cure.TOKEN:
                raise ChatUnavailableError(error.error) from error
            lane.shown = lane.call = None
            raise
        except ChatUnavailableError as error:
            lane.may_stand = wish.ref is None and (error.may_have_acted or lane.may_stand is True)
            raise
        self._standing.note_success()
        return self._note_shown(lane, replace(wish, ref=ref), ref)

    async def _find_earlier(self, pending: Pending, wish: Wish) -> tuple[MessageRef, ...]:
        """What earlier posts of this wish have left unheard, oldest first. After this, a post may leave."""
        lane = pending.lane
        doubt = None if wish.begin is None else await wish.begin()
        if lane.may_stand is None:
            lane.may_stand = doubt is not None
        if not lane.may_stand or doubt is None:
            return ()
        lane.is_doubted = True
        method = Method.HISTORY if wish.place.thread_ts is None else Method.REPLIES
        if self._gate.paused_for(method) > LONGEST_TO_LOOK:
            _log.info("%s is posted unlooked-for: Slack lets nobody look for a while", lane.slot)
            return ()
        try:
            found = await self._search.find(doubt, wish.place, lambda: pending.urgency)
        except ChatRefusedError as error:
            if error.cure is Cure.TOKEN:
                raise
            _log.info("%s could not be looked for: %s", lane.slot, error.error)
            found = ()
        if not found and doubt.is_fresh:
            raise ChatUnavailableError("an earlier post may still arrive")
        lane.may_stand = False
        return found

    async def _adopt(self, lane: Lane, wish: Wish, found: tuple[MessageRef, ...]) -> Wish:
        """Take what was found for the message of this wish: the first is the one that people saw first."""
        lane.shown, lane.place = Shown(found[0], 0, is_in_doubt=True), wish.place
        if wish.adopt is not None:
            await wish.adopt(replace(lane.shown, strays=found[1:]))
        adopted = replace(wish, ref=found[0])
        lane.call = _call_of(adopted)
        return adopted

    async def _put(self, pending: Pending, wish: Wish, *, is_found: bool) -> MessageRef:
        """Post or edit. An end that was found has been told: to edit it would tell nobody anything."""
        slot = pending.lane.slot
        if is_found and wish.ref is not None:
            if isinstance(slot, Slot) and slot.kind is SlotKind.END:
                return wish.ref
            await self._enter(pending, _call_of(wish))
        return await self._posting.post_or_edit(slot, wish)

    def _note_shown(self, lane: Lane, wish: Wish, ref: MessageRef) -> Shown:
        before = lane.shown
        was_doubted = before is not None and before.ref == ref and before.is_in_doubt
        is_in_doubt = lane.is_doubted or was_doubted
        shown = Shown(ref, wish.version, is_in_doubt=is_in_doubt)
        lane.shown, lane.place, lane.call = shown, wish.place, Call(Method.EDIT, ref.channel_id)
        lane.failures, lane.retry_at = 0, 0.0
        lane.may_stand, lane.is_doubted = None, False
        if lane.is_in_doubt:
            lane.is_in_doubt = False
            check = self._show_again(lane, shown, wish)
            lane.checking = self._background.start(check, name=f"showing {lane.slot} again")
        lane.shown_at = self._clock()
        lane.next_progress_at = lane.shown_at + self._patience.edit_gap.total_seconds()
        return shown

    async def _show_again(self, lane: Lane, shown: Shown, wish: Wish) -> None:
        """Edit once more what is the newest still: an edit that nobody answered may have come after it, with old news."""
        await asyncio.sleep(self._patience.call_deadline.total_seconds())
        async with lane.turn:
            if lane.shown is not shown:
                return
            await self._gate.enter(_call_of(wish), lambda: Urgency.CARD)
            with suppress(ChatError):
                await self._posting.post_or_edit(lane.slot, wish)

    def _postpone(self, lane: Lane, error: ChatUnavailableError) -> None:
        """Decide when a failed wish is tried again: a 429 says when, for all of its method."""
        _log.info("%s waits: Slack is unwell (%s)", lane.slot, error.reason)
        if error.retry_after is not None and lane.call is not None:
            self._gate.pause(lane.call.method, error.retry_after.total_seconds())
            return
        is_edit = lane.call is not None and lane.call.method is Method.EDIT
        lane.is_in_doubt = lane.is_in_doubt or (is_edit and error.reason == "timeout")
        spacing = self._patience.first_retry * 2 ** min(lane.failures, 20)
        lane.failures += 1
        lane.retry_at = self._clock() + min(spacing, self._patience.longest_retry).total_seconds()

    def _lane(self, slot: AnySlot) -> Lane:
        lane = self._lanes.setdefault(slot, Lane(slot))
        self._lanes.move_to_end(slot)
        if len(self._lanes) > self._lanes_remembered:
            oldest = next((lane for lane in self._lanes.values() if lane.is_idle), None)
            if oldest is not None and oldest.slot != slot:
                del self._lanes[oldest.slot]
        return lane


async def _outcome(pending: Pending) -> Shown | None:
    """What becomes of a pending wish. Whoever stops waiting for it does not stop it; given up, it shows nothing."""
    if pending.task is None:
        return None
    await asyncio.wait({pending.task})
    return None if pending.task.cancelled() else pending.task.result()


def _call_of(wish: Wish) -> Call:
    if wish.ref is None:
        return Call(Method.POST, wish.place.channel_id)
    return Call(Method.EDIT, wish.ref.channel_id)
