"""Call people while nobody decides: the approvers at half-time, others after that. Each is called once, whatever dies.

What was decided is written down first, with the run, and the message is then drawn from that like any other. So a call
is repeated by no restart and lost by none.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.core.approvals import Approval, advance, fingerprint
from bot.core.entries import ApprovalEscalated, ApproversReminded
from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError
from bot.core.names import ApprovalId, GroupId, UserId
from bot.core.policy import Membership, Person
from bot.core.policy.people import as_escalated
from bot.core.reminders import Call, Night, Occasion, as_move, find_candidates, find_due, plan_call
from bot.core.request import Actor
from bot.core.rules import ApprovalRule, People, Rules
from bot.core.runs import Run
from bot.flow.approvals import Approvals
from bot.flow.background import Background
from bot.flow.judging import find_rule
from bot.flow.people import People as Directory
from bot.flow.ports import Clock, History
from bot.flow.pre_flight import PreFlights
from bot.flow.rulebook import Rulebook

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(seconds=10)
"""So long nobody is asked about a call again that could not be made."""

MISSING = timedelta(minutes=1)
"""So long a call waits for the members of a group that Slack does not tell; then the others are called, if there are any."""


class Reminders:
    """Makes the calls that are due."""

    def __init__(
        self,
        history: History,
        clock: Clock,
        *,
        rulebook: Rulebook,
        people: Directory,
        approvals: Approvals,
        pre_flights: PreFlights,
        background: Background,
    ) -> None:
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._people = people
        self._approvals = approvals
        self._pre_flights = pre_flights
        self._background = background
        self._not_before: dict[tuple[ApprovalId, Occasion], datetime] = {}

    async def remind_once(self) -> None:
        """Make every call whose moment has come; of what is not known yet, another turn will know."""
        now, waiting = self._clock.now(), await self._history.find_waiting_approvals()
        self._not_before = {key: until for key, until in self._not_before.items() if until > now}
        for approval in waiting:
            due = [one for one in find_due(approval, now) if (approval.id, one) not in self._not_before]
            if due:  # the other one, if there is one, has the next turn: by then the approval has changed
                await self._try(approval, due[0])

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
        requester = await self._people.find_person(Actor(run.requester, run.team_id))
        membership = await self._people.find_membership()
        rules = self._rulebook.current()
        rule = find_rule(run, requester, rules, membership)
        if rule is None or approval.fingerprint != fingerprint(run.change, rules.digest):
            return False  # the rules have changed: it is asked anew first, or is over
        plan = await self._plan(approval, occasion, rule, rules, membership)
        if occasion not in find_due(approval, self._clock.now()):
            return False  # its time ran out meanwhile
        await self._record(run, approval, occasion, plan, rule)
        return True

    async def _plan(
        self, approval: Approval, occasion: Occasion, rule: ApprovalRule, rules: Rules, membership: Membership
    ) -> Call | Night:
        is_escalated = occasion is Occasion.ESCALATION or approval.escalated_at is not None
        rule = as_escalated(rule) if is_escalated else rule
        people = rule.by
        if occasion is Occasion.ESCALATION:
            people = rule.escalate.to if rule.escalate else People("nobody")
        before = await self._find_called(approval)
        candidates = find_candidates(approval, people, membership, before=before)
        persons = await asyncio.gather(*(self._find_person(user, membership) for user in candidates))
        plan = plan_call(
            approval,
            occasion,
            persons,
            rule=rule,
            membership=membership,
            quiet=rules.quiet,
            now=self._clock.now(),
        )
        is_early = self._clock.now() - _due_at(approval, occasion) < MISSING
        if (is_early or plan == Call(())) and _find_unknown(people, rule, membership):
            raise ChatUnavailableError("the members of a user group are not known")
        return plan

    async def _find_called(self, approval: Approval) -> set[UserId]:
        """Whom this approval was a reason to call before."""
        recorded = await self._history.find_entries(approval.run_id)
        calls = [
            one.entry for one in recorded if isinstance(one.entry, ApproversReminded | ApprovalEscalated)
        ]
        return {user for call in calls for user in call.called}

    async def _find_person(self, user: UserId, membership: Membership) -> Person:
        """Somebody to be called. Of whom Slack tells nothing, nothing is known: neither a guest, nor asleep."""
        try:
            return await self._people.find_person(Actor(user, membership.home_team))
        except ChatRefusedError as error:
            log.info("Slack does not tell who %s is: %s", user, error.error)
            return Person(user, membership.home_team)

    async def _record(
        self, run: Run, approval: Approval, occasion: Occasion, plan: Call | Night, rule: ApprovalRule
    ) -> None:
        """Write the call down. Who decides in the same moment is quicker: then another turn finds nothing due."""
        called = plan.called if isinstance(plan, Call) else ()
        moved = advance(approval, as_move(occasion, plan), self._clock.now())
        if occasion is Occasion.HALF_TIME:
            entry: ApproversReminded | ApprovalEscalated = ApproversReminded(called, plan.asleep)
        else:
            to = rule.escalate.to.label if rule.escalate else approval.escalate_to or ""
            entry = ApprovalEscalated(to, called, plan.asleep)
        after = await self._approvals.record(run, approval, moved, entry)
        if after is not None and called:  # who looks at the card now should read what is so now
            self._background.start(self._pre_flights.look(after), name=f"looking for run {run.id} anew")


def _due_at(approval: Approval, occasion: Occasion) -> datetime:
    """Since when a call is due."""
    due_at = approval.remind_at if occasion is Occasion.HALF_TIME else approval.escalate_at
    return due_at or approval.asked_at


def _find_unknown(people: People, rule: ApprovalRule, membership: Membership) -> frozenset[GroupId]:
    """The groups whose members are not known, without which nobody can be said to be called, barred or let approve."""
    groups = people.groups.union(*(one.groups for one in (*rule.barred, *rule.also)))
    return frozenset() if people.everyone else groups - membership.groups.keys()
