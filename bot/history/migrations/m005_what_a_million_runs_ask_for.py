"""The database's shape, step 5: what a million runs ask for."""

from sqlite_utils.db import Database

_A_MILLION_RUNS = """
CREATE INDEX runs_done ON runs (environment_id, action, mode, id) WHERE state = 'done';
CREATE INDEX runs_done_anywhere ON runs (action, mode, id) WHERE state = 'done';
CREATE INDEX runs_with_an_end ON runs (environment_id, action, id) WHERE task_id IS NOT NULL AND ended_at IS NOT NULL;
CREATE INDEX deliveries_by_time ON deliveries (at);
CREATE INDEX asks_by_time ON asks (at);
"""


def m005_what_a_million_runs_ask_for(db: Database) -> None:
    """What was usual, and what was last, is found at once however long the history is."""
    db.executescript(_A_MILLION_RUNS)
