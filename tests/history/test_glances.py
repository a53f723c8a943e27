"""A whole table is read a few rows at a time, each once, and nobody has to wait for the end of it."""

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from bot.history.columns import Row
from bot.history.database import open_for_reading
from bot.history.glances import Span, glance_at_all
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON

LOWEST, HIGHEST = -(2**63), 2**63 - 1


@pytest.mark.parametrize(
    "numbers", [[], [1], [1, 2], [1, 2, 3], [LOWEST, -1, 7, HIGHEST], [HIGHEST - 1, HIGHEST]]
)
def test_every_row_is_seen_once_and_the_last_is_known(
    path: Path, store: HistoryStore, numbers: list[int]
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        sql = "INSERT INTO entries (id, at, kind, facts) VALUES (?, '', '', '')"
        connection.executemany(sql, [[number] for number in numbers])
        connection.commit()
    with open_for_reading(str(path)) as db:
        glances = list(glance_at_all(db, "entries", lambda _, span: span, at_once=2))
    assert [row["id"] for rows, _ in glances for row in rows] == numbers
    assert all(len(rows) <= 2 for rows, _ in glances)
    spans = [span for _, span in glances]
    assert [span.is_end for span in spans] == [False] * (len(spans) - 1) + [True]
    assert (spans[0].first, spans[-1].last) == (LOWEST, HIGHEST)
    assert [after.first - before.last for before, after in pairwise(spans)] == [1] * (len(spans) - 1)


async def test_what_is_written_between_two_glances_is_seen(path: Path, store: HistoryStore) -> None:
    """So no glance keeps the write-ahead log from being cut back."""
    await store.record_entry(None, ASKED, NOON)
    await store.record_entry(None, ASKED, NOON)
    with open_for_reading(str(path)) as db:
        glances = glance_at_all(db, "entries", lambda rows, _: len(rows), at_once=2)
        next(glances)
        await store.record_entry(None, ASKED, NOON)
        with closing(sqlite3.connect(path)) as connection:
            busy, in_log, cut_back = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert (busy, in_log, cut_back) == (0, 0, 0)
        rows, beside = next(glances)
        assert ([row["id"] for row in rows], beside) == ([3], 1)


def test_what_is_seen_beside_is_of_the_same_moment(path: Path, store: HistoryStore) -> None:
    def look(rows: list[Row], span: Span) -> int:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO meta (name, value) VALUES ('one', 'more')")
            connection.commit()
        return int(db.execute("SELECT count(*) FROM meta WHERE name = 'one'").fetchone()[0])

    with open_for_reading(str(path)) as db:
        assert [beside for _, beside in glance_at_all(db, "runs", look)] == [0]
        assert db.execute("SELECT count(*) FROM meta WHERE name = 'one'").fetchone()[0] == 1
