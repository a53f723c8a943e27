"""The composition root: settings and rules in, a running bot out. Start and stop order stand here and nowhere else."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Self, TypeVar

from bot.adapters import Adapters, Process, Say, Tempo, warn_of_channels
from bot.core.errors import HistoryError, HostingError
from bot.core.names import GroupId, UserId
from bot.core.rules import Rules
from bot.doors import Ear, make_ear, open_inlet, put_doors
from bot.flow.ports import Clock
from bot.flow.rule_changes import RuleChanges
from bot.flow.wiring import Flow, wire
from bot.history.store import HistoryStore
from bot.rules_file import RulesError, RulesFile, find_deadlocks
from bot.settings import Settings
from bot.slack.listeners import Listeners
from bot.standby import open_history
from bot.timer import ApschedulerTimer
from bot.views import answers
from bot.views.operators import (
    render_database_trouble,
    render_database_well,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

SECOND = timedelta(seconds=1)

WORK_ENDS = 2.2
"""Seconds in which work under way may end at a stop. A submitted modal is acknowledged within two, so that it gets its
answer; meanwhile the bot still hears, and tells whoever asks that it restarts."""

LAST_BREATH = 0.3
"""Seconds that whatever is still under way gets when its turn to be closed has come."""

KEPT_DELIVERIES = timedelta(days=30)
"""How long deliveries are known again and the buttons of private answers work."""


class Bot:
    """A running bot. `start`, and some day `stop`."""

    def __init__(
        self, adapters: Adapters, flow: Flow, connection: Ear, timer: ApschedulerTimer, clock: Clock
    ) -> None:
        self._adapters = adapters
        self._flow = flow
        self._connection = connection
        self._timer = timer
        self._rule_changes = RuleChanges(adapters.history, clock, flow.rulebook, flow.operators)
        self._stack = AsyncExitStack()
        self._told_of_trouble: str | None = None
        self._seen: tuple[str, Mapping[GroupId, frozenset[UserId]]] | None = None

    @classmethod
    async def start(
        cls,
        settings: Settings,
        rules_file: RulesFile,
        process: Process,
        *,
        stop: asyncio.Event | None = None,
    ) -> Self | None:
        """Start; ready when this returns. None if `stop` was set before that.

        A Slack or an oec.sh out of reach is waited for. Raises `BotError` for what only the operator can mend.
        """
        async with AsyncExitStack() as stack:
            bot = await _unless_stopped(cls._start(settings, rules_file, process, stack), stop)
            if bot is not None:
                bot.keep_open(stack.pop_all())
            return bot

    def keep_open(self, stack: AsyncExitStack) -> None:
        """Hold what was opened for the bot until it stops."""
        self._stack = stack

    @classmethod
    async def _start(
        cls, settings: Settings, rules_file: RulesFile, process: Process, stack: AsyncExitStack
    ) -> Self:
        opened = await open_history(settings, rules_file, process, stack)
        history = opened.history
        last_alive = await history.find_alive()
        signs, timer = SignsOfLife(history, process.clock), ApschedulerTimer()
        stack.push_async_callback(timer.stop)
        timer.every(process.tempo.alive, signs.sign_once, name="sign of life")
        timer.start()
        inlet = await open_inlet(settings, history, process, stack)
        adapters = await Adapters.open(settings, history, process, stack)
        flow = wire(
            adapters.publisher,
            history,
            adapters.hosting,
            process.clock,
            rules=rules_file.current,
            home_team=adapters.identity.team_id,
            look_gap=process.tempo.look_gap,
        )
        listeners = Listeners(flow.desk, now=process.clock.now, tell_late=flow.desk.tell_late)
        signs.ear = connection = make_ear(settings, adapters, listeners, process)
        bot = cls(adapters, flow, connection, timer, process.clock)
        if await bot._learn_names_once():
            bot._warn_of_unseen(process.say)
        await warn_of_channels(adapters.publisher, rules_file.current, process.say)
        await bot._take_up_rules(opened.refused)
        await bot._learn_groups_once()
        await bot._take_up_runs(last_alive, signs)
        for part in (
            partial(flow.background.close, grace=LAST_BREATH),
            partial(connection.close, patience=LAST_BREATH),
            partial(_let_work_end, flow, listeners, connection, timer),
        ):
            stack.push_async_callback(part)
        timer.every(SECOND, listeners.tick_once, name="notice a standstill")
        bot._begin_turns(rules_file, process.clock, process.tempo)
        await connection.open()
        if inlet is not None:
            put_doors(inlet, settings, connection, process, stack, hint=flow.tracker.hint)
        timer.every(process.tempo.watch, connection.watch_once, name="watch the connection")
        return bot

    def _begin_turns(self, rules_file: RulesFile, clock: Clock, tempo: Tempo) -> None:
        flow, timer = self._flow, self._timer
        timer.every(tempo.turn, flow.tracker.look_once, name="look at tasks")
        timer.every(tempo.turn, flow.approvals.expire_once, name="expire approvals")
        timer.every(tempo.turn, flow.reminders.remind_once, name="call who may decide")
        timer.every(tempo.sweep, flow.cards.redraw_stale_once, name="redraw stale messages")
        timer.every(tempo.sweep, flow.plea_messages.mend_once, name="let pleas expire and draw them")
        timer.every(tempo.sweep, flow.mending.mend_once, name="take away messages that stand twice")
        timer.every(tempo.revive, flow.mending.revive_once, name="see which channels take messages again")
        timer.every(tempo.rules, lambda: self._reload_rules_once(rules_file), name="read the rules again")
        timer.every(tempo.alive, self._tell_of_refused_keys_once, name="see that the keys are taken")
        timer.every(tempo.alive, self._tell_of_database_once, name="see that the database is well")
        timer.every(tempo.names, self._learn_names_once, name="learn the environments' names")
        timer.every(tempo.people, self._learn_groups_once, name="learn who is in which group")
        history = self._adapters.history
        timer.every(
            tempo.purge, lambda: history.purge(clock.now() - KEPT_DELIVERIES), name="forget old deliveries"
        )

    async def stop(self) -> None:
        """Stop, in less than five seconds whatever hangs. What is cut short, the next start goes on with."""
        await self._stack.aclose()

    async def is_idle(self) -> bool:
        """Whether nothing is under way and every message shows the newest state of its run, or of its plea."""
        if not (self._flow.background.is_idle and self._connection.is_idle):
            return False
        history = self._adapters.history
        return not (await history.find_stale_slots() or await history.find_stale_pleas())

    async def _reload_rules_once(self, rules_file: RulesFile) -> None:
        known = self._flow.people.last_known.groups
        outcome = await asyncio.to_thread(rules_file.reload_if_changed, known)
        if isinstance(outcome, Rules):
            await self._rule_changes.take(outcome)
            await self._flow.approvals.renew_once()
        elif outcome is not None:
            await self._rule_changes.refuse(outcome.name, outcome.digest, outcome.lines)
        await self._rule_changes.record_once()

    async def _take_up_rules(self, refused: RulesError | None) -> None:
        """Record the rules that are in force at the start, and those that were refused while the bot stood by."""
        await self._rule_changes.begin()
        if refused is not None:
            await self._rule_changes.refuse(refused.name, refused.digest, refused.lines)

    async def _take_up_runs(self, last_alive: datetime | None, signs: "SignsOfLife") -> None:
        """Go on with what was under way or waited, before anybody is heard."""
        flow = self._flow
        await flow.mending.revive_once()
        await flow.tracker.resume(last_alive)
        await signs.sign_once()  # or a bot that soon dies would seem to have been away all the while
        await flow.approvals.expire_once()  # what ran out meanwhile must not be shown as if it still waited
        await flow.approvals.renew_once()  # nor by which rules it waits, if these changed meanwhile

    async def _learn_groups_once(self) -> None:
        await self._flow.people.warm()
        await self._look_for_deadlocks()

    async def _look_for_deadlocks(self) -> None:
        """See, where groups have changed, whether somebody could approve everything that may be asked for."""
        rules, known = self._flow.rulebook.current(), self._flow.people.last_known.groups
        if self._seen == (rules.digest, known):
            return
        found = await asyncio.to_thread(find_deadlocks, rules, known)
        self._seen = rules.digest, known
        await self._flow.operators.tell_of_deadlocks(RulesError(rules.name, found).lines)

    async def _tell_of_refused_keys_once(self) -> None:
        await self._flow.operators.tell_of_keys(self._adapters.hosting.find_refused_settings())

    async def _tell_of_database_once(self) -> None:
        """Each turn that writes finds out anew what is wrong with the database; the operators hear of it once."""
        trouble = self._adapters.history.trouble
        if trouble is not None and trouble != self._told_of_trouble:
            await self._flow.operators.tell(render_database_trouble(trouble))
        elif trouble is None and self._told_of_trouble is not None:
            await self._flow.operators.tell(render_database_well())
        self._told_of_trouble = trouble

    async def _learn_names_once(self) -> bool:
        """Learn what the platform calls the environments; whether it told."""
        try:
            self._flow.rulebook.learn_names(await self._adapters.hosting.fetch_environments())
        except HostingError as error:
            log.warning("The environments' names could not be learned: %s", error)
            return False
        return True

    def _warn_of_unseen(self, say: Say) -> None:
        """Older platforms hide stopped environments, so an unseen one is worth a word and no more."""
        for environment in self._flow.rulebook.current().catalog.environments:
            if environment.platform_name is None:
                say(f"The key sees no environment {environment.id} ({environment.alias} in the rules).")


class SignsOfLife:
    """Signs the database every few seconds, for the health check to see. Once there is an ear, also with when it last heard.

    It begins with the start: a bot that waits for Slack is alive, and nobody should restart it.
    """

    def __init__(self, history: HistoryStore, clock: Clock) -> None:
        self.ear: Ear | None = None
        self._history = history
        self._clock = clock

    async def sign_once(self) -> None:
        """Sign now."""
        now = self._clock.now()
        silent_for = None if self.ear is None else self.ear.silent_for
        heard_at = None if silent_for is None else now - silent_for
        with suppress(HistoryError):  # the history keeps it in mind, and the operators are told
            await self._history.record_alive(now, heard_at=heard_at)


async def _let_work_end(flow: Flow, listeners: Listeners, connection: Ear, timer: ApschedulerTimer) -> None:
    """Begin nothing new, in words to whoever asks, and let what was begun end: its acknowledgements above all."""
    flow.desk.stop_taking()
    listeners.hurry(answers.render_restarting())
    await asyncio.gather(timer.stop(), connection.rest(within=WORK_ENDS))


async def _unless_stopped(work: Awaitable[T], stop: asyncio.Event | None) -> T | None:
    """The result of the work; None, and the work cancelled, if `stop` is set first."""
    task = asyncio.ensure_future(work)
    if stop is None:
        return await task
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None
    finally:
        stopping.cancel()
