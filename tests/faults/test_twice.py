"""Never twice: whatever people, Slack and the platform do twice, one ask triggers one action."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.sim.sandbox import RULES
from tests.support.hosting import DEV, PROD, STAGING
from tests.support.person import Seen
from tests.support.world import DEPLOYS, World, running_world


@pytest.fixture
async def open_world(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which Cleo too may ask for a deploy of production, so that both releasers may approve it."""
    rules = RULES.replace("on: all, who: releasers}", "on: all, who: everyone}")
    async with running_world(tmp_path, rules=rules) as running:
        yield running


async def _end(world: World, environment_id: str, words: str) -> Seen:
    """Let the one task there end well; everybody reads what is told of it."""
    task = await world.hosting.the_task(environment_id)
    await world.hosting.moves(task["id"], status="completed")
    async with world.hurrying():
        card = await world.cleo.sees("✓", words, channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    return card


async def _asked_once(world: World, environment_id: str) -> bool:
    """Whether one task was begun there, and every request for it carried the same key."""
    keys = {post["idempotency_key"] for post in await world.hosting.posts()}
    return len(keys) == 1 == len(await world.hosting.tasks(environment_id))


# People press and ask twice


async def test_double_click_on_approve_counts_once_and_the_second_click_is_told_so(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    clicks = await asyncio.gather(world.ben.presses("Approve", card), world.ben.presses("Approve", card))
    assert all(click["acked"] for click in clicks)
    told = await world.ben.sees("You have approved #1 already, and that stands", channel=DEPLOYS)
    assert told.is_private
    await _end(world, PROD, "`prod` is deployed")
    assert await _asked_once(world, PROD)


async def test_two_approvers_at_the_same_instant_one_decides_and_the_other_is_told_who(
    open_world: World,
) -> None:
    world = open_world
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await asyncio.gather(world.ana.presses("Approve", card), world.ben.presses("Approve", card))
    card = await _end(world, PROD, "`prod` is deployed")
    winner, loser = ("U0ANA", "U0BEN") if "approved by <@U0ANA>" in card.words else ("U0BEN", "U0ANA")
    assert f"approved by <@{winner}>" in card.words
    told = await world.person(loser).sees(f"#1 is already approved, by <@{winner}>", channel=DEPLOYS)
    assert told.is_private
    assert await _asked_once(world, PROD)


async def test_approval_and_decline_at_the_same_instant_leave_one_decision(open_world: World) -> None:
    world = open_world
    await world.cleo.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ana.presses("Decline", card)
    await world.ana.finds_modal()
    submitted, _ = await asyncio.gather(world.ana.submits("not today"), world.ben.presses("Approve", card))
    await world.until_idle()
    [now] = [seen for seen in await world.cleo.looks_at(DEPLOYS) if seen.ts == card.ts]
    is_approved = "approved by <@U0BEN>" in now.words
    assert is_approved != ("was declined" in now.words)
    assert is_approved == bool(submitted["errors"])  # whoever came late is told beside the field
    assert len(await world.hosting.tasks(PROD)) == int(is_approved)
    world.may_leave_unread = True


async def test_retry_pressed_by_two_people_at_once_is_one_run(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="running", steps_completed=1)
    await world.hosting.moves(task["id"], status="failed", error_message="no space left")
    failed = await world.cleo.sees("✕", "#1", "failed", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(failed)
    await asyncio.gather(world.cleo.presses("Retry", failed), world.ben.presses("Retry", failed))
    await world.cleo.sees("#2", "`staging`", channel=DEPLOYS)
    await world.until_idle()
    assert len(await world.hosting.tasks(STAGING)) == 2
    told = [await person.looks_at(DEPLOYS) for person in (world.cleo, world.ben)]
    private = [seen.words for channel in told for seen in channel if seen.is_private and not seen.is_passing]
    assert len(private) == 1
    assert "#2" in private[0]
    world.may_leave_unread = True


async def test_same_command_typed_twice_at_once_is_told_about_the_first(world: World) -> None:
    await asyncio.gather(
        world.cleo.says("/oec restart staging", DEPLOYS), world.cleo.says("/oec restart staging", DEPLOYS)
    )
    told = await world.cleo.sees("already", "#1", "It happens once", channel=DEPLOYS)
    assert told.is_private
    await _end(world, STAGING, "`staging` is restarted")
    assert await _asked_once(world, STAGING)


async def test_same_command_typed_again_by_accident_gets_a_link_to_the_first(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.says("/oec restart staging", DEPLOYS)
    told = await world.cleo.sees("already", "#1", "its card in the channel", channel=DEPLOYS)
    assert told.is_private
    await _end(world, STAGING, "`staging` is restarted")
    assert await _asked_once(world, STAGING)


async def test_same_command_by_somebody_else_is_told_whose_is_running(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.ben.says("/oec restart staging", DEPLOYS)
    told = await world.ben.sees("`staging` is busy", "<@U0CLEO>", "#1", channel=DEPLOYS)
    assert told.is_private
    await _end(world, STAGING, "`staging` is restarted")
    assert await _asked_once(world, STAGING)


# Slack delivers twice


async def test_redelivered_press_counts_once(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    press = await world.ben.presses("Approve", card)
    await world.redeliver(press["envelope_id"])
    await _end(world, PROD, "`prod` is deployed")
    await world.redeliver(press["envelope_id"])
    await world.until_idle()
    assert await _asked_once(world, PROD)
    assert [seen for seen in await world.ben.looks_at(DEPLOYS) if seen.is_private] == []


async def test_redelivered_modal_gets_the_same_answer_and_counts_once(world: World) -> None:
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    card = await world.ben.sees("`dev`", "waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    wrong = await world.ben.submits("prod")
    again = await world.redeliver(wrong["envelope_id"])
    assert again["response"]["errors"] == wrong["errors"]
    assert await world.hosting.posts() == []
    right = await world.ben.submits("dev")
    await world.redeliver(right["envelope_id"])
    await _end(world, DEV, "`dev` has its modules reinitialized")
    assert await _asked_once(world, DEV)


async def test_redelivered_command_after_a_restart_is_still_known(world: World) -> None:
    said = await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.crash_bot()
    await world.start_bot()
    await world.redeliver(said["envelope_id"])
    await _end(world, STAGING, "`staging` is restarted")
    await world.redeliver(said["envelope_id"])
    await world.until_idle()
    assert await _asked_once(world, STAGING)


# The platform answers badly


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"], ids=["before it acted", "after it acted"])
async def test_lost_answer_of_the_platform_begins_one_task(world: World, kind: str) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind=kind, times=4)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.until_asked_again()
    card = await _end(world, STAGING, "`staging` is restarted")
    assert "failed" not in card.words
    assert await _asked_once(world, STAGING)


async def test_environment_that_is_being_queued_elsewhere_is_asked_again_quietly(world: World) -> None:
    await world.hosting.locks(STAGING, seconds=20)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    waiting = await world.cleo.sees("`staging`", "#1", "is starting", channel=DEPLOYS)
    await world.until_asked_again()
    card = await _end(world, STAGING, "`staging` is restarted")
    assert card.ts == waiting.ts
    assert await _asked_once(world, STAGING)


LIMITED: dict[str, dict[str, object]] = {
    "seconds": {"headers": {"Retry-After": "3"}},
    "nothing": {},
    "reset": {"headers": {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3"}},
    "body": {"body": {"detail": {"error": "rate_limit_exceeded", "retry_after": 3}}},
    "nonsense": {"headers": {"Retry-After": "soon", "X-RateLimit-Reset": "-1"}, "body": "<html>429</html>"},
}


@pytest.mark.parametrize("form", [*LIMITED, "date"])
async def test_platform_that_says_too_many_is_asked_again_with_the_same_key(world: World, form: str) -> None:
    date = format_datetime(world.clock.now() + timedelta(seconds=3), usegmt=True)
    said = LIMITED.get(form, {"headers": {"Retry-After": date}})
    await world.hosting.fails(method="POST", path="*/restart", kind="status", status=429, times=2, **said)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.until_asked_again()
    await _end(world, STAGING, "`staging` is restarted")
    assert len(await world.hosting.posts()) == 3
    assert await _asked_once(world, STAGING)


# The key's life is over


async def _fall_silent_for_a_day(world: World, *, begins: bool) -> None:
    """The platform begins the task or not, and then answers nothing at all until the key is forgotten."""
    if begins:
        await world.hosting.fails(method="POST", path="*/deploy", kind="drop_after", times=1)
    await world.hosting.fails(method="POST", path="*/deploy", kind="drop_before", times=100_000)
    await world.hosting.fails(method="GET", path="*", kind="status", status=503, times=100_000)
    await world.cleo.says("/oec deploy staging", DEPLOYS)
    await world.hosting.until_asked("POST")
    world.clock.forward(seconds=40)
    await world.cleo.sees("⚠", "#1", "not known", channel=DEPLOYS)
    world.clock.forward(hours=25)
    before = len(await world.hosting.posts())
    await world.hosting.fails(kind="clear")
    world.clock.forward(minutes=1)
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS, without=("not known",))
    await world.until_idle()
    assert len(await world.hosting.posts()) - before <= 1  # the one under way while the day went by


async def test_after_a_day_the_key_is_not_used_again_and_the_task_is_recognised(world: World) -> None:
    await _fall_silent_for_a_day(world, begins=True)
    taken = await world.cleo.sees("#1", "I take", "it may be another one", channel=DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    assert task["id"] in taken.words
    await _end(world, STAGING, "`staging` is deployed")
    assert await _asked_once(world, STAGING)


async def test_after_a_day_without_a_trace_it_was_not_begun_and_may_be_asked_again(world: World) -> None:
    await _fall_silent_for_a_day(world, begins=False)
    card = await world.cleo.sees("✕", "was not begun", "Nothing was triggered", channel=DEPLOYS)
    assert "Retry" in card.buttons
    await world.cleo.reads_thread(card)
    assert await world.hosting.tasks(STAGING) == []
    await world.cleo.presses("Retry", card)
    again = await world.cleo.sees("`staging`", "#2", channel=DEPLOYS)
    await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.cleo.reads_thread(again)
