"""Ask somebody who may: a plea is written down, shown where somebody may from, and taken on by whoever presses first.

Who presses goes the way of every ask, so a plea gives nobody a right.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

from bot.core.entries import Pleaded
from bot.core.errors import ChatError
from bot.core.grammar import parse
from bot.core.intents import ActionIntent, Change, as_change, as_intent, named_anew, typed_form
from bot.core.names import ButtonId, ChannelId, UserId
from bot.core.pleas import (
    OPEN_FOR,
    ChannelAskedOften,
    PersonAskedOften,
    Plea,
    PleaState,
    SamePlea,
    call,
    find_obstacle,
    find_openings,
    key_of,
    may_plead,
    withdraw,
)
from bot.core.policy import Denied, Membership, Person, advise, decide, find_outsider_reason
from bot.core.request import Actor, ButtonPress, Request
from bot.core.rules import Rules
from bot.flow.conversation import STILL_WANTED, Asker, Conversation
from bot.flow.people import People
from bot.flow.plea_messages import PleaMessages
from bot.flow.ports import Chat, Clock, History
from bot.flow.rulebook import Rulebook
from bot.views import answers
from bot.views import pleas as views
from bot.views.message import Message

log = logging.getLogger(__name__)


class Pleas:
    """Everything that begins, takes on and ends a plea."""

    def __init__(
        self,
        chat: Chat,
        history: History,
        clock: Clock,
        *,
        rulebook: Rulebook,
        people: People,
        conversation: Conversation,
        messages: PleaMessages,
    ) -> None:
        self._chat = chat
        self._history = history
        self._clock = clock
        self._rulebook = rulebook
        self._people = people
        self._conversation = conversation
        self._messages = messages
        self._pleading = asyncio.Lock()

    async def plead(self, press: ButtonPress) -> None:
        """Ask those who may to do what the presser was refused, if that is still so."""
        asker = await self._conversation.find_asker(press.actor, press.reply_to)
        if asker is not None:
            await self._chat.answer(press.reply_to, await self._plead(press, asker))

    async def take(self, press: ButtonPress) -> None:
        """Ask for it as the person who presses. Whoever presses first, and may, has it."""
        plea = await self._find(press)
        if plea is None:
            return
        hindrance = await self._find_hindrance(plea, press)
        if hindrance is not None:
            await self._chat.answer(press.reply_to, hindrance)
            return
        text = self._type(plea)
        request = Request(key_of(plea.id), press.actor, press.place, text, press.pressed_at, press.reply_to)
        try:
            await self._conversation.ask(request)
        finally:
            self._messages.redraw(plea)

    async def take_back(self, press: ButtonPress) -> None:
        """Ask nobody any more, if it is the presser's own plea and nobody has taken it on."""
        plea = await self._find(press)
        if plea is not None:
            await self._chat.answer(press.reply_to, await self._take_back(plea, press))

    # Made

    async def _plead(self, press: ButtonPress, asker: Asker) -> Message:
        rules, channel = self._rulebook.current(), press.place.channel_id
        text = await self._history.find_ask(press.button_id)
        asked = parse(text or "", rules.catalog)
        if not isinstance(asked, ActionIntent):
            return answers.render_stale_button()
        if press.late_by > STILL_WANTED:
            return views.render_late_plea()
        change = as_change(asked)
        decision = decide(asked, asker.person, channel, rules, asker.membership)
        if not isinstance(decision, Denied):
            return views.render_may_oneself(typed_form(change))
        if not may_plead(change, asker.person, channel, rules, asker.membership):
            return self._say_why_not(decision, change, asker, channel)
        plea = await self._call(self._draft(press, change, asker, rules), rules, asker.membership)
        async with self._pleading:  # or the same plea, twice at once, would not see itself
            obstacle = await self._find_obstacle(plea)
            if obstacle is not None:
                return obstacle
            plea = await self._record(plea, rules)
        shown = await self._messages.show_first(plea)
        if shown.state is PleaState.WITHDRAWN:
            return views.render_not_placed(shown)
        return views.render_pleaded(shown, await self._messages.find_link(shown))

    def _say_why_not(self, denied: Denied, change: Change, asker: Asker, channel: ChannelId) -> Message:
        """Why this person asks nobody: they are of the team no more, or nobody else may."""
        rules, text = self._rulebook.current(), typed_form(change)
        if find_outsider_reason(asker.person, asker.membership) is None:
            return views.render_nobody_to_ask(text)
        advice = advise(change, asker.person, channel, rules, asker.membership)
        return answers.render_denied(denied, what=text, channel_id=channel, advice=advice, file=rules.name)

    def _draft(self, press: ButtonPress, change: Change, asker: Asker, rules: Rules) -> Plea:
        person, asked_in, now = asker.person, press.place.channel_id, self._clock.now()
        return Plea(
            id=ButtonId(self._clock.new_id()),
            by=person.user_id,
            team_id=person.team_id,
            change=change,
            asked_in=asked_in,
            openings=find_openings(change, person.user_id, asked_in, rules, asker.membership),
            asked_at=now,
            expires_at=now + OPEN_FOR,
        )

    async def _call(self, plea: Plea, rules: Rules, membership: Membership) -> Plea:
        """The plea as it calls people. Of whom Slack does not tell, nobody knows whether they sleep."""
        users = {user for opening in plea.openings for user in opening.users}
        persons = await asyncio.gather(*(self._find_person(user, membership) for user in sorted(users)))
        known = {one.user_id: one for one in persons if one is not None}
        openings = [
            call(
                opening,
                [known[user] for user in opening.users if user in known],
                plea.change,
                rules,
                membership,
                plea.asked_at,
            )
            for opening in plea.openings
        ]
        return replace(plea, openings=tuple(openings))

    async def _find_person(self, user: UserId, membership: Membership) -> Person | None:
        try:
            return await self._people.find_person(Actor(user, membership.home_team))
        except ChatError as error:
            log.info("Slack does not tell who %s is: %s", user, error)
            return None

    async def _find_obstacle(self, plea: Plea) -> Message | None:
        """What stands in the way of one more plea: the same one, or too many."""
        recent = await self._history.find_pleas(plea.asked_at - OPEN_FOR)
        open_runs = {run.id for run in await self._history.find_open_runs()}
        match find_obstacle(plea, recent, open_runs):
            case SamePlea(standing):
                return views.render_pleaded_already(standing, await self._messages.find_link(standing))
            case PersonAskedOften(until):
                return views.render_person_asked_often(until)
            case ChannelAskedOften(channel_id, until):
                return views.render_channel_asked_often(channel_id, until)
            case None:
                return None

    async def _record(self, plea: Plea, rules: Rules) -> Plea:
        opening = plea.opening
        entry = Pleaded(
            plea.by,
            typed_form(plea.change),
            plea.asked_in,
            opening.to,
            rule=opening.rule.path,
            line=opening.rule.line,
            digest=rules.digest,
        )
        return await self._history.record_plea(plea, entry)

    # Taken on, or back

    async def _find(self, press: ButtonPress) -> Plea | None:
        """The plea of a button, as of now; None, and the person told, where there is none."""
        plea = await self._history.find_plea(press.button_id)
        if plea is not None:
            return await self._messages.expire(plea)
        log.warning(
            "A button of a plea that I do not know was pressed: of long ago, or of another oec-bot by this Slack app?"
        )
        await self._chat.answer(press.reply_to, answers.render_stale_button())
        return None

    async def _find_hindrance(self, plea: Plea, press: ButtonPress) -> Message | None:
        """Why this press does nothing, whatever the presser may do."""
        if plea.state is not PleaState.OPEN:
            self._messages.redraw(plea)
            return views.render_plea_over(plea)
        if plea.change.environment.id not in self._rulebook.current().catalog.by_id():
            return views.render_plea_outdated(plea)
        if press.actor.user_id == plea.by:
            return await self._tell_own(plea, press)
        return views.render_late_plea() if press.late_by > STILL_WANTED else None

    async def _tell_own(self, plea: Plea, press: ButtonPress) -> Message:
        """Whoever asks others and presses is told to wait for them; or, by rules that have changed, not to."""
        rules = self._rulebook.current()
        with suppress(ChatError):  # whoever Slack does not tell of may nothing
            asker = await self._conversation.learn_asker(press.actor)
            intent = as_intent(named_anew(plea.change, rules.catalog))
            decision = decide(intent, asker.person, press.place.channel_id, rules, asker.membership)
            if not isinstance(decision, Denied):
                return views.render_may_oneself(self._type(plea), plea)
        return views.render_own_plea(plea)

    def _type(self, plea: Plea) -> str:
        """What asks for the same: the environment's name may have gone to another one since."""
        return typed_form(named_anew(plea.change, self._rulebook.current().catalog))

    async def _take_back(self, plea: Plea, press: ButtonPress) -> Message:
        if press.actor.user_id != plea.by:
            return views.render_not_your_plea(plea)
        while plea.state is PleaState.OPEN:
            if await self._history.record_plea_change(plea, withdraw(plea)):
                self._messages.redraw(plea)
                return views.render_plea_taken_back(plea)
            plea = await self._messages.load(plea)
        return views.render_plea_over(plea)
