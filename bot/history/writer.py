"""The one connection that writes: what cannot be kept is refused, and what is wrong with the file is remembered.

It belongs to the thread that opens it.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from sqlite_utils.db import Database

from bot.core.errors import HistoryError
from bot.history.database import failures_of, measure, open_for_writing, transaction
from bot.history.failures import FileError, describe_moved, describe_unreadable
from bot.history.presence import Presence

T = TypeVar("T")

_SHORTEST_WAIT = timedelta(milliseconds=50)
"""What is left to a write that has waited for its turn as long as it may wait for another program."""


class Writer:
    """Reads and writes, one transaction each. `trouble` says what keeps it from writing, None while all is well."""

    def __init__(
        self, db: Database, path: str, presence: Presence, patience: timedelta, now: Callable[[], datetime]
    ) -> None:
        self.trouble: str | None = None
        self._db = db
        self._path = path
        self._presence = presence
        self._patience = patience
        self._now = now
        self._damage: FileError | None = None
        self._absence: FileError | None = None

    @classmethod
    def open(
        cls,
        path: str,
        *,
        busy_timeout: timedelta,
        now: Callable[[], datetime],
        lease: Path | None = None,
        largest_to_check: int | None = None,
    ) -> Self:
        """Open the database for this thread; raises `HistoryError`. Without the lease's file it will not write either."""
        db = open_for_writing(path, busy_timeout=busy_timeout, largest_to_check=largest_to_check)
        files = [Path(path)] if lease is None else [Path(path), lease]
        return cls(db, path, Presence(*files), busy_timeout, now)

    @property
    def size(self) -> int:
        """How many bytes the database has. For the thread of this writer."""
        return self.read(measure)

    def note_damage(self, damage: FileError) -> None:
        """The file was found not to hold together: write no more. May be called from any thread."""
        self._note(damage)

    def hurry(self) -> None:
        """Wait for no other program any more: the bot stops. May be called from any thread."""
        self._patience = timedelta(0)

    def close(self) -> None:
        """Close the file."""
        with failures_of(self._path):
            self._db.close()

    def write(self, work: Callable[[Database], T], *, asked_at: float) -> T:
        """Do this work in a transaction. `asked_at` is when it was asked for, by the monotonic clock."""
        try:
            self._refuse_what_would_be_lost()
            self._be_patient(asked_at)
            with failures_of(self._path), transaction(self._db):
                result = work(self._db)
        except FileError as trouble:
            self._note(trouble)
            raise
        self.trouble = None
        return result

    def read(self, work: Callable[[Database], T]) -> T:
        """Look something up."""
        try:
            with failures_of(self._path):
                return work(self._db)
        except FileError as trouble:
            if trouble.is_damage:
                self._note(trouble)
            raise
        except ValueError as error:
            raise describe_unreadable(self._path, error) from error

    def _be_patient(self, asked_at: float) -> None:
        """Wait for other programs so that nobody waits longer than the patience, however many wait for their turn."""
        waited = timedelta(seconds=time.monotonic() - asked_at)
        left = max(self._patience - waited, min(self._patience, _SHORTEST_WAIT))
        self._db.execute(f"PRAGMA busy_timeout={int(left / timedelta(milliseconds=1))}")

    def _note(self, trouble: FileError) -> None:
        self.trouble = str(trouble)
        if trouble.is_damage:
            self._damage = trouble

    def _refuse_what_would_be_lost(self) -> None:
        """What is written into a damaged file damages it further; into one that was taken away, nobody finds it."""
        if self._damage is not None:
            raise self._damage
        missing = self._presence.find_missing()
        if missing is None:
            self._absence = None
            return
        if self._absence is None:
            self._absence = describe_moved(self._path, str(missing), self._rescue(missing))
        raise self._absence

    def _rescue(self, missing: Path) -> str | None:
        """Save what the open connection can still read, where the database itself is gone; the name of the copy."""
        if missing != Path(self._path):
            return None
        name = f"{self._path}.rescued-{self._now():%Y%m%d-%H%M%S}"
        try:
            with failures_of(name), closing(sqlite3.connect(name)) as copy:
                self._db.conn.backup(copy)
        except HistoryError:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)
            return None
        return name
