"""Files as earlier versions of the bot wrote them, frozen as SQL text: today's bot opens each and loses nothing of it.

A file is named after the newest step that its version knew. It was made by that version's own store and is never made
anew: what counts is what stands on people's disks.
"""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.approvals import Approval, ApprovalState
from bot.core.entries import DeniedAsk, Ended, Refused, Sent, Started, Voted
from bot.core.errors import HistoryError
from bot.core.names import ButtonId, RequestKey, RunId
from bot.core.runs import RunState
from bot.flow.ports import MessageRef, Slot, SlotKind
from bot.history.database import open_for_reading
from bot.history.migrations import STEPS
from bot.history.reading import read_names
from bot.history.store import HistoryStore
from bot.history.verification import verify
from tests.history.values import ASKED, NOON, PROD, STAGING, an_approval
from tests.support.record import read_entries, read_runs

ROOT = Path(__file__).parents[2]
VERSIONS = sorted((Path(__file__).parent / "versions").glob("*.sql"))
OLDER = [version for version in VERSIONS if version.stem != STEPS[-1].__name__]

Rows = dict[str, list[dict[str, object]]]


@pytest.fixture(params=VERSIONS, ids=lambda version: version.stem[:4])
def old(request: pytest.FixtureRequest, path: Path) -> Path:
    """A database as an earlier version left it."""
    return lay_down(request.param, path)


@pytest.fixture
def store(old: Path) -> Iterator[HistoryStore]:
    """The same, opened by today's store."""
    store = HistoryStore.open(old, now=lambda: NOON)
    yield store
    store.close()


def lay_down(version: Path, path: Path) -> Path:
    """Make the file that a version left."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(version.read_text(encoding="utf-8"))
    return path


def read_rows(path: Path) -> Rows:
    """Everything that stands in a database, but for which steps have made it."""
    with closing(sqlite3.connect(path)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'"
        tables = [name for (name,) in connection.execute(names)]
        connection.row_factory = sqlite3.Row
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")]  # noqa: S608
            for table in tables
        }


def assert_nothing_is_lost(before: Rows, after: Rows) -> None:
    """Each row of before is there still, with every column that it had; what is new may stand beside it."""
    for table, rows in before.items():
        kept = [{name: _as_before(row, name) for name in rows[0]} for row in after[table]]
        assert [row for row in kept if row in rows or table != "meta"] == rows, table


def _as_before(row: dict[str, object], name: str) -> object:
    """A column as it was before its step: one approver, where there may be several by now."""
    if name != "approver" or "approvers" not in row:
        return row[name]
    [approver] = json.loads(str(row["approvers"])) if row["approvers"] is not None else [None]
    return approver


def test_file_of_each_version_keeps_every_row(old: Path) -> None:
    before = read_rows(old)
    assert all(before.values())

    HistoryStore.open(old).close()

    assert_nothing_is_lost(before, read_rows(old))
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_runs_of_each_version_are_read(old: Path, store: HistoryStore) -> None:
    runs = {int(run.id): run for run in read_runs(old)}

    assert [runs[number].state for number in sorted(runs)] == [
        RunState.DONE,
        RunState.FAILED,
        RunState.REFUSED,
        RunState.DECLINED,
        RunState.EXPIRED,
        RunState.RUNNING,
        RunState.WAITING,
    ]
    done = runs[1]
    assert done.change.environment == PROD
    assert done.report is not None
    assert done.report.duration == timedelta(seconds=240.5)
    assert done.steps[1].name == "Größe ✓ 'quoted'"
    assert done.log is not None
    assert done.log.text == "line one\nline <two> & `three`"
    assert (done.approvers, done.followers, done.away) == (("U0BEN",), ("U0BEN",), timedelta(minutes=5))
    assert runs[3].refusal is not None
    assert runs[3].refusal.task_id == "t-9"
    assert [run.id for run in await store.find_open_runs()] == [6, 7]
    assert [run.id for run in read_runs(old, "staging")] == [7]


def test_record_of_each_version_holds_together_and_can_be_compared(old: Path) -> None:
    """The runs of these files say more than their few entries do; that is all there is to find."""
    HistoryStore.open(old).close()

    found = verify(old)

    assert (found.breaks, found.odd_pleas) == ([], [])
    assert {odd.trouble for odd in found.odd_runs} == {None}
    assert not [one for odd in found.odd_runs for one in odd.disagreements if one.subject.startswith("run.")]


async def test_the_rest_of_each_version_is_read(old: Path, store: HistoryStore) -> None:
    kinds = [type(recorded.entry) for recorded in read_entries(old, RunId(1))]
    assert kinds[:5] == [type(ASKED), Voted, Sent, Started, Ended]
    assert [type(recorded.entry) for recorded in read_entries(old, RunId(3))][-1] is Refused
    denied, *_ = read_entries(old, None)
    assert isinstance(denied.entry, DeniedAsk)
    approvals = [await store.find_approval(RunId(number)) for number in (1, 4, 5)]
    assert [approval and approval.state for approval in approvals] == [
        ApprovalState.GRANTED,
        ApprovalState.DECLINED,
        ApprovalState.EXPIRED,
    ]
    waiting: list[Approval] = list(await store.find_waiting_approvals())
    assert [(approval.id, approval.run_id) for approval in waiting] == [("approval-waiting", 7)]
    assert waiting[0].expires_at == an_approval().expires_at
    slot = await store.find_slot(Slot(RunId(1), SlotKind.PROGRESS))
    assert slot is not None
    assert (slot.ref, slot.shown_version) == (MessageRef("C0DEPLOYS", "1763726401.000001"), 7)  # type: ignore[arg-type]
    dead = await store.find_slot(Slot(RunId(4), SlotKind.CARD))
    assert dead is not None
    assert dead.is_dead
    assert await store.find_ask(ButtonId("button-kept-0001")) == "deploy prod"
    assert not await store.claim_delivery(RequestKey("event:Ev0001"), NOON)
    assert await store.find_alive() == NOON
    assert read_names(old) in ({}, {"U0ANA": "Ana", "U0BEN": "Ben"})


async def test_what_was_asked_anew_before_calls_had_an_asking_is_known_as_that(path: Path) -> None:
    lay_down(next(version for version in VERSIONS if version.stem.startswith("m010")), path)

    store = HistoryStore.open(path, now=lambda: NOON)
    run, approval = await store.load_run(RunId(7)), await store.find_approval(RunId(7))
    other = await store.find_approval(RunId(1))
    store.close()

    assert approval is not None
    assert other is not None
    assert (run.asking, approval.asking, other.asking) == (2, 2, 1)


async def test_each_version_goes_on_where_it_was(store: HistoryStore) -> None:
    assert (await store.find_run(RunId(6))) is not None
    holder = await store.find_busy_run(PROD.id)
    assert holder is not None
    assert holder.id == 6
    assert await store.find_busy_run(STAGING.id) is None
    assert {slot.run_id for slot in await store.find_stale_slots()} >= {2, 3, 5}


@pytest.mark.parametrize("version", OLDER, ids=lambda version: version.stem[:4])
def test_reader_asks_to_start_the_bot_first(path: Path, version: Path) -> None:
    lay_down(version, path)
    with pytest.raises(HistoryError, match="written by an older oec-bot"):
        read_runs(path)
    with open_for_reading(str(path), may_be_older=True) as db:
        assert "runs" in db.table_names()


DOOMED = """
import os, signal, sys
from bot.history.store import HistoryStore

WATCHED = {"apply", "_record_applied", "_executescript"}
left = int(sys.argv[2])

def trace(frame, event, _):
    name = frame.f_code.co_name
    return count if name in WATCHED or name.startswith(("m00", "m01")) else None

def count(frame, event, _):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return count

import threading
threading.settrace(trace)
HistoryStore.open(sys.argv[1]).close()
"""


@pytest.mark.parametrize("moment", [1, 6, 11, 16, 21])
@pytest.mark.parametrize("version", OLDER[:1], ids=lambda version: version.stem[:4])
def test_kill_while_a_file_is_brought_up_to_date_leaves_it_as_it_was(
    path: Path, version: Path, moment: int
) -> None:
    before = read_rows(lay_down(version, path))

    ended = subprocess.run([sys.executable, "-c", DOOMED, str(path), str(moment)], cwd=ROOT, check=False)

    assert ended.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")]
    assert names == [version.stem]
    assert_nothing_is_lost(before, read_rows(path))
    HistoryStore.open(path).close()
    assert_nothing_is_lost(before, read_rows(path))


def test_kill_while_a_file_is_made_leaves_nothing_that_stands_in_the_way(path: Path) -> None:
    for moment in (1, 8, 20):
        ended = subprocess.run([sys.executable, "-c", DOOMED, str(path), str(moment)], cwd=ROOT, check=False)
        assert ended.returncode == -signal.SIGKILL
    store = HistoryStore.open(path)
    assert asyncio.run(store.find_open_runs()) == []
    store.close()


def test_newest_version_has_its_file() -> None:
    """Whoever lands a step lays down beside it what the bot of that day writes."""
    assert VERSIONS[-1].stem == STEPS[-1].__name__
