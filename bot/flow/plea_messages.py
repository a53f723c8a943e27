"""The message of each plea: shown where somebody may from, and kept true to the plea, which expires in its time.

Drawn from the plea's state each time anew, as the messages of runs are; a post whose answer was lost is looked for before
it is posted again, and once more by `Mending`; what is behind is drawn by the next turn if everything else was lost.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from functools import partial

from bot.core.errors import ChatError, ChatRefusedError
from bot.core.names import ButtonId, ChannelId
from bot.core.pleas import OPEN_FOR, Plea, PleaState, expire, find_full_channels, move_on
from bot.core.request import Place, ReplyTo
from bot.flow.background import Background
from bot.flow.links import find_link
from bot.flow.ports import Chat, Clock, Doubt, History, PleaSlot, Shown, Urgency, Wish
from bot.views.pleas import render_not_placed, render_plea

log = logging.getLogger(__name__)

FIRST_SIGHT = timedelta(seconds=1.5)
"""How long a plea may take to appear before whoever made it is told that it is on its way."""


class PleaMessages:
    """Shows pleas."""

    def __init__(self, chat: Chat, history: History, clock: Clock, background: Background) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._background = background
        self._drawing: set[ButtonId] = set()
        self._awaited: set[ButtonId] = set()

    async def mend_once(self) -> None:
        """Let pleas expire whose time has come, and draw whatever shows an older version than there is."""
        for plea in await self._history.find_open_pleas():
            await self.expire(plea)
        for plea in await self._history.find_stale_pleas():
            self.redraw(plea)

    async def expire(self, plea: Plea) -> Plea:
        """The plea as it stands now: expired, if its time has come."""
        expired = expire(plea, self._clock.now())
        if expired is None:
            return plea
        if await self._history.record_plea_change(plea, expired):
            self.redraw(expired)
            return expired
        return await self.load(plea)

    async def load(self, plea: Plea) -> Plea:
        """The plea as it was written last."""
        newest = await self._history.find_plea(plea.id)
        if newest is None:
            raise LookupError(f"plea {plea.number} is gone")
        return newest

    async def show_first(self, plea: Plea) -> Plea:
        """Show a new plea; where Slack takes its time, that goes on by itself. The plea as it stands then."""
        self._awaited.add(plea.id)
        try:
            showing = self._background.start(self._draw(plea), name=f"show plea {plea.number}")
            await asyncio.wait({showing}, timeout=FIRST_SIGHT.total_seconds())
        finally:
            self._awaited.discard(plea.id)
        return await self.load(plea)

    def redraw(self, plea: Plea) -> None:
        """Have a plea's message drawn again. Returns at once; asked often, it draws the newest."""
        if plea.id not in self._drawing:
            self._background.start(self._draw(plea), name=f"draw plea {plea.number}")

    async def find_link(self, plea: Plea) -> str | None:
        """A link to a plea's message; None while it has none, or where Slack does not give one."""
        record = await self._history.find_slot(PleaSlot(plea.number))
        return await find_link(self._chat, record.ref if record else None)

    async def _draw(self, plea: Plea) -> None:
        """Bring the newest state on the screen, in the first channel that takes it."""
        self._drawing.add(plea.id)
        try:
            while await self._is_behind(plea):
                pass
        finally:
            self._drawing.discard(plea.id)

    async def _is_behind(self, plea: Plea) -> bool:
        """Show it once; whether it has to be shown again: elsewhere, or because it has changed meanwhile."""
        slot = PleaSlot(plea.number)
        newest = await self.load(plea)
        urgency = Urgency.FIRST_SIGHT if newest.state is PleaState.OPEN else Urgency.CARD
        try:
            shown = await self._chat.show(slot, urgency, partial(self._render, newest, slot))
        except ChatRefusedError as refusal:
            log.warning("Slack will not show plea %s: %s", plea.number, refusal.error)
            return await self._move_on(newest)
        if shown is None:
            return False
        await self._history.record_shown(slot, shown)
        return (await self.load(plea)).version > shown.version

    async def _render(self, plea: Plea, slot: PleaSlot) -> Wish | None:
        newest, record = await self.load(plea), await self._history.find_slot(slot)
        if record is not None and record.shown_version >= newest.version:
            return None
        if record is None and newest.state is not PleaState.OPEN:
            return None  # nobody has seen it, and nobody needs to any more
        return Wish(
            render_plea(newest),
            Place(newest.opening.channel_id),
            record.ref if record else None,
            newest.version,
            begin=partial(self._begin, slot),
            adopt=partial(self._history.record_shown, slot),
        )

    async def _begin(self, slot: PleaSlot) -> Doubt | None:
        return await self._history.record_begun(slot, self._clock.now())

    async def _move_on(self, plea: Plea) -> bool:
        """Try the next channel; whether there is more to do. Where it has stood already, nobody sees it any more."""
        slot = PleaSlot(plea.number)
        record = await self._history.find_slot(slot)
        if record is not None and record.ref is not None:
            await self._history.record_shown(slot, Shown(record.ref, plea.version))
        if record is not None or plea.state is not PleaState.OPEN:
            return False
        recent = await self._history.find_pleas(self._clock.now() - OPEN_FOR)
        moved = move_on(plea, find_full_channels(recent))
        if await self._history.record_plea_change(plea, moved) and moved.state is PleaState.WITHDRAWN:
            await self._tell_unplaced(moved)
        return True

    async def _tell_unplaced(self, plea: Plea) -> None:
        """Tell whoever made it, in their own messages, unless they wait for the answer still."""
        if plea.id in self._awaited:
            return
        with suppress(ChatError):
            reply_to = ReplyTo(plea.by, Place(ChannelId(plea.by)))
            await self._chat.answer(reply_to, render_not_placed(plea))
