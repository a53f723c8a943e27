"""A request in: understood, decided, and then run, put up for approval, or answered. Every ask gets an answer."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.catalog import Environment
from bot.core.entries import DeniedAsk
from bot.core.errors import ChatError
from bot.core.grammar import parse
from bot.core.intents import ActionIntent, Change, ReadingIntent, ShowHelp, as_change, typed_form
from bot.core.misunderstood import AmbiguousEnvironment, Misunderstood, UnknownEnvironment
from bot.core.names import ButtonId, ChannelId
from bot.core.pleas import find_plea_id
from bot.core.policy import (
    Denied,
    Membership,
    Person,
    advise,
    decide,
    find_unknown_groups,
    here_you_may,
    known_as_of,
    visible_environments,
)
from bot.core.request import Actor, ReplyTo, Request
from bot.flow.changes import Changes, Ruling
from bot.flow.people import People
from bot.flow.plea_offers import PleaOffers
from bot.flow.ports import Chat, Clock, History
from bot.flow.reading import Reading
from bot.flow.rulebook import Rulebook
from bot.views import answers

log = logging.getLogger(__name__)

STILL_WANTED = timedelta(seconds=60)
"""An ask for a change that reached us later than this is carried out only if it is still wanted."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and who is in which group, as far as Slack has told."""

    person: Person
    membership: Membership


class Conversation:
    """Answers what people ask."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        *,
        rulebook: Rulebook,
        people: People,
        changes: Changes,
        reading: Reading,
        offers: PleaOffers,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._people = people
        self._changes = changes
        self._reading = reading
        self._offers = offers

    async def ask(self, request: Request) -> None:
        """Carry out one request, whatever it says."""
        asker = await self.find_asker(request.actor, request.reply_to)
        if asker is None:
            return
        understood = parse(request.text, self._rulebook.current().catalog)
        if isinstance(understood, ActionIntent):
            await self._change(request, understood, asker)
        elif isinstance(understood, ReadingIntent):
            await self._read(request, understood, asker)
        else:
            await self._guess(request, understood, asker)

    async def find_asker(self, actor: Actor, reply_to: ReplyTo) -> Asker | None:
        """Who asks; None, and the person told, where Slack does not say: nothing may be decided then."""
        try:
            return await self.learn_asker(actor)
        except ChatError as error:
            log.warning("Slack did not tell who %s is: %s", actor.user_id, error)
            await self._chat.answer(reply_to, answers.render_unknown_person())
            return None

    async def learn_asker(self, actor: Actor) -> Asker:
        """Who asks. Raises `ChatError` where Slack does not say."""
        return Asker(await self._people.find_person(actor), await self._people.find_membership())

    async def _change(self, request: Request, intent: ActionIntent, asker: Asker) -> None:
        channel, rules = request.place.channel_id, self._rulebook.current()
        decision = decide(intent, asker.person, channel, rules, asker.membership)
        change = as_change(intent)
        if isinstance(decision, Denied):
            await self._deny(request, asker, decision, change=change)
        elif request.late_by > STILL_WANTED:
            await self._ask_whether_wanted(request, typed_form(change))
        else:
            known = known_as_of(change, asker.person, channel, rules, asker.membership)
            await self._changes.begin(request, change, Ruling(decision, rules.digest, known))

    async def _ask_whether_wanted(self, request: Request, text: str) -> None:
        """Whoever asked may have found another way while Slack kept the ask, or while the bot was down."""
        button_id = await self._history.record_ask(text, self._clock.now())
        answer = answers.render_late_ask(text, ask=button_id, age=request.late_by)
        await self._chat.answer(request.reply_to, answer)

    async def _read(self, request: Request, intent: ReadingIntent, asker: Asker) -> None:
        channel = request.place.channel_id
        decision = decide(intent, asker.person, channel, self._rulebook.current(), asker.membership)
        if isinstance(decision, Denied):
            await self._deny(request, asker, decision)
            return
        answer = await self._reading.answer(intent, asker.person, channel, asker.membership)
        await self._chat.answer(request.reply_to, answer)

    async def _guess(self, request: Request, misunderstood: Misunderstood, asker: Asker) -> None:
        """Show the nearest thing that would have worked; to somebody who may do nothing here, say that instead."""
        rules, channel = self._rulebook.current(), request.place.channel_id
        decision = decide(ShowHelp(), asker.person, channel, rules, asker.membership)
        if isinstance(decision, Denied):
            await self._deny(request, asker, decision)
            return
        answer = answers.render_misunderstood(
            misunderstood,
            asks=await self._keep_offers(misunderstood, asker, channel),
            here_you_may=here_you_may(asker.person, channel, rules, asker.membership),
        )
        await self._chat.answer(request.reply_to, answer)

    async def _keep_offers(
        self, misunderstood: Misunderstood, asker: Asker, channel: ChannelId
    ) -> Sequence[tuple[ButtonId, Environment]]:
        """Keep what each offered button would ask: nothing that would be refused, nor that this channel may not see."""
        if not isinstance(misunderstood, UnknownEnvironment | AmbiguousEnvironment):
            return ()
        now = self._clock.now()
        return [
            (await self._history.record_ask(text, now), environment)
            for environment, text in misunderstood.offers
            if self._may_offer(environment, text, asker, channel)
        ]

    def _may_offer(self, environment: Environment, text: str, asker: Asker, channel: ChannelId) -> bool:
        rules = self._rulebook.current()
        meant = parse(text, rules.catalog)
        if environment.id not in visible_environments(channel, rules) or isinstance(meant, Misunderstood):
            return False
        return not isinstance(decide(meant, asker.person, channel, rules, asker.membership), Denied)

    async def _deny(
        self, request: Request, asker: Asker, denied: Denied, *, change: Change | None = None
    ) -> None:
        """Say why not, who could, and what may be done here instead; `change` is what was asked for, if it was one."""
        channel, rules = request.place.channel_id, self._rulebook.current()
        what = request.text if change is None else typed_form(change)
        entry = DeniedAsk(
            request.actor.user_id,
            what[:200],
            channel,
            denied.reason,
            denied.rule.path,
            line=denied.rule.line,
            digest=rules.digest,
        )
        await self._history.record_entry(None, entry, self._clock.now())
        answer = answers.render_denied(
            denied,
            what=what,
            channel_id=channel,
            advice=advise(change, asker.person, channel, rules, asker.membership),
            file=rules.name,
            unknown_groups=() if change is None else find_unknown_groups(rules, asker.membership),
            plea=await self._keep_plea(request, asker, change),
        )
        await self._chat.answer(request.reply_to, answer)

    async def _keep_plea(self, request: Request, asker: Asker, change: Change | None) -> ButtonId | None:
        """The button that asks those who may, where there are any; not for what somebody else was asking them for."""
        is_answer = find_plea_id(request.key) is not None
        if change is None or is_answer or request.late_by > STILL_WANTED:
            return None
        return await self._offers.keep(change, asker.person, request.place.channel_id, asker.membership)
