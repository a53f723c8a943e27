"""What a run's messages are drawn from, and the drawing of each: from the newest state, whole, each time anew."""

from datetime import datetime
from typing import TypeVar

from bot.core.approvals import Approval, find_votes_lost
from bot.core.entries import ApprovalEscalated, ApproversReminded
from bot.core.estimates import Band, estimate, find_band
from bot.core.names import RunId, UserId
from bot.core.promises import keep_promise
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.flow.experience import Experience
from bot.flow.ports import Clock, History, SlotKind
from bot.flow.standing import STANDING_KEPT
from bot.views.message import Message
from bot.views.reminders import render_escalation, render_reminder
from bot.views.runs import render_card, render_end, render_progress

Called = TypeVar("Called", ApproversReminded, ApprovalEscalated)


class Drawings:
    """Draws the messages of runs."""

    def __init__(self, history: History, clock: Clock, experience: Experience) -> None:
        self._history = history
        self._clock = clock
        self._experience = experience
        self._told: dict[RunId, Band] = {}

    async def draw(self, run: Run, kind: SlotKind) -> Message:
        """One of the run's messages, as it should stand now."""
        sight = await self.see(run)
        match kind:
            case SlotKind.CARD:
                return render_card(sight)
            case SlotKind.PROGRESS:
                return render_progress(sight)
            case SlotKind.END:
                return render_end(sight)
            case SlotKind.REMINDER:
                return render_reminder(sight, await self._find_call(run, ApproversReminded(())))
            case SlotKind.ESCALATION:
                to = (sight.approval.escalate_to if sight.approval else None) or ""
                return render_escalation(sight, await self._find_call(run, ApprovalEscalated(to, ())))

    async def _find_call(self, run: Run, nobody: Called) -> Called:
        """Whom the newest such call was to, as it is remembered."""
        recorded = [one.entry for one in await self._history.find_entries(run.id)]
        return next((entry for entry in reversed(recorded) if isinstance(entry, type(nobody))), nobody)

    async def see(self, run: Run) -> Sight:
        """The run with all that its messages are drawn from."""
        approval = await self._history.find_approval(run.id)
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
            votes_lost=await self._find_votes_lost(run, approval),
        )

    async def _find_votes_lost(self, run: Run, approval: Approval | None) -> tuple[UserId, ...]:
        if approval is None or run.state is not RunState.WAITING or approval.version == 1:
            return ()  # nothing has happened to a first version yet, and its card should be seen soon
        recorded = await self._history.find_entries(run.id)
        return find_votes_lost(approval, [one.entry for one in recorded])

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
