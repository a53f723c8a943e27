"""Answer what may be done and why: by the same decision that an ask would get, and by what the history tells of it."""

import logging
from dataclasses import dataclass, replace

from bot.core.entries import DeniedAsk
from bot.core.errors import ChatError, ChatRefusedError
from bot.core.explanations import Account, Explanation
from bot.core.grammar import parse
from bot.core.intents import (
    ActionIntent,
    Change,
    Intent,
    ShowMay,
    ShowWhy,
    as_change,
    as_intent,
    named_anew,
)
from bot.core.misunderstood import Misunderstood
from bot.core.names import ButtonId, ChannelId, RunId, UserId
from bot.core.policy import (
    Advice,
    Denied,
    Membership,
    Person,
    Power,
    advise,
    decide,
    find_outsider_reason,
    find_unknown_groups,
    known_as_of,
    mark_own,
    powers,
    visible_environments,
)
from bot.core.runs import Run
from bot.flow.cards import Cards
from bot.flow.people import People
from bot.flow.plea_offers import PleaOffers
from bot.flow.ports import History
from bot.flow.rulebook import Rulebook
from bot.views import answers
from bot.views.accounts import render_account, render_nothing_to_explain, render_refusal_account
from bot.views.explaining import (
    render_may,
    render_nobody_known,
    render_not_about_others,
    render_person_untold,
    render_they_may,
)
from bot.views.message import Message

log = logging.getLogger(__name__)

NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
"""Slack's words for an id that is nobody's, as far as this app may see."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants to know, where, and what is known of the moment."""

    person: Person
    channel: ChannelId
    membership: Membership


class Explaining:
    """Answers `can` and `why`."""

    def __init__(
        self, history: History, rulebook: Rulebook, people: People, cards: Cards, offers: PleaOffers
    ) -> None:
        self._history = history
        self._rulebook = rulebook
        self._people = people
        self._cards = cards
        self._offers = offers

    async def answer(self, intent: ShowMay | ShowWhy, asking: Asking) -> Message:
        """The answer to a question that this person may ask here."""
        match intent:
            case ShowMay(who, asks) if who is None or who == asking.person.user_id:
                return await self._about_oneself(asks, asking)
            case ShowMay(who, asks) if who is not None:
                return await self._about_another(who, asks, asking)
            case ShowWhy(run_id) if run_id is not None:
                return await self._about_run(await self._history.find_run(run_id), run_id, asking)
            case _:
                return await self._about_last(asking)

    # can

    async def _about_oneself(self, asks: Intent | None, asking: Asking) -> Message:
        if asks is None:
            return render_they_may(None, asking.channel, self._find_powers(asking.person, asking))
        explained = self._explain(asks, asking.person, asking, is_own=True)
        return render_may(explained, plea=await self._keep_plea(explained, asking))

    async def _about_another(self, who: UserId, asks: Intent | None, asking: Asking) -> Message:
        if find_outsider_reason(asking.person, asking.membership) is not None:
            return render_not_about_others()
        try:
            person = await self._people.look_up(who)
        except ChatRefusedError as error:
            log.info("Slack knows nobody by %s: %s", who, error.error)
            return render_nobody_known(who) if error.error in NOBODY else render_person_untold(who)
        except ChatError as error:
            log.warning("Slack did not tell who %s is: %s", who, error)
            return render_person_untold(who)
        if asks is None:
            return render_they_may(who, asking.channel, self._find_powers(person, asking))
        return render_may(self._explain(asks, person, asking, is_own=False))

    def _find_powers(self, person: Person, asking: Asking) -> tuple[Power, ...]:
        return powers(person, asking.channel, self._rulebook.current(), asking.membership)

    def _explain(
        self,
        asks: Intent,
        person: Person,
        asking: Asking,
        *,
        is_own: bool,
        read_in: ChannelId | None = None,
    ) -> Explanation:
        """What would be decided where it is asked, to be told `read_in` another channel, or there."""
        rules, channel, membership = self._rulebook.current(), asking.channel, asking.membership
        change = as_change(asks) if isinstance(asks, ActionIntent) else None
        shown = visible_environments(read_in or channel, rules)
        return Explanation(
            asks,
            None if is_own else person.user_id,
            channel,
            decide(asks, person, channel, rules, membership),
            self._advise(change, person, asking),
            rules,
            unknown_groups=find_unknown_groups(rules, membership),
            known_as_of=known_as_of(change, person, channel, rules, membership) if change else None,
            shown=shown | {change.environment.id} if change else shown,
        )

    def _advise(self, change: Change | None, person: Person, asking: Asking) -> Advice:
        """What is told besides: who could, if the asker may know, whomever it is about."""
        rules, channel, membership = self._rulebook.current(), asking.channel, asking.membership
        about = advise(change, person, channel, rules, membership)
        is_own = person == asking.person
        told = about if is_own else advise(change, asking.person, channel, rules, membership)
        ways = mark_own(told.who_may, change, person, rules, membership) if change else ()
        return replace(about, who_may=ways, withheld=told.withheld)

    async def _keep_plea(self, explained: Explanation, asking: Asking) -> ButtonId | None:
        """The button that asks those who may, where there are any."""
        if not isinstance(explained.decision, Denied) or not isinstance(explained.asks, ActionIntent):
            return None
        change = as_change(explained.asks)
        return await self._offers.keep(change, asking.person, asking.channel, asking.membership)

    # why

    async def _about_last(self, asking: Asking) -> Message:
        """What the asker was refused here last, or their last run here, whichever came later."""
        who, channel = asking.person.user_id, asking.channel
        refused = await self._history.find_last_refusal(who, channel)
        run = await self._history.find_last_run_of(who, channel)
        if refused is None or not isinstance(refused.entry, DeniedAsk):
            return render_nothing_to_explain() if run is None else await self._about_run(run, run.id, asking)
        if run is not None and run.asked_at > refused.at:
            return await self._about_run(run, run.id, asking)
        rules = self._rulebook.current()
        asked = parse(refused.entry.text, rules.catalog)
        today = (
            None
            if isinstance(asked, Misunderstood)
            else self._explain(asked, asking.person, asking, is_own=True)
        )
        return render_refusal_account(refused, refused.entry, rules, today)

    async def _about_run(self, run: Run | None, run_id: RunId, asking: Asking) -> Message:
        rules = self._rulebook.current()
        if run is None or run.change.environment.id not in visible_environments(asking.channel, rules):
            return answers.render_no_such_run(run_id)
        account = Account(
            run,
            await self._history.find_approval(run.id),
            tuple(await self._history.find_entries(run.id)),
            rules,
            await self._decide_today(run, asking),
        )
        return render_account(account, link_to_card=await self._cards.find_link(run.id))

    async def _decide_today(self, run: Run, asking: Asking) -> Explanation | None:
        """What would be decided now, were the same asked for by the same person at the same place."""
        try:
            requester = await self._people.look_up(run.requester)
        except ChatError as error:
            log.info("Slack did not tell who %s is: %s", run.requester, error)
            return None
        there = Asking(asking.person, run.place.channel_id, asking.membership)
        intent = as_intent(named_anew(run.change, self._rulebook.current().catalog))
        return self._explain(intent, requester, there, is_own=False, read_in=asking.channel)
