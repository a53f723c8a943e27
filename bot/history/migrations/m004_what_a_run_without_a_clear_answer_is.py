"""The database's shape, step 4: what a run without a clear answer is."""

from sqlite_utils.db import Database


def m004_what_a_run_without_a_clear_answer_is(db: Database) -> None:
    """Tasks that were recognised rather than told, tasks that are stuck, and who gave a run up."""
    db.execute("ALTER TABLE runs ADD COLUMN is_presumed INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE runs ADD COLUMN stuck_since TEXT")
    db.execute("ALTER TABLE runs ADD COLUMN given_up_by TEXT")
