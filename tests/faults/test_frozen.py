"""A laptop's sleep, a stopped process: the bot wakes, finds its sockets dead, and takes nothing old for new."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hosting import STAGING
from tests.support.process import BotProcess
from tests.support.world import DEPLOYS, World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot is a process of its own, started by the test."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = True
        yield running


@pytest.fixture
async def bot(world: World) -> AsyncIterator[BotProcess]:
    """The bot as a process, running; ended at the end."""
    settings = world.sandbox.settings() | {
        "OEC_RULES": str(world.rules),
        "OEC_DATABASE": str(world.database),
    }
    process = BotProcess(settings, world.folder)
    await process.start()
    yield process
    await process.kill()


async def test_sleep_in_which_sockets_die_and_a_task_ends_is_made_up_for(
    world: World, bot: BotProcess
) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    first = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.cleo.sees("queued", channel=DEPLOYS, thread=first.ts)
    task = await world.hosting.the_task(STAGING)
    bot.send(signal.SIGSTOP)
    await world.faults(kind="reset")
    await world.hosting.moves(task["id"], status="completed")
    typed = await world.ana.says("/oec deploy prod", DEPLOYS)
    assert not typed["acked"]  # Slack tells her so at once
    bot.send(signal.SIGCONT)

    await world.until_heard()
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.cleo.sees("<@U0CLEO>", "is restarted", channel=DEPLOYS, thread=card.ts)
    assert len(await world.hosting.posts()) == 1


async def test_command_that_waited_in_a_sleep_is_acknowledged_by_nobody_and_still_taken(
    world: World, bot: BotProcess
) -> None:
    """A short sleep, and sockets that live: what was typed meanwhile is as good as new."""
    bot.send(signal.SIGSTOP)
    typed = await world.cleo.says("/oec restart staging", DEPLOYS)
    assert not typed["acked"]
    bot.send(signal.SIGCONT)
    assert await world.hosting.the_task(STAGING)
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    assert len(await world.hosting.posts()) == 1
