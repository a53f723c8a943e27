"""The record as a test reads it from the file, while a bot may be writing it."""

from pathlib import Path

from bot.core.entries import RecordedEntry
from bot.core.names import RunId
from bot.core.runs import Run
from bot.history.database import open_for_reading
from bot.history.reading import EVERY, Unreadable, read_run_records
from bot.history.run_table import find_entries


def read_runs(path: Path | str, environment: str | None = None, *, count: int = EVERY) -> list[Run]:
    """The newest runs, newest first; each can be read."""
    found = list(read_run_records(path, environment, count=count, show=lambda record: record.run))
    runs = [one for one in found if not isinstance(one, Unreadable)]
    assert len(runs) == len(found), found
    return runs


def read_entries(path: Path, run_id: RunId | None) -> list[RecordedEntry]:
    """The entries of a run, oldest first; with None those that belong to no run."""
    with open_for_reading(str(path)) as db:
        return find_entries(db, run_id)
