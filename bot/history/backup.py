"""A copy of the history while the bot writes it, and a copy put back in its place.

Both work beside the file they are about to write and put it in place by one rename, so that a kill leaves what was
there before.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils.db import Database

from bot.core.entries import Ended
from bot.core.errors import HistoryError
from bot.core.facts import HistoryPutBack
from bot.core.names import RunId
from bot.core.runs import RunState, advance
from bot.history import run_table
from bot.history.columns import time_from_text
from bot.history.database import (
    failures_of,
    find_applied,
    open_for_reading,
    open_for_writing,
    transaction,
)
from bot.history.failures import FileError, describe_damage
from bot.history.lease import Lease

RESTORED = "restored"
"""Why a run's end is unknown that waited, or was allowed and not begun, when the backup was made."""

_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a copy. `newest` and `asked_at` are of the newest run, None where there is none."""

    size: int
    runs: int
    open_runs: int
    newest: RunId | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `kept` is where the database before now is; `ended` of the runs were ended by it, as unknown."""

    contents: Contents
    kept: Path | None
    ended: int
    next_run: RunId


def write_backup(database: Path, target: Path, *, overwrite: bool = False) -> Contents:
    """Copy the database, which a bot may be writing, into one whole file; raises `HistoryError`.

    The copy is checked before it gets its name. A file of that name is replaced only where `overwrite` says so.
    """
    if target.exists() and target.samefile(database):
        raise HistoryError(f"{target} is the database itself. Name another file.")
    if target.exists() and not overwrite:
        raise HistoryError(f"{target} exists. Name another file, or say --force to replace it.")
    with open_for_reading(str(database)) as db, _beside(target) as copy:
        _copy(db.conn, copy, named=target)
        contents = _look_into(copy, named=target)
        shutil.copymode(database, copy)
        _put(copy, target)
    return contents


def restore_backup(file: Path, database: Path, *, now: datetime) -> Restored:
    """Put a copy in the database's place, if no bot uses it; raises `HistoryError`.

    What had not begun is ended in it: it may have been approved, carried out or given up since. The numbers of runs
    go on after those of the database before, as far as that can be read, for people have seen them.
    """
    if not file.is_file():
        raise HistoryError(f"There is no backup {file}.")
    if database.exists() and file.samefile(database):
        raise HistoryError(f"{file} is the database itself. Name a backup.")
    lease = Lease.take(database)
    try:
        with _beside(database) as copy:
            with open_for_reading(str(file), may_be_older=True) as backup:
                if not find_applied(backup):
                    raise HistoryError(
                        f"{file} holds no history. Name a backup that `oec-bot backup` has made."
                    )
                _copy(backup.conn, copy, named=database)
            last = _find_last_number(database)
            ended, next_run = _settle(copy, seen=last, now=now, named=database)
            contents = _look_into(copy, named=database)
            kept = _keep(database, now)
            _put(copy, database)
    finally:
        lease.release()
    return Restored(contents, kept, ended, next_run)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A file to work on beside the one that it will replace; gone afterwards, whatever happens."""
    working = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield working
    except OSError as error:
        raise FileError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        for suffix in ("", *_BESIDE):
            with suppress(OSError):
                Path(f"{working}{suffix}").unlink()


def _copy(source: sqlite3.Connection, copy: Path, *, named: Path) -> None:
    """Copy all at once: one look at one moment, which holds up nobody who writes meanwhile.

    In steps it would begin anew at each write between two of them, and might never end.
    """
    with failures_of(str(named)), closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute(
            "PRAGMA journal_mode=DELETE"
        )  # one file, with nothing beside it that could be forgotten


def _look_into(copy: Path, *, named: Path) -> Contents:
    """What is in a copy, once it is known to hold together; raises `HistoryError`."""
    with failures_of(str(named)), closing(sqlite3.connect(copy)) as connection:
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise describe_damage(str(named))
        runs, newest, asked_at = connection.execute(
            "SELECT count(*), max(id), max(asked_at) FROM runs"
        ).fetchone()
        open_runs = len(run_table.find_open(Database(connection, execute_plugins=False)))
    return Contents(
        copy.stat().st_size, runs, open_runs, newest, None if asked_at is None else time_from_text(asked_at)
    )


def _settle(copy: Path, *, seen: int, now: datetime, named: Path) -> tuple[int, RunId]:
    """Bring a copy up to date and end what had not begun: how many, and the number that the next run will get."""
    with failures_of(str(named)), closing(open_for_writing(str(copy))) as db:
        with transaction(db):
            told = [(run, advance(run, HistoryPutBack(), now)) for run in run_table.find_open(db)]
            unbegun = [(before, after) for before, after in told if after is not before]
            for before, after in unbegun:
                run_table.update_run(db, before, after, [Ended(RunState.LOST.value, RESTORED)], now)
            last = max(seen, _find_sequence(db.conn))
            db.execute("DELETE FROM sqlite_sequence WHERE name = 'runs'")
            db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?)", [last])
        db.execute("PRAGMA journal_mode=DELETE")
    return len(unbegun), RunId(last + 1)


def _find_sequence(connection: sqlite3.Connection) -> int:
    """The highest number that a run ever had here."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'runs'").fetchone()
    return 0 if row is None else int(row[0])


def _find_last_number(database: Path) -> int:
    """The highest number of a run that people have seen; 0 where the database before cannot be read."""
    try:
        with open_for_reading(str(database), may_be_older=True) as db:
            return _find_sequence(db.conn)
    except HistoryError:
        return 0


def _keep(database: Path, now: datetime) -> Path | None:
    """Give the database before a name of its own, with all that it has not taken in yet; None where there is none.

    The database stands at its place until the copy takes it: a kill between the two must not leave an empty history.
    """
    if not database.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, timeout=0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a healthy one needs nothing beside it then
    kept = database.with_name(f"{database.name}.replaced-{now:%Y%m%d-%H%M%S}")
    try:
        _copy_or_link(database, kept)
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                Path(f"{database}{suffix}").rename(f"{kept}{suffix}")
    except OSError as error:
        raise FileError(f"{kept} cannot be written: {error.strerror or error}.") from error
    return kept


def _copy_or_link(file: Path, kept: Path) -> None:
    """Have the same file under another name too: at no cost where the disk can do that."""
    try:
        kept.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(file, kept)


def _put(working: Path, target: Path) -> None:
    """Put a finished file in its place, so that after a power cut it is there, or what was there before."""
    _sync(working)
    working.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Have the system write down what it holds of a file or of a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
