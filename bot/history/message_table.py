"""Messages, deliveries, asks and small facts: the statements behind `HistoryStore`. Each runs inside a transaction."""

import secrets
from datetime import datetime

from sqlite_utils.db import Database

from bot.core.names import ButtonId, RequestKey, UserId
from bot.flow.ports import Shown, Slot, SlotKind, SlotRecord
from bot.history.rows import slot_from_row, time_from_text, time_to_text

_ALIVE = "alive_at"


def claim_delivery(db: Database, key: RequestKey, at: datetime) -> bool:
    """Whether this delivery is new."""
    sql = "INSERT INTO deliveries (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
    return db.execute(sql, [key, time_to_text(at)]).rowcount == 1


def find_slot(db: Database, slot: Slot) -> SlotRecord | None:
    """What is known of a run's message."""
    rows = db.query("SELECT * FROM slots WHERE run_id = ? AND kind = ?", [slot.run_id, slot.kind.value])
    return next((slot_from_row(row) for row in rows), None)


def record_shown(db: Database, slot: Slot, shown: Shown) -> None:
    """Where a message stands and what it shows; what was shown later is never taken back by a late report."""
    sql = """
        INSERT INTO slots (run_id, kind, channel_id, ts, shown_version, is_dead) VALUES (?, ?, ?, ?, ?, 0)
        ON CONFLICT DO UPDATE
        SET channel_id = excluded.channel_id, ts = excluded.ts, shown_version = excluded.shown_version, is_dead = 0
        WHERE excluded.shown_version >= slots.shown_version
    """
    db.execute(sql, [slot.run_id, slot.kind.value, shown.ref.channel_id, shown.ref.ts, shown.version])


def record_dead_slot(db: Database, slot: Slot) -> None:
    """This message can no longer be shown; where it stood is kept."""
    sql = """
        INSERT INTO slots (run_id, kind, shown_version, is_dead) VALUES (?, ?, 0, 1)
        ON CONFLICT DO UPDATE SET is_dead = 1
    """
    db.execute(sql, [slot.run_id, slot.kind.value])


def find_stale_slots(db: Database, since: datetime) -> list[Slot]:
    """The messages that are behind their runs, of runs that are open or ended after `since`.

    A card stands for every run; a progress message for those that became a task, unless asked for inside a thread
    (there the card is both); an end message for those that ended, and that one is never edited. Under a card that
    never stood and is dead, nothing can hang.
    """
    sql = """
        WITH recent AS (
            SELECT id, version, task_id, thread_ts, ended_at FROM runs
            WHERE (ended_at IS NULL OR ended_at >= :since)
        ), wanted (run_id, kind, version) AS (
            SELECT id, 'card', version FROM recent
            UNION ALL
            SELECT id, 'progress', version FROM recent WHERE task_id IS NOT NULL AND thread_ts IS NULL
            UNION ALL
            SELECT id, 'end', 1 FROM recent WHERE ended_at IS NOT NULL
        )
        SELECT wanted.run_id, wanted.kind FROM wanted
        JOIN recent ON recent.id = wanted.run_id
        LEFT JOIN slots ON slots.run_id = wanted.run_id AND slots.kind = wanted.kind
        LEFT JOIN slots AS card ON card.run_id = wanted.run_id AND card.kind = 'card' AND recent.thread_ts IS NULL
        WHERE (slots.run_id IS NULL OR (slots.is_dead = 0 AND slots.shown_version < wanted.version))
          AND (card.run_id IS NULL OR card.is_dead = 0 OR card.ts IS NOT NULL)
        ORDER BY wanted.run_id, wanted.kind
    """
    rows = db.query(sql, {"since": time_to_text(since)})
    return [Slot(row["run_id"], SlotKind(row["kind"])) for row in rows]


def record_ask(db: Database, text: str, at: datetime) -> ButtonId:
    """Keep the text that a button will ask; the id to put on the button."""
    button_id = ButtonId(secrets.token_urlsafe(12))
    sql = "INSERT INTO asks (button_id, text, at) VALUES (?, ?, ?)"
    db.execute(sql, [button_id, text.encode("utf-8", "replace").decode("utf-8"), time_to_text(at)])
    return button_id


def find_ask(db: Database, button_id: ButtonId) -> str | None:
    """The text behind a button."""
    row = db.execute("SELECT text FROM asks WHERE button_id = ?", [button_id]).fetchone()
    return None if row is None else str(row[0])


def record_alive(db: Database, at: datetime) -> None:
    """The bot was up at this moment."""
    sql = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    db.execute(sql, [_ALIVE, time_to_text(at)])


def find_alive(db: Database) -> datetime | None:
    """When the bot was last up."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", [_ALIVE]).fetchone()
    return None if row is None else time_from_text(row[0])


def purge(db: Database, before: datetime) -> int:
    """Forget deliveries and asks from before this moment; how many."""
    text = time_to_text(before)
    deliveries = db.execute("DELETE FROM deliveries WHERE at < ?", [text]).rowcount
    return deliveries + db.execute("DELETE FROM asks WHERE at < ?", [text]).rowcount


def record_name(db: Database, user_id: UserId, name: str) -> None:
    """Remember what people call a person."""
    sql = "INSERT INTO people (user_id, name) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET name = excluded.name"
    db.execute(sql, [user_id, name])


def find_names(db: Database) -> dict[UserId, str]:
    """What people are called, as far as anybody was seen."""
    return {UserId(row["user_id"]): row["name"] for row in db.query("SELECT user_id, name FROM people")}
