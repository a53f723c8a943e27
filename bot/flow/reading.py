"""Answer the asks that only read: status, history, a run, its log, help. Nothing here changes anything."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from bot.core.catalog import Environment
from bot.core.errors import HostingError, HostingRefusedError
from bot.core.intents import (
    ReadingIntent,
    ShowHelp,
    ShowHistory,
    ShowLog,
    ShowMay,
    ShowRun,
    ShowStatus,
    ShowWhy,
)
from bot.core.names import ChannelId, EnvironmentId, RunId
from bot.core.policy import Membership, Person, powers, visible_environments
from bot.core.runs import Run
from bot.core.tasks import EnvironmentReport
from bot.flow.cards import Cards
from bot.flow.explaining import Asking, Explaining
from bot.flow.ports import Clock, History, Hosting
from bot.flow.rulebook import Rulebook
from bot.views import answers
from bot.views.help import render_help
from bot.views.history import render_history
from bot.views.message import Message
from bot.views.status import StatusRow, render_status

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=2.5)
"""How long a status waits for the platform: the answer is due within three seconds."""

LOG_LINES = 40


class Reading:
    """Answers what people want to see."""

    def __init__(
        self,
        history: History,
        hosting: Hosting,
        clock: Clock,
        rulebook: Rulebook,
        cards: Cards,
        explaining: Explaining,
    ) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._rulebook = rulebook
        self._cards = cards
        self._explaining = explaining

    async def answer(
        self, intent: ReadingIntent, person: Person, channel: ChannelId, membership: Membership
    ) -> Message:
        """The answer to an ask that the policy has allowed; environments the channel may not see stay unseen."""
        match intent:
            case ShowHelp(topic):
                rules = self._rulebook.current()
                return render_help(powers(person, channel, rules, membership), topic=topic)
            case ShowMay() | ShowWhy():
                return await self._explaining.answer(intent, Asking(person, channel, membership))
            case ShowStatus(environment):
                return await self._status(self._shown(environment, channel))
            case ShowHistory(environment, count):
                return await self._runs(environment, self._shown(environment, channel), count)
            case ShowRun(run_id):
                run = await self._find_visible(run_id, channel)
                return answers.render_no_such_run(run_id) if run is None else await self._run(run)
            case ShowLog(run_id):
                run = await self._find_visible(run_id, channel)
                return answers.render_no_such_run(run_id) if run is None else await self._log(run)

    def _shown(self, environment: Environment | None, channel: ChannelId) -> tuple[Environment, ...]:
        if environment is not None:
            return (environment,)
        rules = self._rulebook.current()
        return rules.catalog.among(visible_environments(channel, rules))

    async def _find_visible(self, run_id: RunId, channel: ChannelId) -> Run | None:
        run = await self._history.find_run(run_id)
        visible = visible_environments(channel, self._rulebook.current())
        return run if run is not None and run.change.environment.id in visible else None

    async def _status(self, environments: Sequence[Environment]) -> Message:
        reports = await asyncio.gather(*(self._find_report(environment.id) for environment in environments))
        open_runs = await self._history.find_open_runs()
        rows = [
            StatusRow(
                environment,
                report,
                last=await self._find_last_run(environment),
                open=next((run for run in open_runs if run.change.environment.id == environment.id), None),
            )
            for environment, report in zip(environments, reports, strict=True)
        ]
        return render_status(rows, now=self._clock.now())

    async def _find_report(self, environment_id: EnvironmentId) -> EnvironmentReport | None:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await self._hosting.fetch_environment(environment_id)
        except (HostingError, TimeoutError) as error:
            log.info("The status of %s could not be learned: %s", environment_id, error)
            return None

    async def _find_last_run(self, environment: Environment) -> Run | None:
        newest = await self._history.find_runs(frozenset({environment.id}), count=5)
        return next((run for run in newest if not run.state.is_open and run.task_id is not None), None)

    async def _runs(
        self, environment: Environment | None, shown: Sequence[Environment], count: int
    ) -> Message:
        ids = frozenset(one.id for one in shown)
        runs = await self._history.find_runs(ids, count=count)
        return render_history(runs, environment=environment, now=self._clock.now())

    async def _run(self, run: Run) -> Message:
        entries = await self._history.find_entries(run.id)
        link = await self._cards.find_link(run.id)
        return answers.render_run(await self._cards.see(run), link=link, entries=entries)

    async def _log(self, run: Run) -> Message:
        if run.task_id is None:
            return answers.render_no_log(run)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                tail = await self._hosting.fetch_log(run.change.environment.id, run.task_id, lines=LOG_LINES)
        except HostingRefusedError as refusal:
            return answers.render_log_unavailable(run, refusal.code)
        except (HostingError, TimeoutError):
            return answers.render_log_unavailable(run, None)
        return answers.render_log(run, tail)
