"""Follow every open run to its end: one turn of looking, and what is picked up again after a restart.

A turn decides with `core.polling` which tasks to look at, and waits for none of these looks: one that hangs holds up no
other. Each run is told what was seen. Finish first, time out second: after an outage a task is looked at before
anything is concluded from the clock.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.core.budget import Purse, keep, spend
from bot.core.entries import Ended, Resumed
from bot.core.errors import HistoryError, HostingError, HostingRefusedError
from bot.core.estimates import estimate
from bot.core.facts import BotReturned, HostingSilent, Reported, TaskForgotten
from bot.core.forecasts import Forecast, forecast, read_track
from bot.core.names import RunId
from bot.core.polling import OpenTask, plan_looks
from bot.core.runs import END_OF_TASK, Run, RunState
from bot.core.stuck import find_stuck_since
from bot.core.tasks import TaskLog, TaskReport, TaskStatus
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.experience import Experience
from bot.flow.hints import Hints
from bot.flow.ports import Clock, History, Hosting
from bot.flow.runs import SILENCE, Runs

log = logging.getLogger(__name__)

FORGOTTEN = timedelta(seconds=60)
"""How long the platform may answer "not found" before a task counts as lost: a new one may take a moment to appear."""

NOTICEABLE = timedelta(seconds=30)
"""An absence shorter than this is not worth a word on a card."""

STUCK_GAP = timedelta(seconds=15)
"""A task that is stuck is looked at no more often than this: others have more to tell."""

LOG_LINES = 40


class Tracker:
    """Looks at tasks, and remembers between turns only what a restart may forget."""

    def __init__(
        self,
        history: History,
        hosting: Hosting,
        clock: Clock,
        cards: Cards,
        runs: Runs,
        background: Background,
        *,
        experience: Experience,
        gap: timedelta,
    ) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._runs = runs
        self._background = background
        self._experience = experience
        self._gap = gap
        self._hints = Hints()
        self._is_hint_followed = False
        self._looking: set[RunId] = set()
        self._purse = Purse()
        self._looked_at: dict[RunId, datetime] = {}
        self._answered_at: dict[RunId, datetime] = {}
        self._forecasts: dict[RunId, Forecast] = {}
        self._is_learning = False
        self._unanswered: dict[RunId, int] = {}
        self._silent_since: dict[RunId, datetime] = {}
        self._missing_since: dict[RunId, datetime] = {}

    async def resume(self, last_alive: datetime | None) -> None:
        """Take up every open run after a start: waiting approvals wait on, submissions are finished, looking goes on.

        `last_alive` is when the bot was last up, None if it never was.
        """
        now = self._clock.now()
        away = now - last_alive if last_alive is not None else timedelta(0)
        for run in await self._history.find_open_runs():
            if away >= NOTICEABLE:
                entry = Resumed(int(away.total_seconds()))
                await self._runs.tell(run.id, BotReturned(away), entry)
            if await self._runs.is_overdue(run):
                await self._runs.drop(run.id, "restarted")
        await self._cards.redraw_stale_once()

    async def look_once(self) -> None:
        """One turn: send what is still to be sent, look at what is due. An answer may take long: none is waited for."""
        now = self._clock.now()
        open_runs = await self._history.find_open_runs()
        self._forget_ended(open_runs)
        self._hints.match(open_runs, now)
        self._finish_submissions(open_runs)
        self._learn_of_new(open_runs)
        for run in self._plan(open_runs, now):
            self._looked_at[run.id] = now
            self._hints.settle(run.id)
            self._looking.add(run.id)
            self._background.start(self._look(run), name=f"look at run {run.id}")

    def hint(self, ids: frozenset[str]) -> None:
        """Look now at the open runs whose task or environment is among these ids. Told by others: never believed.

        Waits for nothing. Where the budget has no look left, the next turns have one.
        """
        self._hints.tell(ids)
        if self._hints.are_new and not self._is_hint_followed:
            self._is_hint_followed = True
            self._background.start(self._follow_hints(), name="a look where a webhook hints")

    async def _follow_hints(self) -> None:
        """Turns of looking until all hints are used; more of them may come meanwhile."""
        try:
            while self._hints.are_new:
                await self.look_once()
        except HistoryError as error:
            log.warning("A hint was not followed: %s", error)
        finally:
            self._is_hint_followed = False

    def _finish_submissions(self, open_runs: Sequence[Run]) -> None:
        """Send what was granted and not begun, or begun and not answered."""
        for run in open_runs:
            unfinished = run.state in {RunState.ACCEPTED, RunState.SUBMITTING}
            if unfinished and self._runs.may_submit(run.id):
                self._background.start(self._runs.submit(run.id), name=f"submission of {run.id}")

    def _plan(self, open_runs: Sequence[Run], now: datetime) -> list[Run]:
        running = {run.id: run for run in open_runs if run.state is RunState.RUNNING}
        tasks = [self._as_open_task(run, now) for run in running.values() if run.id not in self._looking]
        budget = self._hosting.read_budget()
        purse = keep(self._purse, budget, now)
        pending = len(self._looking)
        chosen = plan_looks(tasks, budget=budget, purse=purse, now=now, gap=self._gap, pending=pending)
        self._purse = spend(purse, len(chosen), now)
        return [running[run_id] for run_id in chosen]

    def _as_open_task(self, run: Run, now: datetime) -> OpenTask:
        gap_of_stuck = timedelta(0) if run.stuck_since is None else STUCK_GAP
        return OpenTask(
            run.id,
            self._looked_at.get(run.id),
            self._unanswered.get(run.id, 0),
            is_hinted=self._hints.is_owed(run.id),
            gap=max(gap_of_stuck, self._hints.gap_of(run.id, now)),
            forecast=self._forecasts.get(run.id),
        )

    def _learn_of_new(self, open_runs: Sequence[Run]) -> None:
        """Have a first forecast made of every run that has none, in the background: the history may be slow."""
        new = [run for run in open_runs if run.state is RunState.RUNNING and run.id not in self._forecasts]
        if new and not self._is_learning:
            self._is_learning = True
            self._background.start(self._learn_of(new), name="what earlier runs were like")

    async def _learn_of(self, new: Sequence[Run]) -> None:
        try:
            for run in new:
                await self._experience.of(run)
                if run.id not in self._forecasts:  # a look may have come first, and knows more
                    await self._foresee(run, run.reported_at or run.asked_at)
        except HistoryError as error:
            log.info("What earlier runs were like could not be found out: %s", error)
        finally:
            self._is_learning = False

    async def _foresee(self, run: Run, looked_at: datetime) -> None:
        habits = await self._experience.of(run)
        before = self._forecasts.get(run.id)
        self._forecasts[run.id] = forecast(read_track(run, looked_at), habits, looked_at, before)

    async def _look(self, run: Run) -> None:
        try:
            await self._fetch_and_tell(run)
        finally:
            self._looking.discard(run.id)

    async def _fetch_and_tell(self, run: Run) -> None:
        if run.task_id is None:
            raise LookupError(f"run {run.id} runs without a task")
        sent_at = self._clock.now()
        try:
            report = await self._hosting.fetch_task(run.task_id)
        except HostingRefusedError as refusal:
            await self._note_refused_look(run, refusal)
        except HostingError as error:
            log.info("A look at run %s went unanswered: %s", run.id, error)
            await self._note_silence(run)
        else:
            self._unanswered.pop(run.id, None)
            self._silent_since.pop(run.id, None)
            self._missing_since.pop(run.id, None)
            before_at, self._answered_at[run.id] = self._answered_at.get(run.id), sent_at
            await self._tell(run, report, sent_at, before_at)

    async def _tell(
        self, run: Run, report: TaskReport, sent_at: datetime, before_at: datetime | None
    ) -> None:
        if not report.status.is_terminal:
            stuck_since = await self._find_stuck_since(run, report)
            told = Reported(report, stuck_since=stuck_since, before_at=before_at)
            after = await self._runs.tell(run.id, told)
            if after.state is RunState.RUNNING:
                await self._foresee(after, sent_at)
            return
        tail = await self._find_log(run, report)
        outcome = Ended(END_OF_TASK[report.status].value, report.error_message)
        await self._runs.tell(run.id, Reported(report, tail), outcome)
        self._experience.grow(run)

    async def _find_log(self, run: Run, report: TaskReport) -> TaskLog | None:
        """The tail of a failed task's log; the end is told without it rather than late."""
        if report.status is not TaskStatus.FAILED:
            return None
        try:
            async with asyncio.timeout(5):
                return await self._hosting.fetch_log(
                    run.change.environment.id, report.task_id, lines=LOG_LINES
                )
        except (HostingError, TimeoutError) as error:
            log.info("The log of run %s could not be fetched: %s", run.id, error)
            return None

    async def _note_silence(self, run: Run) -> None:
        now = self._clock.now()
        self._unanswered[run.id] = self._unanswered.get(run.id, 0) + 1
        since = self._silent_since.setdefault(run.id, now)
        if now - since >= SILENCE:
            stuck_since = await self._find_stuck_since(run, None)
            await self._runs.tell(run.id, HostingSilent(since, stuck_since))

    async def _find_stuck_since(self, run: Run, report: TaskReport | None) -> datetime | None:
        """Since when the task has been stuck. What is usual is asked for only where it can make a difference."""
        now = self._clock.now()
        if find_stuck_since(run, report, None, now=now) is None:
            return None
        habits = await self._experience.of(run)
        known = estimate(habits.durations)
        return find_stuck_since(run, report, known, now=now)

    async def _note_refused_look(self, run: Run, refusal: HostingRefusedError) -> None:
        if refusal.status != 404:
            log.warning("A look at run %s was refused: %s", run.id, refusal.code)
            await self._note_silence(run)
            return
        now = self._clock.now()
        since = self._missing_since.setdefault(run.id, now)
        if now - since >= FORGOTTEN:
            await self._runs.tell(run.id, TaskForgotten(), Ended(RunState.LOST.value))

    def _forget_ended(self, open_runs: Sequence[Run]) -> None:
        if not self._looked_at and not self._forecasts:
            return
        ids = {run.id for run in open_runs}
        memories: tuple[dict[RunId, Any], ...] = (
            self._looked_at,
            self._answered_at,
            self._forecasts,
            self._unanswered,
            self._silent_since,
            self._missing_since,
        )
        for memory in memories:
            for run_id in memory.keys() - ids:
                del memory[run_id]
