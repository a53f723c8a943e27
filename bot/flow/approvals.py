"""Take a vote, let an approval expire. Whoever presses first, validly, decides, once; everybody later is told who did."""

from dataclasses import dataclass

from bot.core.approvals import Approval, Vote, VoteRefusal, decide_approval, expire, find_vote_refusal
from bot.core.entries import ApprovalRanOut, Voted, VoteRefused
from bot.core.intents import as_intent
from bot.core.policy import NeedsApproval, Person, decide
from bot.core.request import Actor
from bot.core.rules import ApprovalRule
from bot.core.runs import ApprovalDeclined, ApprovalExpired, ApprovalGranted, Run, RunState, advance
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
        """Count a vote, by the rules of this moment. Safe to be called twice and by several people at once."""
        refusal = await self.find_refusal(run, approval, vote)
        if refusal is not None:
            return await self._refuse(run, approval, vote, refusal)
        now = self._clock.now()
        decided = decide_approval(approval, vote, now)
        voter = vote.voter.user_id
        fact = ApprovalGranted(voter) if vote.approve else ApprovalDeclined(voter, vote.reason)
        before = await self._history.load_run(run.id)
        after = advance(before, fact, now)
        entry = Voted(voter, decided.state.value, vote.reason, approval.rule_path)
        if after is not before and await self._history.record_vote(decided, before, after, entry):
            self._cards.redraw(after)
            return VoteCounted(after)
        return await self._explain_lost_vote(run, vote)

    async def find_refusal(self, run: Run, approval: Approval, vote: Vote) -> VoteRefusal | None:
        """Why this vote would not count now, or None."""
        rules = self._rulebook.current()
        return find_vote_refusal(
            approval,
            vote,
            rule=await self._find_rule_now(run),
            change=run.change,
            rules_digest=rules.digest,
            membership=await self._people.find_membership(),
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
            if await self._history.record_vote(expired, before, after, ApprovalRanOut()):
                self._cards.redraw(after)

    async def _find_rule_now(self, run: Run) -> ApprovalRule | None:
        """The approval rule that holds for this run at this moment, its requester judged anew."""
        person: Person = await self._people.find_person(Actor(run.requester, run.team_id))
        decision = decide(
            as_intent(run.change),
            person,
            run.place.channel_id,
            self._rulebook.current(),
            await self._people.find_membership(),
        )
        return decision.approval if isinstance(decision, NeedsApproval) else None

    async def _refuse(self, run: Run, approval: Approval, vote: Vote, refusal: VoteRefusal) -> VoteNotCounted:
        entry = VoteRefused(vote.voter.user_id, refusal.value)
        await self._history.record_entry(run.id, entry, self._clock.now())
        if refusal is VoteRefusal.CHANGED:
            await self._runs.drop(run.id, "rules_changed")
        return VoteNotCounted(refusal, run, approval)

    async def _explain_lost_vote(self, run: Run, vote: Vote) -> VoteOutcome:
        """Somebody was quicker, or the environment was taken between the ask and this press."""
        newest = await self._history.load_run(run.id)
        approval = await self._history.find_approval(run.id)
        if approval is None:
            raise LookupError(f"run {run.id} has lost its approval")
        if newest.state is RunState.WAITING and vote.approve:
            blocker = await self._history.find_busy_run(run.change.environment.id)
            if blocker is not None:
                return EnvironmentBusy(blocker)
        return await self._refuse(newest, approval, vote, VoteRefusal.ALREADY_DECIDED)
