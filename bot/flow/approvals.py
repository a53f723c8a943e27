"""Take a vote, let an approval expire. Whoever presses first, validly, decides, once; everybody later is told who did."""

from dataclasses import dataclass

from bot.core.approvals import (
    Approval,
    ApprovalState,
    Vote,
    VoteRefusal,
    decide_approval,
    expire,
    find_vote_refusal,
)
from bot.core.entries import ApprovalRanOut, Voted, VoteRefused
from bot.core.errors import ChatUnavailableError
from bot.core.facts import ApprovalDeclined, ApprovalExpired, ApprovalGranted
from bot.core.intents import as_intent
from bot.core.policy import Denied, Membership, NeedsApproval, Person, decide
from bot.core.request import Actor
from bot.core.rules import ApprovalRule, Rules
from bot.core.runs import Run, RunState, advance
from bot.flow.cards import Cards
from bot.flow.people import People
from bot.flow.ports import Clock, History
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs


@dataclass(frozen=True, slots=True)
class VoteCounted:
    """The vote decided the approval."""

    run: Run


@dataclass(frozen=True, slots=True)
class VoteNotCounted:
    """The vote did not count, with the approval as it stands."""

    refusal: VoteRefusal
    run: Run
    approval: Approval


@dataclass(frozen=True, slots=True)
class EnvironmentBusy:
    """The vote would have counted, but another run holds the environment: it may be pressed again later."""

    blocker: Run


VoteOutcome = VoteCounted | VoteNotCounted | EnvironmentBusy


class Approvals:
    """Everything that decides a waiting approval."""

    def __init__(
        self, history: History, clock: Clock, rulebook: Rulebook, people: People, cards: Cards, runs: Runs
    ) -> None:
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._people = people
        self._cards = cards
        self._runs = runs

    async def cast(self, run: Run, approval: Approval, vote: Vote) -> VoteOutcome:
        """Count a vote, by the rules of this moment. Safe to be called twice and by several people at once.

        Raises `ChatError` where Slack does not tell who somebody is: nothing is decided then.
        """
        refusal = await self.find_refusal(run, approval, vote)
        if refusal is not None:
            return await self._refuse(run, approval, vote, refusal)
        while True:
            before = await self._history.load_run(run.id)
            counted = await self._record(before, approval, vote)
            if counted is not None:
                return VoteCounted(counted)
            lost = await self._explain_lost_vote(before, vote)
            if lost is not None:
                return lost

    async def _record(self, before: Run, approval: Approval, vote: Vote) -> Run | None:
        """Write a vote that counts, with its run, at once; None where that was no longer possible."""
        now = self._clock.now()
        decided = decide_approval(approval, vote, now)
        voter = vote.voter.user_id
        fact = ApprovalGranted(decided.consents) if vote.approve else ApprovalDeclined(voter, vote.reason)
        after = advance(before, fact, now)
        entry = Voted(voter, decided.state.value, vote.reason, approval.rule_path)
        if after is before or not await self._history.record_approval(decided, before, after, entry):
            return None
        self._cards.redraw(after)
        return after

    async def find_refusal(self, run: Run, approval: Approval, vote: Vote) -> VoteRefusal | None:
        """Why this vote would not count now, or None. Raises `ChatError` where Slack does not tell who somebody is."""
        requester = await self._people.find_person(Actor(run.requester, run.team_id))
        membership = await self._people.find_membership()
        rules = self._rulebook.current()  # once, after everything that takes time: never half of two versions
        return find_vote_refusal(
            approval,
            vote,
            rule=_find_rule(run, requester, rules, membership),
            change=run.change,
            rules_digest=rules.digest,
            membership=membership,
            now=self._clock.now(),
        )

    async def expire_once(self) -> None:
        """Let every approval whose time has come expire, and its card say so."""
        now = self._clock.now()
        for approval in await self._history.find_waiting_approvals():
            expired = expire(approval, now)
            if expired is None:
                continue
            before = await self._history.load_run(approval.run_id)
            after = advance(before, ApprovalExpired(), now)
            if after is not before and await self._history.record_approval(
                expired, before, after, ApprovalRanOut()
            ):
                self._cards.redraw(after)

    async def _refuse(self, run: Run, approval: Approval, vote: Vote, refusal: VoteRefusal) -> VoteNotCounted:
        entry = VoteRefused(vote.voter.user_id, refusal.value)
        await self._history.record_entry(run.id, entry, self._clock.now())
        if refusal is VoteRefusal.CHANGED:
            await self._runs.drop(run.id, "rules_changed")
        return VoteNotCounted(refusal, run, approval)

    async def _explain_lost_vote(self, before: Run, vote: Vote) -> VoteOutcome | None:
        """Somebody was quicker, or the environment was taken since the ask; None where the vote may be tried again."""
        newest = await self._history.load_run(before.id)
        approval = await self._history.find_approval(before.id)
        if approval is None:
            raise LookupError(f"run {before.id} has lost its approval")
        if newest.state is not RunState.WAITING or approval.state is not ApprovalState.WAITING:
            ran_out = approval.state is ApprovalState.EXPIRED
            refusal = VoteRefusal.EXPIRED if ran_out else VoteRefusal.ALREADY_DECIDED
            return await self._refuse(newest, approval, vote, refusal)
        blocker = await self._history.find_busy_run(newest.change.environment.id) if vote.approve else None
        # without one, something else about the run changed in the same moment: what was seen of its environment, say
        return EnvironmentBusy(blocker) if blocker is not None else None


def _find_rule(run: Run, requester: Person, rules: Rules, membership: Membership) -> ApprovalRule | None:
    """The approval rule that holds for this run now, its requester judged anew; None where none does any more."""
    decision = decide(as_intent(run.change), requester, run.place.channel_id, rules, membership)
    if isinstance(decision, Denied) and rules.groups() - membership.groups.keys():
        # not to be called a change of the rules: with the group's members known, it might be allowed
        raise ChatUnavailableError("the members of a user group are not known")
    return decision.approval if isinstance(decision, NeedsApproval) else None
