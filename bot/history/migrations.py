"""The database's shape, one step per function. A step is never edited once it has landed: a change is a new step."""

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from bot.history.record import chain_all

MIGRATION_SET = "oec-bot"

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


_UNKNOWN_POSTS = """
ALTER TABLE slots ADD COLUMN begun_at TEXT;
ALTER TABLE slots ADD COLUMN last_begun_at TEXT;
ALTER TABLE slots ADD COLUMN gone_ts TEXT;
ALTER TABLE slots ADD COLUMN dead_until TEXT;
CREATE INDEX slots_in_doubt ON slots (last_begun_at) WHERE begun_at IS NOT NULL;
CREATE INDEX slots_dead ON slots (dead_until) WHERE is_dead = 1;
CREATE TABLE strays (channel_id TEXT NOT NULL, ts TEXT NOT NULL, PRIMARY KEY (channel_id, ts));
CREATE TABLE unsettled (run_id INTEGER PRIMARY KEY REFERENCES runs (id));
INSERT INTO unsettled (run_id) SELECT id FROM runs WHERE ended_at IS NULL
    OR NOT EXISTS (SELECT 1 FROM slots WHERE run_id = id AND kind = 'card' AND (is_dead = 1 OR shown_version >= version))
    OR NOT EXISTS (SELECT 1 FROM slots WHERE run_id = id AND kind = 'end')
    OR (task_id IS NOT NULL AND thread_ts IS NULL AND NOT EXISTS
        (SELECT 1 FROM slots WHERE run_id = id AND kind = 'progress' AND (is_dead = 1 OR shown_version >= version)));
CREATE VIEW wanted_messages AS
    SELECT id AS run_id, 'card' AS kind, version, thread_ts, ended_at FROM unsettled JOIN runs ON id = run_id
    UNION ALL
    SELECT id, 'progress', version, thread_ts, ended_at FROM unsettled JOIN runs ON id = run_id
    WHERE task_id IS NOT NULL AND thread_ts IS NULL
    UNION ALL
    SELECT id, 'end', 1, thread_ts, ended_at FROM unsettled JOIN runs ON id = run_id
    WHERE ended_at IS NOT NULL;
CREATE VIEW stale_slots AS
    SELECT wanted.run_id, wanted.kind, wanted.ended_at FROM wanted_messages AS wanted
    LEFT JOIN slots ON slots.run_id = wanted.run_id AND slots.kind = wanted.kind
    LEFT JOIN slots AS card ON card.run_id = wanted.run_id AND card.kind = 'card' AND wanted.thread_ts IS NULL
    WHERE (slots.run_id IS NULL OR (slots.is_dead = 0 AND slots.shown_version < wanted.version))
      AND (card.run_id IS NULL OR card.is_dead = 0 OR card.ts IS NOT NULL);
CREATE TRIGGER new_runs_are_unsettled AFTER INSERT ON runs
BEGIN
    INSERT INTO unsettled (run_id) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM unsettled WHERE run_id = new.id);
END;
CREATE TRIGGER changed_runs_are_unsettled AFTER UPDATE OF version ON runs
BEGIN
    INSERT INTO unsettled (run_id) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM unsettled WHERE run_id = new.id);
END;
"""

_A_MILLION_RUNS = """
CREATE INDEX runs_done ON runs (environment_id, action, mode, id) WHERE state = 'done';
CREATE INDEX runs_done_anywhere ON runs (action, mode, id) WHERE state = 'done';
CREATE INDEX runs_with_an_end ON runs (environment_id, action, id) WHERE task_id IS NOT NULL AND ended_at IS NOT NULL;
CREATE INDEX deliveries_by_time ON deliveries (at);
CREATE INDEX asks_by_time ON asks (at);
"""

# CROSS JOIN is what keeps SQLite from beginning with whatever ended lately, which is much more than what is unsettled.
_UNSETTLED_FIRST = """
DROP VIEW wanted_messages;
CREATE VIEW wanted_messages AS
    SELECT id AS run_id, 'card' AS kind, version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    UNION ALL
    SELECT id, 'progress', version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE task_id IS NOT NULL AND thread_ts IS NULL
    UNION ALL
    SELECT id, 'end', 1, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE ended_at IS NOT NULL;
"""

_ENVIRONMENT_NAMES = """
CREATE TABLE environment_names (
    name TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    PRIMARY KEY (name, environment_id)
);
CREATE TRIGGER names_of_environments_are_kept AFTER INSERT ON runs
BEGIN
    INSERT OR IGNORE INTO environment_names (name, environment_id)
    SELECT lower(name), new.environment_id FROM (
        SELECT new.alias AS name
        UNION SELECT json_extract(new.environment, '$.project') || '/' || json_extract(new.environment, '$.platform_name')
        UNION SELECT value FROM json_each(new.environment, '$.aliases')
    ) WHERE name IS NOT NULL;
END;
INSERT OR IGNORE INTO environment_names (name, environment_id)
    SELECT lower(alias), environment_id FROM runs
    UNION SELECT lower(full_name), environment_id FROM (
        SELECT environment_id,
            json_extract(environment, '$.project') || '/' || json_extract(environment, '$.platform_name') AS full_name
        FROM runs
    ) WHERE full_name IS NOT NULL
    UNION SELECT lower(value), environment_id FROM runs, json_each(environment, '$.aliases');
"""

# CROSS JOIN: see above. A call that was not made before the decision is made no more.
_APPROVALS_OF_SEVERAL = """
ALTER TABLE approvals ADD COLUMN needed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE approvals ADD COLUMN consents TEXT NOT NULL DEFAULT '[]';
ALTER TABLE approvals ADD COLUMN rule_line INTEGER NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN claimed_by TEXT;
ALTER TABLE approvals ADD COLUMN claimed_at TEXT;
ALTER TABLE approvals ADD COLUMN remind_at TEXT;
ALTER TABLE approvals ADD COLUMN reminded_at TEXT;
ALTER TABLE approvals ADD COLUMN escalate_to TEXT;
ALTER TABLE approvals ADD COLUMN escalate_at TEXT;
ALTER TABLE approvals ADD COLUMN escalated_at TEXT;
ALTER TABLE approvals ADD COLUMN renewed_at TEXT;
ALTER TABLE approvals ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
UPDATE approvals SET consents = json_array(decided_by) WHERE state = 'granted';
ALTER TABLE runs RENAME COLUMN approver TO approvers;
UPDATE runs SET approvers = json_array(approvers) WHERE approvers IS NOT NULL;
ALTER TABLE runs ADD COLUMN approval_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN is_reminded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN is_escalated INTEGER NOT NULL DEFAULT 0;
DROP VIEW wanted_messages;
CREATE VIEW wanted_messages AS
    SELECT id AS run_id, 'card' AS kind, version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    UNION ALL
    SELECT id, 'progress', version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE task_id IS NOT NULL AND thread_ts IS NULL
    UNION ALL
    SELECT id, 'end', 1, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT id, 'reminder', version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE is_reminded = 1
      AND (state = 'waiting' OR EXISTS (SELECT 1 FROM slots WHERE slots.run_id = id AND kind = 'reminder'))
    UNION ALL
    SELECT id, 'escalation', version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE is_escalated = 1
      AND (state = 'waiting' OR EXISTS (SELECT 1 FROM slots WHERE slots.run_id = id AND kind = 'escalation'));
"""

_ENTRIES_ARE_NEVER_CHANGED = """
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'history entries are never changed');
END;
"""


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

_PLEAS_BY_TIME = """
DROP INDEX pleas_by_person;
CREATE INDEX pleas_by_time ON pleas (asked_at);
CREATE INDEX pleas_in_doubt ON pleas (number) WHERE begun_at IS NOT NULL;
"""

# CROSS JOIN: see above. A call that stands, or may, is drawn anew also when its asking or its run is over.
_CALLS_OF_EACH_ASKING = """
ALTER TABLE approvals ADD COLUMN asking INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN asking INTEGER NOT NULL DEFAULT 1;
UPDATE approvals SET asking = 1 + (
    SELECT count(*) FROM entries WHERE entries.run_id = approvals.run_id AND kind = 'approval_renewed')
WHERE state = 'waiting';
UPDATE runs SET asking = (SELECT asking FROM approvals WHERE run_id = runs.id)
WHERE id IN (SELECT run_id FROM approvals WHERE state = 'waiting');
DROP VIEW wanted_messages;
CREATE VIEW wanted_messages AS
    SELECT id AS run_id, 'card' AS kind, version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    UNION ALL
    SELECT id, 'progress', version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE task_id IS NOT NULL AND thread_ts IS NULL
    UNION ALL
    SELECT id, 'end', 1, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT id, 'reminder' || CASE asking WHEN 1 THEN '' ELSE ' ' || asking END, version, thread_ts, ended_at
    FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE is_reminded = 1 AND state = 'waiting'
    UNION ALL
    SELECT id, 'escalation' || CASE asking WHEN 1 THEN '' ELSE ' ' || asking END, version, thread_ts, ended_at
    FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE is_escalated = 1 AND state = 'waiting'
    UNION ALL
    SELECT id, slots.kind, version, thread_ts, ended_at
    FROM unsettled CROSS JOIN runs ON id = unsettled.run_id CROSS JOIN slots ON slots.run_id = id
    WHERE (slots.kind GLOB 'reminder*' OR slots.kind GLOB 'escalation*')
      AND (state <> 'waiting' OR ts IS NOT NULL
        OR slots.kind NOT GLOB '*' || CASE asking WHEN 1 THEN '[a-z]' ELSE ' ' || asking END);
"""


def m001_runs_and_what_became_of_them(db: Database) -> None:
    """The first shape. `runs_busy` is what lets one run at a time hold an environment, whoever asks."""
    for script in (_RUNS, _APPROVALS, _ENTRIES, _MESSAGES):
        db.executescript(script)


def m002_what_people_are_called(db: Database) -> None:
    """Names beside the ids, so that the history can be read without Slack. They decide nothing."""
    db.execute("CREATE TABLE people (user_id TEXT PRIMARY KEY, name TEXT NOT NULL)")


def m003_what_is_not_known_of_a_post(db: Database) -> None:
    """Posts that may have been carried out, messages to be taken away, and which runs' messages may be behind them."""
    db.executescript(_UNKNOWN_POSTS)


def m004_what_a_run_without_a_clear_answer_is(db: Database) -> None:
    """Tasks that were recognised rather than told, tasks that are stuck, and who gave a run up."""
    db.execute("ALTER TABLE runs ADD COLUMN is_presumed INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE runs ADD COLUMN stuck_since TEXT")
    db.execute("ALTER TABLE runs ADD COLUMN given_up_by TEXT")


def m005_what_a_million_runs_ask_for(db: Database) -> None:
    """What was usual, and what was last, is found at once however long the history is."""
    db.executescript(_A_MILLION_RUNS)


def m006_what_is_unsettled_and_what_an_environment_was_called(db: Database) -> None:
    """What is to be mended is found by what is unsettled; the runs of an environment by any name that it ever had."""
    db.executescript(_UNSETTLED_FIRST)
    db.executescript(_ENVIRONMENT_NAMES)


def m007_approvals_by_several(db: Database) -> None:
    """Approvals that take several votes, a claim, calls to approvers, and being asked anew; all who approved a run."""
    db.executescript(_APPROVALS_OF_SEVERAL)


def m008_what_an_entry_follows(db: Database) -> None:
    """Each entry is chained to the one before by a hash, those that stand here already from the first one on."""
    db.execute("ALTER TABLE entries ADD COLUMN hash TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX entries_of_rules ON entries (id) WHERE kind = 'rules_changed'")
    db.execute("DROP TRIGGER entries_are_never_changed")
    chain_all(db)
    db.executescript(_ENTRIES_ARE_NEVER_CHANGED)


def m009_pleas_and_what_why_looks_for(db: Database) -> None:
    """Pleas with their messages; what somebody was refused last, and their last run in a channel, are found at once."""
    db.executescript(_PLEAS)


def m010_pleas_that_count_and_pleas_in_doubt(db: Database) -> None:
    """Everybody's newest pleas are found at once, and those whose message may stand twice."""
    db.executescript(_PLEAS_BY_TIME)


def m011_calls_of_each_asking(db: Database) -> None:
    """What is asked anew calls people by messages of its own; those of before say that they are over."""
    db.executescript(_CALLS_OF_EACH_ASKING)


STEPS = (
    m001_runs_and_what_became_of_them,
    m002_what_people_are_called,
    m003_what_is_not_known_of_a_post,
    m004_what_a_run_without_a_clear_answer_is,
    m005_what_a_million_runs_ask_for,
    m006_what_is_unsettled_and_what_an_environment_was_called,
    m007_approvals_by_several,
    m008_what_an_entry_follows,
    m009_pleas_and_what_why_looks_for,
    m010_pleas_that_count_and_pleas_in_doubt,
    m011_calls_of_each_asking,
)
"""Every step this version knows, oldest first."""


def as_migrations() -> Migrations:
    """The steps as sqlite-utils applies them: each once, recorded in the database by its function's name."""
    migrations = Migrations(MIGRATION_SET)
    for step in STEPS:
        migrations()(step)
    return migrations
