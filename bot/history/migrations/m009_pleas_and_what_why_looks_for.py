"""The database's shape, step 9: pleas and what why looks for."""

from sqlite_utils.db import Database

_PLEAS = """
CREATE TABLE pleas (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    "by" TEXT NOT NULL,
    team_id TEXT NOT NULL,
    change TEXT NOT NULL,
    asked_in TEXT NOT NULL,
    openings TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_by TEXT,
    run_id INTEGER,
    version INTEGER NOT NULL,
    channel_id TEXT,
    ts TEXT,
    shown_version INTEGER NOT NULL DEFAULT 0,
    begun_at TEXT
);
CREATE INDEX pleas_by_person ON pleas ("by", asked_at);
CREATE INDEX pleas_open ON pleas (number) WHERE state = 'open';
CREATE INDEX pleas_behind ON pleas (number) WHERE shown_version < version;
CREATE INDEX entries_denied ON entries ("by", id) WHERE kind = 'denied';
CREATE INDEX runs_by_requester ON runs (requester, channel_id, id);
"""


def m009_pleas_and_what_why_looks_for(db: Database) -> None:
    """Pleas with their messages; what somebody was refused last, and their last run in a channel, are found at once."""
    db.executescript(_PLEAS)
