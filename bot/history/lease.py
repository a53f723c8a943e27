"""One bot per database: a second process with the same history would do everything twice."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Self

from bot.core.errors import HistoryError
from bot.history.failures import describe_failure

_SUFFIX = "-lease"


class LeaseHeldError(HistoryError):
    """Another process has the lease; it may end some day."""


class Lease:
    """Held while a bot uses a database. The system takes it back when the process dies, however it dies.

    It is SQLite's own lock on an empty file beside the database: the database itself stays free for readers.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def take(cls, path: str | Path) -> Self:
        """Take the lease of the database at this path; raises `LeaseHeldError` if another bot holds it, `HistoryError`."""
        file = lease_path(path)
        try:
            connection = sqlite3.connect(file, timeout=0, check_same_thread=False)
        except sqlite3.Error as error:
            raise describe_failure(error, str(path)) from error
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise LeaseHeldError(
                    f"Another oec-bot is running with the database {path}. Stop it, or give this one its own file."
                ) from None
            raise describe_failure(error, str(path)) from error
        return cls(file, connection)

    def release(self) -> None:
        """Let another bot have it. May be called twice."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


def lease_path(path: str | Path) -> Path:
    """The lease's file of the database at this path. It stays when the lease ends, and says that there was a bot."""
    return Path(f"{path}{_SUFFIX}")
