"""Time: clocks that are set right or wrong, the two nights of summer time, a laptop's sleep, and what arrives late."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.hosting import PROD, STAGING
from tests.support.person import Seen
from tests.support.process import run_to_end
from tests.support.reading import JsonObject
from tests.support.world import DEPLOYS, SUPPORT, World

AUTUMN = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
"""Ten minutes before the clocks of Berlin go back from 03:00 to 02:00: it is 02:50 there."""

SPRING = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
"""Ten minutes before they go forward from 02:00 to 03:00: it is 01:50 there."""


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process lives by Berlin's clocks."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


async def _restart_staging(world: World) -> tuple[Seen, JsonObject]:
    """Cleo restarts staging, and the platform is at it; the card and the task."""
    await world.cleo.says("/oec restart staging", DEPLOYS)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="running", steps_completed=1, progress_percent=30)
    card = await world.cleo.sees("▶", "Restarting `staging`", channel=DEPLOYS)
    await world.until_idle()
    return card, task


async def _end_well(world: World, card: Seen, task: JsonObject) -> Seen:
    """The platform ends the task, and people see it within moments."""
    await world.hosting.moves(task["id"], status="completed")
    done = await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    assert done.ts == card.ts
    await world.until_idle()
    assert (await world.cleo.reads_thread(card)).count("<@U0CLEO>, `staging` is restarted") == 1
    assert len(await world.hosting.posts()) == 1
    return done


def _stamps(words: str) -> list[datetime]:
    """The moments that a message names, each of which every reader sees by the own clock."""
    return [datetime.fromtimestamp(int(stamp), UTC) for stamp in re.findall(r"<!date\^(\d+)", words)]


def _until(words: str) -> datetime:
    """The moment until which an approval waits, of all that its card names."""
    [stamp] = re.findall(r"until <!date\^(\d+)", words)
    return datetime.fromtimestamp(int(stamp), UTC)


# The clock is set


@pytest.mark.parametrize("hours", [1, -1], ids=["forward", "back"])
async def test_clock_set_by_an_hour_amid_a_run_is_followed_to_its_end(world: World, hours: int) -> None:
    card, task = await _restart_staging(world)
    world.clock.forward(hours=hours)
    await world.hosting.moves(task["id"], steps_completed=2, progress_percent=60)
    await world.cleo.sees("60 %", channel=DEPLOYS, thread=card.ts)
    done = await _end_well(world, card, task)
    assert "failed" not in done.words
    assert "unknown" not in done.words


@pytest.mark.parametrize("hours", [1, -1], ids=["forward", "back"])
async def test_clock_set_by_an_hour_while_the_platform_does_not_answer_asks_on(
    world: World, hours: int
) -> None:
    await world.hosting.fails(method="POST", path="*/restart", kind="drop_before", times=2)
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.until_unsent()
    world.clock.forward(hours=hours)
    task = await world.hosting.the_task(STAGING)
    await world.hosting.moves(task["id"], status="completed")
    await world.cleo.sees("✓", "`staging` is restarted", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    assert len({post["idempotency_key"] for post in await world.hosting.posts()}) == 1


async def test_clock_set_forward_past_an_approval_expires_it_with_the_moment_it_named(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    world.clock.forward(hours=1)
    expired = await world.ana.sees("expired", channel=DEPLOYS)
    assert _stamps(expired.words) == [_until(card.words)]
    assert "Approve" not in expired.buttons
    await world.ana.sees("<@U0ANA>, nobody decided", channel=DEPLOYS, thread=card.ts)
    world.clock.back(hours=1)
    await world.ben.presses("Retry", expired)
    again = await world.ben.sees("waits for approval", "#2", channel=DEPLOYS)
    assert again.ts != card.ts
    assert await world.hosting.posts() == []


async def test_clock_set_back_amid_an_approval_leaves_it_as_it_was(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    world.clock.back(hours=1)
    await world.until_idle()
    await world.ben.presses("Approve", card)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    await world.until_idle()
    await world.ben.reads_thread(card)


async def test_clock_set_back_during_an_absence_is_no_absence(world: World) -> None:
    card, task = await _restart_staging(world)
    await world.crash_bot()
    world.clock.back(hours=1)
    await world.start_bot()
    done = await _end_well(world, card, task)
    assert "away" not in done.words


# Summer time


@pytest.mark.parametrize("night", [AUTUMN, SPRING], ids=["autumn", "spring"])
@pytest.mark.usefixtures("berlin")
async def test_approval_over_a_change_of_summer_time_lasts_its_fifteen_minutes(
    world: World, night: datetime
) -> None:
    world.clock.set(night)
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    until = _until(card.words)
    assert timedelta(0) <= until - night - timedelta(minutes=15) < timedelta(minutes=1)
    world.clock.set(night + timedelta(minutes=14))  # four minutes after the change
    await world.until_idle()
    await world.ben.sees("waits for approval", channel=DEPLOYS)
    world.clock.set(night + timedelta(minutes=16))
    expired = await world.ana.sees("expired", channel=DEPLOYS)
    assert _stamps(expired.words) == [until]
    await world.ana.sees("<@U0ANA>, nobody decided", channel=DEPLOYS, thread=card.ts)


@pytest.mark.parametrize("night", [AUTUMN, SPRING], ids=["autumn", "spring"])
@pytest.mark.usefixtures("berlin")
async def test_run_over_a_change_of_summer_time_takes_as_long_as_ever(world: World, night: datetime) -> None:
    for days, channel in ((3, SUPPORT), (2, DEPLOYS), (1, SUPPORT)):  # each takes a message a second
        await _run_for_four_minutes(world, night - timedelta(days=days), number=4 - days, channel=channel)
    begin = night + timedelta(minutes=8)  # the clocks change two minutes later
    running, done = await _run_for_four_minutes(world, begin, "done about", number=4)
    told = _stamps(
        running.partition("\n")[0]
    )  # done about then, and if that is another minute, likely by then
    assert all(timedelta(minutes=3) < moment - begin < timedelta(minutes=7) for moment in told)
    assert 1 <= len(told) <= 2
    assert "· 4 min" in done


async def _run_for_four_minutes(
    world: World, begin: datetime, *words: str, number: int, channel: str = DEPLOYS
) -> tuple[str, str]:
    """What the card of a restart of staging says while it runs (these words too), and at its end."""
    world.clock.set(begin)
    await world.cleo.says("/oec restart staging", channel)
    task = (await world.hosting.until_tasks(STAGING, number))[-1]
    # No step ends: when one was seen to depends on how busy the machine is, and what runs foretell on that.
    await world.hosting.moves(task["id"], status="running", progress_percent=0)
    running = await world.cleo.sees("▶", "Restarting `staging`", f"#{number}", *words, channel=channel)
    world.clock.forward(minutes=4)
    await world.hosting.moves(task["id"], status="completed")
    done = await world.cleo.sees("✓", f"#{number}", channel=channel)
    await world.cleo.sees("100 %", channel=channel, thread=done.ts)
    await world.cleo.sees("is restarted", channel=channel, thread=done.ts)
    return running.words, done.words


@pytest.mark.usefixtures("berlin")
async def test_history_tells_apart_two_runs_at_the_same_hour_of_the_long_night(world: World) -> None:
    first, second = AUTUMN - timedelta(minutes=20), AUTUMN + timedelta(minutes=40)  # 02:30, and 02:30 again
    for number, moment in enumerate((first, second), start=1):
        world.clock.set(moment)
        await world.cleo.says("/oec restart staging", DEPLOYS)
        task = (await world.hosting.until_tasks(STAGING, number))[-1]
        await world.hosting.moves(task["id"], status="completed")
        card = await world.cleo.sees("✓", f"#{number}", channel=DEPLOYS)
        await world.until_idle()
        await world.cleo.reads_thread(card)
    await world.cleo.says("/oec history", DEPLOYS)
    history = await world.cleo.sees("2 runs", "#1", "#2", channel=DEPLOYS)
    newest, oldest = (moment for moment in _stamps(history.words))
    assert timedelta(minutes=59) < newest - oldest < timedelta(minutes=61)
    await world.stop_bot()
    written = await _read_history(world, "--json")
    asked = [datetime.fromisoformat(run["asked_at"]) for run in json.loads(written)]
    assert [moment.replace(second=0, microsecond=0) for moment in asked] == [second, first]
    assert all(moment.utcoffset() == timedelta(0) for moment in asked)


async def _read_history(world: World, *options: str) -> str:
    """What `oec-bot history` writes in Berlin."""
    arguments = ("history", "--database", str(world.database), *options)
    status, out, err = await run_to_end(*arguments, settings={"TZ": "Europe/Berlin"}, folder=world.folder)
    assert (status, err) == (0, "")
    return out


# A laptop sleeps


async def test_laptop_that_slept_for_two_hours_hears_again_and_tells_what_has_ended(world: World) -> None:
    card, task = await _restart_staging(world)
    await world.faults(kind="silent")
    world.clock.forward(hours=2)
    await world.hosting.moves(task["id"], status="completed")
    await world.faults(kind="clear")
    await world.faults(kind="reset")
    world.may_log_errors = True  # what the libraries say of a connection that is gone
    await world.until_heard()
    done = await _end_well(world, card, task)
    assert "failed" not in done.words


async def test_laptop_that_slept_over_an_approval_says_that_it_expired(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    await world.faults(kind="reset")
    world.clock.forward(hours=2)
    world.may_log_errors = True
    expired = await world.ana.sees("expired", channel=DEPLOYS)
    assert expired.ts == card.ts
    await world.ana.sees("<@U0ANA>, nobody decided", channel=DEPLOYS, thread=card.ts)
    await world.until_heard()
    await world.cleo.says("/oec restart staging", DEPLOYS)
    card = await world.cleo.sees("Restart `staging`", channel=DEPLOYS)
    assert await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.cleo.reads_thread(card)


# What arrives late


async def test_mention_that_arrives_late_is_asked_back(world: World) -> None:
    await world.stop_bot()
    said = await world.cleo.says("<@U0OECBOT> restart staging", DEPLOYS)
    world.clock.forward(minutes=4)
    await world.start_bot()
    await world.redeliver(said["envelope_id"])
    late = await world.cleo.sees("reached me 4 min", "late", "Still want it?", channel=DEPLOYS)
    assert late.is_private
    assert await world.hosting.posts() == []
    await world.cleo.presses("Do it now", late)
    card = await world.cleo.sees("Restart `staging`", "#1", channel=DEPLOYS)
    assert await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_mention_that_arrives_at_once_after_a_start_is_carried_out(world: World) -> None:
    await world.stop_bot()
    said = await world.cleo.says("<@U0OECBOT> restart staging", DEPLOYS)
    world.clock.forward(seconds=20)
    await world.start_bot()
    await world.redeliver(said["envelope_id"])
    card = await world.cleo.sees("Restart `staging`", "#1", channel=DEPLOYS)
    assert await world.hosting.the_task(STAGING)
    await world.until_idle()
    await world.cleo.reads_thread(card)


async def test_approval_that_arrives_late_is_asked_back_and_counts_when_it_is_still_meant(
    world: World,
) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.until_idle()
    await world.stop_bot()
    press = await world.ben.presses("Approve", card)
    assert not press["acked"]
    world.clock.forward(minutes=4)
    await world.start_bot()
    await world.redeliver(press["envelope_id"])
    late = await world.ben.sees("reached me 4 min", "late", "Still want it?", channel=DEPLOYS)
    assert late.is_private
    assert await world.hosting.posts() == []
    await world.ben.presses("Approve now", late)
    await world.ben.sees("approved by <@U0BEN>", channel=DEPLOYS)
    assert await world.hosting.the_task(PROD)
    await world.until_idle()
    await world.ben.reads_thread(card)


async def test_retry_that_arrives_late_is_asked_back(world: World) -> None:
    card, task = await _restart_staging(world)
    await world.hosting.moves(task["id"], status="failed", error_message="no space left")
    failed = await world.cleo.sees("✕", "failed", channel=DEPLOYS)
    await world.until_idle()
    await world.cleo.reads_thread(card)
    await world.stop_bot()
    press = await world.cleo.presses("Retry", failed)
    world.clock.forward(minutes=4)
    await world.start_bot()
    await world.redeliver(press["envelope_id"])
    await world.cleo.sees("reached me 4 min", "late", "Still want it?", channel=DEPLOYS)
    assert len(await world.hosting.posts()) == 1
