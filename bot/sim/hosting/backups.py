"""The backups of environments: making one, where it stands, restoring it. Knows no HTTP.

Not documented, and chosen here: a backup holds the environment's one slot like any task; a kept backup expires after thirty
days unless its retention type is `permanent`; the safety backup of a restore is done when the restore's first step is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from bot.sim.hosting.dialect import BackupWords
from bot.sim.hosting.entities import ApiKey, Backup, Environment, Task, TaskStatus
from bot.sim.hosting.scripts import draw
from bot.sim.hosting.store import Hosting, Order

KEPT_FOR = timedelta(days=30)
_VERIFIED_AFTER = timedelta(minutes=10)
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BackupWish:
    """What somebody wants of a new backup."""

    include_filestore: bool = True
    retention_type: str = "standard"
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a backup stands now."""

    status: str
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error_message: str | None = None
    expires_at: datetime | None = None
    verified_at: datetime | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it can be downloaded and restored."""
        return self.status == "completed"

    @property
    def duration_seconds(self) -> int | None:
        """Whole seconds between start and end, once both are known."""
        if self.started_at is None or self.completed_at is None:
            return None
        return round((self.completed_at - self.started_at).total_seconds())

    @property
    def has_data(self) -> bool:
        """Whether there is, or was, something in the storage."""
        return self.status in {"completed", "expired"}


def standing(backup: Backup, task: Task, *, now: datetime, words: BackupWords) -> Standing:
    """Where a backup stands, by its task."""
    if _is_done(backup, task):
        return _kept(backup, task, now=now, words=words)
    if task.is_over:
        status = "cancelled" if task.status == TaskStatus.CANCELLED else "failed"
        return Standing(status, task.started_at, task.completed_at, task.error_message)
    if task.started_at is None:
        return Standing("pending")
    if words == "docs":
        return Standing("running", task.started_at)
    is_uploading = (task.current_step or "").startswith("Uploading")
    return Standing("uploading" if is_uploading else "in_progress", task.started_at)


def _is_done(backup: Backup, task: Task) -> bool:
    if backup.backup_type == "pre_restore":
        return task.steps_completed > 0
    return task.status == TaskStatus.COMPLETED


def _kept(backup: Backup, task: Task, *, now: datetime, words: BackupWords) -> Standing:
    completed_at = task.completed_at
    if backup.backup_type == "pre_restore" and task.started_at is not None:
        completed_at = min(now, task.started_at + task.script.steps[0].span)
    if completed_at is None:
        return Standing("completed", task.started_at)
    is_permanent = backup.retention_type == "permanent" or words == "docs"
    expires_at = None if is_permanent else completed_at + KEPT_FOR
    verified_at = completed_at + _VERIFIED_AFTER
    return Standing(
        "expired" if expires_at is not None and expires_at <= now else "completed",
        task.started_at,
        completed_at,
        expires_at=expires_at,
        verified_at=verified_at if verified_at <= now else None,
    )


def sizes(backup: Backup) -> tuple[int, int]:
    """Bytes of database and filestore; an environment's stay near each other, as in life."""
    database = (260 + 140 * draw(backup.environment_id, "database")) * (1 + 0.04 * draw(backup.id, "grown"))
    filestore = (180 + 160 * draw(backup.environment_id, "filestore")) * backup.include_filestore
    return int(database * _MEGABYTE), int(filestore * _MEGABYTE)


def start_backup(hosting: Hosting, environment: Environment, wish: BackupWish, *, now: datetime) -> Backup:
    """Queue a backup, with its task."""
    task = hosting.start_task(environment.id, Order("backup"), now=now)
    return _put(hosting, environment, task, "manual", wish, now=now)


def start_restore(
    hosting: Hosting, environment: Environment, *, now: datetime, idempotency_key: str | None
) -> Task:
    """Queue a restore; it takes a safety backup of its own first."""
    task = hosting.start_task(environment.id, Order("restore"), now=now, idempotency_key=idempotency_key)
    safety = BackupWish(notes="Taken before a restore")
    _put(hosting, environment, task, "pre_restore", safety, now=now)
    return task


def _put(
    hosting: Hosting,
    environment: Environment,
    task: Task,
    kind: str,
    wish: BackupWish,
    *,
    now: datetime,
) -> Backup:
    backup = Backup(
        str(uuid4()),
        environment.id,
        task.id,
        kind,
        now,
        environment,
        wish.include_filestore,
        wish.retention_type,
        wish.notes,
    )
    hosting.backups[backup.id] = backup
    return backup


def put_scheduled(hosting: Hosting, environment: Environment, task: Task, *, now: datetime) -> Backup:
    """The backup that a task started elsewhere makes."""
    return _put(hosting, environment, task, "scheduled", BackupWish(), now=now)


def find_backup(hosting: Hosting, backup_id: str, key: ApiKey) -> Backup | None:
    """A backup this key may see; those of a deleted environment are gone with it."""
    found = hosting.backups.get(backup_id)
    if found is None or hosting.find_environment(found.environment_id, key) is None:
        return None
    return found


def backups_of(hosting: Hosting, environment_id: str) -> list[Backup]:
    """The backups of an environment, newest first."""
    return [one for one in reversed(hosting.backups.values()) if one.environment_id == environment_id]
