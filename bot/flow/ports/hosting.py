"""The platform, as far as the flow needs it."""

from collections.abc import Sequence
from typing import Protocol

from bot.core.budget import Budget
from bot.core.names import EnvironmentId, TaskId
from bot.core.pre_flight import Backups
from bot.core.tasks import EnvironmentReport, RecentTasks, Submission, TaskLog, TaskReport


class Hosting(Protocol):
    """oec.sh. All raise `HostingRefusedError` or `HostingUnavailableError`."""

    async def start_action(self, submission: Submission) -> TaskId:
        """Ask for an action; asking again with the same key gives the same task (24 hours)."""

    async def fetch_task(self, task_id: TaskId) -> TaskReport:
        """One look at a task."""

    async def fetch_recent_tasks(self, environment_id: EnvironmentId) -> RecentTasks:
        """The newest tasks of an environment, whoever began them, as far as the platform lists them."""

    async def fetch_open_task(self, environment_id: EnvironmentId) -> TaskReport | None:
        """The task that holds an environment or waits to, whoever began it, if there is one."""

    async def fetch_backups(self, environment_id: EnvironmentId) -> Backups:
        """The newest finished backup of an environment; older services refuse it."""

    async def fetch_environment(self, environment_id: EnvironmentId) -> EnvironmentReport:
        """One environment as it stands."""

    async def fetch_environments(self) -> Sequence[EnvironmentReport]:
        """Every environment the key can see, with its project's name: one read, and one per project."""

    async def fetch_log(self, environment_id: EnvironmentId, task_id: TaskId, *, lines: int) -> TaskLog:
        """The tail of a task's step log."""

    def read_budget(self) -> Budget:
        """What the limits leave for looking, as last told."""
