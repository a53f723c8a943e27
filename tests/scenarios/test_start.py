"""Starting the bot: a mistake of the operator's ends it with one clear message; an outage elsewhere does not."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sim.sandbox import Ports
from tests.support.ports import start_again
from tests.support.process import BotProcess, run_to_end
from tests.support.world import DEPLOYS, World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot is a process of its own, started by the test."""
    async with running_world(tmp_path, start=False) as running:
        running.may_leave_unread = True
        yield running


def _settings(world: World, **changed: str) -> dict[str, str]:
    files = {"OEC_RULES": str(world.rules), "OEC_DATABASE": str(world.database)}
    return world.sandbox.settings() | files | changed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong-0000000000"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1-A0OECBOT-wrong-0000000000"}, "SLACK_APP_TOKEN"),
        ({"OEC_API_KEY": "oec_live_rw_" + "w" * 43}, "OEC_API_KEY"),
        ({"OEC_READ_KEY": "oec_live_ro_" + "w" * 43}, "OEC_READ_KEY"),
    ],
)
async def test_refused_secret_ends_with_one_clear_line(
    world: World, changed: dict[str, str], words: str
) -> None:
    status, out, err = await run_to_end("run", settings=_settings(world, **changed), folder=world.folder)
    assert status == 2
    assert out == ""
    [line] = err.strip().splitlines()
    assert words in line
    assert all(secret not in err for secret in changed.values())


async def test_address_that_is_not_the_platforms_is_not_called_a_refused_key(world: World) -> None:
    elsewhere = world.sandbox.hosting.api_url + "/elsewhere"
    settings = _settings(world, OEC_API_URL=elsewhere)
    status, _, err = await run_to_end("run", settings=settings, folder=world.folder)
    assert status == 2
    [line] = err.strip().splitlines()
    assert "OEC_API_URL is not oec.sh's API" in line
    assert "See that the address is right" in line


async def test_missing_settings_are_listed_all_at_once(world: World) -> None:
    status, _, err = await run_to_end("run", settings={}, folder=world.folder)
    assert status == 2
    assert all(name in err for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "OEC_API_KEY"))


async def test_broken_rules_are_named_with_file_and_line(world: World) -> None:
    world.write_rules("environments:\n  prod: {id: nonsense}\nchanels: {}\n")
    status, _, err = await run_to_end("run", settings=_settings(world), folder=world.folder)
    assert status == 2
    assert "oec.yml:2" in err
    assert "oec.yml:3" in err
    assert "Traceback" not in err


async def test_database_of_a_newer_version_is_refused(world: World) -> None:
    await world.start_bot()
    await world.stop_bot()
    with sqlite3.connect(world.database) as database:
        database.execute("UPDATE _sqlite_migrations SET name = 'm999_tomorrow' WHERE rowid = 1")
    database.close()
    status, _, err = await run_to_end("run", settings=_settings(world), folder=world.folder)
    assert status == 2
    [line] = err.strip().splitlines()
    assert "newer" in line


async def test_platform_that_does_not_tell_its_environments_is_not_said_to_lack_them(world: World) -> None:
    await world.stop_bot()
    world.lines.clear()
    await world.hosting.fails(method="GET", path="/projects*", kind="status", status=500, times=50)
    await world.start_bot()
    assert not [line for line in world.lines if "sees no environment" in line]


async def test_slack_and_hosting_out_of_reach_are_waited_for(world: World) -> None:
    ports = Ports(
        *(int(url.rsplit(":", 1)[1]) for url in (world.sandbox.workspace.url, world.sandbox.hosting.url))
    )
    await world.sandbox.stop()
    bot = BotProcess(_settings(world), world.folder)
    try:
        await bot.start(until="I keep trying")
        await start_again(world.sandbox.start, ports)
        await bot.says("Ready.")
        await world.cleo.says("/oec help", DEPLOYS)
        await world.cleo.sees("restart", channel=DEPLOYS)
    finally:
        await bot.kill()


async def test_check_lists_mistakes_and_is_content_with_the_sandbox_rules(world: World) -> None:
    status, out, err = await run_to_end(
        "check", str(world.rules), settings=_settings(world), folder=world.folder
    )
    assert (status, err) == (0, "")
    assert "5 environments" in out
    world.write_rules("channels: {C0X: [{may: [fly], on: [moon], who: nobody}]}\n")
    status, _, err = await run_to_end(
        "check", str(world.rules), settings=_settings(world), folder=world.folder
    )
    assert status == 2
    assert "fly" in err
    assert "moon" in err


async def test_second_bot_that_may_not_stand_by_is_refused(world: World) -> None:
    await world.start_bot()
    status, _, err = await run_to_end("run", "--no-standby", settings=_settings(world), folder=world.folder)
    assert status == 2
    [line] = err.strip().splitlines()
    assert "Another oec-bot is running" in line
