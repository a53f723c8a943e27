"""The bot is killed and started again: the same card goes on, the same button works, nothing is triggered twice."""

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
    """The bot as a process; ended at the end."""
    settings = world.sandbox.settings() | {
        "OEC_RULES": str(world.rules),
        "OEC_DATABASE": str(world.database),
    }
    process = BotProcess(settings, world.folder)
    yield process
    await process.kill()


async def test_kill_while_a_deploy_runs_and_the_same_card_goes_on(world: World, bot: BotProcess) -> None:
    await bot.start()
    await world.cleo.says("/oec deploy staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    task = await world.hosting.the_task(STAGING)
    await world.until_remembered(2)
    await bot.kill()

    await world.hosting.moves(task["id"], status="running", steps_completed=9, progress_percent=75)
    await bot.start()
    await world.cleo.sees("75 %", channel=DEPLOYS, thread=card.ts)
    await world.hosting.moves(task["id"], status="completed")
    done = await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)
    assert done.ts == card.ts
    await world.cleo.sees("<@U0CLEO>", "is deployed", channel=DEPLOYS, thread=card.ts)
    assert len(await world.hosting.posts()) == 1
    replies = await world.cleo.looks_at(DEPLOYS, thread=card.ts)
    assert len(replies) == 2


async def test_kill_while_an_approval_waits_and_the_same_button_works(world: World, bot: BotProcess) -> None:
    await bot.start()
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_remembered(1)
    await bot.kill()
    await bot.start()
    await world.ben.presses("Approve", card)
    running = await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert running.ts == card.ts
    assert await world.hosting.the_task(PROD)


async def test_kill_while_the_platform_is_asked_and_it_acts_once(world: World, bot: BotProcess) -> None:
    await bot.start()
    await world.hosting.fails(method="POST", path="*/restart", kind="hang", seconds=30, times=1)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.hosting.until_asked("POST")
    await world.until_remembered(1)
    await bot.kill()
    await world.hosting.fails(kind="clear")
    await bot.start()
    await world.cleo.sees("queued", channel=DEPLOYS, thread=card.ts)
    keys = {post["idempotency_key"] for post in await world.hosting.posts()}
    assert len(keys) == 1
    assert await world.hosting.the_task(STAGING)


async def test_history_on_the_command_line_names_who_asked_and_who_approved(
    world: World, bot: BotProcess
) -> None:
    await world.hosting.pace(mode="reads", reads=2)
    await bot.start()
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    await world.ben.sees("✓", "`prod`", channel=DEPLOYS)
    status, out, err = await run_to_end(
        "history", "--database", str(world.database), settings={}, folder=world.folder
    )
    assert (status, err) == (0, "")
    row = out.splitlines()[1]
    assert "#1" in row
    assert "deploy prod" in row
    assert "Ana" in row
    assert "Ben" in row
    assert "done" in row


async def test_sigterm_ends_it_cleanly(world: World, bot: BotProcess) -> None:
    await bot.start()
    assert await bot.terminate() == 0
