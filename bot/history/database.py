"""The connection to the database file: how it is opened, what is checked, and what one transaction is."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlite_utils.db import Database

from bot.history.failures import (
    describe_damage,
    describe_empty,
    describe_failure,
    describe_foreign,
    describe_missing,
    describe_newer,
    describe_older,
)
from bot.history.migrations import STEPS, as_migrations

BUSY_TIMEOUT = timedelta(seconds=2)
"""How long to wait for another program that is writing, before giving up: people are to hear of it within 3 seconds."""

LONGEST_LOG = 4 * 2**20
"""To so many bytes the write-ahead log is cut back, once a reader that held it up has ended."""


@contextmanager
def failures_of(path: str) -> Iterator[None]:
    """Turns SQLite's errors into `HistoryError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise describe_failure(error, path) from error


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """One write transaction, all or nothing.

    It takes the write lock at its beginning: a transaction that reads first and locks later is refused at once when
    another writer came between, however long the timeout.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def open_for_writing(
    path: str, *, busy_timeout: timedelta = BUSY_TIMEOUT, largest_to_check: int | None = None
) -> Database:
    """The bot's own connection, with the database brought up to date. Belongs to the thread that calls this.

    One of more than `largest_to_check` bytes is not looked through: whoever says so does it afterwards.
    """
    with failures_of(path):
        connection = sqlite3.connect(path, timeout=busy_timeout.total_seconds())
        try:
            db = Database(connection, execute_plugins=False)
            check_shape(db, path)
            # FULL, not NORMAL: what was promised to people must survive a power cut
            log_limit = f"journal_size_limit={LONGEST_LOG}"
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", log_limit):
                connection.execute(f"PRAGMA {pragma}")
            if largest_to_check is None or measure(db) <= largest_to_check:
                _check_whole(db, path)
            migrations = as_migrations()
            if migrations.pending(db):
                with transaction(db):
                    migrations.apply(db)
        except BaseException:
            connection.close()
            raise
        return db


@contextmanager
def open_for_reading(path: str, *, may_be_older: bool = False) -> Iterator[Database]:
    """A connection that cannot write, for a look at a database that a bot may be writing at this moment."""
    if not Path(path).exists():
        raise describe_missing(path)
    with failures_of(path):
        uri = f"{Path(path).resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT.total_seconds())
        try:
            db = Database(connection, execute_plugins=False)
            check_shape(db, path)
            if as_migrations().pending(db) and not may_be_older:
                raise describe_older(path) if find_applied(db) else describe_empty(path)
            yield db
        finally:
            connection.close()


def _check_whole(db: Database, path: str) -> None:
    """Refuse a database with broken pages: found at the first ask for a row in them, it would be found too late."""
    if not is_whole(db):
        raise describe_damage(path)


def is_whole(db: Database, table: str | None = None) -> bool:
    """Whether every page of the database, or of one table and its indexes, holds together."""
    what = "1" if table is None else f"'{table}'"
    return bool(db.execute(f"PRAGMA quick_check({what})").fetchone()[0] == "ok")


def measure(db: Database) -> int:
    """How many bytes the database has."""
    pages, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * size)


def check_shape(db: Database, path: str) -> None:
    """Refuse a database of another program, or of a version of the bot that knows more than this one."""
    migrations = as_migrations()
    applied = find_applied(db)
    unknown = sorted(set(applied) - {step.__name__ for step in STEPS})
    if unknown:
        raise describe_newer(path, unknown)
    tables = set(db.table_names()) - {migrations.migrations_table, "sqlite_sequence"}
    if tables and not applied:
        raise describe_foreign(path)


def find_applied(db: Database) -> list[str]:
    """The steps that have made this database; none where it is no history, or an empty one."""
    return [step.name for step in as_migrations().applied(db)]
