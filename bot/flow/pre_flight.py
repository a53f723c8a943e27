"""Look at an environment for the card of a run: an extra that must never hold up or lose the ask.

How the environment stands is looked at for every run. Where somebody is to approve it, also what is at work there and
when it was last backed up: two or three reads more, which are left out where the limits leave hardly any. Each part is
shown if it comes in time, whatever becomes of the others.
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.core.budget import leaves_room
from bot.core.errors import HostingError
from bot.core.facts import EnvironmentSeen
from bot.core.pre_flight import Backups, OpenTask, PreFlight
from bot.core.runs import Run, RunState
from bot.core.tasks import EnvironmentReport, TaskReport
from bot.flow.cards import Cards
from bot.flow.ports import Clock, History, Hosting
from bot.flow.runs import Runs

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
"""How long the platform may take; the card does without what has not come by then."""

SOON = timedelta(seconds=2)
"""What takes longer than this is shown when it comes: the card does not wait for it with the rest."""

EXTRA_READS = 3
"""What a look for somebody who is to approve costs beside the environment itself, at most."""

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Looking:
    """The reads under way for one run since `began_at`; None for what is not looked at."""

    began_at: datetime
    is_for_approval: bool
    environment: asyncio.Task[EnvironmentReport | None]
    open_task: asyncio.Task[TaskReport | None] | None = None
    backups: asyncio.Task[Backups | None] | None = None

    def parts(self) -> "set[asyncio.Task[Any]]":
        return {part for part in (self.environment, self.open_task, self.backups) if part is not None}


class PreFlights:
    """Has the cards of runs say how their environments stand."""

    def __init__(
        self,
        history: History,
        hosting: Hosting,
        clock: Clock,
        cards: Cards,
        runs: Runs,
        *,
        soon: timedelta = SOON,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._runs = runs
        self._soon = soon.total_seconds()
        self._rest = (patience - soon).total_seconds()

    async def look(self, run: Run) -> None:
        """Look, and have the card say what there is to see. May be called again while the run waits."""
        looking = self._begin(run)
        parts = looking.parts()
        try:
            _, late = await asyncio.wait(parts, timeout=self._soon)
            await self._tell(run, looking)
            if late and (await asyncio.wait(late, timeout=self._rest))[0]:
                await self._tell(run, looking)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    def _begin(self, run: Run) -> _Looking:
        environment_id = run.change.environment.id
        environment = self._start(run, self._hosting.fetch_environment(environment_id))
        looking = _Looking(self._clock.now(), run.state is RunState.WAITING, environment)
        if looking.is_for_approval and self._is_affordable():
            looking.open_task = self._start(run, self._hosting.fetch_open_task(environment_id))
            looking.backups = self._start(run, self._hosting.fetch_backups(environment_id))
        return looking

    def _is_affordable(self) -> bool:
        return leaves_room(self._hosting.read_budget(), self._clock.now(), reads=EXTRA_READS)

    def _start(self, run: Run, question: Coroutine[Any, Any, T]) -> "asyncio.Task[T | None]":
        return asyncio.create_task(_ask(run, question), name=f"pre-flight of {run.id}")

    async def _tell(self, run: Run, looking: _Looking) -> None:
        """Tell the run what has come so far; nothing rather than half of it anew, where it was looked at before."""
        report, environment = _find_answer(looking.environment), run.change.environment
        pre_flight = await self._find_pre_flight(looking)
        has_more = pre_flight is not None and (pre_flight.open_task or pre_flight.backups)
        if report is None and (run.environment_seen is not None or not has_more):
            return
        report = report or EnvironmentReport(environment.id)
        named = replace(report, project=environment.project or report.project, pre_flight=pre_flight)
        await self._runs.tell(run.id, EnvironmentSeen(named))

    async def _find_pre_flight(self, looking: _Looking) -> PreFlight | None:
        if not looking.is_for_approval:
            return None
        task, backups = _find_answer(looking.open_task), _find_answer(looking.backups)
        open_task = None if task is None else await self._name(task)
        return PreFlight(looking.began_at, open_task, backups)

    async def _name(self, task: TaskReport) -> OpenTask:
        """The task, with the run of ours behind it if there is one."""
        ours = await self._history.find_run_by_task(task.task_id)
        link = None if ours is None else await self._cards.find_link(ours.id)
        is_of_user = task.triggered_by is not None
        return OpenTask(task.type, task.started_at, is_of_user, None if ours is None else ours.id, link)


async def _ask(run: Run, question: Coroutine[Any, Any, T]) -> T | None:
    """The answer, or None where the platform does not give one: older services do not know every question."""
    try:
        return await question
    except HostingError as error:
        log.info("A part of the pre-flight of run %s is left out: %s", run.id, error)
        return None


def _find_answer(part: "asyncio.Task[T | None] | None") -> T | None:
    return part.result() if part is not None and part.done() else None
