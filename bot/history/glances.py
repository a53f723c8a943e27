"""Reads whole tables at a time when a bot may be writing them: a few rows at a glance, each glance at one moment.

However slow the reader, the write-ahead log can be cut back between two glances.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal

from sqlite_utils.db import Database

from bot.history.columns import Row

AT_A_GLANCE = 1_000
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

Numbered = Literal["entries", "runs"]


def glance_at_all(
    db: Database, table: Numbered, *, at_once: int = AT_A_GLANCE
) -> Iterator[tuple[list[Row], bool]]:
    """All rows in the order of their ids, some at a time, and with the last of them that they are the last.

    Whatever is read before the next ones are asked for is of the same moment.
    """
    sql = f"SELECT * FROM {table} WHERE id >= ? ORDER BY id LIMIT ?"  # noqa: S608
    start, is_end = _LOWEST, False
    while not is_end:
        with _moment(db):
            rows = select(db, sql, [start, at_once])
            last_id = rows[-1]["id"] if rows else _HIGHEST
            is_end = len(rows) < at_once or last_id == _HIGHEST
            yield rows, is_end
        start = last_id + 1


@contextmanager
def _moment(db: Database) -> Iterator[None]:
    db.execute("BEGIN")
    try:
        yield
    finally:
        with suppress(sqlite3.ProgrammingError):  # whoever looked has gone, and the connection with them
            db.rollback()


def select(db: Database, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """The rows that a SELECT finds."""
    cursor = db.conn.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
