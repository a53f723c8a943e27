"""The Chat port: brings the newest state of every message on the screen, within Slack's limits and past its outages.

Each slot has a lane. At most one wish per lane waits and at most one is under way; whoever asks while one waits joins
it, and what is shown is rendered when its turn has come. So a hundred wishes during an outage end as one edit.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError
from bot.core.names import ChannelId, GroupId, UserId
from bot.core.policy import Person
from bot.core.request import Place, ReplyTo
from bot.flow.background import Background
from bot.flow.ports import MessageRef, Render, Shown, Slot, Urgency, Wish
from bot.slack.calls import TOKEN_ERRORS
from bot.slack.gate import Call, Gate, Method
from bot.slack.lanes import Lane, Pending
from bot.slack.limits import Paces
from bot.slack.people import ChannelFacts, People
from bot.slack.posting import Posting
from bot.slack.replies import Replies
from bot.views.message import Home, Message, Modal

LANES_REMEMBERED = 2_000
"""How many messages' whereabouts are kept in memory; the durable ones are in the history."""

LONGEST_TO_WAIT = timedelta(seconds=2.5)
"""The deadline of one call that a person waits for; Slack's own window for an answer is three seconds."""

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


class Publisher:
    """Slack, as far as the flow needs it. `instance` names this bot in the metadata of what it posts."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        instance: str = "",
        patience: Patience | None = None,
        paces: Paces | None = None,
        lanes_remembered: int = LANES_REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._lanes_remembered = lanes_remembered
        self._patience = patience or Patience()
        self._gate = Gate(paces or Paces(), clock=clock)
        self._background = Background()
        self._is_closing = False
        self._lanes: OrderedDict[Slot, Lane] = OrderedDict()
        self._posting = Posting(
            client, instance=instance, deadline=self._patience.call_deadline.total_seconds()
        )
        # A person waits for these: a call that takes longer than they do is better given up and told.
        deadline = min(LONGEST_TO_WAIT, self._patience.call_deadline).total_seconds()
        self._replies = Replies(client, deadline=deadline)
        self._people = People(
            client,
            self._background,
            names_for=self._patience.names,
            groups_for=self._patience.groups,
            clock=clock,
            deadline=deadline,
        )

    async def show(self, slot: Slot, urgency: Urgency, render: Render) -> Shown | None:
        """Show the newest state of a slot, as `Chat.show` promises; what `render` raises reaches whoever asked.

        A message whose post got lost on the way back is posted again: Slack has no key that would make that safe.
        """
        if self._is_closing:
            return None
        lane = self._lane(slot)
        pending = lane.waiting
        if pending is None:
            pending = lane.waiting = Pending(lane, urgency, render)
            name = f"showing {_name(slot)}"
            pending.task = self._background.start(self._bring(pending), name=name, is_awaited=True)
        else:
            pending.join(urgency, render)
            self._gate.look_again()
        return await _outcome(pending)

    async def answer(self, reply_to: ReplyTo, message: Message) -> None:
        """Answer one person privately, within their place."""
        await self._replies.answer(reply_to, message)

    async def post(self, place: Place, message: Message) -> MessageRef:
        """Post a message that is nobody's card, such as one to the operators. Tried once."""
        await self._gate.enter(Call(Method.POST, place.channel_id), lambda: Urgency.CARD)
        return await self._posting.post(place, message)

    async def open_modal(self, trigger_id: str, modal: Modal) -> None:
        """Open a modal in answer to a press (3 seconds after it at most)."""
        await self._replies.open_modal(trigger_id, modal)

    async def publish_home(self, user_id: UserId, home: Home) -> None:
        """Show a person their App Home."""
        await self._replies.publish_home(user_id, home)

    async def fetch_person(self, user_id: UserId) -> Person:
        """What Slack knows of a person; cached, and served stale when Slack is unwell."""
        return await self._people.fetch_person(user_id)

    async def fetch_group(self, group_id: GroupId) -> frozenset[UserId]:
        """The members of a user group; cached, and served stale when Slack is unwell."""
        return await self._people.fetch_group(group_id)

    async def fetch_channel(self, channel_id: ChannelId) -> ChannelFacts:
        """What Slack knows of a channel: its name, and whether the bot was invited; cached as people are."""
        return await self._people.fetch_channel(channel_id)

    async def fetch_permalink(self, ref: MessageRef) -> str:
        """A link to a message."""
        return await self._people.fetch_permalink(ref)

    async def close(self, *, patience: float = 2.0) -> None:
        """Let the calls under way end, for at most so many seconds. What waits is given up: the history knows of it."""
        self._is_closing = True
        for lane in self._lanes.values():
            for task in (lane.checking, lane.waiting.task if lane.waiting is not None else None):
                if task is not None:
                    task.cancel()
        await self._background.close(grace=patience)
        self._gate.close()

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
            shown = None if wish is None else await self._send(lane, wish)
        finally:
            if lane.waiting is pending:
                lane.waiting = None
        return shown

    async def _render_in_turn(self, pending: Pending) -> Wish | None:
        """Pass the gate, close the wish to joiners, and render. From here on, a new wish waits for a turn of its own.

        What call it will be is known from last time; a slot never shown is rendered once before, to find out.
        """
        lane, call, early, asked, waited = pending.lane, pending.lane.call, None, 0, False
        if call is None:
            asked = pending.asked
            early = await self._rendered(pending)
            call = None if early is None else _call_of(early)
        if call is not None:
            waited = await self._gate.enter(call, lambda: pending.urgency)
        lane.waiting = None
        is_newest = pending.asked == asked and not waited
        wish = early if is_newest else await self._rendered(pending)
        if wish is not None and _call_of(wish) != call:
            await self._gate.enter(_call_of(wish), lambda: pending.urgency)
        return wish

    async def _rendered(self, pending: Pending) -> Wish | None:
        """The wish as rendered now. A message posted a moment ago is edited, even if the render does not know it yet."""
        wish, shown = await pending.render(), pending.lane.shown
        if wish is None or wish.ref is not None or shown is None:
            return wish
        return replace(wish, ref=shown.ref)

    async def _send(self, lane: Lane, wish: Wish) -> Shown:
        lane.call = _call_of(wish)
        try:
            ref = await self._posting.post_or_edit(lane.slot, wish)
        except ChatRefusedError as error:
            lane.shown = lane.call = None
            if error.error in TOKEN_ERRORS:
                raise ChatUnavailableError(error.error) from error
            raise
        lane.shown, lane.call = Shown(ref, wish.version), Call(Method.EDIT, ref.channel_id)
        lane.failures, lane.retry_at = 0, 0.0
        if lane.is_in_doubt:
            lane.is_in_doubt = False
            check = self._show_again(lane, lane.shown, replace(wish, ref=ref))
            lane.checking = self._background.start(check, name=f"showing {_name(lane.slot)} again")
        lane.next_progress_at = self._clock() + self._patience.edit_gap.total_seconds()
        return lane.shown

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
        _log.info("%s waits: Slack is unwell (%s)", _name(lane.slot), error.reason)
        if error.retry_after is not None and lane.call is not None:
            self._gate.pause(lane.call.method, error.retry_after.total_seconds())
            return
        lane.is_in_doubt = lane.is_in_doubt or error.reason == "timeout"
        spacing = self._patience.first_retry * 2 ** min(lane.failures, 20)
        lane.failures += 1
        lane.retry_at = self._clock() + min(spacing, self._patience.longest_retry).total_seconds()

    def _lane(self, slot: Slot) -> Lane:
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


def _name(slot: Slot) -> str:
    return f"the {slot.kind.value} of run {slot.run_id}"
