"""The history for the command line: looks at the file without writing, while a bot may be writing it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils.db import Database

from bot.core.entries import RecordedEntry
from bot.core.names import UserId
from bot.core.runs import Run
from bot.flow.ports import MessageRef, Slot, SlotKind
from bot.history import message_table, run_table, slot_table
from bot.history.columns import UNREADABLE, Row
from bot.history.database import open_for_reading
from bot.history.rows import run_from_row

R = TypeVar("R")
T = TypeVar("T")

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
class Unreadable:
    """A run or an entry that holds what no version of the bot has written: `run #4`, `entry 17`."""

    what: str


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


def read_run_records(
    path: str | Path,
    environment: str | None = None,
    *,
    count: int = EVERY,
    show: Callable[[RunRecord], T],
) -> Iterator[T | Unreadable]:
    """The newest runs, newest first, with what the record tells of each, as `show` has them; raises `HistoryError`.

    `environment` is an alias (any case), `project/environment` or an id, each as it stood when the run was asked for. A
    run that cannot be read, or shown, keeps nobody from the others.
    """
    with _open_for_looking(path) as db:
        for row in _find_runs(db, environment, count):
            yield _try_to_show(f"run #{row['id']}", partial(_find_record, db, row), show)


def _find_record(db: Database, row: Row) -> RunRecord:
    _check_texts(row)
    run = run_from_row(row)
    card = slot_table.find_slot(db, Slot(run.id, SlotKind.CARD))
    return RunRecord(run, tuple(run_table.find_entries(db, run.id)), card.ref if card else None)


def read_newest_entries(
    path: str | Path, *, count: int = EVERY, show: Callable[[NumberedEntry], T]
) -> Iterator[T | Unreadable]:
    """The newest entries of all runs and of none, as `show` has them, newest first; raises `HistoryError` on the way.

    A few at a time: whoever reads them slowly must not keep the bot's write-ahead log from being cut back.
    """
    with _open_for_looking(path) as db:
        before, left = _AFTER_ALL, _AFTER_ALL if count == EVERY else count
        while rows := list(db.query(_ENTRIES_BEFORE, [before, min(left, _BATCH)])):
            before, left = rows[-1]["id"], left - len(rows)
            for row in rows:
                yield _try_to_show(f"entry {row['id']}", partial(_as_entry, row), show)


def _as_entry(row: Row) -> NumberedEntry:
    _check_texts(row)
    facts = json.loads(row["facts"])
    if not isinstance(facts, dict):
        raise TypeError("facts are an object")
    return NumberedEntry(**row | {"facts": facts})


def _check_texts(row: Row) -> None:
    """Raise `TypeError` for what is no text any more: only when it is printed would it be stumbled over."""
    if any(isinstance(value, bytes) for value in row.values()):
        raise TypeError("bytes")


def _try_to_show(what: str, read: Callable[[], R], show: Callable[[R], T]) -> T | Unreadable:
    try:
        return show(read())
    except UNREADABLE:
        return Unreadable(what)


@contextmanager
def _open_for_looking(path: str | Path) -> Iterator[Database]:
    """The database for people to look at: what is no UTF-8 any more is shown as well as it can be."""
    with open_for_reading(str(path)) as db:
        db.conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
        yield db


def _find_runs(db: Database, environment: str | None, count: int) -> list[Row]:
    if environment is None:
        return list(db.query(_NEWEST, [count]))
    return _find_of_environment(db, environment.lower(), count)


def _find_of_environment(db: Database, name: str, count: int) -> list[Row]:
    """The newest runs of what was called so when they were asked for, which may have been several environments."""
    ids = [row[0] for row in db.execute(_ONCE_CALLED, {"name": name})]
    found = [
        row
        for id_ in ids
        for row in db.query(_NEWEST_OF_ENVIRONMENT, {"id": id_, "name": name, "count": count})
    ]
    newest = sorted(found, key=lambda row: int(row["id"]), reverse=True)
    return newest if count == EVERY else newest[:count]


def read_names(path: str | Path) -> dict[UserId, str]:
    """What the people in the history are called, as far as Slack has told; raises `HistoryError`."""
    with _open_for_looking(path) as db:
        return message_table.find_names(db)


def read_workspace(path: str | Path) -> str | None:
    """The address of the Slack workspace that the bot was in when it ran last; raises `HistoryError`."""
    with _open_for_looking(path) as db:
        return message_table.find_workspace(db)
