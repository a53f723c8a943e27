"""Move approvals: take votes and claims, ask anew when the rules change, let them expire.

Each move is judged by the rules of the moment, and written with its run in one transaction if neither has changed since
it was judged; else it is judged again. So whoever comes first, validly, decides, once, and everybody later is told who did.
"""

import logging
from dataclasses import dataclass, replace

from bot.core.approvals import (
    VOTE_LOST,
    Approval,
    ApprovalState,
    Approve,
    Claim,
    Decline,
    Expire,
    Move,
    Renew,
    ShowAgain,
    Unclaim,
    Vote,
    VoteRefusal,
    advance,
    as_fact,
    find_claimant,
    fingerprint,
)
from bot.core.entries import (
    ApprovalEntry,
    ApprovalRanOut,
    ApprovalRenewed,
    Claimed,
    Consented,
    Ended,
    Voted,
    VoteRefused,
)
from bot.core.errors import ChatError
from bot.core.facts import Dropped, EnvironmentNamedAnew
from bot.core.intents import typed_form
from bot.core.names import RunId, UserId
from bot.core.policy import Person
from bot.core.runs import Run, RunState
from bot.core.runs import advance as advance_run
from bot.flow.cards import Cards
from bot.flow.judging import Judgement, Judging
from bot.flow.ports import Clock, History

log = logging.getLogger(__name__)

RULES_CHANGED = "rules_changed"
"""Why a run that waited is ended: the rules that hold now do not let it be approved. Where they have not changed, it is
that whoever asked may no longer do so, in the word by which the vote was refused."""

_ENDING_OR_ANEW = frozenset({VoteRefusal.CHANGED, VoteRefusal.REQUESTER_MAY_NOT})
"""What keeps a vote from counting, and its run from waiting as it does."""


@dataclass(frozen=True, slots=True)
class Counted:
    """It counts: the approval is decided, waits for more, or shows who looks into it now."""

    run: Run


@dataclass(frozen=True, slots=True)
class NotCounted:
    """It does not count, with the approval as it stands."""

    refusal: VoteRefusal
    run: Run
    approval: Approval


@dataclass(frozen=True, slots=True)
class AskedAnew:
    """The rules have changed since this was asked for, so it is asked anew: the press has to be made again."""

    run: Run
    approval: Approval


@dataclass(frozen=True, slots=True)
class EnvironmentBusy:
    """It would have counted, but another run holds the environment: it may be pressed again later."""

    blocker: Run


Outcome = Counted | NotCounted | AskedAnew | EnvironmentBusy


class Approvals:
    """Everything that moves an approval, but for calls to people (`reminders`)."""

    def __init__(self, history: History, clock: Clock, judging: Judging, cards: Cards) -> None:
        self._history = history
        self._clock = clock
        self._judging = judging
        self._cards = cards

    async def cast(self, run_id: RunId, vote: Vote) -> Outcome:
        """Count a vote, by the rules of this moment. Safe to be called twice and by several people at once.

        Raises `ChatError` where Slack does not tell who somebody is: nothing is decided then.
        """
        while True:
            run, approval = await self._load(run_id)
            vote = vote if vote.terms else replace(vote, terms=approval.fingerprint)
            judged = await self._judging.judge(run, approval, vote)
            if judged.refusal in _ENDING_OR_ANEW:
                outcome = await self._ask_anew(run, approval, judged, by=vote.voter.user_id)
            elif judged.refusal is not None:
                return await self._refuse(run, approval, vote, judged.refusal)
            elif vote.is_overtaken(approval):
                await self._refuse(run, approval, vote, VoteRefusal.CHANGED)
                return AskedAnew(run, approval)
            else:
                outcome = await self._count(run, approval, vote, judged)
            if outcome is not None:
                return outcome
            # something else about it changed in the same moment: another vote, or what was seen of its environment

    async def claim(self, run_id: RunId, person: Person) -> Outcome:
        """Note that somebody is looking, or no longer is, if they could decide it. Raises `ChatError` as above."""
        while True:
            run, approval = await self._load(run_id)
            vote = Vote(person, approve=True, typed_name=run.change.environment.alias)
            judged = await self._judging.judge(run, approval, vote)
            if judged.refusal in _ENDING_OR_ANEW:
                outcome = await self._ask_anew(run, approval, judged, by=person.user_id)
            elif judged.refusal is not None:
                return NotCounted(judged.refusal, run, approval)
            else:
                outcome = await self._claim_or_not(run, approval, person.user_id)
            if outcome is not None:
                return outcome

    async def _count(self, run: Run, approval: Approval, vote: Vote, judged: Judgement) -> Outcome | None:
        """Write a vote that counts, with its run, at once; None where that was no longer possible."""
        by = vote.voter.user_id
        move = Approve(by, judged.lost) if vote.approve else Decline(by, vote.reason)
        moved = advance(approval, move, self._clock.now())
        entries = _find_entries(moved, vote, judged)
        counted = await self.record(run, approval, moved, *entries)
        if counted is not None:
            return Counted(counted)
        if moved.state is not ApprovalState.GRANTED or (run, approval) != await self._load(run.id):
            return None
        blocker = await self._history.find_busy_run(run.change.environment.id)
        return EnvironmentBusy(blocker) if blocker is not None else None

    async def _claim_or_not(self, run: Run, approval: Approval, by: UserId) -> Outcome | None:
        now = self._clock.now()
        claimant = find_claimant(approval, now)
        entries = [Claimed(claimant, begins=False)] if claimant is not None else []
        if claimant != by:
            entries.append(Claimed(by))
        move = Unclaim(by) if claimant == by else Claim(by)
        claimed = await self._move(run, approval, move, *entries)
        return None if claimed is None else Counted(claimed)

    async def _ask_anew(
        self, run: Run, approval: Approval, judged: Judgement, *, by: UserId | None = None
    ) -> Outcome | None:
        """Put it to those who may decide it by the rules of this moment; where these let nobody, it ends.

        It ends too where they would let it be done at once: whoever asked is offered to ask again.
        """
        refusal = judged.refusal or VoteRefusal.CHANGED
        refused = [VoteRefused(by, refusal.value)] if by is not None else []
        if judged.rule is None:
            reason = RULES_CHANGED if refusal is VoteRefusal.CHANGED else refusal.value
            dropped = await self._drop(run, reason, *refused)
            return None if dropped is None else NotCounted(refusal, dropped, approval)
        change, digest, source = judged.change, judged.rules.digest, judged.rule.source
        entry = ApprovalRenewed(source.path, source.line, digest, approval.consents, typed_form(change))
        move = Renew(judged.rule, change, fingerprint(change, digest))
        moved = advance(approval, move, self._clock.now())
        named = EnvironmentNamedAnew(change.environment)
        renewed = await self.record(run, approval, moved, *refused, entry, also=named)
        if renewed is None:
            return None
        _, newest = await self._load(run.id)
        return AskedAnew(renewed, newest)

    async def _drop(self, run: Run, reason: str, *entries: ApprovalEntry) -> Run | None:
        """End a run that still waits as when it was judged; None where it no longer does."""
        dropped = advance_run(run, Dropped(reason), self._clock.now())
        ended = Ended(dropped.state.value, reason)
        if not await self._history.record_advance(run, dropped, *entries, ended):
            return None
        self._cards.redraw(dropped)
        return dropped

    async def renew_once(self) -> None:
        """Ask anew what has been waiting since before the rules changed. What cannot be judged now is at its next press."""
        for waiting in await self._history.find_waiting_approvals():
            try:
                while not await self._renew(waiting.run_id):
                    pass
            except ChatError as error:
                log.warning("Run %s is asked anew only at its next press: %s", waiting.run_id, error)

    async def _renew(self, run_id: RunId) -> bool:
        """Ask it anew if it has to be; False where it changed in that moment, and is to be looked at again."""
        run, approval = await self._load(run_id)
        if run.state is not RunState.WAITING or self._clock.now() >= approval.expires_at:
            return True
        judged = await self._judging.judge_anew(run, approval)
        if judged is None:
            return True
        return await self._ask_anew(run, approval, judged) is not None

    async def expire_once(self) -> None:
        """Let every approval and every claim whose time has come run out, and the card say so."""
        now = self._clock.now()
        for approval in await self._history.find_waiting_approvals():
            by = approval.claimed_by
            if now >= approval.expires_at:
                run = await self._history.load_run(approval.run_id)
                ended = advance(approval, Expire(), now)
                await self.record(run, approval, ended, ApprovalRanOut())
            elif by is not None and find_claimant(approval, now) is None:
                run = await self._history.load_run(approval.run_id)
                await self._move(run, approval, Unclaim(by), Claimed(by, begins=False))

    async def show_again(self, run_id: RunId) -> None:
        """Have the card of a waiting run drawn again, and anew where somebody has taken it away."""
        run, approval = await self._load(run_id)
        shown = await self._move(run, approval, ShowAgain())
        if shown is not None:
            await self._cards.show_again(shown)

    async def _move(self, run: Run, approval: Approval, move: Move, *entries: ApprovalEntry) -> Run | None:
        moved = advance(approval, move, self._clock.now())
        return await self.record(run, approval, moved, *entries)

    async def record(
        self,
        run: Run,
        approval: Approval,
        moved: Approval,
        *entries: ApprovalEntry,
        also: EnvironmentNamedAnew | None = None,
    ) -> Run | None:
        """Write a moved approval with its run; None where the move does not apply, or something changed meanwhile."""
        now = self._clock.now()
        after = advance_run(run if also is None else advance_run(run, also, now), as_fact(moved), now)
        if moved is approval or after is run:
            return None
        if not await self._history.record_approval(moved, run, after, *entries):
            return None
        self._cards.redraw(after)
        return after

    async def _refuse(self, run: Run, approval: Approval, vote: Vote, refusal: VoteRefusal) -> NotCounted:
        entry = VoteRefused(vote.voter.user_id, refusal.value)
        await self._history.record_entry(run.id, entry, self._clock.now())
        return NotCounted(refusal, run, approval)

    async def _load(self, run_id: RunId) -> tuple[Run, Approval]:
        run = await self._history.load_run(run_id)
        approval = await self._history.find_approval(run_id)
        if approval is None:
            raise LookupError(f"run {run_id} has lost its approval")
        return run, approval


def _find_entries(moved: Approval, vote: Vote, judged: Judgement) -> list[ApprovalEntry]:
    """What the history says of a vote that counts, and before it, of those that count no longer."""
    by, digest = vote.voter.user_id, judged.rules.digest
    source = judged.rule.source if judged.rule is not None else None
    path, line = (source.path, source.line) if source else (moved.rule_path, moved.rule_line)
    lost = [VoteRefused(one, VOTE_LOST) for one in judged.lost] if vote.approve else []
    if moved.state is ApprovalState.WAITING:
        counted = Consented(by, len(moved.consents), moved.needed, path, line, digest, judged.known_as_of)
        return [*lost, counted]
    return [*lost, Voted(by, moved.state.value, vote.reason, path, line, digest, judged.known_as_of)]
