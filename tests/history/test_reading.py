"""The command line reads a history without writing it, while a bot writes it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.entries import RecordedEntry, Sent
from bot.core.errors import HistoryError
from bot.core.facts import FollowerJoined
from bot.core.names import IdempotencyKey, UserId
from bot.core.runs import Run, RunState, advance
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, PROD, STAGING, a_run
from tests.support.record import read_entries, read_runs


@pytest.fixture
async def runs(store: HistoryStore) -> list[Run]:
    asked = [
        a_run("one", state=RunState.DONE),
        a_run("two", environment=STAGING, state=RunState.DONE),
        a_run("three", environment=replace(PROD, alias="live", aliases=())),
    ]
    recorded = [await store.record_run(run, None, ASKED) for run in asked]
    return [run for run in recorded if run is not None]


async def test_runs_are_read_newest_first(path: Path, runs: list[Run]) -> None:
    assert read_runs(path) == runs[::-1]
    assert read_runs(str(path), count=2) == [runs[2], runs[1]]
    assert read_runs(path, count=0) == []


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("prod", [1]),
        ("PROD", [1]),
        ("production", [1]),
        ("live", [3]),
        ("staging", [2]),
        ("client erp/Production", [3, 1]),
        (PROD.id, [3, 1]),
        (PROD.id.upper(), [3, 1]),
        ("pro%", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_environment_is_named_as_people_name_it(
    path: Path, runs: list[Run], name: str, numbers: list[int]
) -> None:
    assert [run.id for run in read_runs(path, name)] == numbers


async def test_entries_of_a_run_are_read_in_order(path: Path, store: HistoryStore, runs: list[Run]) -> None:
    await store.record_entry(runs[0].id, Sent(IdempotencyKey("k")), NOON)

    assert read_entries(path, runs[0].id) == [
        RecordedEntry(runs[0].id, NOON, ASKED),
        RecordedEntry(runs[0].id, NOON, Sent(IdempotencyKey("k"))),
    ]
    assert read_entries(path, None) == []


async def test_live_database_is_read_while_it_is_written(path: Path, store: HistoryStore) -> None:
    run = await store.record_run(a_run(), None, ASKED)
    assert run is not None
    written = asyncio.Event()

    async def write() -> None:
        before = run
        for number in range(100):
            after = advance(before, FollowerJoined(UserId(f"U{number}")), NOON)
            assert await store.record_advance(before, after, Sent(IdempotencyKey(str(number))))
            before = after
        written.set()

    writing = asyncio.create_task(write())
    seen = [0]
    while not written.is_set():
        (now,) = await asyncio.to_thread(read_runs, path)
        seen.append(now.version)
    await writing

    assert seen == sorted(seen)
    assert read_runs(path)[0].version == 101


async def test_closed_database_is_read_too(path: Path) -> None:
    store = HistoryStore.open(path)
    run = await store.record_run(a_run(), None, ASKED)
    store.close()

    assert read_runs(path) == [run]


def test_missing_database_is_not_created_by_a_look(path: Path) -> None:
    with pytest.raises(HistoryError, match="There is no database"):
        read_runs(path)

    assert not path.exists()


def test_odd_signs_in_a_path_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc&b #100%.db"
    HistoryStore.open(path).close()

    assert read_runs(path) == []
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith(path.name)] == []
