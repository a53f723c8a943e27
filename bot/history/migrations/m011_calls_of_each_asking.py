"""The database's shape, step 11: calls of each asking."""

from sqlite_utils.db import Database

# CROSS JOIN: see m006. A call that stands, or may, is drawn anew also when its asking or its run is over.
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


def m011_calls_of_each_asking(db: Database) -> None:
    """What is asked anew calls people by messages of its own; those of before say that they are over."""
    db.executescript(_CALLS_OF_EACH_ASKING)
