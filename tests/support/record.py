"""The record as a test reads it from the file, while a bot may be writing it."""

from pathlib import Path

from bot.core.entries import RecordedEntry
from bot.core.names import RunId
from bot.history.database import open_for_reading
from bot.history.run_table import find_entries


def read_entries(path: Path, run_id: RunId | None) -> list[RecordedEntry]:
    """The entries of a run, oldest first; with None those that belong to no run."""
    with open_for_reading(str(path)) as db:
        return find_entries(db, run_id)
