"""The history for the command line: looks at the file without writing, while a bot may be writing it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils.db import Database

from bot.core.entries import RecordedEntry
from bot.core.names import UserId
from bot.core.runs import Run
from bot.flow.ports import MessageRef, Slot, SlotKind
from bot.history import message_table, run_table, slot_table
from bot.history.database import open_for_reading
from bot.history.failures import describe_unreadable

EVERY = -1
"""As a count: all there are."""

_BATCH = 1_000
_AFTER_ALL = 2**63 - 1

_NEWEST = "SELECT * FROM runs ORDER BY id DESC LIMIT ?"
_NEWEST_OF_ENVIRONMENT = """
    SELECT * FROM runs
    WHERE environment_id = :id AND (
        :name IN (environment_id, lower(alias))
        OR lower(json_extract(environment, '$.project') || '/' || json_extract(environment, '$.platform_name')) = :name
        OR :name IN (SELECT lower(value) FROM json_each(environment, '$.aliases'))
    )
    ORDER BY id DESC LIMIT :count
"""
_ENTRIES_BEFORE = "SELECT * FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?"
_ONCE_CALLED = "SELECT environment_id FROM environment_names WHERE name = :name UNION SELECT :name"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run with all its entries, oldest first, and where its card stands (None: it was never posted)."""

    run: Run
    entries: tuple[RecordedEntry, ...]
    card: MessageRef | None


@dataclass(frozen=True, slots=True)
class NumberedEntry:
    """An entry as its row holds it, whatever run it belongs to, if to any. `facts` is what its kind tells, as JSON."""

    id: int
    run_id: int | None
    at: str
    kind: str
    by: str | None
    facts: dict[str, Any]
    hash: str


def check_readable(path: str | Path) -> None:
    """Raise `HistoryError` where the database is another program's or a newer bot's; an older bot's is well enough."""
    with open_for_reading(str(path), may_be_older=True):
        pass


def read_runs(path: str | Path, environment: str | None = None, *, count: int = EVERY) -> list[Run]:
    """The newest runs, newest first; raises `HistoryError`.

    `environment` is an alias (any case), `project/environment` or an id, each as it stood when the run was asked for.
    """
    with open_for_reading(str(path)) as db:
        return _find_runs(db, environment, count)


def read_run_records(
    path: str | Path, environment: str | None = None, *, count: int = EVERY
) -> Iterator[RunRecord]:
    """The same with what the record tells of each, one after the other; raises `HistoryError` on the way."""
    with _what_is_readable(path), open_for_reading(str(path)) as db:
        for run in _find_runs(db, environment, count):
            card = slot_table.find_slot(db, Slot(run.id, SlotKind.CARD))
            yield RunRecord(run, tuple(run_table.find_entries(db, run.id)), card.ref if card else None)


def read_newest_entries(path: str | Path, *, count: int = EVERY) -> Iterator[NumberedEntry]:
    """The newest entries of all runs and of none, newest first, one after the other; raises `HistoryError` on the way.

    A few at a time: whoever reads them slowly must not keep the bot's write-ahead log from being cut back.
    """
    with _what_is_readable(path), open_for_reading(str(path)) as db:
        before, left = _AFTER_ALL, _AFTER_ALL if count == EVERY else count
        while rows := list(db.query(_ENTRIES_BEFORE, [before, min(left, _BATCH)])):
            before, left = rows[-1]["id"], left - len(rows)
            for row in rows:
                yield NumberedEntry(**row | {"facts": json.loads(row["facts"])})


@contextmanager
def _what_is_readable(path: str | Path) -> Iterator[None]:
    """Turns what no version of the bot has written into `HistoryError`."""
    try:
        yield
    except ValueError as error:
        raise describe_unreadable(str(path), error) from error


def _find_runs(db: Database, environment: str | None, count: int) -> list[Run]:
    if environment is None:
        return run_table.select_runs(db, _NEWEST, [count])
    return _find_of_environment(db, environment.lower(), count)


def _find_of_environment(db: Database, name: str, count: int) -> list[Run]:
    """The newest runs of what was called so when they were asked for, which may have been several environments."""
    ids = [row[0] for row in db.execute(_ONCE_CALLED, {"name": name})]
    found = [
        run
        for id_ in ids
        for run in run_table.select_runs(
            db, _NEWEST_OF_ENVIRONMENT, {"id": id_, "name": name, "count": count}
        )
    ]
    newest = sorted(found, key=lambda run: run.id, reverse=True)
    return newest if count == EVERY else newest[:count]


def read_names(path: str | Path) -> dict[UserId, str]:
    """What the people in the history are called, as far as Slack has told; raises `HistoryError`."""
    with open_for_reading(str(path)) as db:
        return message_table.find_names(db)


def read_workspace(path: str | Path) -> str | None:
    """The address of the Slack workspace that the bot was in when it ran last; raises `HistoryError`."""
    with open_for_reading(str(path)) as db:
        return message_table.find_workspace(db)
