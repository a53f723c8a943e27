"""What an approver should know of an environment beyond how it stands: what else is at work there, what is backed up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.names import RunId

OLD_BACKUP = timedelta(hours=24)
"""Whoever destroys data is warned where the newest backup is older than this."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that holds the environment, or waits to: the platform takes no other until it has ended. `type` is foreign.

    `run_id` and `link`, to its card, where it is the task of a run of ours. `is_of_user` says that somebody began it in
    the dashboard; tasks that were begun with an API key or by a rule of the platform's have no user.
    """

    type: str
    started_at: datetime | None = None
    is_of_user: bool = False
    run_id: RunId | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Backups:
    """What the platform shows of an environment's backups: `newest_at` is the moment to which the newest finished one leads.

    None: it shows no finished one.
    """

    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreFlight:
    """What was to be seen around an environment at `seen_at`, each part only where the platform told."""

    seen_at: datetime
    open_task: OpenTask | None = None
    backups: Backups | None = None

    @property
    def is_poorly_backed_up(self) -> bool:
        """Whether the platform shows no backup, or an old one. Where it does not tell, nothing is known."""
        if self.backups is None:
            return False
        newest_at = self.backups.newest_at
        return newest_at is None or self.seen_at - newest_at > OLD_BACKUP
