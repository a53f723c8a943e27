"""Runs, their approvals and their entries: the statements behind `HistoryStore`. Each runs inside a transaction."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from heapq import nlargest

from sqlite_utils.db import Database

from bot.core.approvals import Approval
from bot.core.entries import DeniedAsk, Entry, RecordedEntry, RulesChanged
from bot.core.errors import HistoryError
from bot.core.names import ButtonId, ChannelId, EnvironmentId, RequestKey, RunId, TaskId, UserId
from bot.core.pleas import find_plea_id
from bot.core.runs import BUSY_STATES, Run
from bot.history import plea_table, record
from bot.history.columns import Row
from bot.history.noted import Noted, note_approval, note_run
from bot.history.rows import (
    approval_from_row,
    approval_to_row,
    entry_from_row,
    entry_to_row,
    run_from_row,
    run_to_row,
)

Parameters = Sequence[object] | dict[str, object]

FEW = 3
"""With fewer runs than this on an environment, those on others tell more."""

REFUSALS_LOOKED_AT = 1_000
"""Of so many refusals of one person it is looked which is the last in a channel."""

# States are written out in the statements so that SQLite can use the partial indexes `runs_busy` and `runs_open`.


def insert_run(
    db: Database, run: Run, approval: Approval | None, entries: Sequence[Entry], at: datetime
) -> Run | None:
    """Write a new run; None where another one holds the environment, or the plea that it answers is no longer open."""
    if run.state in BUSY_STATES and _is_held(db, run):
        return None
    plea_id = find_plea_id(run.request_key)
    if plea_id is not None and not plea_table.is_open(db, plea_id):
        return None
    earlier = _find_by_request(db, run.request_key)
    if earlier is not None:
        raise HistoryError(f"This ask is already recorded, as run #{earlier.id}.")
    row = run_to_row(run)
    db.table("runs").insert(row)
    run_id = RunId(db.execute("SELECT last_insert_rowid()").fetchone()[0])
    noted = {"run": note_run(row)}
    if approval is not None:
        approval_row = approval_to_row(approval, run_id)
        db.table("approvals").insert(approval_row)
        noted["approval"] = note_approval(approval_row)
    if plea_id is not None:
        noted["plea"] = plea_table.take_plea(db, plea_id, run, run_id)
    _insert_entries(db, run_id, entries, at, noted)
    return replace(run, id=run_id)


def update_run(
    db: Database,
    before: Run,
    after: Run,
    entries: Sequence[Entry],
    at: datetime,
    *,
    noted_of_approval: Row | None = None,
) -> bool:
    """Write a changed run if it is still as `before` says, and may (still) hold its environment."""
    takes_environment = after.state in BUSY_STATES and before.state not in BUSY_STATES
    if takes_environment and _is_held(db, before):
        return False
    if not _claim_version(db, before, after):
        return False
    row = run_to_row(after)
    db.table("runs").update(before.id, row)
    if entries:
        noted = {"run": note_run(row, run_to_row(before)), "approval": noted_of_approval or {}}
        _insert_entries(db, before.id, entries, at, noted)
    return True


def update_approval(
    db: Database, approval: Approval, before: Run, after: Run, entries: Sequence[Entry], at: datetime
) -> bool:
    """Write a changed approval and its run, if it still waits, and neither has changed in between."""
    was, row = _find_waiting(db, approval), approval_to_row(approval, before.id)
    if was is None:
        return False
    if not update_run(db, before, after, entries, at, noted_of_approval=note_approval(row, was)):
        return False
    db.table("approvals").update(approval.id, row)
    return True


def _is_held(db: Database, run: Run) -> bool:
    """Whether another run holds this run's environment; the unique index `runs_busy` stands behind the answer."""
    sql = """
        SELECT 1 FROM runs
        WHERE environment_id = ? AND id <> ? AND state IN ('accepted', 'submitting', 'running')
    """
    return db.execute(sql, [run.change.environment.id, run.id]).fetchone() is not None


def _claim_version(db: Database, before: Run, after: Run) -> bool:
    sql = "UPDATE runs SET version = ? WHERE id = ? AND version = ?"
    return db.execute(sql, [after.version, before.id, before.version]).rowcount == 1


def _find_waiting(db: Database, changed: Approval) -> Row | None:
    """The approval as it was before this one change, if it waits like that."""
    sql = "SELECT * FROM approvals WHERE id = ? AND version = ? AND state = 'waiting'"
    return next(db.query(sql, [changed.id, changed.version - 1]), None)


def insert_entry(db: Database, run_id: RunId | None, entry: Entry, at: datetime) -> None:
    """Write one entry that comes with no row of its own."""
    record.append(db, entry_to_row(run_id, entry, at))


def _insert_entries(
    db: Database, run_id: RunId, entries: Sequence[Entry], at: datetime, noted: Noted
) -> None:
    """Write the entries that come with rows: the first of them notes what these say."""
    for number, entry in enumerate(entries):
        record.append(db, entry_to_row(run_id, entry, at, noted if number == 0 else {}))


def find_run(db: Database, run_id: RunId) -> Run | None:
    """The run of this number."""
    return _one(select_runs(db, "SELECT * FROM runs WHERE id = ?", [run_id]))


def load_run(db: Database, run_id: RunId) -> Run:
    """The run of this number, which must exist."""
    run = find_run(db, run_id)
    if run is None:
        raise HistoryError(f"There is no run #{run_id} in the history.")
    return run


def find_by_handle(db: Database, handle: ButtonId) -> Run | None:
    """The run whose buttons carry this handle."""
    return _one(select_runs(db, "SELECT * FROM runs WHERE handle = ?", [handle]))


def _find_by_request(db: Database, key: RequestKey) -> Run | None:
    return _one(select_runs(db, "SELECT * FROM runs WHERE request_key = ?", [key]))


def find_by_task(db: Database, task_id: TaskId) -> Run | None:
    """The run behind a task: one that is open before any that has ended, the one that started it before followers."""
    sql = "SELECT * FROM runs WHERE task_id = ? ORDER BY ended_at IS NOT NULL, adopted, id DESC LIMIT 1"
    return _one(select_runs(db, sql, [task_id]))


def find_open(db: Database) -> list[Run]:
    """Every run that has not ended, oldest first."""
    sql = "SELECT * FROM runs WHERE state IN ('waiting', 'accepted', 'submitting', 'running') ORDER BY id"
    return select_runs(db, sql)


def find_busy(db: Database, environment_id: EnvironmentId) -> Run | None:
    """The run that holds an environment."""
    sql = "SELECT * FROM runs WHERE environment_id = ? AND state IN ('accepted', 'submitting', 'running')"
    return _one(select_runs(db, sql, [environment_id]))


def find_newest(db: Database, environment_ids: frozenset[EnvironmentId], count: int) -> list[Run]:
    """The newest runs on these environments.

    Each environment is asked by itself: asked for all at once, SQLite would sort whatever there ever was.
    """
    sql = "SELECT id FROM runs WHERE environment_id = ? ORDER BY id DESC LIMIT ?"
    found = [row[0] for one in environment_ids for row in db.execute(sql, [one, count])]
    newest = json.dumps(nlargest(count, found))
    return select_runs(
        db, "SELECT * FROM runs WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC", [newest]
    )


def find_last_run_of(db: Database, requester: UserId, channel_id: ChannelId) -> Run | None:
    """The newest run that somebody asked for in a channel."""
    sql = "SELECT * FROM runs WHERE requester = ? AND channel_id = ? ORDER BY id DESC LIMIT 1"
    return _one(select_runs(db, sql, [requester, channel_id]))


def find_last_refusal(db: Database, by: UserId, channel_id: ChannelId) -> RecordedEntry | None:
    """What somebody was refused last in a channel."""
    sql = """
        SELECT * FROM entries WHERE kind = 'denied' AND "by" = ? ORDER BY id DESC LIMIT ?
    """
    found = (entry_from_row(row) for row in db.query(sql, [by, REFUSALS_LOOKED_AT]))
    return next((one for one in found if _is_of_channel(one.entry, channel_id)), None)


def _is_of_channel(entry: Entry, channel_id: ChannelId) -> bool:
    return isinstance(entry, DeniedAsk) and entry.channel_id == channel_id


def find_alike(db: Database, run: Run, count: int) -> list[Run]:
    """The newest well-ended runs of the same action and mode on the same environment, or, where these are few, on any."""
    here = """
        SELECT * FROM runs
        WHERE environment_id = ? AND action = ? AND mode IS ? AND state = 'done' AND id <> ?
        ORDER BY id DESC LIMIT ?
    """
    anywhere = """
        SELECT * FROM runs WHERE action = ? AND mode IS ? AND state = 'done' AND id <> ? ORDER BY id DESC LIMIT ?
    """
    kind = [run.change.action.value, run.change.mode.value if run.change.mode else None, run.id, count]
    alike = select_runs(db, here, [run.change.environment.id, *kind])
    return alike if len(alike) >= FEW else select_runs(db, anywhere, kind)


def find_last(db: Database, run: Run) -> Run | None:
    """The newest ended run of the same action on the same environment that had a task."""
    sql = """
        SELECT * FROM runs
        WHERE environment_id = ? AND action = ? AND id <> ? AND task_id IS NOT NULL AND ended_at IS NOT NULL
        ORDER BY id DESC LIMIT 1
    """
    return _one(select_runs(db, sql, [run.change.environment.id, run.change.action.value, run.id]))


def find_approval(db: Database, run_id: RunId) -> Approval | None:
    """The approval of a run."""
    return next(iter(_select_approvals(db, "SELECT * FROM approvals WHERE run_id = ?", [run_id])), None)


def find_waiting_approvals(db: Database) -> list[Approval]:
    """Every approval that can still be decided, oldest first: waiting, and its run waiting for it."""
    sql = """
        SELECT approvals.* FROM approvals JOIN runs ON runs.id = approvals.run_id
        WHERE approvals.state = 'waiting' AND runs.state = 'waiting'
        ORDER BY approvals.asked_at
    """
    return _select_approvals(db, sql)


def find_entries(db: Database, run_id: RunId | None) -> list[RecordedEntry]:
    """The entries of a run, oldest first; with None those that belong to no run."""
    sql = "SELECT * FROM entries WHERE run_id IS ? ORDER BY id"
    return [entry_from_row(row) for row in db.query(sql, [run_id])]


def find_rules_digest(db: Database) -> str | None:
    """The version of the rules that came into force last, as far as the record tells."""
    sql = "SELECT * FROM entries WHERE kind = 'rules_changed' ORDER BY id DESC LIMIT 1"
    entry = next((entry_from_row(row).entry for row in db.query(sql)), None)
    return entry.digest if isinstance(entry, RulesChanged) else None


def select_runs(db: Database, sql: str, parameters: Parameters = ()) -> list[Run]:
    """The runs that a SELECT over all columns of `runs` finds."""
    return [run_from_row(row) for row in db.query(sql, parameters)]


def _select_approvals(db: Database, sql: str, parameters: Parameters = ()) -> list[Approval]:
    return [approval_from_row(row) for row in db.query(sql, parameters)]


def _one(runs: list[Run]) -> Run | None:
    return runs[0] if runs else None
