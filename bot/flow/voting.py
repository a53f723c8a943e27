"""Presses and forms that decide an approval, or say that somebody looks into it: taken in, counted, and answered."""

import logging

from bot.core.approvals import Approval, Vote, VoteRefusal
from bot.core.errors import ChatError
from bot.core.policy import Person
from bot.core.request import Actor, ButtonPress, ModalSubmission, ReplyTo
from bot.core.runs import Run, RunState
from bot.flow.approvals import Approvals, AskedAnew, Counted, EnvironmentBusy, NotCounted, Outcome
from bot.flow.attendance import Attendance
from bot.flow.cards import Cards
from bot.flow.conversation import STILL_WANTED
from bot.flow.forms import Forms
from bot.flow.judging import Judging
from bot.flow.ports import Chat, History
from bot.flow.runs import Runs
from bot.views import answers, buttons
from bot.views.approvals import (
    ASKED_ANEW,
    ASKED_ANEW_SINCE,
    REASON_MISSING,
    decline_modal,
    render_asked_anew,
    render_vote_refused,
    typed_modal,
    vote_error,
)

log = logging.getLogger(__name__)


class Voting:
    """Takes what people decide, and tells each of them what came of it where the card does not."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        *,
        approvals: Approvals,
        judging: Judging,
        runs: Runs,
        cards: Cards,
        forms: Forms,
        attendance: Attendance,
    ) -> None:
        self._chat = chat
        self._history = history
        self._approvals = approvals
        self._judging = judging
        self._runs = runs
        self._cards = cards
        self._forms = forms
        self._attendance = attendance

    async def press(self, press: ButtonPress, run: Run) -> None:
        """Take a press of *Approve*, *Decline* or *I'm looking*."""
        voter = _whoever(press.actor)
        approval = await self._history.find_approval(run.id)
        if approval is None:
            await self._chat.answer(press.reply_to, answers.render_stale_button())
            return
        try:
            if press.kind == buttons.LOOKING:
                outcome: Outcome | None = await self._approvals.claim(run.id, voter)
            else:
                _, terms = buttons.split_terms(press.button_id)
                vote = Vote(voter, approve=press.kind != buttons.DECLINE, terms=terms)
                outcome = await self._vote(press, run, approval, vote)
        except ChatError as error:
            log.warning("Slack did not tell who has to do with run %s: %s", run.id, error)
            await self._chat.answer(press.reply_to, answers.render_unknown_person())
            return
        if outcome is not None:
            await self._tell(press.reply_to, outcome)

    async def _vote(self, press: ButtonPress, run: Run, approval: Approval, vote: Vote) -> Outcome | None:
        """What came of a vote; None where its voter was asked for more first."""
        if await self._came_late(press, run, approval, vote):
            return None
        if not await self._needs_words(run, approval, vote):
            return await self._approvals.cast(run.id, vote)
        by, terms = press.actor.user_id, approval.fingerprint
        modal = typed_modal(run, terms=terms) if vote.approve else decline_modal(run, by=by)
        await self._forms.open(modal, press, (press.kind, press.button_id))
        return None

    async def _came_late(self, press: ButtonPress, run: Run, approval: Approval, vote: Vote) -> bool:
        """Whether an approval that would count was too long on its way, and its voter was asked whether it still holds."""
        if press.kind != buttons.APPROVE or press.late_by <= STILL_WANTED:
            return False
        if not await self._may_count(run, approval, vote):
            return False
        await self._chat.answer(
            press.reply_to, answers.render_late_approval(run, terms=approval.fingerprint, age=press.late_by)
        )
        return True

    async def _needs_words(self, run: Run, approval: Approval, vote: Vote) -> bool:
        """Whether a reason or the environment's name is wanted. Whoever may not vote is told at once, without a form."""
        if vote.approve and not approval.typed:
            return False
        return await self._may_count(run, approval, vote)

    async def _may_count(self, run: Run, approval: Approval, vote: Vote) -> bool:
        if vote.is_overtaken(approval):
            return False
        judged = await self._judging.judge(run, approval, vote)
        return judged.refusal in {None, VoteRefusal.NAME_MISTYPED}

    async def submit(self, submission: ModalSubmission, field: str) -> str | None:
        """Take a vote with its words; what to say beside their field where it does not count."""
        handle, terms = buttons.split_terms(submission.subject)
        run = await self._history.find_run_by_handle(handle)
        approval = await self._history.find_approval(run.id) if run else None
        if run is None or approval is None:
            return answers.FORGOTTEN_REQUEST
        words = submission.values.get(field, "").strip()
        try:
            voter = _whoever(submission.actor)
            if field == buttons.NAME_FIELD:
                vote = Vote(voter, approve=True, typed_name=words, terms=terms)
            else:
                if not words and voter.user_id != run.requester:
                    return REASON_MISSING
                vote = Vote(voter, approve=False, reason=words or None)
            outcome = await self._approvals.cast(run.id, vote)
        except ChatError as error:
            log.warning("Slack did not tell who has to do with run %s: %s", run.id, error)
            return answers.UNKNOWN_PERSON
        if isinstance(outcome, NotCounted):
            return vote_error(
                outcome.refusal,
                outcome.run,
                outcome.approval,
                voter=voter.user_id,
                file=self._judging.rules_file,
            )
        if isinstance(outcome, AskedAnew):
            return ASKED_ANEW_SINCE if field == buttons.NAME_FIELD else ASKED_ANEW
        reply_to = ReplyTo(submission.actor.user_id, run.place)
        telling = self._tell(reply_to, outcome)
        self._attendance.go_on(reply_to, telling, name=f"after the vote on {run.id}")
        return None

    async def _tell(self, reply_to: ReplyTo, outcome: Outcome) -> None:
        match outcome:
            case Counted(run):
                if run.state is RunState.ACCEPTED:
                    await self._runs.submit(run.id)
            case NotCounted(refusal, run, approval):
                answer = render_vote_refused(
                    refusal, run, approval, voter=reply_to.user_id, file=self._judging.rules_file
                )
                await self._chat.answer(reply_to, answer)
            case AskedAnew(run, approval):
                await self._chat.answer(
                    reply_to, render_asked_anew(run, approval, file=self._judging.rules_file)
                )
            case EnvironmentBusy(blocker):
                answer = answers.render_busy(await self._cards.see(blocker))
                await self._chat.answer(reply_to, answer)


def _whoever(actor: Actor) -> Person:
    """Whoever this is: what Slack knows of them is found out where their vote is judged, and not before."""
    return Person(actor.user_id, actor.team_id)
