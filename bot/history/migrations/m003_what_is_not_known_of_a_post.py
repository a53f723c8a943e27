"""The database's shape, step 3: what is not known of a post."""

from sqlite_utils.db import Database

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


def m003_what_is_not_known_of_a_post(db: Database) -> None:
    """Posts that may have been carried out, messages to be taken away, and which runs' messages may be behind them."""
    db.executescript(_UNKNOWN_POSTS)
