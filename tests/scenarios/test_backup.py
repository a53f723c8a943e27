"""The operator copies the history of a running bot, loses the machine, and goes on from the copy."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hosting import PROD, STAGING
from tests.support.process import BotProcess, run_to_end
from tests.support.world import DEPLOYS, World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot is a process of its own, started by the test."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = True
        yield running


@pytest.fixture
async def bot(world: World) -> AsyncIterator[BotProcess]:
    """The bot, running; ended at the end."""
    process = BotProcess(_settings(world), world.folder)
    await process.start()
    yield process
    await process.kill()


def _settings(world: World) -> dict[str, str]:
    files = {"OEC_RULES": str(world.rules), "OEC_DATABASE": str(world.database)}
    return world.sandbox.settings() | files


async def _run(world: World, *arguments: str) -> list[str]:
    status, out, err = await run_to_end(*arguments, settings=_settings(world), folder=world.folder)
    assert (status, err) == (0, "")
    return out.splitlines()


async def test_run_that_was_under_way_in_the_copy_goes_on_to_its_end(world: World, bot: BotProcess) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.until_remembered(2)
    [made] = await _run(world, "backup", "copy.db")
    assert made.startswith("copy.db: ")
    assert "1 run, 1 of them open, the newest #1" in made

    status, _, err = await run_to_end("restore", "copy.db", settings=_settings(world), folder=world.folder)
    assert status == 2
    assert "Another oec-bot is running" in err

    await bot.kill()
    world.database.unlink()
    lines = await _run(world, "restore", "copy.db")
    assert "What was under way is looked up at oec.sh when the bot starts." in lines
    await world.hosting.moves(task["id"], status="completed")
    await bot.start()
    done = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    assert done.ts == card.ts
    assert len(await world.hosting.posts()) == 1


async def test_approval_that_was_given_after_the_copy_is_not_given_twice(
    world: World, bot: BotProcess
) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_remembered(1)
    await _run(world, "backup", "copy.db")
    await world.ben.presses("Approve", card)
    await world.hosting.the_task(PROD)
    await bot.kill()

    lines = await _run(world, "restore", "copy.db")
    assert any("had not begun when the backup was made are ended as unknown: 1." in line for line in lines)
    [kept] = [line for line in lines if "is kept as" in line]
    [before] = world.folder.glob("oec-bot.db.replaced-*")
    assert kept == f"The history before is kept as {before}."
    await bot.start()
    told = await world.ben.sees("outcome unknown", "My history was put back", "#1", channel=DEPLOYS)
    assert "Nothing was triggered" not in told.words
    assert len(await world.hosting.posts()) == 1


async def test_copy_of_a_file_that_exists_needs_force(world: World, bot: BotProcess) -> None:
    await _run(world, "backup", "copy.db")
    status, out, err = await run_to_end("backup", "copy.db", settings=_settings(world), folder=world.folder)
    assert (status, out) == (2, "")
    assert "say --force to replace it" in err
    [made] = await _run(world, "backup", "copy.db", "--force")
    assert "no runs yet" in made
