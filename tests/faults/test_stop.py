"""The bot is asked to stop: whoever asks meanwhile is told so, nothing is half done, and it ends in time whatever hangs."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hosting import STAGING
from tests.support.process import BotProcess
from tests.support.world import DEPLOYS, World, running_world

RESTARTING = "I am restarting. Nothing was triggered. Ask again in a moment."


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


async def ends_in_time(bot: BotProcess) -> None:
    """It ends well by itself, with nothing left behind."""
    status, lines = await bot.ends()
    assert status == 0
    assert [line for line in lines if "left behind" in line or "Traceback" in line] == []


async def keep_it_busy(world: World) -> None:
    """Let the bot wait for a Slack that does not answer, with a run that is written down and not shown."""
    await world.faults(kind="hang", method="chat.postMessage", seconds=20, times=1)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.until_struck()


async def finish_staging(world: World) -> None:
    """Let the one task on staging end, and see that it is told."""
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    assert len({post["idempotency_key"] for post in await world.hosting.posts()}) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_stop_of_an_idle_bot_ends_well_and_leaves_slack(
    world: World, bot: BotProcess, number: signal.Signals
) -> None:
    bot.send(number)
    await ends_in_time(bot)
    await world.until_deaf()


async def test_ask_and_press_during_the_stop_are_told_to_come_again(world: World, bot: BotProcess) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await keep_it_busy(world)
    bot.send(signal.SIGTERM)
    typed = await world.cleo.says("/oec deploy staging", DEPLOYS)
    pressed = await world.ben.presses("Approve", card)
    assert (typed["acked"], pressed["acked"]) == (True, True)
    for person in (world.cleo, world.ben):
        answer = await person.sees(RESTARTING, channel=DEPLOYS)
        assert answer.is_private
    await ends_in_time(bot)
    assert await world.hosting.posts() == []

    await bot.start()
    await finish_staging(world)
    await world.ben.presses("Approve", card)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)


async def test_form_submitted_during_the_stop_stays_open_and_counts_after_it(
    world: World, bot: BotProcess
) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("Decline", card)
    await world.ben.finds_modal()
    await keep_it_busy(world)
    bot.send(signal.SIGTERM)
    refused = await world.ben.submits("not today")
    assert refused["response_action"] == "errors"
    assert list(refused["errors"].values()) == [RESTARTING]
    await ends_in_time(bot)

    await bot.start()
    assert (await world.ben.submits("not today"))["errors"] is None
    await world.ben.sees("declined", "not today", channel=DEPLOYS)


async def test_stop_while_the_platform_hangs_loses_and_doubles_nothing(world: World, bot: BotProcess) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind="hang", seconds=30, times=1)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.hosting.until_asked("POST")
    bot.send(signal.SIGTERM)
    await ends_in_time(bot)
    await world.hosting.fails(kind="clear")
    await bot.start()
    await finish_staging(world)


async def test_stop_with_fifty_asks_in_flight_answers_or_keeps_each(world: World, bot: BotProcess) -> None:
    await world.faults(kind="hang", method="chat.postMessage", seconds=20, times=1_000)
    people = [world.ana, world.ben, world.cleo]
    asks = [people[number % 3].says("/oec restart staging", DEPLOYS) for number in range(50)]
    said = await asyncio.gather(*asks)
    assert all(one["acked"] for one in said)
    bot.send(signal.SIGTERM)
    await ends_in_time(bot)
    assert await world.hosting.posts() == []
    await world.faults(kind="clear")

    await bot.start()
    await finish_staging(world)


async def test_asks_all_through_a_stop_are_answered_or_not_acknowledged(
    world: World, bot: BotProcess
) -> None:
    await keep_it_busy(world)
    bot.send(signal.SIGTERM)
    acknowledged = 0
    while (await world.ana.says("/oec deploy staging", DEPLOYS))["acked"]:
        acknowledged += 1
    await ends_in_time(bot)
    answers = [seen for seen in await world.ana.looks_at(DEPLOYS) if RESTARTING in seen.words]
    assert acknowledged >= 1
    assert (
        len(answers) >= acknowledged - 1
    )  # the very last one may be cut off: acknowledged, and nothing triggered
    assert await world.hosting.posts() == []
    await bot.start()
    await finish_staging(world)


async def test_stop_while_another_program_locks_the_database_ends_in_time(
    world: World, bot: BotProcess
) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("#1", channel=DEPLOYS)
    await world.hosting.the_task(STAGING)
    with closing(sqlite3.connect(world.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = await world.ana.says("/oec deploy prod", DEPLOYS)
        assert said["acked"]
        bot.send(signal.SIGTERM)
        await ends_in_time(bot)
        other.execute("ROLLBACK")
    await bot.start()
    await finish_staging(world)


async def test_second_signal_ends_at_once(world: World, bot: BotProcess) -> None:
    await keep_it_busy(world)
    bot.send(signal.SIGTERM)
    await world.cleo.says("/oec help", DEPLOYS)  # so that the two are told apart
    bot.send(signal.SIGTERM)
    assert (await bot.ends())[0] == 128 + signal.SIGTERM
    await bot.start()
    await finish_staging(world)


async def test_stop_before_the_bot_is_up_ends_well(world: World) -> None:
    settings = world.sandbox.settings() | {
        "OEC_RULES": str(world.rules),
        "OEC_DATABASE": str(world.database),
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }
    bot = BotProcess(settings, world.folder)
    try:
        await bot.start(until="I keep trying")
        bot.send(signal.SIGTERM)
        await ends_in_time(bot)
    finally:
        await bot.kill()
