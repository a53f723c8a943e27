"""Two bots with one database: one of them works, and the other takes over when that one is gone."""

import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.sim.sandbox import RULES
from tests.support.hosting import STAGING
from tests.support.process import BotProcess, run_to_end
from tests.support.world import DEPLOYS, OPS, SUPPORT, World, running_world

STANDS_BY = "I stand by and take over when it ends."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bots are processes of their own, started by the test."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = True
        yield running


@pytest.fixture
def settings(world: World) -> dict[str, str]:
    """What both bots are given."""
    files = {"OEC_RULES": str(world.rules), "OEC_DATABASE": str(world.database)}
    return world.sandbox.settings() | files


@pytest.fixture
async def first(world: World, settings: dict[str, str]) -> AsyncIterator[BotProcess]:
    """The bot that works; ended at the end."""
    bot = BotProcess(settings, world.folder)
    await bot.start()
    yield bot
    await bot.kill()


@pytest.fixture
async def second(world: World, settings: dict[str, str]) -> AsyncIterator[BotProcess]:
    """The other one; ended at the end."""
    bot = BotProcess(settings, world.folder)
    yield bot
    await bot.kill()


@pytest.mark.parametrize("end", ["kill", "terminate"])
async def test_standby_goes_on_with_the_card_of_the_bot_before(
    world: World, first: BotProcess, second: BotProcess, end: str
) -> None:
    await second.start(until=STANDS_BY)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.until_remembered(2)

    await (first.kill() if end == "kill" else first.terminate())
    before = await second.says("I take over.")
    assert "Ready." not in "".join(before)
    await second.says("Ready.")
    await world.hosting.moves(task["id"], status="completed")
    done = await world.cleo.sees("✓", "`staging`", channel=DEPLOYS)
    assert done.ts == card.ts
    assert len(await world.hosting.posts()) == 1


async def test_stopped_bot_keeps_its_place_and_is_not_doubled_when_it_goes_on(
    world: World, first: BotProcess, second: BotProcess
) -> None:
    await second.start(until=STANDS_BY)
    first.send(signal.SIGSTOP)
    for number in range(3):  # each answer shows that the standby has looked again, and found the place taken
        world.write_rules(f"{RULES}\n# {number}\n")
        lines = await second.says("The rules are taken as the file has them now.")
        assert "I take over." not in "".join(lines)
    first.send(signal.SIGCONT)
    await world.until_heard()
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.hosting.the_task(STAGING)
    second.send(signal.SIGTERM)
    assert await second.ends() == (0, [])
    assert len(await world.hosting.posts()) == 1


async def test_standby_takes_over_with_the_rules_as_they_have_become(
    world: World, first: BotProcess, second: BotProcess
) -> None:
    await second.start(until=STANDS_BY)
    world.write_rules(RULES.replace("restart", "start"))
    await second.says("The rules are taken as the file has them now.")
    await first.kill()
    await second.says("Ready.")
    await world.cleo.says("/oec restart staging", SUPPORT)
    await world.cleo.sees("may not", "restart staging", channel=SUPPORT)
    assert await world.hosting.posts() == []


async def test_standby_that_finds_broken_rules_keeps_those_before_and_says_so(
    world: World, first: BotProcess, second: BotProcess
) -> None:
    await second.start(until=STANDS_BY)
    world.write_rules(f"{RULES}\nchanels: {{}}\n")
    lines = await second.says("The changed rules are not taken")
    assert any("chanels" in line for line in lines)
    await first.kill()
    await second.says("Ready.")
    await world.ana.sees("The changed rules are not taken", channel=OPS)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    assert await world.hosting.the_task(STAGING)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong-0000000000"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1-A0OECBOT-wrong-0000000000"}, "SLACK_APP_TOKEN"),
        ({"OEC_API_KEY": "oec_live_rw_" + "w" * 43}, "OEC_API_KEY"),
    ],
)
async def test_standby_with_a_refused_secret_ends_at_once(
    world: World,
    first: BotProcess,
    settings: dict[str, str],
    changed: dict[str, str],
    words: str,
) -> None:
    standby = BotProcess(settings | changed, world.folder)
    await standby.start(until=STANDS_BY)
    status, lines = await standby.ends()
    assert status == 2
    assert any(words in line for line in lines)


async def test_standby_that_is_too_old_for_the_database_is_refused(
    world: World, first: BotProcess, settings: dict[str, str]
) -> None:
    with closing(sqlite3.connect(world.database)) as database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('oec-bot', 'm999_tomorrow', '')"
        )
        database.commit()
    status, _, err = await run_to_end("run", settings=settings, folder=world.folder)
    assert status == 2
    [line] = err.strip().splitlines()
    assert "newer" in line
