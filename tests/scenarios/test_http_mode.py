"""Slack posts to the bot instead of the bot holding a socket: the same conversations, the same promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hosting import DEV, PROD, STAGING
from tests.support.posting import LISTENING, find_port, move_app
from tests.support.world import DEPLOYS, World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which Slack posts to the bot."""
    async with running_world(tmp_path, start=False) as running:
        await running.start_bot(**LISTENING)
        await move_app(running, find_port(running.lines))
        yield running


async def test_deploy_with_approval_goes_all_the_way(world: World) -> None:
    said = await world.ana.says("/oec deploy prod", DEPLOYS)
    assert said["acked"] is True
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    pressed = await world.ben.presses("Approve", card)
    assert pressed["acked"] is True
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(task["id"], status="running", steps_completed=6, progress_percent=50)
    await world.ana.sees("50 %", channel=DEPLOYS, thread=card.ts)
    await world.hosting.moves(task["id"], status="completed")
    done = await world.ana.sees("✓", "`prod`", channel=DEPLOYS)
    assert done.ts == card.ts
    await world.ana.sees("is deployed", "<@U0ANA>", channel=DEPLOYS, thread=card.ts)
    assert await world.count_calls("apps.connections.open") == 0


async def test_modal_answers_what_was_typed_wrong(world: World) -> None:
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    card = await world.ben.sees("`dev`", "waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    wrong = await world.ben.submits("prod")
    assert "dev" in str(wrong["errors"])
    right = await world.ben.submits("dev")
    assert right["errors"] in (None, {})
    assert await world.hosting.the_task(DEV)
    await world.until_idle()
    await world.cleo.sees("approved by <@U0BEN>", channel=DEPLOYS)
    await world.cleo.reads_thread(card)


async def test_mention_and_home_are_heard(world: World) -> None:
    await world.cleo.says("<@U0OECBOT> status staging", DEPLOYS)
    await world.cleo.sees("No run that I know of", channel=DEPLOYS)
    home = await world.cleo.opens_home()
    assert home["blocks"]


async def test_redelivered_command_acts_once(world: World) -> None:
    said = await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.redeliver(said["envelope_id"])
    task = await world.hosting.the_task(STAGING)
    world.clock.forward(seconds=2)  # signed anew: the bot knows it by its trigger
    await world.redeliver(said["envelope_id"])
    await world.hosting.moves(task["id"], status="completed")
    card = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


async def test_bot_that_has_stopped_is_an_error_that_slack_shows_and_nothing_is_triggered(
    world: World,
) -> None:
    await world.stop_bot()
    said = await world.cleo.says("/oec restart staging", DEPLOYS)
    assert said["acked"] is False
    await world.cleo.sees("failed with the error", channel=DEPLOYS)
    assert await world.hosting.posts() == []
