"""Where every message stands, which version it shows, and what is not known of it: the statements behind `HistoryStore`.

A run is unsettled while one of its messages may be behind it. The database itself marks a run so whenever its version
changes; what is shown takes the mark away. So looking for stale messages costs what there is to do, not what there was.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils.db import Database

from bot.core.errors import Cure
from bot.core.names import ChannelId, MessageTs
from bot.flow.ports import Doubt, MessageRef, Shown, Slot, SlotKind, SlotRecord
from bot.history.columns import Row, time_from_text, time_to_text
from bot.history.rows import slot_from_row


def find_slot(db: Database, slot: Slot) -> SlotRecord | None:
    """What is known of a run's message; None while it neither stands nor was given up."""
    sql = "SELECT * FROM slots WHERE run_id = ? AND kind = ? AND (ts IS NOT NULL OR is_dead = 1)"
    return next((slot_from_row(row) for row in db.query(sql, _key(slot))), None)


def find_stale_slots(db: Database, since: datetime) -> list[Slot]:
    """The messages that are behind their runs, of runs that are open or ended after `since`.

    A card stands for every run; a progress message for those that became a task, unless asked for inside a thread
    (there the card is both); an end message for those that ended, and that one is never edited. Under a card that
    never stood and is dead, nothing can hang.
    """
    sql = """
        SELECT DISTINCT run_id, kind FROM stale_slots
        WHERE ended_at IS NULL OR ended_at >= ?
        ORDER BY run_id, kind
    """
    return [_slot(row) for row in db.query(sql, [time_to_text(since)])]


def record_begun(db: Database, slot: Slot, at: datetime) -> Doubt | None:
    """A post of this message is about to leave; the doubt that is about earlier ones, if they were never heard of."""
    sql = "SELECT run_id, kind, begun_at, gone_ts FROM slots WHERE run_id = ? AND kind = ? AND begun_at IS NOT NULL"
    doubt = next((_doubt(row) for row in db.query(sql, _key(slot))), None)
    sql = """
        INSERT INTO slots (run_id, kind, shown_version, is_dead, begun_at, last_begun_at)
        VALUES (:run, :kind, 0, 0, :at, :at)
        ON CONFLICT DO UPDATE
        SET begun_at = COALESCE(begun_at, excluded.begun_at), last_begun_at = excluded.last_begun_at
    """
    db.execute(sql, {"run": slot.run_id, "kind": slot.name, "at": time_to_text(at)})
    return doubt


def record_shown(db: Database, slot: Slot, shown: Shown) -> None:
    """Where a message stands and what it shows.

    What was shown later is never taken back by a late report, nor is a place that was found to be gone. What was found
    beside it is to be taken away.
    """
    sql = """
        INSERT INTO slots (run_id, kind, channel_id, ts, shown_version, is_dead)
        VALUES (:run, :kind, :channel, :ts, :version, 0)
        ON CONFLICT DO UPDATE
        SET channel_id = excluded.channel_id, ts = excluded.ts, shown_version = excluded.shown_version,
            is_dead = 0, dead_until = NULL
        WHERE excluded.shown_version >= slots.shown_version AND slots.gone_ts IS NOT excluded.ts
    """
    is_first = find_slot(db, slot) is None
    place = {"channel": shown.ref.channel_id, "ts": shown.ref.ts, "version": shown.version}
    db.execute(sql, {"run": slot.run_id, "kind": slot.name} | place)
    if is_first and not shown.is_in_doubt:
        _forget_begun(db, slot)
    add_strays(db, shown.strays)
    _settle(db, slot)


def record_gone(db: Database, slot: Slot, ref: MessageRef) -> bool:
    """A message can no longer be edited there: it is to be posted anew. False where that was done before.

    Should the old one still be seen, it is to be taken away. Under a card that is posted anew, so is the progress
    message.
    """
    sql = """
        UPDATE slots SET gone_ts = ts, channel_id = NULL, ts = NULL, shown_version = 0
        WHERE run_id = ? AND kind = ? AND channel_id = ? AND ts = ? AND gone_ts IS NULL
    """
    if db.execute(sql, [*_key(slot), ref.channel_id, ref.ts]).rowcount == 0:
        return False
    add_strays(db, [ref])
    if slot.kind is SlotKind.CARD:
        _uproot(db, Slot(slot.run_id, SlotKind.PROGRESS))
    _unsettle(db, slot)
    return True


def _uproot(db: Database, slot: Slot) -> None:
    """A message whose thread's first message is gone: it will be posted anew, under the new one."""
    sql = "SELECT channel_id, ts FROM slots WHERE run_id = ? AND kind = ? AND ts IS NOT NULL"
    add_strays(db, [MessageRef(row[0], row[1]) for row in db.execute(sql, _key(slot))])
    sql = """
        UPDATE slots
        SET gone_ts = ts, channel_id = NULL, ts = NULL, shown_version = 0, is_dead = 0, dead_until = NULL
        WHERE run_id = ? AND kind = ? AND ts IS NOT NULL
    """
    db.execute(sql, _key(slot))


def record_dead_slot(db: Database, slot: Slot, cure: Cure) -> None:
    """This message can no longer be shown, unless what would help happens; where it stood is kept."""
    sql = """
        INSERT INTO slots (run_id, kind, shown_version, is_dead, dead_until) VALUES (?, ?, 0, 1, ?)
        ON CONFLICT DO UPDATE SET is_dead = 1, dead_until = excluded.dead_until
    """
    db.execute(sql, [*_key(slot), cure.value])
    _forget_begun(db, slot)
    _settle(db, slot)


def find_dead_channels(db: Database, cure: Cure, since: datetime) -> list[ChannelId]:
    """The channels of messages given up until this cure, of runs that are open or ended after `since`.

    The card of a run that ended without ever being shown is not among them: nobody there has heard of it.
    """
    sql = """
        SELECT DISTINCT runs.channel_id FROM slots JOIN runs ON runs.id = run_id
        WHERE is_dead = 1 AND dead_until = ? AND (ended_at IS NULL OR (ended_at >= ? AND (ts IS NOT NULL OR kind <> 'card')))
        ORDER BY runs.channel_id
    """
    return [ChannelId(row[0]) for row in db.execute(sql, [cure.value, time_to_text(since)])]


def revive_slots(db: Database, cure: Cure, channel_id: ChannelId | None) -> None:
    """What was given up until this cure is to be shown again, in one channel or wherever it is; but see above."""
    sql = """
        SELECT run_id, kind FROM slots JOIN runs ON runs.id = run_id
        WHERE is_dead = 1 AND dead_until = :cure AND (:channel IS NULL OR runs.channel_id = :channel)
          AND (ended_at IS NULL OR ts IS NOT NULL OR kind <> 'card')
    """
    dead = [_slot(row) for row in db.query(sql, {"cure": cure.value, "channel": channel_id})]
    for slot in dead:
        sql = "UPDATE slots SET is_dead = 0, dead_until = NULL WHERE run_id = ? AND kind = ?"
        db.execute(sql, _key(slot))
        _unsettle(db, slot)


def find_doubts(db: Database, before: datetime) -> list[Doubt]:
    """The messages that stand, and may stand twice: those whose last post left before this moment."""
    sql = """
        SELECT run_id, kind, begun_at, gone_ts FROM slots
        WHERE begun_at IS NOT NULL AND ts IS NOT NULL AND last_begun_at <= ?
    """
    return [_doubt(row) for row in db.query(sql, [time_to_text(before)])]


def record_settled(db: Database, slot: Slot, strays: Sequence[MessageRef]) -> None:
    """No other message of this slot stands than the one that is known, these excepted, which are to be taken away."""
    _forget_begun(db, slot)
    add_strays(db, strays)


def find_strays(db: Database) -> list[MessageRef]:
    """Our own messages that are to be taken away."""
    rows = db.execute("SELECT channel_id, ts FROM strays ORDER BY ts")
    return [MessageRef(ChannelId(row[0]), MessageTs(row[1])) for row in rows]


def forget_stray(db: Database, ref: MessageRef) -> None:
    """This one was taken away, or cannot be."""
    db.execute("DELETE FROM strays WHERE channel_id = ? AND ts = ?", [ref.channel_id, ref.ts])


def add_strays(db: Database, refs: Iterable[MessageRef]) -> None:
    """These messages of ours are to be taken away."""
    for ref in refs:
        sql = "INSERT INTO strays (channel_id, ts) VALUES (?, ?) ON CONFLICT DO NOTHING"
        db.execute(sql, [ref.channel_id, ref.ts])


def _forget_begun(db: Database, slot: Slot) -> None:
    sql = "UPDATE slots SET begun_at = NULL, last_begun_at = NULL WHERE run_id = ? AND kind = ?"
    db.execute(sql, _key(slot))


def _settle(db: Database, slot: Slot) -> None:
    """Take the mark from a run none of whose messages is behind it."""
    sql = """
        DELETE FROM unsettled
        WHERE run_id = :run AND NOT EXISTS (SELECT 1 FROM stale_slots WHERE run_id = :run)
    """
    db.execute(sql, {"run": slot.run_id})


def _unsettle(db: Database, slot: Slot) -> None:
    db.execute("INSERT INTO unsettled (run_id) VALUES (?) ON CONFLICT DO NOTHING", [slot.run_id])


def _key(slot: Slot) -> list[object]:
    return [slot.run_id, slot.name]


def _slot(row: Row) -> Slot:
    return Slot.named(row["run_id"], row["kind"])


def _doubt(row: Row) -> Doubt:
    return Doubt(_slot(row), time_from_text(row["begun_at"]), row["gone_ts"])
