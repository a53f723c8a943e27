"""What a run's messages are drawn from, and the drawing of each: from the newest state, whole, each time anew."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.approvals import Approval, find_votes_lost
from bot.core.entries import RecordedEntry
from bot.core.estimates import Band, estimate, find_band
from bot.core.names import RunId
from bot.core.promises import keep_promise
from bot.core.reminders import find_planned
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.flow.calls import OCCASION_OF
from bot.flow.experience import Experience
from bot.flow.ports import Clock, History, Slot, SlotKind
from bot.flow.standing import STANDING_KEPT
from bot.views.message import Message
from bot.views.reminders import render_asked_anew_since, render_call
from bot.views.runs import render_card, render_end, render_progress


class Drawings:
    """Draws the messages of runs."""

    def __init__(self, history: History, clock: Clock, experience: Experience) -> None:
        self._history = history
        self._clock = clock
        self._experience = experience
        self._told: dict[RunId, Band] = {}

    async def draw(self, run: Run, slot: Slot) -> Message:
        """One of the run's messages, as it should stand now."""
        approval, recorded = await self._find_approval(run)
        sight = await self._see(run, approval, recorded)
        match slot.kind:
            case SlotKind.CARD:
                return render_card(sight)
            case SlotKind.PROGRESS:
                return render_progress(sight)
            case SlotKind.END:
                return render_end(sight)
            case SlotKind.REMINDER | SlotKind.ESCALATION if slot.asking != run.asking:
                return render_asked_anew_since(sight)
            case SlotKind.REMINDER | SlotKind.ESCALATION:
                planned = find_planned(recorded, OCCASION_OF[slot.kind], slot.asking)
                return render_call(sight, planned.entry if planned is not None else None)

    async def see(self, run: Run) -> Sight:
        """The run with all that its messages are drawn from."""
        return await self._see(run, *await self._find_approval(run))

    async def _find_approval(self, run: Run) -> tuple[Approval | None, Sequence[RecordedEntry]]:
        """The run's approval, and what was recorded of it while it waits; not of a first version, for its card is urgent."""
        approval = await self._history.find_approval(run.id)
        has_moved = approval is not None and approval.version > 1 and run.state is RunState.WAITING
        return approval, await self._history.find_entries(run.id) if has_moved else ()

    async def _see(self, run: Run, approval: Approval | None, recorded: Sequence[RecordedEntry]) -> Sight:
        told = [one.entry for one in recorded]
        habits = await self._experience.of(run)
        now = self._clock.now()
        blocked_by = run.refusal.task_id if run.refusal else None
        return Sight(
            run,
            now,
            approval=approval,
            estimate=estimate(habits.durations),
            band=self._keep_band(run, find_band(run, habits, now), now),
            last=await self._history.find_last(run),
            blocker=await self._history.find_run_by_task(blocked_by) if blocked_by else None,
            votes_lost=find_votes_lost(approval, told) if approval is not None else (),
        )

    def _keep_band(self, run: Run, fresh: Band | None, now: datetime) -> Band | None:
        """What people are told of a run's end: what they were told before, unless it would mislead them by now."""
        told = self._told.pop(run.id, None)
        if fresh is None:
            return None
        half_at = keep_promise(told.half_at if told else None, fresh.half_at, now)
        most_at = keep_promise(told.most_at if told else None, fresh.most_at, now)
        self._told[run.id] = Band(half_at, max(half_at, most_at))
        if len(self._told) > STANDING_KEPT:
            self._told.pop(next(iter(self._told)))
        return self._told[run.id]
