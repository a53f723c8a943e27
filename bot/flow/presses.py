"""A button press or a submitted modal in: what it means is looked up, and judged by the rules of this moment."""

from collections.abc import Mapping

from bot.core.approvals import Approval, Vote, VoteRefusal
from bot.core.entries import Followed
from bot.core.intents import ShowLog, ShowRun, typed_form
from bot.core.names import ChannelId, MessageTs
from bot.core.policy import Denied, decide
from bot.core.request import Actor, ButtonPress, MessageShortcut, ModalSubmission, Place, ReplyTo, Request
from bot.core.runs import FollowerJoined, Run
from bot.flow.adoption import Adoption
from bot.flow.approvals import Approvals, EnvironmentBusy, VoteCounted, VoteNotCounted, VoteOutcome
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.conversation import Asker, Conversation
from bot.flow.ports import Chat, Clock, History
from bot.flow.reading import Reading
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs
from bot.views import answers, buttons
from bot.views.approvals import decline_modal, render_vote_refused, typed_modal, vote_error
from bot.views.asking import ask_modal
from bot.views.message import Message


class Presses:
    """Carries out what buttons and modals ask for."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        *,
        rulebook: Rulebook,
        conversation: Conversation,
        reading: Reading,
        approvals: Approvals,
        adoption: Adoption,
        runs: Runs,
        cards: Cards,
        background: Background,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._conversation = conversation
        self._reading = reading
        self._approvals = approvals
        self._adoption = adoption
        self._runs = runs
        self._cards = cards
        self._background = background

    async def press(self, press: ButtonPress) -> None:
        """Carry out one press."""
        if press.kind == buttons.ASK:
            await self._ask_kept(press)
            return
        run = await self._history.find_run_by_handle(press.button_id)
        asker = await self._conversation.find_asker(press.actor, press.reply_to)
        if asker is None:
            return
        match press.kind, run:
            case buttons.APPROVE, Run():
                await self._vote(press, run, Vote(asker.person, approve=True))
            case buttons.DECLINE, Run():
                await self._vote(press, run, Vote(asker.person, approve=False))
            case buttons.RETRY, Run():
                await self._conversation.ask(_as_request(press, typed_form(run.change)))
            case ((buttons.LOG | buttons.FOLLOW | buttons.FOLLOW_TASK), Run()):
                await self._read(press, run, asker)
            case _:
                await self._chat.answer(press.reply_to, answers.render_stale_button())

    async def _ask_kept(self, press: ButtonPress) -> None:
        text = await self._history.find_ask(press.button_id)
        if text is None:
            await self._chat.answer(press.reply_to, answers.render_stale_button())
        else:
            await self._conversation.ask(_as_request(press, text))

    # Votes

    async def _vote(self, press: ButtonPress, run: Run, vote: Vote) -> None:
        approval = await self._history.find_approval(run.id)
        if approval is None:
            await self._chat.answer(press.reply_to, answers.render_stale_button())
            return
        if not vote.approve or approval.typed:
            await self._open_vote_modal(press, run, approval, vote)
            return
        await self._tell_outcome(press.reply_to, await self._approvals.cast(run, approval, vote))

    async def _open_vote_modal(self, press: ButtonPress, run: Run, approval: Approval, vote: Vote) -> None:
        """A vote that needs words: a reason, or the environment's name. Whoever may not vote is told at once."""
        refusal = await self._approvals.find_refusal(run, approval, vote)
        if refusal not in {None, VoteRefusal.NAME_MISTYPED}:
            outcome = await self._approvals.cast(run, approval, vote)
            await self._tell_outcome(press.reply_to, outcome)
            return
        modal = typed_modal(run) if vote.approve else decline_modal(run, by=press.actor.user_id)
        await self._chat.open_modal(press.trigger_id, modal)

    async def _tell_outcome(self, reply_to: ReplyTo, outcome: VoteOutcome) -> None:
        match outcome:
            case VoteCounted(run):
                await self._runs.submit(run.id)
            case VoteNotCounted(refusal, run, approval):
                await self._chat.answer(reply_to, render_vote_refused(refusal, run, approval))
            case EnvironmentBusy(blocker):
                answer = answers.render_busy(await self._cards.see(blocker))
                await self._chat.answer(reply_to, answer)

    async def _read(self, press: ButtonPress, run: Run, asker: Asker) -> None:
        """A button that shows or follows: needs what reading the run by its number would need."""
        channel = press.place.channel_id
        intent = ShowLog(run.id) if press.kind == buttons.LOG else ShowRun(run.id)
        decision = decide(intent, asker.person, channel, self._rulebook.current(), asker.membership)
        if isinstance(decision, Denied):
            answer = answers.render_denied(decision, what=f"follow #{run.id}", channel_id=channel)
        elif press.kind == buttons.LOG:
            answer = await self._reading.answer(intent, asker.person, channel, asker.membership)
        elif press.kind == buttons.FOLLOW:
            answer = await self._follow(run, press.actor)
        else:
            answer = await self._adoption.adopt(run, press)
        await self._chat.answer(press.reply_to, answer)

    async def _follow(self, run: Run, actor: Actor) -> Message:
        followed = await self._runs.tell(run.id, FollowerJoined(actor.user_id), Followed(actor.user_id))
        return answers.render_following(followed, await self._cards.find_link(run.id))

    # Modals and shortcuts

    async def submit(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        """Carry out a submitted modal; the sentences to show beside its fields where it does not count."""
        if submission.kind == buttons.ASK_MODAL:
            return await self._submit_ask(submission)
        run = await self._history.find_run_by_handle(submission.subject)
        approval = await self._history.find_approval(run.id) if run else None
        approve = submission.kind == buttons.TYPED_MODAL
        field = buttons.NAME_FIELD if approve else buttons.REASON_FIELD
        if run is None or approval is None:
            return {field: answers.FORGOTTEN_REQUEST}
        reply_to = ReplyTo(submission.actor.user_id, run.place)
        asker = await self._conversation.find_asker(submission.actor, reply_to)
        if asker is None:
            return {field: answers.UNKNOWN_PERSON}
        typed = submission.values.get(field, "").strip()
        vote = Vote(asker.person, approve, None if approve else typed, typed if approve else None)
        outcome = await self._approvals.cast(run, approval, vote)
        if isinstance(outcome, VoteNotCounted):
            return {field: vote_error(outcome.refusal, outcome.run, outcome.approval)}
        self._background.start(self._tell_outcome(reply_to, outcome), name=f"after the vote on {run.id}")
        return None

    async def use_shortcut(self, shortcut: MessageShortcut) -> None:
        """Offer to ask inside a thread, where Slack refuses slash commands."""
        place = f"{shortcut.place.channel_id} {shortcut.place.thread_ts or ''}".strip()
        subject = await self._history.record_ask(place, self._clock.now())
        await self._chat.open_modal(shortcut.trigger_id, ask_modal(subject))

    async def _submit_ask(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        kept = await self._history.find_ask(submission.subject)
        if kept is None:
            return {buttons.TEXT_FIELD: answers.FORGOTTEN_REQUEST}
        channel, _, thread = kept.partition(" ")
        place = Place(ChannelId(channel), MessageTs(thread) if thread else None)
        reply_to = ReplyTo(submission.actor.user_id, place)
        text = submission.values.get(buttons.TEXT_FIELD, "")
        request = Request(submission.key, submission.actor, place, text, submission.submitted_at, reply_to)
        self._background.start(self._conversation.ask(request), name="an ask from a modal")
        return None


def _as_request(press: ButtonPress, text: str) -> Request:
    """A press that asks again goes the way of every ask: one path, not two."""
    return Request(press.key, press.actor, press.place, text, press.pressed_at, press.reply_to)
