"""The name of an installation: what tells our own messages from those of another oec-bot in the same workspace."""

import secrets

from sqlite_utils.db import Database

_INSTANCE = "instance"


def load_instance(db: Database) -> str:
    """The opaque word that this database goes by, made at the first call. A restored copy goes by the same."""
    sql = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
    db.execute(sql, [_INSTANCE, secrets.token_hex(8)])
    return str(db.execute("SELECT value FROM meta WHERE name = ?", [_INSTANCE]).fetchone()[0])
