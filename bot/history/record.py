"""The record itself: every entry is written here, chained to the one before. Each function runs inside a transaction.

How many entries there are, and the hash of the newest, stands in `meta` too: a chain alone does not tell that its end is
cut off.
"""

from dataclasses import dataclass

from sqlite_utils.db import Database

from bot.history import meta
from bot.history.chain import COLUMNS, START, link
from bot.history.columns import Row

_NAME = "record"
_BATCH = 10_000
_DIGITS = 19

_INSERT = """
    INSERT INTO entries (id, run_id, at, kind, by, facts, hash) VALUES (:id, :run_id, :at, :kind, :by, :facts, :hash)
"""


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries the record has, and the hash of the newest, which stands for all of them."""

    count: int = 0
    hash: str = START


def find_head(db: Database) -> Head | None:
    """The end of the record as it was noted with the newest entry; None where nothing is noted, or nothing readable."""
    count, _, hash_ = (meta.find(db, _NAME) or "").partition(" ")
    is_number = count.isascii() and count.isdigit() and len(count) < _DIGITS
    return Head(int(count), hash_) if is_number and hash_ else None


def append(db: Database, row: Row) -> None:
    """Write one entry."""
    before = find_head(db) or Head()
    numbered = row | {"id": find_last_id(db) + 1}
    head = Head(before.count + 1, link(before.hash, numbered))
    db.execute(_INSERT, numbered | {"hash": head.hash})
    note_head(db, head)


def find_last_id(db: Database) -> int:
    """The highest id that an entry ever had; 0 before the first, and where somebody has put there what is no number."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
    return row[0] if row is not None and isinstance(row[0], int) else 0


def chain_all(db: Database) -> None:
    """Chain every entry that stands here, from the first to the last, and note the end of the record."""
    head, last_id = Head(), 0
    while batch := _read_batch(db, last_id):
        hashes = []
        for row in batch:
            head, last_id = Head(head.count + 1, link(head.hash, row)), row["id"]
            hashes.append((head.hash, last_id))
        db.conn.executemany("UPDATE entries SET hash = ? WHERE id = ?", hashes)
    if head.count:
        note_head(db, head)


def _read_batch(db: Database, after_id: int) -> list[Row]:
    sql = f"SELECT {', '.join(COLUMNS)} FROM entries WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
    rows = db.execute(sql, [after_id, _BATCH]).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def note_head(db: Database, head: Head) -> None:
    """Note where the record ends."""
    meta.note(db, _NAME, f"{head.count} {head.hash}")
