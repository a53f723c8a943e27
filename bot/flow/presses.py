"""A button press or a submitted modal in: what it means is looked up, and judged by the rules of this moment."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.core.entries import Followed
from bot.core.facts import FollowerJoined
from bot.core.intents import ShowLog, ShowRun, named_anew, typed_form
from bot.core.names import ChannelId, MessageTs
from bot.core.policy import Denied, advise, decide, visible_environments
from bot.core.request import Actor, ButtonPress, MessageShortcut, ModalSubmission, Place, ReplyTo, Request
from bot.core.runs import Run
from bot.flow.adoption import Adoption
from bot.flow.attendance import Attendance
from bot.flow.cards import Cards
from bot.flow.conversation import Asker, Conversation
from bot.flow.forms import Forms
from bot.flow.giving_up import GivingUp
from bot.flow.pleas import Pleas
from bot.flow.ports import Chat, Clock, History
from bot.flow.reading import Reading
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs
from bot.flow.voting import Voting
from bot.views import answers, buttons
from bot.views.asking import ask_modal
from bot.views.message import Message, Modal

log = logging.getLogger(__name__)


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
        voting: Voting,
        forms: Forms,
        pleas: Pleas,
        adoption: Adoption,
        giving_up: GivingUp,
        runs: Runs,
        cards: Cards,
        attendance: Attendance,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._conversation = conversation
        self._reading = reading
        self._voting = voting
        self._forms = forms
        self._pleas = pleas
        self._adoption = adoption
        self._giving_up = giving_up
        self._runs = runs
        self._cards = cards
        self._attendance = attendance

    async def press(self, press: ButtonPress) -> None:
        """Carry out one press."""
        match press.kind:
            case buttons.ASK | buttons.ASK_NOW:
                await self._ask_kept(press)
            case buttons.OPEN_FORM:
                await self._open_form(press)
            case buttons.PLEAD:
                await self._pleas.plead(press)
            case buttons.PLEA:
                await self._pleas.take(press)
            case buttons.PLEA_BACK:
                await self._pleas.take_back(press)
            case _:
                await self._press_of_run(press)

    async def _press_of_run(self, press: ButtonPress) -> None:
        handle, _ = buttons.split_terms(press.button_id)
        run = await self._history.find_run_by_handle(handle)
        match press.kind:
            case _ if run is None:
                log.warning(
                    "A button of no run of mine was pressed: does another oec-bot share this Slack app?"
                )
                await self._chat.answer(press.reply_to, answers.render_foreign_button())
            case buttons.APPROVE | buttons.APPROVE_NOW | buttons.DECLINE | buttons.LOOKING:
                await self._voting.press(press, run)
            case buttons.RETRY:
                await self._ask_again(_at_place_of(run, press), run)
            case buttons.GIVE_UP | buttons.LOG | buttons.FOLLOW | buttons.FOLLOW_TASK:
                await self._press_by_right(press, run)
            case _:
                await self._chat.answer(press.reply_to, answers.render_stale_button())

    async def _press_by_right(self, press: ButtonPress, run: Run) -> None:
        """A button of which the rules say at once who may press it. Votes and asks are judged where they are carried out."""
        asker = await self._conversation.find_asker(press.actor, press.reply_to)
        if asker is None:
            return
        if press.kind == buttons.GIVE_UP:
            await self._ask_back(press, self._giving_up.ask_back(run, asker))
        else:
            await self._read(press, run, asker)

    async def _ask_kept(self, press: ButtonPress) -> None:
        text = await self._history.find_ask(press.button_id)
        if text is None:
            await self._chat.answer(press.reply_to, answers.render_stale_button())
        else:
            await self._conversation.ask(_as_request(press, text))

    async def _open_form(self, press: ButtonPress) -> None:
        """Offer the form to ask in a thread once more: the one before came too late."""
        if await self._history.find_ask(press.button_id) is None:
            await self._chat.answer(press.reply_to, answers.render_stale_button())
        else:
            await self._forms.open(ask_modal(press.button_id), press, (press.kind, press.button_id))

    async def _ask_again(self, press: ButtonPress, run: Run) -> None:
        """Ask for the same, of the same environment: its name may have gone to another one since."""
        catalog = self._rulebook.current().catalog
        if run.change.environment.id in catalog.by_id():
            await self._conversation.ask(_as_request(press, typed_form(named_anew(run.change, catalog))))
        else:
            await self._chat.answer(press.reply_to, answers.render_stale_button())

    async def _ask_back(self, press: ButtonPress, question: Modal | Message) -> None:
        if isinstance(question, Modal):
            await self._forms.open(question, press, (press.kind, press.button_id))
        else:
            await self._chat.answer(press.reply_to, question)

    # Reading and following

    async def _read(self, press: ButtonPress, run: Run, asker: Asker) -> None:
        """A button that shows or follows: needs what reading the run by its number would need."""
        channel, rules = press.place.channel_id, self._rulebook.current()
        intent = ShowLog(run.id) if press.kind == buttons.LOG else ShowRun(run.id)
        decision = decide(intent, asker.person, channel, rules, asker.membership)
        if isinstance(decision, Denied):
            advice = advise(None, asker.person, channel, rules, asker.membership)
            answer = answers.render_denied(
                decision, what=f"follow #{run.id}", channel_id=channel, advice=advice, file=rules.name
            )
        elif run.change.environment.id not in visible_environments(channel, rules):
            answer = answers.render_no_such_run(run.id)
        elif press.kind == buttons.LOG:
            answer = await self._reading.answer(intent, asker.person, channel, asker.membership)
        elif press.kind == buttons.FOLLOW:
            answer = await self._follow(run, press.actor)
        else:
            answer = await self._adoption.adopt(run, _at_place_of(run, press))
        await self._chat.answer(press.reply_to, answer)

    async def _follow(self, run: Run, actor: Actor) -> Message:
        followed = await self._runs.tell(run.id, FollowerJoined(actor.user_id), Followed(actor.user_id))
        return answers.render_following(followed, await self._cards.find_link(run.id))

    # Modals and shortcuts

    async def submit(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        """Carry out a submitted modal; the sentences to show beside its fields where it does not count."""
        match submission.kind:
            case buttons.ASK_MODAL:
                return await self._submit_ask(submission)
            case buttons.TYPED_MODAL:
                error = await self._voting.submit(submission, buttons.NAME_FIELD)
                return None if error is None else {buttons.NAME_FIELD: error}
            case buttons.DECLINE_MODAL:
                error = await self._voting.submit(submission, buttons.REASON_FIELD)
                return None if error is None else {buttons.REASON_FIELD: error}
            case buttons.GIVE_UP_MODAL:
                return await self._submit_give_up(submission)
            case _:
                return {"": answers.FORGOTTEN_REQUEST}

    async def _submit_give_up(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        """Such a modal has no field beside which anything could be said: whatever comes of it is told privately."""
        run = await self._history.find_run_by_handle(submission.subject)
        if run is None:
            return {"": answers.FORGOTTEN_REQUEST}
        reply_to = ReplyTo(submission.actor.user_id, run.place)
        work = self._giving_up.end(run, submission.actor, reply_to)
        self._attendance.go_on(reply_to, work, name=f"giving up {run.id}")
        return None

    async def use_shortcut(self, shortcut: MessageShortcut) -> None:
        """Offer to ask inside a thread, where Slack refuses slash commands."""
        place = f"{shortcut.place.channel_id} {shortcut.place.thread_ts or ''}".strip()
        subject = await self._history.record_ask(place, self._clock.now())
        await self._forms.open(ask_modal(subject), shortcut, (buttons.OPEN_FORM, subject))

    async def _submit_ask(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        kept = await self._history.find_ask(submission.subject)
        if kept is None:
            return {buttons.TEXT_FIELD: answers.FORGOTTEN_REQUEST}
        channel, _, thread = kept.partition(" ")
        place = Place(ChannelId(channel), MessageTs(thread) if thread else None)
        reply_to = ReplyTo(submission.actor.user_id, place)
        text = submission.values.get(buttons.TEXT_FIELD, "")
        request = Request(submission.key, submission.actor, place, text, submission.submitted_at, reply_to)
        self._attendance.go_on(reply_to, self._conversation.ask(request), name="an ask from a modal")
        return None


def _as_request(press: ButtonPress, text: str) -> Request:
    """A press that asks again goes the way of every ask: one path, not two."""
    # whoever presses "Do it now" has seen how late it is: asked back again, a clock of ours that is wrong would end nothing
    late_by = timedelta(0) if press.kind == buttons.ASK_NOW else press.late_by
    return Request(press.key, press.actor, press.place, text, press.pressed_at, press.reply_to, late_by)


def _at_place_of(run: Run, press: ButtonPress) -> ButtonPress:
    """The press as if on the run's card: what it asks for belongs beside that, not in the thread under it."""
    if press.place.channel_id != run.place.channel_id:
        return press
    return replace(press, place=run.place)
