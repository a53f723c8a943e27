"""Call people while nobody decides: the approvers at half-time, others after that. Each is called once, whatever dies.

What was decided is written down first, with the run, and the message is then drawn from that like any other. So a call
is repeated by no restart and lost by none. What Slack did not take in time is decided on anew, for by then it may be
night.
"""

import logging
from datetime import datetime, timedelta

from bot.core.approvals import Approval, ApprovalState, Move, ShowAgain, advance
from bot.core.entries import ApprovalEscalated, ApproversReminded
from bot.core.errors import ChatError
from bot.core.names import ApprovalId
from bot.core.reminders import Call, CallEntry, Night, Occasion, as_move, find_due
from bot.core.runs import Run
from bot.flow.approvals import Approvals
from bot.flow.background import Background
from bot.flow.calls import BELIEVED, OCCASION_OF, Calls
from bot.flow.news import wanted_slots
from bot.flow.ports import Clock, History
from bot.flow.pre_flight import PreFlights

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(seconds=10)
"""So long nobody is asked about a call again that could not be made."""


class Reminders:
    """Makes the calls that are due."""

    def __init__(
        self,
        history: History,
        clock: Clock,
        *,
        calls: Calls,
        approvals: Approvals,
        pre_flights: PreFlights,
        background: Background,
    ) -> None:
        self._history = history
        self._clock = clock
        self._calls = calls
        self._approvals = approvals
        self._pre_flights = pre_flights
        self._background = background
        self._not_before: dict[tuple[ApprovalId, Occasion], datetime] = {}

    async def remind_once(self) -> None:
        """Make every call whose moment has come; of what is not known yet, another turn will know."""
        now, waiting = self._clock.now(), await self._history.find_waiting_approvals()
        self._not_before = {key: until for key, until in self._not_before.items() if until > now}
        for approval in waiting:
            unposted = await self._find_unposted(approval, now)
            due = [
                one
                for one in (*find_due(approval, now), *unposted)
                if (approval.id, one) not in self._not_before
            ]
            if due:  # the other one, if there is one, has the next turn: by then the approval has changed
                await self._try(approval, due[0])

    async def _find_unposted(self, approval: Approval, now: datetime) -> list[Occasion]:
        """The calls that were planned, and that Slack has not taken yet."""
        if approval.state is not ApprovalState.WAITING or now >= approval.expires_at:
            return []
        if approval.reminded_at is None and approval.escalated_at is None:
            return []
        run = await self._history.load_run(approval.run_id)
        calls = [slot for slot in wanted_slots(run) if slot.kind in OCCASION_OF]
        return [OCCASION_OF[slot.kind] for slot in calls if await self._history.find_slot(slot) is None]

    async def _try(self, approval: Approval, occasion: Occasion) -> None:
        """Make a call, or try again later: while Slack does not tell who is who, nobody knows who sleeps."""
        try:
            is_made = await self._make(approval, occasion)
        except ChatError as error:
            log.warning("Whom to call for run %s is not known yet: %s", approval.run_id, error)
            is_made = False
        if not is_made:
            self._not_before[approval.id, occasion] = self._clock.now() + TRY_AGAIN

    async def _make(self, approval: Approval, occasion: Occasion) -> bool:
        """Decide whom to call, and write it down; False where that is not possible now. Raises `ChatError`."""
        run = await self._history.load_run(approval.run_id)
        is_due = occasion in find_due(approval, self._clock.now())
        planned = None if is_due else await self._calls.find_planned(approval, occasion)
        if planned is not None and self._clock.now() - planned.at < BELIEVED:
            return False
        plan = await self._calls.plan(run, approval, occasion)
        if plan is None or (planned is not None and plan == planned.call):
            return False
        if self._clock.now() >= approval.expires_at:
            return False  # its time ran out meanwhile
        # of a call that was planned before, only whom it is to has changed
        move = as_move(occasion, plan) if is_due or isinstance(plan, Night) else ShowAgain()
        await self._record(run, approval, move, _as_entry(approval, occasion, plan))
        return True

    async def _record(self, run: Run, approval: Approval, move: Move, entry: CallEntry) -> None:
        """Write the call down. Who decides in the same moment is quicker: then another turn finds nothing due."""
        moved = advance(approval, move, self._clock.now())
        after = await self._approvals.record(run, approval, moved, entry)
        if after is not None and entry.called:  # who looks at the card now should read what is so now
            self._background.start(self._pre_flights.look(after), name=f"looking for run {run.id} anew")


def _as_entry(approval: Approval, occasion: Occasion, plan: Call | Night) -> CallEntry:
    called = plan.called if isinstance(plan, Call) else ()
    if occasion is Occasion.HALF_TIME:
        return ApproversReminded(called, plan.asleep)
    return ApprovalEscalated(approval.escalate_to or "", called, plan.asleep)
