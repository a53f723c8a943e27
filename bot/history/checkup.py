"""Whether a database holds together, found out beside the bot's work: of a large one the looking takes many seconds.

Small ones are looked through while they are opened (`database.open_for_writing`). A large one is opened at once, and what
is found in it later counts as if a statement had stumbled over it: nothing more is written, and the operators are told.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress

from sqlite_utils.db import Database

from bot.core.errors import HistoryError
from bot.history.database import is_whole, open_for_reading
from bot.history.failures import FileError, describe_damage

_log = logging.getLogger(__name__)


class Checkup:
    """One look through a database, in a thread and over a connection of its own; `note` is told of damage there."""

    def __init__(self, path: str, note: Callable[[FileError], None]) -> None:
        self._path = path
        self._note = note
        self._is_stopping = threading.Event()
        self._connection: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._look, name="history-checkup", daemon=True)

    @property
    def is_looking(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no further. May be called when it has ended by itself."""
        self._is_stopping.set()
        while self._thread.is_alive():
            connection = self._connection
            if connection is not None:
                with suppress(sqlite3.ProgrammingError):  # closed in this moment
                    connection.interrupt()
            self._thread.join(0.01)

    def _look(self) -> None:
        try:
            with open_for_reading(self._path) as db:
                self._connection = db.conn
                try:
                    self._look_through(db)
                finally:
                    self._connection = None
        except FileError as error:
            if error.is_damage:
                self._note(error)
            elif not self._is_stopping.is_set():
                _log.warning("The database could not be looked through: %s", error)
        except HistoryError as error:
            _log.warning("The database could not be looked through: %s", error)

    def _look_through(self, db: Database) -> None:
        """One table at a time: as long as a statement reads, the write-ahead log cannot be cut back."""
        for table in db.table_names():
            if self._is_stopping.is_set():
                return
            if not is_whole(db, table):
                raise describe_damage(self._path)
