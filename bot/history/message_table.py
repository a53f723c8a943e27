"""Deliveries, asks, names and small facts: the statements behind `HistoryStore`. Each runs inside a transaction."""

import secrets
from datetime import datetime

from sqlite_utils.db import Database

from bot.core.names import ButtonId, RequestKey, UserId
from bot.history import meta
from bot.history.columns import time_from_text, time_to_text, whole

_ALIVE, _HEARD, _WORKSPACE = "alive_at", "heard_at", "workspace_url"


def claim_delivery(db: Database, key: RequestKey, at: datetime) -> bool:
    """Whether this delivery is new."""
    sql = "INSERT INTO deliveries (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
    return db.execute(sql, [key, time_to_text(at)]).rowcount == 1


def record_ask(db: Database, text: str, at: datetime) -> ButtonId:
    """Keep the text that a button will ask; the id to put on the button."""
    button_id = ButtonId(secrets.token_urlsafe(12))
    sql = "INSERT INTO asks (button_id, text, at) VALUES (?, ?, ?)"
    db.execute(sql, [button_id, whole(text), time_to_text(at)])
    return button_id


def find_ask(db: Database, button_id: ButtonId) -> str | None:
    """The text behind a button."""
    row = db.execute("SELECT text FROM asks WHERE button_id = ?", [button_id]).fetchone()
    return None if row is None else str(row[0])


def record_alive(db: Database, at: datetime, heard_at: datetime | None = None) -> None:
    """The bot was up at this moment, and had last heard of Slack at that one (None: it cannot tell)."""
    for name, moment in ((_ALIVE, at), (_HEARD, heard_at)):
        if moment is None:
            meta.forget(db, name)
        else:
            meta.note(db, name, time_to_text(moment))


def record_workspace(db: Database, url: str) -> None:
    """Remember the address of the workspace."""
    meta.note(db, _WORKSPACE, url)


def find_workspace(db: Database) -> str | None:
    """The address of the workspace, if it was ever told."""
    return meta.find(db, _WORKSPACE)


def find_alive(db: Database) -> datetime | None:
    """When the bot was last up."""
    return _find_moment(db, _ALIVE)


def find_heard(db: Database) -> datetime | None:
    """When the bot had last heard of Slack, as of its newest sign of life."""
    return _find_moment(db, _HEARD)


def _find_moment(db: Database, name: str) -> datetime | None:
    text = meta.find(db, name)
    return None if text is None else time_from_text(text)


def purge(db: Database, before: datetime) -> int:
    """Forget deliveries and asks from before this moment; how many."""
    text = time_to_text(before)
    sql = "DELETE FROM unsettled WHERE EXISTS (SELECT 1 FROM runs WHERE id = run_id AND ended_at < ?)"
    db.execute(sql, [text])
    deliveries = db.execute("DELETE FROM deliveries WHERE at < ?", [text]).rowcount
    return deliveries + db.execute("DELETE FROM asks WHERE at < ?", [text]).rowcount


def record_name(db: Database, user_id: UserId, name: str) -> None:
    """Remember what people call a person."""
    sql = "INSERT INTO people (user_id, name) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET name = excluded.name"
    db.execute(sql, [user_id, name])


def find_names(db: Database) -> dict[UserId, str]:
    """What people are called, as far as anybody was seen."""
    return {UserId(row["user_id"]): str(row["name"]) for row in db.query("SELECT user_id, name FROM people")}
