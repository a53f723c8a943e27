"""Begin a run: unless the environment is taken, write it down, show its card, and send it or wait for approval.

What nobody was shown is not triggered: the card stands before the platform is asked.
"""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.approvals import Approval, fingerprint, put_to_approvers
from bot.core.entries import Asked, BlockedAsk, PleaTaken
from bot.core.errors import ChatError, ChatRefusedError
from bot.core.intents import Change, typed_form
from bot.core.names import ApprovalId, ButtonId, RunId
from bot.core.pleas import Plea, PleaState, find_plea_id
from bot.core.policy import Allowed, NeedsApproval
from bot.core.request import Request
from bot.core.rules import ApprovalRule
from bot.core.runs import Run, RunState
from bot.flow.approvals import Approvals
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.ports import Chat, Clock, History
from bot.flow.pre_flight import PreFlights
from bot.flow.runs import Runs
from bot.views import answers
from bot.views.pleas import render_plea_over

SAME_ASK = timedelta(seconds=60)
"""Within this time, the same person asking the same again has most likely pressed twice."""

FIRST_SIGHT = timedelta(seconds=1.5)
"""How long a card may take to appear before the person is told privately that the ask was heard."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided, by which version of the rules, and as of when that was known on which it leans (None: of now)."""

    decision: Allowed | NeedsApproval
    digest: str
    known_as_of: datetime | None = None


class Changes:
    """Turns a change that may be asked into a run."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        *,
        approvals: Approvals,
        cards: Cards,
        runs: Runs,
        pre_flights: PreFlights,
        background: Background,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._approvals = approvals
        self._cards = cards
        self._runs = runs
        self._pre_flights = pre_flights
        self._background = background
        self._beginning = asyncio.Lock()

    async def begin(self, request: Request, change: Change, ruling: Ruling) -> None:
        """Begin a run of this change, or tell what stands in its way."""
        while True:
            async with self._beginning:  # or the same ask, twice at once, would not see itself
                plea = await self._find_plea(request)
                is_over = plea is not None and plea.state is not PleaState.OPEN
                obstacle = None if is_over else await self._find_obstacle(request, change)
                is_free = not is_over and obstacle is None
                recorded = await self._record(request, change, ruling, plea) if is_free else None
            if plea is not None and is_over:
                return await self._chat.answer(request.reply_to, render_plea_over(plea))
            if recorded is not None:
                return await self._show_and_send(request, recorded)
            if obstacle is not None:
                return await self._turn_away(request, change, ruling, obstacle)
            # the environment was taken in between, by a vote, say: look again what by

    async def _find_plea(self, request: Request) -> Plea | None:
        """The plea that this ask answers, as it stands now."""
        plea_id = find_plea_id(request.key)
        return None if plea_id is None else await self._history.find_plea(plea_id)

    async def _record(
        self, request: Request, change: Change, ruling: Ruling, plea: Plea | None
    ) -> Run | None:
        decision = ruling.decision
        run = self._draft(request, change, decision)
        if plea is not None:
            run = replace(run, followers=(plea.by,))
        needed = decision.approval if isinstance(decision, NeedsApproval) else None
        approval = None if needed is None else self._draft_approval(run, needed, ruling.digest)
        asked = Asked(
            run.requester,
            typed_form(change),
            run.rule,
            "allowed" if needed is None else "needs_approval",
            line=decision.rule.line,
            digest=ruling.digest,
            approval_rule=None if needed is None else needed.source.path,
            known_as_of=ruling.known_as_of,
            approval_line=0 if needed is None else needed.source.line,
            environment_id=change.environment.id,
        )
        taken = [] if plea is None else [PleaTaken(run.requester, plea.by)]
        return await self._history.record_run(run, approval, asked, *taken)

    async def _show_and_send(self, request: Request, run: Run) -> None:
        self._background.start(self._pre_flights.look(run), name=f"pre-flight of {run.id}")
        try:
            await self._show_first(request, run)
        except ChatRefusedError as refusal:
            await self._runs.drop(run.id, refusal.error)
            await self._chat.answer(request.reply_to, answers.render_card_refused(refusal.error))
            return
        if run.state is RunState.ACCEPTED:
            await self._runs.submit(run.id)

    async def _show_first(self, request: Request, run: Run) -> None:
        """Show the card; where Slack takes its time, the person hears meanwhile that the ask has arrived."""
        showing = asyncio.ensure_future(self._cards.show_first(run))
        try:
            if not (await asyncio.wait({showing}, timeout=FIRST_SIGHT.total_seconds()))[0]:
                with contextlib.suppress(ChatError):
                    await self._chat.answer(request.reply_to, answers.render_heard(run))
            await showing
        finally:
            showing.cancel()

    async def _find_obstacle(self, request: Request, change: Change) -> Run | None:
        """A run of ours that holds the environment, or waits to do the same."""
        open_runs = [
            run
            for run in await self._history.find_open_runs()
            if run.change.environment.id == change.environment.id
        ]
        now = self._clock.now()
        twin = next((run for run in open_runs if _is_same_ask(run, request, change, now)), None)
        return twin or next((run for run in open_runs if run.state is not RunState.WAITING), None)

    async def _turn_away(self, request: Request, change: Change, ruling: Ruling, obstacle: Run) -> None:
        """Say what is in the way; the record has it with the run that is."""
        now, rule = self._clock.now(), ruling.decision.rule
        is_same = _is_same_ask(obstacle, request, change, now)
        entry = BlockedAsk(
            request.actor.user_id,
            typed_form(change),
            request.place.channel_id,
            is_same,
            rule.path,
            line=rule.line,
            digest=ruling.digest,
            known_as_of=ruling.known_as_of,
        )
        await self._history.record_entry(obstacle.id, entry, now)
        if is_same:
            if obstacle.state is RunState.WAITING:
                await self._approvals.show_again(obstacle.id)
            link = await self._cards.find_link(obstacle.id)
            answer = answers.render_already_asked(obstacle, link)
        else:
            answer = answers.render_busy(await self._cards.see(obstacle))
        await self._chat.answer(request.reply_to, answer)

    def _draft(self, request: Request, change: Change, decision: Allowed | NeedsApproval) -> Run:
        return Run(
            id=RunId(0),
            handle=ButtonId(self._clock.new_id()),
            request_key=request.key,
            change=change,
            requester=request.actor.user_id,
            team_id=request.actor.team_id,
            place=request.place,
            asked_at=self._clock.now(),
            state=RunState.ACCEPTED if isinstance(decision, Allowed) else RunState.WAITING,
            rule=decision.rule.path,
        )

    def _draft_approval(self, run: Run, rule: ApprovalRule, digest: str) -> Approval:
        asked = Approval(
            id=ApprovalId(self._clock.new_id()),
            run_id=run.id,
            requester=run.requester,
            approvers="",
            rule_path="",
            fingerprint="",
            asked_at=run.asked_at,
            expires_at=run.asked_at,
        )
        return put_to_approvers(asked, rule, run.change, fingerprint(run.change, digest), run.asked_at)


def _is_same_ask(run: Run, request: Request, change: Change, now: datetime) -> bool:
    if run.change.word != change.word or run.change.modules != change.modules:
        return False
    if run.state is RunState.WAITING:
        return True
    return run.requester == request.actor.user_id and now - run.asked_at < SAME_ASK
