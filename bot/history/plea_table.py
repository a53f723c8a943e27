"""Pleas, and the message of each: the statements behind `HistoryStore`. Each runs inside a transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlite_utils.db import Database

from bot.core.entries import Entry
from bot.core.intents import Change
from bot.core.names import ButtonId, RunId
from bot.core.pleas import Opening, Plea, PleaState, take
from bot.core.runs import Run
from bot.flow.ports import Doubt, MessageRef, PleaSlot, Shown, SlotRecord
from bot.history import record
from bot.history.columns import Row, storable, time_from_text, time_to_text, to_json
from bot.history.noted import note_plea, note_taken_plea
from bot.history.rows import entry_to_row
from bot.history.slot_table import add_strays

_CHANGE = TypeAdapter(Change)
_OPENINGS = TypeAdapter(tuple[Opening, ...])


def insert_plea(db: Database, plea: Plea, entry: Entry, at: datetime) -> Plea:
    """Write a new plea and what the record says of it; the plea with its number."""
    row = _to_row(plea)
    db.table("pleas").insert(row)
    number = db.execute("SELECT last_insert_rowid()").fetchone()[0]
    record.append(db, entry_to_row(None, entry, at, {"plea": note_plea(number, row)}))
    return replace(plea, number=number)


def update_plea(db: Database, before: Plea, after: Plea) -> bool:
    """Write a changed plea, if nobody changed it since `before`. In another channel, no post of it has left yet."""
    sql = """
        UPDATE pleas SET state = :state, version = :version, openings = :openings WHERE id = :id AND version = :before
    """
    changed = db.execute(sql, _to_row(after) | {"before": before.version})
    if changed.rowcount == 1 and after.openings != before.openings:
        db.execute("UPDATE pleas SET begun_at = NULL WHERE id = ?", [before.id])
    return changed.rowcount == 1


def is_open(db: Database, plea_id: ButtonId) -> bool:
    """Whether a plea still waits for somebody."""
    row = db.execute("SELECT 1 FROM pleas WHERE id = ? AND state = 'open'", [plea_id]).fetchone()
    return row is not None


def take_plea(db: Database, plea_id: ButtonId, run: Run, run_id: RunId) -> Row:
    """A run was asked for because of this plea, which is open; what the record is to note of that."""
    plea = find_plea(db, plea_id)
    if plea is None:
        return {}
    taken = take(plea, run.requester, run_id)
    sql = "UPDATE pleas SET state = ?, taken_by = ?, run_id = ?, version = ? WHERE id = ?"
    db.execute(sql, [taken.state.value, taken.taken_by, run_id, taken.version, plea_id])
    return note_taken_plea(plea.number, taken.state.value, taken.taken_by, run_id)


def find_plea(db: Database, plea_id: ButtonId) -> Plea | None:
    """The plea whose buttons carry this id."""
    rows = db.query("SELECT * FROM pleas WHERE id = ?", [plea_id])
    return next((_from_row(row) for row in rows), None)


def find_pleas(db: Database, since: datetime) -> list[Plea]:
    """The pleas that anybody has made since, oldest first."""
    sql = "SELECT * FROM pleas WHERE asked_at > ? ORDER BY asked_at"
    return [_from_row(row) for row in db.query(sql, [time_to_text(since)])]


def find_open_pleas(db: Database) -> list[Plea]:
    """Every plea that waits for somebody, oldest first."""
    return [_from_row(row) for row in db.query("SELECT * FROM pleas WHERE state = 'open' ORDER BY number")]


def find_stale_pleas(db: Database) -> list[Plea]:
    """The pleas whose message is behind them, oldest first. What nobody saw while it was open, nobody needs to see."""
    sql = """
        SELECT * FROM pleas
        WHERE shown_version < version AND (ts IS NOT NULL OR state = 'open') ORDER BY number
    """
    return [_from_row(row) for row in db.query(sql)]


def find_slot(db: Database, slot: PleaSlot) -> SlotRecord | None:
    """What is known of a plea's message; None while it does not stand."""
    rows = db.query("SELECT * FROM pleas WHERE number = ? AND ts IS NOT NULL", [slot.number])
    return next(
        (SlotRecord(slot, MessageRef(row["channel_id"], row["ts"]), row["shown_version"]) for row in rows),
        None,
    )


def record_begun(db: Database, slot: PleaSlot, at: datetime) -> Doubt | None:
    """A post of this plea is about to leave; the doubt that is about earlier ones, if they were never heard of."""
    sql = "SELECT number, asked_at FROM pleas WHERE number = ? AND begun_at IS NOT NULL"
    doubt = next((_doubt(row) for row in db.query(sql, [slot.number])), None)
    db.execute("UPDATE pleas SET begun_at = ? WHERE number = ?", [time_to_text(at), slot.number])
    return doubt


def record_shown(db: Database, slot: PleaSlot, shown: Shown) -> None:
    """Where a plea's message stands and what it shows; what was found beside it is to be taken away."""
    sql = """
        UPDATE pleas SET channel_id = ?, ts = ?, shown_version = ? WHERE number = ? AND shown_version <= ?
    """
    is_first = find_slot(db, slot) is None
    place = [shown.ref.channel_id, shown.ref.ts]
    db.execute(sql, [*place, shown.version, slot.number, shown.version])
    if is_first and not shown.is_in_doubt:
        _forget_begun(db, slot)
    add_strays(db, shown.strays)


def find_doubts(db: Database, before: datetime) -> list[Doubt]:
    """The pleas whose message stands, and may stand twice: those whose last post left before this moment."""
    sql = "SELECT number, asked_at FROM pleas WHERE begun_at IS NOT NULL AND ts IS NOT NULL AND begun_at <= ?"
    return [_doubt(row) for row in db.query(sql, [time_to_text(before)])]


def record_settled(db: Database, slot: PleaSlot, strays: Sequence[MessageRef]) -> None:
    """No other message of this plea stands than the one that is known, these excepted, which are to be taken away."""
    _forget_begun(db, slot)
    add_strays(db, strays)


def purge(db: Database, before: datetime) -> int:
    """Forget the pleas from before this moment that wait for nobody; how many. The record of them stays."""
    sql = "DELETE FROM pleas WHERE asked_at < ? AND state <> 'open'"
    return db.execute(sql, [time_to_text(before)]).rowcount


def _forget_begun(db: Database, slot: PleaSlot) -> None:
    db.execute("UPDATE pleas SET begun_at = NULL WHERE number = ?", [slot.number])


def _doubt(row: Row) -> Doubt:
    """Any post of a plea left after it was made; when the first of those unheard did is not kept."""
    return Doubt(PleaSlot(row["number"]), time_from_text(row["asked_at"]))


def _to_row(plea: Plea) -> Row:
    return storable(
        {
            "id": plea.id,
            "by": plea.by,
            "team_id": plea.team_id,
            "change": to_json(_CHANGE, plea.change),
            "asked_in": plea.asked_in,
            "openings": to_json(_OPENINGS, plea.openings),
            "asked_at": time_to_text(plea.asked_at),
            "expires_at": time_to_text(plea.expires_at),
            "state": plea.state.value,
            "version": plea.version,
        }
    )


def _from_row(row: Row) -> Plea:
    return Plea(
        id=row["id"],
        by=row["by"],
        team_id=row["team_id"],
        change=_CHANGE.validate_json(row["change"]),
        asked_in=row["asked_in"],
        openings=_OPENINGS.validate_json(row["openings"]),
        asked_at=time_from_text(row["asked_at"]),
        expires_at=time_from_text(row["expires_at"]),
        number=row["number"],
        state=PleaState(row["state"]),
        taken_by=row["taken_by"],
        run_id=row["run_id"],
        version=row["version"],
    )
