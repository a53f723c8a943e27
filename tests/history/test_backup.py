"""A copy of the history, made while it is written, and put back: what is in it is whole, and what it replaced is kept."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.entries import Ended, Sent
from bot.core.errors import HistoryError
from bot.core.facts import FollowerJoined
from bot.core.names import IdempotencyKey, UserId
from bot.core.runs import Run, RunState, advance
from bot.history.backup import RESTORED, restore_backup, write_backup
from bot.history.lease import Lease
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, STAGING, a_run, an_approval
from tests.support.record import read_entries, read_runs


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "bot.backup"


@pytest.fixture(autouse=True)
def _folder(copy: Path) -> None:
    copy.parent.mkdir()


def fill(store: HistoryStore) -> None:
    """A run that is under way, and one that waits for approval."""
    asyncio.run(_fill(store))


def record(store: HistoryStore, run: Run) -> Run:
    """Write a run."""
    recorded = asyncio.run(store.record_run(run, None, ASKED))
    assert recorded is not None
    return recorded


async def _fill(store: HistoryStore) -> None:
    running = replace(a_run("one", state=RunState.RUNNING, task_id="task-1"), submitted_at=NOON)
    assert await store.record_run(running, None, ASKED)
    waiting = a_run("two", state=RunState.WAITING, environment=STAGING)
    assert await store.record_run(waiting, an_approval("two"), ASKED)


# making a copy


def test_copy_holds_all_that_was_written_in_one_file(path: Path, store: HistoryStore, copy: Path) -> None:
    fill(store)

    contents = write_backup(path, copy)

    assert (contents.runs, contents.open_runs, contents.newest, contents.asked_at) == (2, 2, 2, NOON)
    assert contents.size == copy.stat().st_size
    assert list(copy.parent.iterdir()) == [copy]
    assert read_runs(copy) == read_runs(path)


async def test_copy_made_while_the_bot_writes_is_of_one_moment(
    path: Path, store: HistoryStore, copy: Path
) -> None:
    run = await store.record_run(a_run(), None, ASKED)
    assert run is not None
    is_done = asyncio.Event()

    async def write() -> None:
        before = run
        while not is_done.is_set():
            after = advance(before, FollowerJoined(UserId(f"U{before.version}")), NOON)
            assert await store.record_advance(before, after, Sent(IdempotencyKey(str(after.version))))
            before = after

    writing = asyncio.create_task(write())
    seen = []
    for number in range(5):
        target = copy.with_name(f"{number}.backup")
        await asyncio.to_thread(write_backup, path, target)
        [kept] = read_runs(target)
        assert len(read_entries(target, kept.id)) == kept.version
        seen.append(kept.version)
    is_done.set()
    await writing
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_file_that_exists_is_replaced_only_when_told_so(path: Path, store: HistoryStore, copy: Path) -> None:
    copy.write_text("something dear")
    with pytest.raises(HistoryError, match=r"exists\. Name another file, or say --force"):
        write_backup(path, copy)
    assert copy.read_text() == "something dear"

    write_backup(path, copy, overwrite=True)

    assert read_runs(copy) == []


def test_database_is_never_replaced_by_its_copy(path: Path, store: HistoryStore, copy: Path) -> None:
    copy.symlink_to(path)
    for target in (path, copy):
        with pytest.raises(HistoryError, match="is the database itself"):
            write_backup(path, target, overwrite=True)


def test_copy_of_nothing_or_to_nowhere_is_refused_in_words(path: Path, copy: Path) -> None:
    with pytest.raises(HistoryError, match="There is no database"):
        write_backup(path, copy)
    HistoryStore.open(path).close()
    with pytest.raises(HistoryError, match="cannot be opened"):
        write_backup(path, copy.parent / "missing" / "bot.backup")
    assert list(copy.parent.iterdir()) == []


def test_damaged_database_gives_no_copy(path: Path, copy: Path) -> None:
    store = HistoryStore.open(path)
    fill(store)
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])

    with pytest.raises(HistoryError, match="is damaged"):
        write_backup(path, copy)

    assert list(copy.parent.iterdir()) == []


# putting it back


def test_restored_history_is_that_of_the_copy_and_the_one_before_is_kept(path: Path, copy: Path) -> None:
    store = HistoryStore.open(path, now=lambda: NOON)
    fill(store)
    write_backup(path, copy)
    later = record(store, a_run("three", state=RunState.DONE))
    store.close()
    before = read_runs(path)

    restored = restore_backup(copy, path, now=NOON)

    assert restored.kept == path.with_name("bot.db.replaced-20261121-120000")
    assert sorted(each.name for each in path.parent.glob("*.db*")) == [
        "bot.db",
        "bot.db-lease",
        "bot.db.replaced-20261121-120000",
    ]
    assert read_runs(restored.kept) == before
    assert later in before
    assert [run.id for run in read_runs(path)] == [2, 1]


def test_restored_history_ends_what_had_not_begun_and_goes_on_with_the_rest(path: Path, copy: Path) -> None:
    """Somebody may have approved it after the backup: approved once more, it would be done twice."""
    store = HistoryStore.open(path, now=lambda: NOON)
    fill(store)
    write_backup(path, copy)
    store.close()

    restored = restore_backup(copy, path, now=NOON + timedelta(days=1))

    assert (restored.ended, restored.contents.open_runs) == (1, 1)
    waiting, running = read_runs(path)
    assert (waiting.state, waiting.version) == (RunState.LOST, 2)
    assert read_entries(path, waiting.id)[-1].entry == Ended("lost", RESTORED)
    assert running.state is RunState.RUNNING
    store = HistoryStore.open(path)
    assert asyncio.run(store.find_waiting_approvals()) == []
    store.close()


def test_numbers_that_people_have_seen_are_not_given_again(path: Path, copy: Path) -> None:
    store = HistoryStore.open(path)
    fill(store)
    write_backup(path, copy)
    for number in range(5):
        record(store, a_run(f"later-{number}", state=RunState.DONE))
    store.close()

    assert restore_backup(copy, path, now=NOON).next_run == 8

    store = HistoryStore.open(path)
    assert record(store, a_run("after", environment=STAGING)).id == 8
    store.close()


def test_damaged_database_is_replaced_and_kept_as_it_is(path: Path, copy: Path) -> None:
    store = HistoryStore.open(path)
    fill(store)
    write_backup(path, copy)
    store.close()
    path.write_bytes(b"nothing that anybody could read")

    restored = restore_backup(copy, path, now=NOON)

    assert restored.kept is not None
    assert restored.kept.read_bytes() == b"nothing that anybody could read"
    assert restored.next_run == 3


def test_nothing_is_left_of_the_log_of_the_database_before(path: Path, copy: Path) -> None:
    """A log beside a database is taken for its own: that of another one would damage it."""
    HistoryStore.open(path).close()
    write_backup(path, copy)
    path.unlink()
    store = HistoryStore.open(path)
    fill(store)
    log = Path(f"{path}-wal").read_bytes()
    store.close()
    Path(f"{path}-wal").write_bytes(log)

    restored = restore_backup(copy, path, now=NOON)

    assert not Path(f"{path}-wal").exists()
    assert read_runs(path) == []
    assert restored.kept is not None
    assert len(read_runs(restored.kept)) == 2


def test_restore_where_there_was_no_history(path: Path, copy: Path) -> None:
    HistoryStore.open(path).close()
    write_backup(path, copy)
    path.unlink()

    assert restore_backup(copy, path, now=NOON).kept is None
    assert read_runs(path) == []


def test_restore_under_a_running_bot_is_refused(path: Path, copy: Path) -> None:
    HistoryStore.open(path).close()
    write_backup(path, copy)
    lease = Lease.take(path)

    with pytest.raises(HistoryError, match="Another oec-bot is running"):
        restore_backup(copy, path, now=NOON)

    lease.release()


def _newer(file: Path) -> None:
    HistoryStore.open(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE _sqlite_migrations SET name = 'm999_tomorrow' WHERE rowid = 1")
        connection.commit()


def _foreign(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")


def _damaged(file: Path) -> None:
    HistoryStore.open(file).close()
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_newer, "written by a newer oec-bot"),
        (_foreign, "belongs to another program"),
        (_damaged, "is damaged"),
        (lambda file: file.write_text("environments:\n" * 100), "is not a database of oec-bot"),
        (lambda file: file.touch(), "holds no history"),
        (Path.exists, "There is no backup"),
        (lambda file: file.mkdir(), "There is no backup"),
    ],
)
def test_file_that_is_no_backup_is_refused_and_changes_nothing(
    path: Path, copy: Path, make: Callable[[Path], object], words: str
) -> None:
    store = HistoryStore.open(path)
    fill(store)
    store.close()
    before = path.read_bytes()
    make(copy)

    with pytest.raises(HistoryError, match=words):
        restore_backup(copy, path, now=NOON)

    assert path.read_bytes() == before
    assert not list(path.parent.glob("*replaced*"))
    assert not list(path.parent.glob(".*part*"))


def test_database_is_no_backup_of_itself(path: Path) -> None:
    HistoryStore.open(path).close()
    with pytest.raises(HistoryError, match="is the database itself"):
        restore_backup(path, path, now=NOON)
