"""SQLite's errors in plain words, each with what to do about it. Pure."""

import sqlite3

from bot.core.errors import HistoryError

_REMEDIES = {
    sqlite3.SQLITE_NOTADB: (
        "is not a database of oec-bot. Set OEC_DATABASE to another file, or move this one away."
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged. Stop the bot and put a backup in its place, or move it away to begin with an empty history."
    ),
    sqlite3.SQLITE_READONLY: (
        "cannot be written. Give the bot's user the right to write the file and the directory it is in."
    ),
    sqlite3.SQLITE_PERM: (
        "cannot be written. Give the bot's user the right to write the file and the directory it is in."
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened. See that its directory exists, that it is no directory itself, "
        "and that the bot's user may write there."
    ),
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Free some space; nothing that was written is lost.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error. Check the disk and its free space.",
    sqlite3.SQLITE_BUSY: (
        "is locked by another program. Close whatever has it open for writing (a second bot, a database browser)."
    ),
    sqlite3.SQLITE_LOCKED: (
        "is locked by another program. Close whatever has it open for writing (a second bot, a database browser)."
    ),
}


def describe_failure(error: sqlite3.Error, path: str) -> HistoryError:
    """What an error of SQLite's means for the person who runs the bot, in one sentence and a remedy."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    remedy = _REMEDIES.get(code, f"could not be used: {error}.")
    return HistoryError(f"The database {path} {remedy}")


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
