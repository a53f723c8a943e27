"""The database's shape, step 8: what an entry follows."""

from sqlite_utils.db import Database

from bot.history.record import chain_all

_ENTRIES_ARE_NEVER_CHANGED = """
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'history entries are never changed');
END;
"""


def m008_what_an_entry_follows(db: Database) -> None:
    """Each entry is chained to the one before by a hash, those that stand here already from the first one on."""
    db.execute("ALTER TABLE entries ADD COLUMN hash TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX entries_of_rules ON entries (id) WHERE kind = 'rules_changed'")
    db.execute("DROP TRIGGER entries_are_never_changed")
    chain_all(db)
    db.executescript(_ENTRIES_ARE_NEVER_CHANGED)
