"""Small facts about the database itself, by name: the statements. Each runs inside a transaction."""

from sqlite_utils.db import Database


def note(db: Database, name: str, value: str) -> None:
    """Remember a fact, in the place of what it was."""
    sql = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    db.execute(sql, [name, value])


def find(db: Database, name: str) -> str | None:
    """A fact as it was remembered last."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
    return None if row is None else str(row[0])


def forget(db: Database, name: str) -> None:
    """Remember a fact no more."""
    db.execute("DELETE FROM meta WHERE name = ?", [name])
