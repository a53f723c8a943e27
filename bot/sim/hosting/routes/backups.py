"""Backups: list, look, make, download, restore. These routes word most of their refusals as plain text."""

from datetime import timedelta

from bot.sim.hosting import errors
from bot.sim.hosting.backups import (
    BackupWish,
    Standing,
    backups_of,
    find_backup,
    sizes,
    standing,
    start_backup,
    start_restore,
)
from bot.sim.hosting.entities import Backup, Environment
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.paging import cut_by_page
from bot.sim.hosting.route import Ask
from bot.sim.hosting.routes.actions import refuse_if_busy
from bot.sim.hosting.shapes import Object
from bot.sim.hosting.work_queue import call_of, queue_once


async def list_backups(ask: Ask) -> Answer:
    """By page, newest first; `status` and `backup_type` narrow it."""
    environment, hosting = ask.environment(), ask.front.hosting
    status, kind = ask.query["status"], ask.query["backup_type"]
    listed = [
        one
        for one in backups_of(hosting, environment.id)
        if kind in {None, one.backup_type} and status in {None, _standing(ask, one).status}
    ]
    count_name = ask.front.dialect.page_count_name
    return Answer(200, cut_by_page(listed, ask.query, lambda one: _object(ask, one), count_name=count_name))


async def get_backup(ask: Ask) -> Answer:
    """One backup, with the environment as it was then."""
    backup = _visible(ask)
    snapshot = ask.front.writer.environment(backup.snapshot)
    return Answer(200, {**_object(ask, backup), "environment_snapshot": snapshot})


async def create_backup(ask: Ask) -> Answer:
    """201 with the backup and its task. Takes no idempotency key; 409 while one runs."""
    environment, front = ask.environment(), ask.front
    if not front.hosting.organization.has_backup_storage:
        raise RefusedError(errors.no_backup_storage())
    wish = BackupWish(
        include_filestore=ask.body.get("include_filestore", True),
        retention_type=ask.body.get("retention_type", "standard"),
        notes=ask.body.get("notes"),
    )

    def begin() -> Answer:
        made = start_backup(front.hosting, environment, wish, now=front.now())
        return Answer(201, {"id": made.id, "task_id": made.task_id, "status": "pending"})

    return await queue_once(
        front, environment.id, None, refuse=lambda: _refuse_if_busy(ask, environment), begin=begin
    )


def _refuse_if_busy(ask: Ask, environment: Environment) -> None:
    holder = ask.front.hosting.open_task(environment.id)
    if holder is not None and holder.type == "backup":
        raise RefusedError(errors.backup_running())
    refuse_if_busy(ask.front, environment.id)


async def download_backup(ask: Ask) -> Answer:
    """Links to the whole database, good for a while. The real field names are not documented; these are ours."""
    backup = _usable(ask)
    seconds = ask.query["expires_in"]
    link = f"https://storage.oec.example/{backup.id}"
    return Answer(
        200,
        {
            "backup_id": backup.id,
            "database_url": f"{link}/database.dump?expires={seconds}",
            "filestore_url": f"{link}/filestore.tar.gz?expires={seconds}"
            if backup.include_filestore
            else None,
            "expires_in": seconds,
            "expires_at": ask.front.writer.time(ask.now + timedelta(seconds=seconds)),
        },
    )


async def restore_backup(ask: Ask) -> Answer:
    """202 with the task that overwrites the backup's own environment, after a safety backup."""
    backup, front = _usable(ask), ask.front
    environment = front.hosting.environments[backup.environment_id]

    def begin() -> Answer:
        task = start_restore(front.hosting, environment, now=front.now(), idempotency_key=ask.idempotency_key)
        made = {"task_id": task.id, "status": "queued", "environment_id": environment.id}
        return Answer(202, {**made, "backup_id": backup.id})

    return await queue_once(
        front,
        environment.id,
        call_of(ask),
        refuse=lambda: refuse_if_busy(front, environment.id),
        begin=begin,
    )


def _visible(ask: Ask) -> Backup:
    found = find_backup(ask.up_to_date().hosting, ask.places["backup_id"], ask.key)
    if found is None:
        raise RefusedError(errors.plain(404, "Backup not found."))
    return found


def _usable(ask: Ask) -> Backup:
    backup = _visible(ask)
    stands = _standing(ask, backup)
    if not stands.is_usable:
        raise RefusedError(errors.backup_not_completed(stands.status))
    return backup


def _standing(ask: Ask, backup: Backup) -> Standing:
    task = ask.front.hosting.tasks[backup.task_id]
    return standing(backup, task, now=ask.now, words=ask.front.dialect.backup_words)


def _object(ask: Ask, backup: Backup) -> Object:
    stands, time = _standing(ask, backup), ask.front.writer.time
    database, filestore = sizes(backup) if stands.has_data else (None, None)
    return {
        "id": backup.id,
        "environment_id": backup.environment_id,
        "task_id": backup.task_id,
        "status": stands.status,
        "backup_type": backup.backup_type,
        "include_filestore": backup.include_filestore,
        "size_bytes": None if database is None or filestore is None else database + filestore,
        "database_size_bytes": database,
        "filestore_size_bytes": filestore,
        "started_at": time(stands.started_at),
        "completed_at": time(stands.completed_at),
        "duration_seconds": stands.duration_seconds,
        "retention_type": backup.retention_type,
        "expires_at": time(stands.expires_at),
        "is_verified": stands.verified_at is not None,
        "verified_at": time(stands.verified_at),
        "error_message": stands.error_message,
        "notes": backup.notes,
        "created_at": time(backup.created_at),
    }
