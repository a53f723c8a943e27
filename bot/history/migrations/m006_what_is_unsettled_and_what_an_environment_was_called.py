"""The database's shape, step 6: what is unsettled and what an environment was called."""

from sqlite_utils.db import Database

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


def m006_what_is_unsettled_and_what_an_environment_was_called(db: Database) -> None:
    """What is to be mended is found by what is unsettled; the runs of an environment by any name that it ever had."""
    db.executescript(_UNSETTLED_FIRST)
    db.executescript(_ENVIRONMENT_NAMES)
