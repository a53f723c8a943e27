"""Whom to call for an approval that nobody decides, as of this moment: by its rules, and by whose night it is."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.approvals import Approval, fingerprint
from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError
from bot.core.names import GroupId, UserId
from bot.core.policy import Membership, Person
from bot.core.policy.people import as_escalated
from bot.core.reminders import Call, Night, Occasion, Planned, find_candidates, find_planned, plan_call
from bot.core.request import Actor
from bot.core.rules import ApprovalRule, People, Rules
from bot.core.runs import Run
from bot.flow.judging import find_rule
from bot.flow.people import People as Directory
from bot.flow.ports import Clock, History, Slot, SlotKind
from bot.flow.rulebook import Rulebook

log = logging.getLogger(__name__)

BELIEVED = timedelta(minutes=1)
"""So long it is believed whom a call is to; what could not be posted by then is judged again."""

MISSING = timedelta(minutes=1)
"""So long a call waits for the members of a group that Slack does not tell; then the others are called, if there are any."""

OCCASION_OF: Mapping[SlotKind, Occasion] = {
    SlotKind.REMINDER: Occasion.HALF_TIME,
    SlotKind.ESCALATION: Occasion.ESCALATION,
}
"""What each kind of call is made for."""


class Calls:
    """Finds out whom to call. Nothing is written down here."""

    def __init__(self, history: History, clock: Clock, *, rulebook: Rulebook, people: Directory) -> None:
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._people = people

    async def plan(self, run: Run, approval: Approval, occasion: Occasion) -> Call | Night | None:
        """Whom to call now; None where the rules have changed, for then it is asked anew first, or is over.

        Raises `ChatError`: while Slack does not tell who is who, nobody knows who sleeps.
        """
        requester = await self._people.find_person(Actor(run.requester, run.team_id))
        membership = await self._people.find_membership()
        rules = self._rulebook.current()
        rule = find_rule(run, requester, rules, membership)
        if rule is None or approval.fingerprint != fingerprint(run.change, rules.digest):
            return None
        return await self._plan(approval, occasion, rule, rules, membership)

    async def find_planned(self, approval: Approval, occasion: Occasion) -> Planned | None:
        """What was planned last about a call, since it was asked for, or anew."""
        return find_planned(await self._history.find_entries(approval.run_id), occasion, approval.asking)

    async def are_right(self, run: Run, slot: Slot) -> bool:
        """Whether the people whom an unposted call is to are still those to be called. If not, it is planned anew."""
        occasion = OCCASION_OF[slot.kind]
        approval = await self._history.find_approval(run.id)
        planned = await self.find_planned(approval, occasion) if approval is not None else None
        if approval is None or planned is None:
            return False
        if self._clock.now() - planned.at < BELIEVED:
            return True
        try:
            return await self.plan(run, approval, occasion) == planned.call
        except ChatError as error:
            log.info("Whether to call people for run %s is not known: %s", run.id, error)
            return False

    async def _plan(
        self, approval: Approval, occasion: Occasion, rule: ApprovalRule, rules: Rules, membership: Membership
    ) -> Call | Night:
        is_escalated = occasion is Occasion.ESCALATION or approval.escalated_at is not None
        rule = as_escalated(rule) if is_escalated else rule
        people = rule.by
        if occasion is Occasion.ESCALATION:
            people = rule.escalate.to if rule.escalate else People("nobody")
        before = await self._find_called(approval, occasion)
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

    async def _find_called(self, approval: Approval, occasion: Occasion) -> tuple[UserId, ...]:
        """Whom this asking was a reason to call on the other occasion: nobody is called twice for it."""
        other = Occasion.ESCALATION if occasion is Occasion.HALF_TIME else Occasion.HALF_TIME
        planned = await self.find_planned(approval, other)
        return planned.call.called if planned is not None else ()

    async def _find_person(self, user: UserId, membership: Membership) -> Person:
        """Somebody to be called. Of whom Slack tells nothing, nothing is known: neither a guest, nor asleep."""
        try:
            return await self._people.find_person(Actor(user, membership.home_team))
        except ChatRefusedError as error:
            log.info("Slack does not tell who %s is: %s", user, error.error)
            return Person(user, membership.home_team)


def _due_at(approval: Approval, occasion: Occasion) -> datetime:
    """Since when a call is due."""
    due_at = approval.remind_at if occasion is Occasion.HALF_TIME else approval.escalate_at
    return due_at or approval.asked_at


def _find_unknown(people: People, rule: ApprovalRule, membership: Membership) -> frozenset[GroupId]:
    """The groups whose members are not known, without which nobody can be said to be called, barred or let approve."""
    groups = people.groups.union(*(one.groups for one in (*rule.barred, *rule.also)))
    return frozenset() if people.everyone else groups - membership.groups.keys()
