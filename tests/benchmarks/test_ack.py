"""What the hardest load is made of does what it says: a lock that holds others up, and asks that wait for nobody."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import HistoryError
from bot.core.names import RequestKey
from bot.history.store import HistoryStore
from tests.benchmarks.ack import at_a_rate, locked, read_acknowledgements
from tests.benchmarks.figures import Reading
from tests.history.values import NOON


async def test_locked_database_takes_no_write_until_it_is_let_go(tmp_path: Path) -> None:
    store = HistoryStore.open(tmp_path / "bot.db", busy_timeout=timedelta(milliseconds=20))
    with locked(tmp_path / "bot.db"), pytest.raises(HistoryError, match="is locked by another program"):
        await store.claim_delivery(RequestKey("one"), NOON)

    assert await store.claim_delivery(RequestKey("one"), NOON)
    store.close()
    with sqlite3.connect(tmp_path / "bot.db") as connection:
        assert connection.execute("SELECT count(*) FROM deliveries").fetchone() == (1,)
    connection.close()


async def test_asks_at_a_rate_wait_for_none_before_them() -> None:
    begun, all_begun = 0, asyncio.Event()

    async def ask() -> float | None:
        nonlocal begun
        begun += 1
        if begun == 5:
            all_begun.set()
        await all_begun.wait()  # the first is answered only when the last has begun
        return None if begun < 5 else 1.0

    async with asyncio.timeout(10):
        assert await at_a_rate(ask, 5) == [1.0] * 5


def test_commands_that_nobody_acknowledged_are_counted_and_spoil_no_median() -> None:
    readings = read_acknowledgements("bot", "load", [1.0, None, 3.0])

    assert Reading("bot", "load, median", "ms", 2.0) in readings
    assert Reading("bot", "load, never acknowledged", "", 1) in readings
