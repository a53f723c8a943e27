"""Judge what a vote comes to, by the rules of this moment, and by who everybody is at this moment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.core.approvals import (
    Approval,
    ApprovalState,
    Vote,
    VoteRefusal,
    find_unfit,
    find_vote_refusal,
    fingerprint,
)
from bot.core.errors import ChatUnavailableError
from bot.core.intents import Change, named_anew
from bot.core.names import UserId
from bot.core.policy import (
    Decision,
    Denied,
    Membership,
    NeedsApproval,
    Person,
    decide_change,
    find_groups_behind,
    find_unknown_groups,
    known_as_of,
    vote_known_as_of,
)
from bot.core.request import Actor
from bot.core.rules import ApprovalRule, Rules
from bot.core.runs import Run, RunState
from bot.flow.people import People
from bot.flow.ports import Clock
from bot.flow.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules of this moment say of a vote, and of those that were given before.

    `change` is what the run asks for, with its environment as these rules name it.
    """

    refusal: VoteRefusal | None
    rule: ApprovalRule | None
    rules: Rules
    change: Change
    lost: tuple[UserId, ...] = ()
    known_as_of: datetime | None = None


_KNOWN_ENOUGH = frozenset(
    {
        VoteRefusal.ALREADY_DECIDED,
        VoteRefusal.ALREADY_APPROVED,
        VoteRefusal.EXPIRED,
        VoteRefusal.OUTSIDER,
        VoteRefusal.NOT_AN_APPROVER,
        VoteRefusal.OWN_REQUEST,
    }
)
"""What keeps a vote from counting, and need not be asked about: whoever may vote by now may press again in a few minutes."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Who votes and who asked, who is in which group, and before the last vote, who has given the earlier ones."""

    voter: Person
    requester: Person
    membership: Membership
    earlier: Sequence[Person]


class Judging:
    """Finds out what has to be known of people, then applies the rules, once; `ChatError` where Slack does not tell."""

    def __init__(self, clock: Clock, rulebook: Rulebook, people: People) -> None:
        self._clock = clock
        self._rulebook = rulebook
        self._people = people

    @property
    def rules_file(self) -> str:
        """What the rules file is called: for telling where a rule stands."""
        return self._rulebook.current().name

    async def judge(self, run: Run, approval: Approval, vote: Vote) -> Judgement:
        """What comes of a vote now. Before an approval counts Slack is asked anew: whoever has left decides nothing more.

        What could not count by what is known already is not asked about: anybody may press, and Slack's limits are for all.
        """
        judged = await self._judge(run, approval, vote, anew=False)
        if not vote.approve or judged.refusal in _KNOWN_ENOUGH:
            return judged
        return await self._judge(run, approval, vote, anew=True)

    async def _judge(self, run: Run, approval: Approval, vote: Vote, *, anew: bool) -> Judgement:
        known = await self._learn(run, approval, vote, anew=anew)
        requester, membership, vote = known.requester, known.membership, replace(vote, voter=known.voter)
        rules = self._rulebook.current()  # once, after everything that takes time: never half of two versions
        change = named_anew(run.change, rules.catalog)
        if run.state is not RunState.WAITING and approval.state is ApprovalState.WAITING:
            return Judgement(VoteRefusal.ALREADY_DECIDED, None, rules, change)
        is_withdrawal = not vote.approve and vote.voter.user_id == run.requester  # which needs no rule
        rule = None if is_withdrawal else find_rule(run, requester, rules, membership)
        refusal = find_vote_refusal(
            approval,
            vote,
            rule=rule,
            change=change,
            rules_digest=rules.digest,
            membership=membership,
            now=self._clock.now(),
        )
        lost = find_unfit(approval, known.earlier, rule, membership) if rule is not None else ()
        as_of = None if rule is None else _find_as_of(run, known, change, rule, rules)
        return Judgement(refusal, rule, rules, change, lost, as_of)

    async def _learn(self, run: Run, approval: Approval, vote: Vote, *, anew: bool) -> _Known:
        """Everybody whom a vote hangs on."""
        find = partial(self._people.find_person, anew=anew)
        groups = find_groups_behind(run.change, run.place.channel_id, self._rulebook.current())
        requester, voter, membership = await asyncio.gather(
            find(Actor(run.requester, run.team_id)),
            find(Actor(vote.voter.user_id, vote.voter.team_id)),
            self._people.find_membership(anew=groups if anew else ()),
        )
        is_last = vote.approve and approval.missing == 1
        voters = [Actor(one, membership.home_team) for one in approval.consents] if is_last else []
        return _Known(voter, requester, membership, await asyncio.gather(*map(find, voters)))

    async def judge_anew(self, run: Run, approval: Approval) -> Judgement | None:
        """What the rules of this moment say of an approval that was asked for under others; None where they are the same."""
        requester = await self._people.find_person(Actor(run.requester, run.team_id))
        membership = await self._people.find_membership()
        rules = self._rulebook.current()
        if approval.fingerprint == fingerprint(run.change, rules.digest):
            return None
        rule = find_rule(run, requester, rules, membership)
        return Judgement(VoteRefusal.CHANGED, rule, rules, named_anew(run.change, rules.catalog))


def _find_as_of(run: Run, known: _Known, change: Change, rule: ApprovalRule, rules: Rules) -> datetime | None:
    """As of when the oldest was known that a vote hangs on; None where all of it is as new as it should be."""
    members, channel_id = known.membership, run.place.channel_id
    votes = (vote_known_as_of(one, rule, members) for one in (known.voter, *known.earlier))
    found = [*votes, known_as_of(change, known.requester, channel_id, rules, members)]
    return min((at for at in found if at is not None), default=None)


def find_rule(run: Run, requester: Person, rules: Rules, membership: Membership) -> ApprovalRule | None:
    """The approval rule that holds for this run now; None where none does any more. Raises as `decide_anew` does."""
    decision = decide_anew(run, requester, rules, membership)
    return decision.approval if isinstance(decision, NeedsApproval) else None


def decide_anew(run: Run, requester: Person, rules: Rules, membership: Membership) -> Decision:
    """Whether a run may still be asked for, by whoever asked for it, of its environment as the rules name it now.

    Raises `ChatUnavailableError` where that hangs on the members of a group that Slack has not told.
    """
    change = named_anew(run.change, rules.catalog)
    decision = decide_change(change, requester, run.place.channel_id, rules, membership)
    if isinstance(decision, Denied) and find_unknown_groups(rules, membership):
        # not to be called a change of the rules: with the group's members known, it might be allowed
        raise ChatUnavailableError("the members of a user group are not known")
    return decision
