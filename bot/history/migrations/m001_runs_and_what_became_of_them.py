"""The database's shape, step 1: runs and what became of them."""

from sqlite_utils.db import Database

_RUNS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    handle TEXT NOT NULL UNIQUE,
    request_key TEXT NOT NULL UNIQUE,
    environment_id TEXT NOT NULL,
    alias TEXT NOT NULL,
    environment TEXT NOT NULL,
    action TEXT NOT NULL,
    mode TEXT,
    modules TEXT NOT NULL,
    requester TEXT NOT NULL,
    team_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    thread_ts TEXT,
    asked_at TEXT NOT NULL,
    state TEXT NOT NULL,
    rule TEXT NOT NULL,
    version INTEGER NOT NULL,
    adopted INTEGER NOT NULL,
    approver TEXT,
    decided_by TEXT,
    decline_reason TEXT,
    idempotency_key TEXT UNIQUE,
    submitted_at TEXT,
    task_id TEXT,
    report TEXT,
    reported_at TEXT,
    unanswered_since TEXT,
    away_seconds REAL,
    steps TEXT NOT NULL,
    refusal TEXT,
    log TEXT,
    environment_seen TEXT,
    followers TEXT NOT NULL,
    ended_at TEXT
);
CREATE UNIQUE INDEX runs_busy ON runs (environment_id) WHERE state IN ('accepted', 'submitting', 'running');
CREATE INDEX runs_open ON runs (id) WHERE state IN ('waiting', 'accepted', 'submitting', 'running');
CREATE INDEX runs_by_task ON runs (task_id);
CREATE INDEX runs_by_environment ON runs (environment_id, id);
CREATE INDEX runs_by_end ON runs (ended_at);
"""

_APPROVALS = """
CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    run_id INTEGER NOT NULL UNIQUE REFERENCES runs (id),
    requester TEXT NOT NULL,
    approvers TEXT NOT NULL,
    rule_path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    typed INTEGER NOT NULL,
    requester_may_approve INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at TEXT,
    reason TEXT
);
CREATE INDEX approvals_waiting ON approvals (asked_at) WHERE state = 'waiting';
"""

_ENTRIES = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER REFERENCES runs (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    by TEXT,
    facts TEXT NOT NULL
);
CREATE INDEX entries_by_run ON entries (run_id, id);
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'history entries are never changed');
END;
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'history entries are never removed');
END;
"""

_MESSAGES = """
CREATE TABLE slots (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL,
    channel_id TEXT,
    ts TEXT,
    shown_version INTEGER NOT NULL,
    is_dead INTEGER NOT NULL,
    PRIMARY KEY (run_id, kind)
);
CREATE TABLE deliveries (key TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE asks (button_id TEXT PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def m001_runs_and_what_became_of_them(db: Database) -> None:
    """The first shape. `runs_busy` is what lets one run at a time hold an environment, whoever asks."""
    for script in (_RUNS, _APPROVALS, _ENTRIES, _MESSAGES):
        db.executescript(script)
