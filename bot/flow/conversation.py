"""A request in: understood, decided, and then run, put up for approval, or answered. Every ask gets an answer.

The outermost functions here are one of the two places where a bug of ours is caught: it is logged with a short
reference, and the person is told that reference.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.approvals import Approval, fingerprint
from bot.core.catalog import Environment
from bot.core.entries import Asked, DeniedAsk
from bot.core.errors import ChatError, ChatRefusedError, HostingError
from bot.core.grammar import parse
from bot.core.intents import (
    Change,
    Deploy,
    Intent,
    QuickUpdate,
    ReadingIntent,
    Restart,
    ShowHelp,
    Start,
    Stop,
    as_change,
    typed_form,
)
from bot.core.misunderstood import AmbiguousEnvironment, Misunderstood, UnknownEnvironment
from bot.core.names import ApprovalId, ButtonId, RunId
from bot.core.policy import (
    Allowed,
    Denied,
    Membership,
    NeedsApproval,
    Person,
    decide,
    here_you_may,
    visible_environments,
)
from bot.core.request import Actor, ReplyTo, Request
from bot.core.runs import EnvironmentSeen, Run, RunState
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.people import People
from bot.flow.ports import Chat, Clock, History, Hosting
from bot.flow.reading import Reading
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs
from bot.views import answers
from bot.views.message import Message

log = logging.getLogger(__name__)

SAME_ASK = timedelta(seconds=60)
"""Within this time, the same person asking the same again has most likely pressed twice."""


class Conversation:
    """Answers what people ask."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        hosting: Hosting,
        clock: Clock,
        *,
        rulebook: Rulebook,
        people: People,
        cards: Cards,
        runs: Runs,
        reading: Reading,
        background: Background,
    ) -> None:
        self._chat = chat
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._rulebook = rulebook
        self._people = people
        self._cards = cards
        self._runs = runs
        self._reading = reading
        self._background = background

    async def ask(self, request: Request) -> None:
        """Carry out one request, whatever it says. A request delivered again is dropped."""
        await self.answering(request.reply_to, self._ask_once(request))

    async def answering(self, reply_to: ReplyTo, work: Awaitable[None]) -> None:
        """Do the work of one ask or press; whatever goes wrong, the person hears of it."""
        try:
            await work
        except ChatError as error:
            log.warning("An answer could not be given: %s", error)
        except Exception:  # noqa: BLE001 - the outermost place: a bug must reach the log and the person, not the loop
            reference = self._clock.new_id()[:4].lower()
            log.exception("Something of ours broke (reference %s)", reference)
            await self._tell_broken(reply_to, reference)

    async def _tell_broken(self, reply_to: ReplyTo, reference: str) -> None:
        try:
            await self._chat.answer(reply_to, answers.render_broken(reference))
        except ChatError as error:
            log.warning("Nor could the person be told (reference %s): %s", reference, error)

    async def _ask_once(self, request: Request) -> None:
        if not await self._history.claim_delivery(request.key, self._clock.now()):
            log.info("Dropped a request that was delivered again")
            return
        rules = self._rulebook.current()
        understood = parse(request.text, rules.catalog)
        asker = await self._find_asker(request.actor, request.reply_to)
        if asker is None:
            return
        person, membership = asker
        match understood:
            case Deploy() | Restart() | Start() | Stop() | QuickUpdate():
                await self._change(request, understood, person, membership)
            case _ if is_reading(understood):
                await self._read(request, understood, person, membership)
            case _:
                await self._guess(request, understood, person, membership)

    async def _find_asker(self, actor: Actor, reply_to: ReplyTo) -> tuple[Person, Membership] | None:
        """Who asks; None, and the person told, where Slack does not say: nothing may be decided then."""
        try:
            return await self._people.find_person(actor), await self._people.find_membership()
        except ChatError as error:
            log.warning("Slack did not tell who asks: %s", error)
            await self._chat.answer(reply_to, answers.render_stranger())
            return None

    # What reads

    async def _read(
        self, request: Request, intent: ReadingIntent, person: Person, membership: Membership
    ) -> None:
        decision = decide(
            intent, person, request.place.channel_id, self._rulebook.current(), membership
        )
        if isinstance(decision, Denied):
            await self._deny(request, decision, what=request.text)
            return
        message = await self._reading.answer(intent, person, request.place.channel_id, membership)
        await self._chat.answer(request.reply_to, message)

    # What was not understood

    async def _guess(
        self, request: Request, misunderstood: Misunderstood, person: Person, membership: Membership
    ) -> None:
        rules, channel = self._rulebook.current(), request.place.channel_id
        decision = decide(ShowHelp(), person, channel, rules, membership)
        if isinstance(decision, Denied):
            await self._deny(request, decision, what=request.text)
            return
        asks = await self._keep_offers(misunderstood, visible_environments(channel, rules))
        message = answers.render_misunderstood(
            misunderstood,
            asks=asks,
            here_you_may=here_you_may(person, channel, rules, membership),
        )
        await self._chat.answer(request.reply_to, message)

    async def _keep_offers(
        self, misunderstood: Misunderstood, visible: frozenset[str]
    ) -> Sequence[tuple[ButtonId, Environment]]:
        """Keep what each offered button would ask; environments that this channel may not see are not offered."""
        if not isinstance(misunderstood, UnknownEnvironment | AmbiguousEnvironment):
            return ()
        now = self._clock.now()
        return [
            (await self._history.record_ask(text, now), environment)
            for environment, text in misunderstood.offers
            if environment.id in visible
        ]

    # What changes something

    async def _change(
        self,
        request: Request,
        intent: Deploy | Restart | Start | Stop | QuickUpdate,
        person: Person,
        membership: Membership,
    ) -> None:
        change = as_change(intent)
        decision = decide(intent, person, request.place.channel_id, self._rulebook.current(), membership)
        if isinstance(decision, Denied):
            await self._deny(request, decision, what=typed_form(change))
            return
        if await self._tell_occupied(request, change):
            return
        run, approval = self._draft(request, change, decision)
        recorded = await self._history.record_run(run, approval, _asked(request, change, decision))
        if recorded is None:
            await self._tell_occupied(request, change)
            return
        await self._show_and_send(request, recorded)

    async def _deny(self, request: Request, denied: Denied, *, what: str) -> None:
        channel = request.place.channel_id
        entry = DeniedAsk(
            request.actor.user_id, what, channel, denied.reason, denied.rule.path if denied.rule else None
        )
        await self._history.record_entry(None, entry, self._clock.now())
        message = answers.render_denied(denied, what=what, channel_id=channel)
        await self._chat.answer(request.reply_to, message)

    async def _tell_occupied(self, request: Request, change: Change) -> bool:
        """Tell of a run of ours that holds the environment, or that waits to do the same; False if none does."""
        now = self._clock.now()
        open_runs = [
            run
            for run in await self._history.find_open_runs()
            if run.change.environment.id == change.environment.id
        ]
        twin = next((run for run in open_runs if self._is_same_ask(run, request, change, now)), None)
        if twin is not None:
            await self._chat.answer(
                request.reply_to, answers.render_already_asked(twin, await self._find_link(twin.id))
            )
            return True
        blocker = next((run for run in open_runs if run.state is not RunState.WAITING), None)
        if blocker is None:
            return False
        sight = await self._cards.see(blocker)
        await self._chat.answer(request.reply_to, answers.render_busy(sight))
        return True

    def _is_same_ask(self, run: Run, request: Request, change: Change, now: datetime) -> bool:
        if run.change.word != change.word or run.change.modules != change.modules:
            return False
        if run.state is RunState.WAITING:
            return True
        return run.requester == request.actor.user_id and now - run.asked_at < SAME_ASK

    async def _find_link(self, run_id: RunId) -> str | None:
        card = await self._cards.find_card(run_id)
        if card is None:
            return None
        try:
            return await self._chat.fetch_permalink(card)
        except ChatError:
            return None

    def _draft(
        self, request: Request, change: Change, decision: Allowed | NeedsApproval
    ) -> tuple[Run, Approval | None]:
        waits = isinstance(decision, NeedsApproval)
        run = Run(
            id=RunId(0),
            handle=ButtonId(self._clock.new_id()),
            request_key=request.key,
            change=change,
            requester=request.actor.user_id,
            team_id=request.actor.team_id,
            place=request.place,
            asked_at=self._clock.now(),
            state=RunState.WAITING if waits else RunState.ACCEPTED,
            rule=decision.rule.path if decision.rule else "",
        )
        return run, self._draft_approval(run, decision) if isinstance(decision, NeedsApproval) else None

    def _draft_approval(self, run: Run, decision: NeedsApproval) -> Approval:
        rule = decision.approval
        return Approval(
            id=ApprovalId(self._clock.new_id()),
            run_id=run.id,
            requester=run.requester,
            approvers=rule.by.label,
            rule_path=rule.source.path,
            fingerprint=fingerprint(run.change, self._rulebook.current().digest),
            asked_at=run.asked_at,
            expires_at=run.asked_at + rule.expires,
            typed=run.change.destroys_data or run.change.word in rule.typed,
            requester_may_approve=rule.requester_may_approve,
        )

    async def _show_and_send(self, request: Request, run: Run) -> None:
        """First sight, then action: what nobody was shown is not triggered."""
        self._background.start(self._look_at_environment(run), name=f"pre-flight of {run.id}")
        try:
            await self._cards.show_first(run)
        except ChatRefusedError as refusal:
            await self._runs.drop(run.id, refusal.error)
            await self._chat.answer(request.reply_to, answers.render_card_refused(refusal.error))
            return
        if run.state is RunState.ACCEPTED:
            await self._runs.submit(run.id)

    async def _look_at_environment(self, run: Run) -> None:
        """Learn how the environment stands, for the card: an extra that must never hold up or lose the ask."""
        try:
            async with asyncio.timeout(10):
                report = await self._hosting.fetch_environment(run.change.environment.id)
        except (HostingError, TimeoutError) as error:
            log.info("The environment of run %s could not be looked at: %s", run.id, error)
            return
        await self._runs.tell(run.id, EnvironmentSeen(replace(report, project=run.change.environment.project)))

    async def ask_kept(self, request: Request, text: str) -> None:
        """Carry out what a button was made to ask, as the person who pressed it."""
        await self._ask_once(replace(request, text=text))

    async def tell(self, reply_to: ReplyTo, message: Message) -> None:
        """Answer one person privately."""
        await self._chat.answer(reply_to, message)


def is_reading(understood: Intent | Misunderstood) -> bool:
    """Whether this only asks to be shown something."""
    raise NotImplementedError


def _asked(request: Request, change: Change, decision: Allowed | NeedsApproval) -> Asked:
    kind = "needs_approval" if isinstance(decision, NeedsApproval) else "allowed"
    path = decision.rule.path if decision.rule else ""
    return Asked(request.actor.user_id, typed_form(change), path, kind)
