"""The database's shape, step 7: approvals by several."""

from sqlite_utils.db import Database

# CROSS JOIN: see m006. A call that was not made before the decision is made no more.
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


def m007_approvals_by_several(db: Database) -> None:
    """Approvals that take several votes, a claim, calls to approvers, and being asked anew; all who approved a run."""
    db.executescript(_APPROVALS_OF_SEVERAL)
