"""The history of years is what the store itself would have left, or the benchmark would measure another one."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bot.core.entries import Asked, Ended, Sent, Started, Voted
from bot.history.store import HistoryStore
from bot.history.verification import verify
from tests.benchmarks.history import reading_questions, writing_questions
from tests.benchmarks.patterns import ENVIRONMENTS, environment
from tests.benchmarks.under_way import OPEN_PLEAS, OPEN_RUNS, PLEAS, WAITING, put_under_way
from tests.benchmarks.years import RARE_RUNS, write_years
from tests.support.record import read_entries, read_runs

RUNS = 300
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "years.db"
    write_years(path, RUNS, now=NOW)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[HistoryStore]:
    store = HistoryStore.open(path, now=lambda: NOW)
    yield store
    store.close()


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return set(
            connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%sqlite%'"
            ).fetchall()
        )


def test_years_have_the_shape_of_a_history_and_hold_together(path: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.db"
    HistoryStore.open(fresh).close()

    assert schema(path) == schema(fresh)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_runs_of_years_are_whole_and_over(path: Path) -> None:
    runs = read_runs(path)

    assert [int(run.id) for run in runs] == list(range(RUNS, 0, -1))
    assert all(run.took and run.report and run.ended_at and not run.state.is_open for run in runs)
    assert all(run.asked_at < earlier.asked_at for earlier, run in pairwise(runs))
    for run in runs:
        kinds = [type(recorded.entry) for recorded in read_entries(path, run.id)]
        assert kinds == [Asked, *([Voted] if run.approvers else []), Sent, Started, Ended]
    rare = environment(ENVIRONMENTS)
    for name in (rare.alias, *rare.aliases, rare.full_name):
        assert len(read_runs(path, name)) == RARE_RUNS


def test_record_of_years_holds_together(path: Path) -> None:
    found = verify(path)
    assert found.is_well, (found.breaks, found.odd_runs)
    approved = sum(bool(run.approvers) for run in read_runs(path))
    assert approved > RUNS / 20
    assert (found.entries, found.runs) == (4 * RUNS + approved, RUNS)


async def test_nothing_of_the_years_is_left_to_do(store: HistoryStore) -> None:
    assert await store.find_stale_slots() == []
    assert await store.find_open_runs() == []


async def test_every_question_of_the_benchmark_is_answered(path: Path, store: HistoryStore) -> None:
    [run, *_] = await store.find_runs(frozenset({environment(1).id}), count=1)
    await put_under_way(store, run)
    questions = reading_questions(store, run) | writing_questions(store, run)

    answers = {name: await question() for name, question in questions.items()}

    assert answers["/oec history, one long unused"]
    assert answers["estimates, of what was never done"] == []
    assert answers["written: a delivery"] is True
    assert answers["written: a new run"] is not None
    assert answers["written: a run that waits"] is not None
    assert len(_as_list(answers[f"a turn: waiting approvals ({WAITING})"])) == WAITING
    assert len(_as_list(answers[f"a turn: open pleas ({OPEN_PLEAS})"])) == OPEN_PLEAS
    assert len(_as_list(answers["one more plea: those of the last hour"])) == PLEAS
    assert len(_as_list(answers["a turn: open runs"])) == OPEN_RUNS + WAITING
    found = await asyncio.to_thread(verify, path)
    assert found.is_well, found


def _as_list(answer: object) -> list[object]:
    assert isinstance(answer, list)
    return answer
