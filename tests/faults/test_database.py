"""The database misbehaves: nothing is triggered that could not be remembered, nothing that was remembered is lost."""

import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.hosting import PROD, STAGING
from tests.support.process import run_to_end
from tests.support.record import read_runs
from tests.support.world import DEPLOYS, OPS, World, running_world

REFUSED = "I cannot write my history just now"
TOLD = "I cannot write my history, so I trigger nothing"
WELL = "I can write my history again"


async def asks_in_vain(world: World) -> None:
    """Somebody asks for a restart and hears in plain words that it cannot be: nothing was triggered."""
    posts = len(await world.hosting.posts())
    said = await world.cleo.says("/oec restart staging", DEPLOYS)
    assert said["acked"]
    answer = await world.cleo.sees(REFUSED, "I trigger nothing new", channel=DEPLOYS)
    assert answer.is_private
    assert len(await world.hosting.posts()) == posts


async def asks_well(world: World, *, number: int = 1) -> None:
    """Somebody asks for a restart, which becomes the run of this number and goes on to its end."""
    before = {task["id"] for task in await world.hosting.tasks(STAGING)}
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("queued at oec.sh", f"#{number}", channel=DEPLOYS)
    [task] = [task for task in await world.hosting.tasks(STAGING) if task["id"] not in before]
    await world.hosting.moves(task["id"], status="completed")
    await hears_of_the_end(world, number=number)


async def hears_of_the_end(world: World, *, number: int = 1) -> None:
    """The card of a restart and its thread say, once, that it has ended well."""
    card = await world.cleo.sees("✓", "`staging` is restarted", f"#{number}", channel=DEPLOYS)
    await world.cleo.sees("<@U0CLEO>, `staging` is restarted", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    assert (await world.cleo.reads_thread(card)).count("is restarted") == 1


def is_whole(database: Path) -> bool:
    """Whether the database holds together."""
    with closing(sqlite3.connect(database)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


# two installations


async def test_button_of_another_installation_is_answered_and_does_nothing(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    await world.stop_bot()
    await world.start_bot(OEC_DATABASE=str(world.folder / "another.db"))
    await world.ben.presses("Approve", card)
    answer = await world.ben.sees(
        "belongs to another installation", "This press did nothing", channel=DEPLOYS
    )
    assert answer.is_private
    assert await world.hosting.posts() == []
    await world.stop_bot()
    await world.start_bot()
    await world.ben.presses("Approve", card)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    world.may_leave_unread = True


async def test_messages_say_of_which_installation_they_are(world: World) -> None:
    async def find_instances() -> list[str]:
        answer = await world.side_door.get("/person/calls", params={"method": "chat.postMessage"})
        posts = [call["args"].get("metadata") for call in answer.json()["calls"]]
        return [post["event_payload"]["instance"] for post in posts if post]

    await asks_well(world)
    first = await find_instances()
    await world.stop_bot()
    await world.start_bot()
    await asks_well(world, number=2)
    assert len(set(await find_instances())) == 1
    await world.stop_bot()
    await world.start_bot(OEC_DATABASE=str(world.folder / "another.db"))
    await world.cleo.says("/oec restart dev", DEPLOYS)
    await world.cleo.sees("`dev`", "#1", channel=DEPLOYS)
    await world.until_idle()
    world.may_leave_unread = True
    assert all(first)
    assert (await find_instances())[-1] not in first


# another program


async def test_ask_while_another_program_writes_for_long_is_answered_and_the_next_one_works(
    world: World,
) -> None:
    with closing(sqlite3.connect(world.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asks_in_vain(world)
        await world.ana.sees(TOLD, "is locked by another program", channel=OPS)
        other.rollback()
    await world.ana.sees(WELL, channel=OPS)
    await asks_well(world)


async def test_run_goes_on_to_its_end_though_another_program_writes_meanwhile(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.until_idle()
    with closing(sqlite3.connect(world.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        await world.hosting.moves(task["id"], status="completed")
        await world.ana.sees(TOLD, channel=OPS)
        other.rollback()
    await world.ana.sees(WELL, channel=OPS)
    await hears_of_the_end(world)


# a file that goes away


@pytest.mark.parametrize("end", ["moved", "deleted", "replaced"])
async def test_database_that_goes_away_stops_changes_until_it_is_back(world: World, end: str) -> None:
    await asks_well(world)
    aside = world.folder / "aside.db"
    world.database.rename(aside)
    if end == "deleted":
        kept = aside.read_bytes()
        aside.unlink()
        assert kept
    if end == "replaced":
        world.database.write_bytes(b"")
    await asks_in_vain(world)
    told = await world.ana.sees(TOLD, "was moved, deleted or replaced", channel=OPS)
    [rescued] = world.folder.glob("oec-bot.db.rescued-*")
    assert rescued.name in told.words
    assert [run.state.value for run in read_runs(rescued)] == ["done"]
    if end == "deleted":
        return
    aside.replace(world.database)
    await world.ana.sees(WELL, channel=OPS)
    await asks_well(world, number=2)
    assert [run.id for run in read_runs(world.database)] == [2, 1]


async def test_bot_without_its_lease_changes_nothing_beside_the_one_that_may_have_it(world: World) -> None:
    lease, aside = world.folder / "oec-bot.db-lease", world.folder / "aside"
    lease.rename(aside)
    await asks_in_vain(world)
    await world.ana.sees(TOLD, "oec-bot.db-lease was moved, deleted or replaced", channel=OPS)
    assert not list(world.folder.glob("*rescued*"))
    aside.rename(lease)
    await world.ana.sees(WELL, channel=OPS)


async def test_bot_that_finds_its_history_gone_says_so(world: World) -> None:
    await asks_well(world)
    await world.stop_bot()
    world.keep_record()
    world.database.unlink()
    world.lines.clear()
    await world.start_bot()
    assert any("is gone: I begin with an empty history" in line for line in world.lines)


# damage


async def test_database_damaged_under_a_running_bot_is_written_no_more(world: World) -> None:
    await asks_well(world)
    assert world.bot is not None
    history = world.bot._adapters.history
    # all into the file, and nothing kept in memory: the next look at it meets the damage
    await history._turns.read(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
    await history._turns.read(lambda db: db.execute("PRAGMA shrink_memory"))
    world.keep_record()
    overwrite_the_middle(world.database)
    await asks_in_vain(world)
    await world.ana.sees(TOLD, "is damaged", "oec-bot restore FILE", channel=OPS)
    await world.stop_bot()


def overwrite_the_middle(database: Path) -> None:
    """Leave of a database its first page only."""
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (database.stat().st_size - 4096))


# a full disk


@contextmanager
def small_disk(folder: Path, *, kilobytes: int) -> Iterator[None]:
    """A disk of this size at this folder; skips the test where none can be had."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    folder = tmp_path / "disk"
    with small_disk(folder, kilobytes=2_000):
        yield folder


@pytest.fixture
async def cramped(disk: Path) -> AsyncIterator[World]:
    """A world whose bot keeps its history on a small disk."""
    async with running_world(disk) as running:
        yield running


def make_read_only(disk: Path) -> None:
    """Let nothing more be written to a disk."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def fill_up(disk: Path) -> Path:
    """Take all the room there is; the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            return filler


async def test_full_disk_stops_changes_until_there_is_room(cramped: World, disk: Path) -> None:
    await asks_well(cramped)
    filler = fill_up(disk)
    await asks_in_vain(cramped)
    await cramped.ana.sees(TOLD, "the disk is full", channel=OPS)
    filler.unlink()
    await cramped.ana.sees(WELL, channel=OPS)
    await asks_well(cramped, number=2)
    await cramped.stop_bot()
    assert is_whole(cramped.database)
    assert [run.state.value for run in read_runs(cramped.database)] == ["done", "done"]


async def test_run_that_ends_while_the_disk_is_full_is_told_when_there_is_room(
    cramped: World, disk: Path
) -> None:
    await cramped.cleo.says("/oec restart staging", DEPLOYS)
    task = await cramped.hosting.the_task(STAGING)
    await cramped.until_idle()
    filler = fill_up(disk)
    await cramped.ana.sees(TOLD, channel=OPS)
    await cramped.hosting.moves(task["id"], status="completed")
    await asks_in_vain(cramped)
    filler.unlink()
    await cramped.ana.sees(WELL, channel=OPS)
    await hears_of_the_end(cramped)
    assert len(await cramped.hosting.posts()) == 1


# a start that cannot be


@pytest.fixture
async def before_start(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which no bot was started yet."""
    async with running_world(tmp_path, start=False) as running:
        yield running


async def start_refused(world: World, database: Path) -> str:
    """The one line with which a start ends."""
    files = {"OEC_RULES": str(world.rules), "OEC_DATABASE": str(database)}
    status, out, err = await run_to_end("run", settings=world.sandbox.settings() | files, folder=world.folder)
    assert status == 2
    assert out == ""
    [line] = err.strip().splitlines()
    assert await world.count_calls("auth.test") == 0, "it went to Slack before it had its history"
    return line


async def test_start_with_a_damaged_database_is_refused(before_start: World) -> None:
    await before_start.start_bot()
    await asks_well(before_start)
    await before_start.stop_bot()
    before_start.keep_record()
    overwrite_the_middle(before_start.database)
    damaged = before_start.folder / "damaged.db"
    before_start.database.rename(damaged)
    files = {"OEC_RULES": str(before_start.rules), "OEC_DATABASE": str(damaged)}
    settings = before_start.sandbox.settings() | files
    status, _, err = await run_to_end("run", settings=settings, folder=before_start.folder)
    assert status == 2
    [line] = err.strip().splitlines()
    assert "is damaged. Stop the bot and put a backup in its place" in line


async def test_start_on_a_full_disk_is_refused(before_start: World, disk: Path) -> None:
    fill_up(disk)
    assert "the disk is full" in await start_refused(before_start, disk / "oec-bot.db")


async def test_start_with_a_directory_for_a_database_is_refused(before_start: World) -> None:
    folder = before_start.folder / "folder.db"
    folder.mkdir()
    assert "cannot be opened" in await start_refused(before_start, folder)


async def test_start_with_another_programs_database_is_refused(before_start: World) -> None:
    with closing(sqlite3.connect(before_start.database)) as other:
        other.execute("CREATE TABLE recipes (id INTEGER)")
    assert "belongs to another program" in await start_refused(before_start, before_start.database)


async def test_start_with_a_file_that_is_no_database_is_refused(before_start: World) -> None:
    assert "is not a database of oec-bot" in await start_refused(before_start, before_start.rules)


async def test_start_where_nothing_can_be_written_is_refused(before_start: World, disk: Path) -> None:
    with closing(sqlite3.connect(disk / "oec-bot.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
    make_read_only(disk)
    line = await start_refused(before_start, disk / "oec-bot.db")
    assert "cannot be" in line
