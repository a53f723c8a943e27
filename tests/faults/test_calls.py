"""Nobody decides, and Slack or the process fails amid the call: people are called once, and never for what is decided."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sim.sandbox import RULES
from tests.faults.test_messages import kinds, until_tried
from tests.support.person import Seen
from tests.support.world import DEPLOYS, OPS, World, running_world

NEVER_QUIET = RULES.replace('quiet: {from: "21:00", to: "07:00"}', 'quiet: {from: "00:00", to: "00:00"}')
"""The seeded rules without a night, so that it does not matter at what hour they are played."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The real bot, the stand-in and the simulator, running; people may be called at any hour."""
    assert NEVER_QUIET != RULES
    async with running_world(tmp_path, rules=NEVER_QUIET) as running:
        yield running


async def asked(world: World) -> Seen:
    """Ana asks to deploy `prod`, which waits for Ben."""
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    return card


async def called(world: World, card: Seen) -> Seen:
    """Ben is called."""
    return await world.ben.sees("<@U0BEN>", "still waits", channel=DEPLOYS, thread=card.ts)


async def approved(world: World, card: Seen) -> None:
    """Ben approves, and the call says so."""
    await world.ben.presses("Approve", card)
    await world.ben.sees("Decided: approved by <@U0BEN>", channel=DEPLOYS, thread=card.ts)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    await world.until_idle()
    await world.ana.reads_thread(card)
    assert len(await world.hosting.posts()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_answer"},
        {"kind": "error", "error": "internal_error", "carried_out": True},
        {"kind": "page", "status": 502, "carried_out": True},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
async def test_call_whose_answer_is_lost_stands_once(world: World, fault: dict[str, object]) -> None:
    card = await asked(world)
    await world.faults(**fault, method="chat.postMessage", times=2)
    world.clock.forward(minutes=8)
    await called(world, card)
    await world.until_idle()
    assert kinds(world) == ["card", "reminder"]
    await approved(world, card)


async def test_call_that_slack_posts_after_the_bot_was_killed_stands_once(world: World) -> None:
    card = await asked(world)
    await world.faults(kind="hang", method="chat.postMessage", seconds=1.5)
    world.clock.forward(minutes=8)
    await world.until_struck()
    await world.crash_bot()
    await world.start_bot()
    await called(world, card)
    await world.until_idle()
    assert kinds(world) == ["card", "reminder"]
    await approved(world, card)


async def test_bot_that_is_killed_after_the_call_repeats_it_at_no_start(world: World) -> None:
    card = await asked(world)
    world.clock.forward(minutes=8)
    reminder = await called(world, card)
    for _ in range(3):
        await world.crash_bot()
        await world.start_bot()
        await world.until_idle()
    assert kinds(world) == ["card", "reminder"]
    assert (await called(world, card)).ts == reminder.ts
    await approved(world, card)


async def test_slack_away_at_half_time_brings_the_call_when_it_is_back(world: World) -> None:
    card = await asked(world)
    await world.faults(kind="error", error="internal_error", method="chat.postMessage", times=2)
    posts = await world.count_calls("chat.postMessage")
    world.clock.forward(minutes=8)
    await until_tried(world, "chat.postMessage", 1, since=posts)
    world.clock.forward(seconds=31)  # until then the first may still arrive
    await world.until_struck()
    await called(world, card)
    await world.until_idle()
    assert kinds(world) == ["card", "reminder"]
    await approved(world, card)


async def test_approval_that_runs_out_while_slack_takes_no_call_calls_nobody(world: World) -> None:
    card = await asked(world)
    await world.faults(kind="error", error="internal_error", method="chat.postMessage", times=100_000)
    posts = await world.count_calls("chat.postMessage")
    world.clock.forward(minutes=8)
    await until_tried(world, "chat.postMessage", 1, since=posts)
    world.clock.forward(minutes=8)
    await world.ana.sees("expired", channel=DEPLOYS)
    await world.faults(kind="clear")
    await world.ana.sees("nobody decided in time", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    assert "still waits" not in await world.ana.reads_thread(card)


async def test_call_that_nobody_heard_of_is_over_when_it_is_asked_anew_and_is_not_taken_for_the_new_one(
    world: World,
) -> None:
    card = await asked(world)
    await world.faults(kind="hang", method="chat.postMessage", seconds=1.5)
    world.clock.forward(minutes=8)
    await world.until_struck()
    await world.crash_bot()
    text = world.rules.read_text(encoding="utf-8")
    world.write_rules(text.replace("by: releasers, expires: 15m", "by: releasers, expires: 16m"))
    await world.start_bot()
    await world.ben.sees("rules", channel=OPS)
    over = await world.ben.sees("Over:", "was asked anew", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    world.clock.forward(minutes=9)
    assert (await called(world, card)).ts != over.ts
    await world.until_idle()
    assert kinds(world) == ["card", "reminder", "reminder 2"]
    await approved(world, card)
