"""SQLite's errors in plain words, each with what to do about it. Pure."""

import sqlite3

from bot.core.errors import HistoryError

_DAMAGED = (
    "is damaged. Stop the bot and put a backup in its place (`oec-bot restore FILE`), "
    "or move it away to begin with an empty history."
)
_LOCKED = (
    "is locked by another program. Close whatever has it open for writing (a second bot, a database browser)."
)
_UNWRITABLE = "cannot be written. Give the bot's user the right to write the file and the directory it is in."

_REMEDIES = {
    sqlite3.SQLITE_NOTADB: (
        "is not a database of oec-bot. Set OEC_DATABASE to another file, or move this one away."
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened. See that its directory exists, that it is no directory itself, "
        "and that the bot's user may write there."
    ),
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Free some space; nothing that was written is lost.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error. Check the disk and its free space.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
}


_DAMAGES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class FileError(HistoryError):
    """Something is wrong with the file itself. Of what `is_damage`, nothing good can come until the bot starts again."""

    def __init__(self, sentence: str, *, is_damage: bool = False) -> None:
        super().__init__(sentence)
        self.is_damage = is_damage


def describe_failure(error: sqlite3.Error, path: str) -> FileError:
    """What an error of SQLite's means for the person who runs the bot, in one sentence and a remedy."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    remedy = _REMEDIES.get(code, f"could not be used: {error}.")
    return FileError(f"The database {path} {remedy}", is_damage=code in _DAMAGES)


def describe_damage(path: str) -> FileError:
    """SQLite can open it, and it does not hold together."""
    return FileError(f"The database {path} {_DAMAGED}", is_damage=True)


def describe_unreadable(path: str, error: ValueError) -> HistoryError:
    """A row holds what no version of the bot has written."""
    [first, *_] = str(error).splitlines() or [""]
    return HistoryError(
        f"The database {path} holds something that I cannot read ({first}). "
        "Put a backup in its place (`oec-bot restore FILE`)."
    )


def describe_moved(path: str, missing: str, rescued: str | None) -> FileError:
    """A file of a running bot is no longer at its place; `rescued` is where the history was saved, if it could be."""
    saved = f"All that I know is saved as {rescued}. " if rescued else ""
    return FileError(
        f"{missing} was moved, deleted or replaced while I run, so I write nothing more. {saved}"
        f"Put it back, or stop me, put a good file in place of {path} and start me again."
    )


def describe_newer(path: str, steps: list[str]) -> HistoryError:
    """The database was written by a version of the bot that knows more than this one."""
    return HistoryError(
        f"The database {path} was written by a newer oec-bot (it knows {', '.join(steps)}). "
        "Start that version again, or a newer one."
    )


def describe_older(path: str) -> HistoryError:
    """A reader found a database that the bot itself has yet to bring up to date."""
    return HistoryError(
        f"The database {path} was written by an older oec-bot. Start the bot once: it brings the file up to date."
    )


def describe_empty(path: str) -> HistoryError:
    """A reader found a database in which nothing was ever written."""
    return HistoryError(
        f"The database {path} is empty: no oec-bot has written it. "
        "If yours is elsewhere, name it by --database or OEC_DATABASE."
    )


def describe_missing(path: str) -> HistoryError:
    """A reader was sent to a file that is not there."""
    return HistoryError(
        f"There is no database {path}. `oec-bot run` makes it; if yours is elsewhere, name it by --database or OEC_DATABASE."
    )


def describe_foreign(path: str) -> HistoryError:
    """It is a database, but another program's."""
    return HistoryError(
        f"The database {path} belongs to another program. Set OEC_DATABASE to a file of the bot's own."
    )
