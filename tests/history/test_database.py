"""Opening the database: what cannot be used is refused in one plain sentence, and nothing that was promised is lost."""

import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import HistoryError
from bot.core.names import RequestKey
from bot.history.database import open_for_writing
from bot.history.failures import describe_failure
from bot.history.migrations import MIGRATION_SET, STEPS
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, a_run
from tests.support.record import read_entries, read_runs

ROOT = Path(__file__).parents[2]
AT_ONCE = timedelta(0)


def sentence_on_opening(path: Path) -> str:
    with pytest.raises(HistoryError) as refused:
        HistoryStore.open(path, busy_timeout=AT_ONCE)
    text = str(refused.value)
    assert str(path) in text
    assert text.endswith(".")
    assert "\n" not in text
    return text


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# how it is opened


async def test_connection_is_safe_against_power_cuts_and_rivals(path: Path) -> None:
    db = open_for_writing(str(path))
    pragmas = (
        "journal_mode",
        "synchronous",
        "foreign_keys",
        "busy_timeout",
        "recursive_triggers",
        "journal_size_limit",
    )

    told = {pragma: db.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas}

    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 2000,
        "recursive_triggers": 1,
        "journal_size_limit": 4 * 2**20,
    }
    db.close()


def test_second_opening_applies_no_step_twice(path: Path) -> None:
    for _ in range(2):
        HistoryStore.open(path).close()

    with closing(sqlite3.connect(path)) as connection:
        applied = connection.execute("SELECT migration_set, name FROM _sqlite_migrations").fetchall()
    assert applied == [(MIGRATION_SET, step.__name__) for step in STEPS]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET by = 'U0EVE'",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries (id, at, kind, facts, hash) VALUES (1, '', 'asked', '{}', '')",
    ],
)
async def test_entries_are_append_only(path: Path, statement: str) -> None:
    store = HistoryStore.open(path)
    await store.record_run(a_run(), None, ASKED)
    store.close()
    db = open_for_writing(str(path))

    with pytest.raises(sqlite3.IntegrityError, match="history entries are never"):
        db.execute(statement)

    db.close()
    assert [recorded.entry for recorded in read_entries(path, read_runs(path)[0].id)] == [ASKED]


async def test_index_stands_behind_one_run_per_environment(path: Path) -> None:
    store = HistoryStore.open(path)
    await store.record_run(a_run("one"), None, ASKED)
    await store.record_run(a_run("two", state=a_run().state.WAITING), None, ASKED)
    store.close()

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
        execute(path, "UPDATE runs SET state = 'running' WHERE id = 2")


# what cannot be used


def test_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("environments:\n" * 100)

    assert "is not a database of oec-bot. Set OEC_DATABASE" in sentence_on_opening(path)
    assert path.read_text().startswith("environments")


def test_database_of_another_program_is_refused_untouched(path: Path) -> None:
    execute(path, "CREATE TABLE runs (id INTEGER)")
    before = path.read_bytes()

    assert "belongs to another program" in sentence_on_opening(path)
    assert path.read_bytes() == before


def test_database_of_a_newer_bot_is_refused(path: Path) -> None:
    HistoryStore.open(path).close()
    execute(
        path,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('oec-bot', 'm999_time_travel', '')",
    )

    assert "written by a newer oec-bot (it knows m999_time_travel)" in sentence_on_opening(path)
    with pytest.raises(HistoryError, match="newer"):
        read_runs(path)


def test_reader_leaves_an_older_database_to_the_bot(path: Path) -> None:
    HistoryStore.open(path).close()
    execute(path, "DELETE FROM _sqlite_migrations WHERE name NOT LIKE 'm001%'")

    with pytest.raises(HistoryError, match="written by an older oec-bot"):
        read_runs(path)


def test_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()

    HistoryStore.open(path).close()

    assert read_runs(path) == []


def test_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened. See that its directory exists" in sentence_on_opening(tmp_path)


def test_directory_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened" in sentence_on_opening(tmp_path / "missing" / "bot.db")


def test_damaged_database_is_refused(path: Path) -> None:
    HistoryStore.open(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + random.Random(1).randbytes(len(whole) - 100))

    assert "is damaged" in sentence_on_opening(path)


def test_database_that_another_program_has_locked_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "is locked by another program. Close whatever" in sentence_on_opening(path)

    HistoryStore.open(path).close()


async def test_write_while_another_program_writes_fails_in_words_and_then_goes_on(path: Path) -> None:
    store = HistoryStore.open(path, busy_timeout=timedelta(milliseconds=20))
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="is locked by another program"):
            await store.record_alive(NOON)
        assert await store.find_alive() is None
        other.rollback()

    await store.record_alive(NOON)
    assert await store.find_alive() == NOON
    store.close()


async def test_full_disk_is_told_and_nothing_is_half_written(path: Path) -> None:
    store = HistoryStore.open(path)
    pages = await store._turns.read(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store._turns.read(lambda db: db.execute(f"PRAGMA max_page_count={pages}").fetchone())

    async def fill() -> None:
        for number in range(1000):
            await store.claim_delivery(RequestKey(f"{number}" * 500), NOON)

    with pytest.raises(HistoryError, match="the disk is full"):
        await fill()
    await store._turns.read(lambda db: db.execute("PRAGMA max_page_count=100000").fetchone())
    assert await store.claim_delivery(RequestKey("after"), NOON)
    store.close()


async def test_database_that_cannot_be_written_is_told(path: Path) -> None:
    store = HistoryStore.open(path)
    await store._turns.read(lambda db: db.execute("PRAGMA query_only=ON"))

    with pytest.raises(HistoryError, match="cannot be written"):
        await store.record_alive(NOON)
    store.close()


@pytest.fixture
def somebody_elses_file() -> Iterator[Path]:
    """A database that may be read and not written; root, for whom nothing is read-only, becomes nobody meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        HistoryStore.open(file).close()
        file.chmod(0o444)
        Path(folder).chmod(0o555)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)
        try:
            yield file
        finally:
            if was_root:
                os.seteuid(0)
            Path(folder).chmod(0o755)


def test_read_only_file_is_refused(somebody_elses_file: Path) -> None:
    assert "cannot be" in sentence_on_opening(somebody_elses_file)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_READONLY_DIRECTORY, "cannot be written"),
        (sqlite3.SQLITE_IOERR_WRITE, "the disk reports an error"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "is locked by another program"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "cannot be opened"),
        (sqlite3.SQLITE_MISMATCH, "could not be used: odd."),
    ],
)
def test_kinds_of_an_error_have_the_sentence_of_their_family(code: int, words: str) -> None:
    error = sqlite3.OperationalError("odd")
    error.sqlite_errorcode = code

    assert words in str(describe_failure(error, "bot.db"))
