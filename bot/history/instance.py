"""The name of an installation: what tells our own messages from those of another oec-bot in the same workspace."""

import secrets

from sqlite_utils.db import Database

from bot.history import meta

_INSTANCE = "instance"


def load_instance(db: Database) -> str:
    """The opaque word that this database goes by, made at the first call. A restored copy goes by the same."""
    known = meta.find(db, _INSTANCE)
    if known is None:
        known = secrets.token_hex(8)
        meta.note(db, _INSTANCE, known)
    return known
