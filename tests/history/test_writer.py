"""The connection that writes: how long it waits for others, what it refuses, and what it says of itself."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils.db import Database

from bot.core.errors import HistoryError
from bot.core.names import RequestKey
from bot.history import instance
from bot.history.database import LONGEST_LOG, open_for_reading
from bot.history.message_table import claim_delivery, record_alive
from bot.history.store import HistoryStore
from bot.history.writer import Writer
from tests.history.values import NOON

LOCKED = (
    "is locked by another program. Close whatever has it open for writing (a second bot, a database browser)."
)
PATIENCE = timedelta(seconds=2)


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    writer = Writer.open(str(path), busy_timeout=PATIENCE, now=lambda: NOON)
    yield writer
    writer.close()


def ask_timeout(db: Database) -> int:
    """For how many milliseconds it would wait for another program."""
    return int(db.execute("PRAGMA busy_timeout").fetchone()[0])


def sign(db: Database) -> None:
    record_alive(db, NOON)


@pytest.mark.parametrize(
    ("waited", "least", "most"), [(0.0, 1_000, 2_000), (1.5, 1, 500), (1.99, 50, 50), (60.0, 50, 50)]
)
def test_whoever_has_waited_for_a_turn_waits_that_much_less_for_others(
    writer: Writer, waited: float, least: int, most: int
) -> None:
    """Ten writes behind a locked database are all answered after two seconds, not the last of them after twenty."""
    assert least <= writer.write(ask_timeout, asked_at=time.monotonic() - waited) <= most


def test_bot_that_stops_waits_for_nobody(path: Path, writer: Writer) -> None:
    writer.hurry()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="is locked by another program"):
            writer.write(sign, asked_at=time.monotonic())
    assert writer.write(ask_timeout, asked_at=time.monotonic()) == 0


def test_trouble_is_known_until_a_write_goes_well(path: Path, writer: Writer) -> None:
    writer.hurry()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError):
            writer.write(sign, asked_at=time.monotonic())
    troubles = [writer.trouble]
    writer.write(sign, asked_at=time.monotonic())
    troubles.append(writer.trouble)

    assert troubles == [f"The database {path} {LOCKED}", None]


def test_work_that_fails_for_its_own_reasons_is_no_trouble_of_the_file(writer: Writer) -> None:
    def refuse(_: Database) -> None:
        raise HistoryError("There is no run #7 in the history.")

    with pytest.raises(HistoryError):
        writer.write(refuse, asked_at=time.monotonic())

    assert writer.trouble is None


def test_row_that_nobody_could_have_written_is_named(writer: Writer) -> None:
    def find(_: Database) -> None:
        raise ValueError("'flying' is not a valid RunState\nand more")

    with pytest.raises(HistoryError) as refused:
        writer.read(find)
    assert "holds something that I cannot read ('flying' is not a valid RunState)" in str(refused.value)


def test_damaged_file_is_written_no_more_though_some_of_it_is_whole(path: Path, writer: Writer) -> None:
    def meet_damage(_: Database) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(HistoryError, match="is damaged"):
        writer.read(meet_damage)
    with pytest.raises(HistoryError, match="is damaged"):
        writer.write(sign, asked_at=time.monotonic())

    with open_for_reading(str(path)) as db:
        assert db.execute("SELECT count(*) FROM meta").fetchone() == (0,)


def test_history_is_saved_once_while_its_file_is_away(path: Path, writer: Writer) -> None:
    writer.write(sign, asked_at=time.monotonic())
    path.unlink()
    for _ in range(3):
        with pytest.raises(HistoryError, match="was moved, deleted or replaced while I run"):
            writer.write(sign, asked_at=time.monotonic())

    [rescued] = path.parent.glob("*.rescued-*")
    assert rescued.name == "bot.db.rescued-20261121-120000"
    with open_for_reading(str(rescued)) as db:
        assert db.execute("SELECT value FROM meta").fetchone() == ("2026-11-21T12:00:00.000000+00:00",)


def test_history_whose_folder_is_gone_cannot_be_saved_and_nothing_else_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = Writer.open(str(folder / "bot.db"), busy_timeout=PATIENCE, now=lambda: NOON)
    folder.rename(tmp_path / "elsewhere")

    with pytest.raises(HistoryError) as refused:
        writer.write(sign, asked_at=time.monotonic())

    assert "was moved, deleted or replaced" in str(refused.value)
    assert "saved" not in str(refused.value)
    writer.close()


def test_reader_that_stays_long_holds_up_nobody_and_the_log_shrinks_when_it_goes(
    path: Path, writer: Writer
) -> None:
    log, keys = Path(f"{path}-wal"), list[RequestKey]()

    def claim(db: Database) -> bool:
        keys.append(RequestKey(f"{len(keys)}" + "x" * 100_000))
        return claim_delivery(db, keys[-1], NOON)

    def write_much() -> None:
        for _ in range(100):
            assert writer.write(claim, asked_at=time.monotonic())

    with open_for_reading(str(path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
        write_much()
        assert log.stat().st_size > 2 * LONGEST_LOG
        assert reader.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
        reader.execute("ROLLBACK")
    write_much()
    assert log.stat().st_size <= 2 * LONGEST_LOG


def test_installation_keeps_its_name(path: Path) -> None:
    names = []
    for _ in range(2):
        writer = Writer.open(str(path), busy_timeout=PATIENCE, now=lambda: NOON)
        names.append(writer.write(instance.load_instance, asked_at=time.monotonic()))
        names.append(writer.write(instance.load_instance, asked_at=time.monotonic()))
        writer.close()
    other = Writer.open(f"{path}.other", busy_timeout=PATIENCE, now=lambda: NOON)
    assert len(set(names)) == 1
    assert len(names[0]) == 16
    assert other.write(instance.load_instance, asked_at=time.monotonic()) != names[0]
    other.close()


async def test_store_tells_its_trouble_and_closes_behind_a_lock(path: Path) -> None:
    store = HistoryStore.open(path, busy_timeout=timedelta(milliseconds=20))
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError):
            await store.record_alive(NOON)
        assert store.trouble is not None
        store.close()
