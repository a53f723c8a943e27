"""Never lost: whatever dies or falls silent, every run that people were shown ends in front of them, in true words."""

import re

import pytest

from tests.support.hosting import DEV, PROD, STAGING
from tests.support.person import Seen
from tests.support.reading import JsonObject
from tests.support.world import DEPLOYS, World


async def _restart_staging(world: World) -> tuple[Seen, JsonObject]:
    """Cleo restarts staging, and the platform is at it; the card and the task."""
    await world.cleo.says("/oec restart staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="running", steps_completed=1, progress_percent=30)
    card = await world.cleo.sees("▶", "Restarting `staging`", channel=DEPLOYS)
    await world.until_idle()
    return card, task


async def _away(world: World, **span: float) -> None:
    """The bot dies, and is away for a while."""
    await world.until_idle()
    await world.crash_bot()
    world.clock.forward(**span)


async def _told_once(world: World, card: Seen, words: str) -> str:
    """Wait until an end is told in the card's thread, once; all of the thread."""
    await world.cleo.sees(words, channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    thread = await world.cleo.reads_thread(card)
    assert thread.count(words) == 1
    return thread


def _until(words: str) -> str:
    """The moment that a card names after *until*."""
    [stamp] = re.findall(r"until <!date\^(\d+)", words)
    return str(stamp)


# The bot was away


async def test_task_that_ended_while_the_bot_was_away_is_told_once_with_when_it_was(world: World) -> None:
    card, task = await _restart_staging(world)
    await _away(world, seconds=10)
    await world.hosting.moves(task["id"], status="completed")
    world.clock.forward(minutes=4)
    await world.start_bot()
    done = await world.cleo.sees("✓", "`staging` is restarted", "I was away for 4 min", channel=DEPLOYS)
    assert done.ts == card.ts
    thread = await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")
    assert "It ended at <!date^" in thread
    assert "I was away for 4 min" in thread
    assert len(await world.hosting.posts()) == 1


async def test_task_that_still_runs_goes_on_in_the_same_card_after_an_absence(world: World) -> None:
    card, task = await _restart_staging(world)
    await _away(world, minutes=4)
    await world.hosting.moves(task["id"], steps_completed=2, progress_percent=75)
    await world.start_bot()
    on = await world.cleo.sees("▶", "Restarting `staging`", "I was away for 4 min", channel=DEPLOYS)
    assert on.ts == card.ts
    await world.hosting.moves(task["id"], status="completed")
    await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")


async def test_absence_of_a_moment_is_not_worth_a_word(world: World) -> None:
    card, task = await _restart_staging(world)
    await _away(world, seconds=10)
    await world.hosting.moves(task["id"], status="completed")
    await world.start_bot()
    await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")
    [done] = [seen for seen in await world.cleo.looks_at(DEPLOYS) if seen.ts == card.ts]
    assert "away" not in done.words


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.06, 0.1])
async def test_death_while_an_end_is_told_tells_it_once(world: World, after: float) -> None:
    card, task = await _restart_staging(world)
    await world.hosting.moves(task["id"], status="completed")
    await world.pause(after)
    await world.crash_bot()
    await world.start_bot()
    await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")
    cards = [seen for seen in await world.cleo.looks_at(DEPLOYS) if "#1" in seen.words]
    assert [seen.ts for seen in cards if not seen.is_private] == [card.ts]


async def test_approval_waits_through_an_absence_and_keeps_its_hour(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await _away(world, minutes=4)
    await world.start_bot()
    waiting = await world.ben.sees("waits for approval", "I was away for 4 min", channel=DEPLOYS)
    assert waiting.ts == card.ts
    assert _until(waiting.words) == _until(card.words)
    world.clock.forward(minutes=10)
    await world.until_idle()
    await world.ben.presses("Approve", waiting)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    await world.until_idle()
    await world.ben.reads_thread(card)


async def test_approval_that_waited_through_an_absence_expires_when_it_said(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await _away(world, minutes=10)
    await world.start_bot()
    await world.ben.sees("waits for approval", "I was away for 10 min", channel=DEPLOYS)
    world.clock.forward(minutes=5, seconds=5)
    expired = await world.ana.sees("expired", channel=DEPLOYS)
    assert expired.ts == card.ts
    assert f"nobody decided by <!date^{_until(card.words)}^" in expired.words
    await world.ana.sees("<@U0ANA>, nobody decided", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    assert "still waits" not in await world.ana.reads_thread(card)  # by day, somebody was called meanwhile
    assert await world.hosting.posts() == []


async def test_approval_that_expired_during_an_absence_says_so_at_the_start(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await _away(world, minutes=40)
    await world.start_bot()
    expired = await world.ana.sees("expired", "I was away for 40 min", channel=DEPLOYS)
    assert expired.ts == card.ts
    assert "Approve" not in expired.buttons
    assert "Retry" in expired.buttons
    assert f"nobody decided by <!date^{_until(card.words)}^" in expired.words
    told = await world.ana.sees("<@U0ANA>, nobody decided", channel=DEPLOYS, thread=card.ts)
    assert "I was away for 40 min" in told.words
    assert await world.hosting.posts() == []


async def test_approval_pressed_in_the_last_moment_before_a_death_counts_or_still_waits(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    await world.ben.presses("Approve", card)
    await world.crash_bot()
    await world.start_bot()
    await world.until_idle()
    [now] = [seen for seen in await world.ben.looks_at(DEPLOYS) if seen.ts == card.ts]
    if "Approve" in now.buttons:
        await world.ben.presses("Approve", now)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    assert len({post["idempotency_key"] for post in await world.hosting.posts()}) == 1
    world.may_leave_unread = True


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"], ids=["before it acted", "after it acted"])
async def test_submission_without_an_answer_is_finished_after_an_absence(world: World, kind: str) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind=kind, times=1)
    await world.hosting.fails(method="POST", path="*/restart", kind="drop_before", times=100_000)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.hosting.until_asked("POST")
    await _away(world, minutes=4)
    await world.hosting.fails(kind="clear")
    await world.start_bot()
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")
    assert len({post["idempotency_key"] for post in await world.hosting.posts()}) == 1


# The platform knows nothing, or never ends


async def test_task_that_the_platform_forgets_is_unknown_with_a_way_on_and_never_failed(world: World) -> None:
    card, task = await _restart_staging(world)
    await world.hosting.forgets(task["id"])
    await world.until_refused(404)
    world.clock.forward(seconds=70)
    lost = await world.cleo.sees("⚠", "outcome unknown", "no longer knows this task", channel=DEPLOYS)
    assert lost.ts == card.ts
    assert "dashboard" in lost.words
    assert "Retry" in lost.buttons
    assert "failed" not in lost.words
    thread = await _told_once(world, card, "<@U0CLEO>, restarting `staging`: outcome unknown")
    assert "failed" not in thread


async def test_task_that_is_not_found_for_a_moment_is_not_given_up(world: World) -> None:
    card, task = await _restart_staging(world)
    await world.hosting.forgets(task["id"])
    await world.until_refused(404)
    await world.hosting.fails(kind="clear")
    await world.hosting.moves(task["id"], status="completed")
    async with world.hurrying():
        await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")


async def test_task_that_never_ends_is_stuck_with_a_way_on_and_may_still_end_well(world: World) -> None:
    card, task = await _restart_staging(world)
    world.clock.forward(minutes=35)
    stuck = await world.cleo.sees("⚠", "has not moved since", "I keep looking", channel=DEPLOYS)
    assert stuck.ts == card.ts
    assert "failed" not in stuck.words
    assert set(stuck.buttons) == {"Show log", "Stop following"}
    await world.hosting.moves(task["id"], steps_completed=2)
    world.clock.forward(seconds=30)
    moved = await world.cleo.sees("▶", "Restarting `staging`", channel=DEPLOYS)
    assert "Stop following" not in moved.buttons
    await world.hosting.moves(task["id"], status="completed")
    await _told_once(world, card, "<@U0CLEO>, `staging` is restarted")


async def test_stuck_task_that_is_no_longer_followed_frees_the_environment_here(world: World) -> None:
    card, task = await _restart_staging(world)
    world.clock.forward(minutes=35)
    stuck = await world.cleo.sees("⚠", "has not moved since", channel=DEPLOYS)
    await world.cleo.presses("Stop following", stuck)
    await world.cleo.agrees()
    ended = await world.cleo.sees("⚠", "outcome unknown", "given up by <@U0CLEO>", channel=DEPLOYS)
    assert "failed" not in ended.words
    await _told_once(world, card, "<@U0CLEO>, restarting `staging`: outcome unknown")
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.says("/oec restart staging", DEPLOYS)
    again = await world.cleo.sees("`staging`", "#2", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(again)
    assert len(await world.hosting.tasks(STAGING)) == 2


async def test_ask_that_the_platform_leaves_unanswered_can_be_given_up(world: World) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind="status", status=503, times=100_000)
    await world.cleo.says("/oec restart dev", DEPLOYS)
    card = await world.cleo.sees("`dev`", "#1", channel=DEPLOYS)
    await world.hosting.until_asked("POST")
    async with world.hurrying():
        silent = await world.cleo.sees("⚠", "#1", "has not answered since", channel=DEPLOYS)
    assert silent.buttons == ("Give up",)
    await world.cleo.presses("Give up", silent)
    await world.cleo.agrees()
    ended = await world.cleo.sees("⚠", "outcome unknown", "given up by <@U0CLEO>", channel=DEPLOYS)
    assert ended.ts == card.ts
    await _told_once(world, card, "<@U0CLEO>, restarting `dev`: outcome unknown")
    await world.hosting.fails(kind="clear")
    before = len(await world.hosting.posts())
    world.clock.forward(minutes=10)
    await world.until_idle()
    assert len(await world.hosting.posts()) == before
    assert await world.hosting.tasks(DEV) == []
