"""A whole table is read a few rows at a time, each once, and nobody has to wait for the end of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.history.database import open_for_reading
from bot.history.glances import glance_at_all
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, a_run

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
        glances = list(glance_at_all(db, "entries", at_once=2))
    assert [row["id"] for rows, _ in glances for row in rows] == numbers
    assert [is_end for _, is_end in glances] == [False] * (len(glances) - 1) + [True]
    assert all(len(rows) <= 2 for rows, _ in glances)


async def test_what_is_written_between_two_glances_is_seen(path: Path, store: HistoryStore) -> None:
    """So no glance keeps the write-ahead log from being cut back."""
    await store.record_entry(None, ASKED, NOON)
    await store.record_entry(None, ASKED, NOON)
    with open_for_reading(str(path)) as db:
        glances = glance_at_all(db, "entries", at_once=2)
        next(glances)
        await store.record_entry(None, ASKED, NOON)
        rows, is_end = next(glances)
        assert ([row["id"] for row in rows], is_end) == ([3], True)


async def test_glance_is_of_one_moment(path: Path, store: HistoryStore) -> None:
    await store.record_run(a_run(), None, ASKED)
    with open_for_reading(str(path)) as db:
        for runs, _ in glance_at_all(db, "runs"):
            await store.record_entry(runs[0]["id"], ASKED, NOON)
            assert db.execute("SELECT count(*) FROM entries").fetchone()[0] == 1
        assert db.execute("SELECT count(*) FROM entries").fetchone()[0] == 2
