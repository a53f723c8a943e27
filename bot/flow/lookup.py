"""Look at the platform for what became of an ask whose answer was lost, where its key does not tell any more."""

import logging
from datetime import timedelta

from bot.core.errors import HostingError
from bot.core.names import TaskId
from bot.core.recognition import Finding, is_likely, recognise
from bot.core.runs import Run
from bot.flow.ports import History, Hosting

log = logging.getLogger(__name__)


class Lookup:
    """Finds the task that a run asked for among those the platform shows."""

    def __init__(self, history: History, hosting: Hosting) -> None:
        self._history = history
        self._hosting = hosting

    async def find_outcome(self, run: Run, *, leeway: timedelta = timedelta(0)) -> Finding | None:
        """What the environment's newest tasks tell; None where the platform does not show them now.

        What has begun up to `leeway` before the ask may be it too: our clock may be wrong by as much.
        """
        try:
            recent = await self._hosting.fetch_recent_tasks(run.change.environment.id)
        except HostingError as error:
            log.warning("What became of run %s could not be looked up: %s", run.id, error)
            return None
        shown = {task.task_id for task in (*recent.deploys, *([recent.latest] if recent.latest else []))}
        of_others = [task_id for task_id in shown if await self._is_of_another_run(task_id)]
        since = (run.submitted_at or run.asked_at) - leeway
        return recognise(run.change, since, recent, of_other_runs=of_others)

    async def is_own(self, run: Run, task_id: TaskId) -> bool:
        """Whether the task that is said to be in the way of a run is the one it asked for, as far as can be seen."""
        if await self._is_of_another_run(task_id):
            return False
        try:
            report = await self._hosting.fetch_task(task_id)
        except HostingError as error:
            log.info("Task %s in the way of run %s could not be looked at: %s", task_id, run.id, error)
            return False
        is_here = report.environment_id in {None, run.change.environment.id}
        return is_here and is_likely(run.change, run.submitted_at or run.asked_at, report)

    async def _is_of_another_run(self, task_id: TaskId) -> bool:
        return await self._history.find_run_by_task(task_id) is not None
