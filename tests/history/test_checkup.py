"""A large database is opened at once and looked through meanwhile; damage found so is heeded as if met by a statement."""

import asyncio
from pathlib import Path

import pytest

from bot.core.errors import HistoryError
from bot.core.runs import RunState
from bot.history.database import open_for_writing
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, a_run
from tests.support.record import read_runs

MANY = 400


async def fill(path: Path) -> None:
    """Some hundred runs, which is a few hundred pages."""
    store = HistoryStore.open(path)
    for number in range(MANY):
        assert await store.record_run(a_run(f"{number}", state=RunState.DONE), None, ASKED)
    store.close()


def spoil_one_page(path: Path, table: str) -> None:
    """Overwrite the last page of a table; the file opens all the same."""
    db = open_for_writing(str(path))
    # the last leaf of the table is where its newest rows went
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    raw = bytearray(path.read_bytes())
    begin = (root - 1) * size
    last_leaf = int.from_bytes(raw[begin + 8 : begin + 12], "big")  # an inner page's rightmost child
    raw[(last_leaf - 1) * size : last_leaf * size] = b"\x7f" * size
    path.write_bytes(raw)


async def wait_for_trouble(store: HistoryStore) -> str:
    async with asyncio.timeout(20):
        while store.trouble is None:  # noqa: ASYNC110 - the bot's turn looks in the same way
            await asyncio.sleep(0.01)
    return store.trouble


async def test_damage_in_a_large_database_is_found_after_it_was_opened_and_nothing_is_written_then(
    path: Path,
) -> None:
    await fill(path)
    spoil_one_page(path, "runs")

    store = HistoryStore.open(path, checked_at_once=0)

    assert "is damaged. Stop the bot and put a backup in its place" in await wait_for_trouble(store)
    with pytest.raises(HistoryError, match="is damaged"):
        await store.record_alive(NOON)
    assert "is damaged" in (store.trouble or "")
    store.close()


async def test_damage_in_a_small_database_is_refused_before_anything_is_done_with_it(path: Path) -> None:
    await fill(path)
    spoil_one_page(path, "runs")

    with pytest.raises(HistoryError, match="is damaged"):
        HistoryStore.open(path)


async def test_large_database_that_is_whole_is_in_no_trouble_when_looked_through(path: Path) -> None:
    await fill(path)
    store = HistoryStore.open(path, checked_at_once=0)
    assert store.checkup is not None

    await asyncio.to_thread(store.checkup._thread.join, 20)

    assert not store.checkup.is_looking
    assert store.trouble is None
    await store.record_alive(NOON)
    store.close()


async def test_store_that_closes_at_once_waits_for_no_checkup(path: Path) -> None:
    await fill(path)

    for _ in range(5):
        store = HistoryStore.open(path, checked_at_once=0)
        assert store.checkup is not None
        store.close()
        assert not store.checkup.is_looking
        assert store.trouble is None

    assert len(read_runs(path)) == MANY
