"""Reads whole tables at a time when a bot may be writing them: a few rows at a glance, each glance at one moment.

What is seen is thought about between the glances: only while somebody looks can the write-ahead log not be cut back.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlite_utils.db import Database

from bot.history.columns import Row

T = TypeVar("T")

AT_A_GLANCE = 1_000
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

Numbered = Literal["entries", "runs"]


@dataclass(frozen=True, slots=True)
class Span:
    """The ids from `first` to `last`, of which some rows at a glance are all that there are."""

    first: int
    last: int

    @property
    def is_end(self) -> bool:
        """Whether there are no more after these."""
        return self.last == _HIGHEST


def glance_at_all(
    db: Database,
    table: Numbered,
    look_beside: Callable[[list[Row], Span], T],
    *,
    at_once: int = AT_A_GLANCE,
) -> Iterator[tuple[list[Row], T]]:
    """All rows in the order of their ids, some at a time; with each what `look_beside` sees in the same moment."""
    sql = f"SELECT * FROM {table} WHERE id >= ? ORDER BY id LIMIT ?"  # noqa: S608
    first: int | None = _LOWEST
    while first is not None:
        with _moment(db):
            rows = select(db, sql, [first, at_once])
            span = Span(first, rows[-1]["id"] if len(rows) == at_once else _HIGHEST)
            beside = look_beside(rows, span)
        yield rows, beside
        first = None if span.is_end else span.last + 1


@contextmanager
def _moment(db: Database) -> Iterator[None]:
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


def select(db: Database, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """The rows that a SELECT finds."""
    cursor = db.conn.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
