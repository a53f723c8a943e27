"""The timer wakes turns, whatever they do."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import HistoryError
from bot.flow.ports import Timer
from bot.timer import ApschedulerTimer, Every

SOON = timedelta(milliseconds=10)


class Turns:
    """Counts its turns, and tells when a number of them has been reached."""

    def __init__(self, enough: int) -> None:
        self.count = 0
        self.enough = enough
        self.reached = asyncio.Event()

    async def turn(self) -> None:
        self.count += 1
        if self.count >= self.enough:
            self.reached.set()

    async def wait(self) -> None:
        async with asyncio.timeout(30):
            await self.reached.wait()


async def test_turn_comes_again_and_again() -> None:
    timer, turns = ApschedulerTimer(), Turns(3)
    port: Timer = timer
    port.every(SOON, turns.turn, name="look")
    timer.start()

    await turns.wait()
    await timer.stop()


async def test_turn_added_after_the_start_is_woken_too() -> None:
    timer, turns = ApschedulerTimer(), Turns(2)
    timer.start()
    timer.every(SOON, turns.turn, name="look")

    await turns.wait()
    await timer.stop()


async def test_turn_that_fails_is_logged_and_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    timer, turns = ApschedulerTimer(), Turns(2)

    async def fail() -> None:
        await turns.turn()
        raise LookupError("no such thing")

    timer.every(SOON, fail, name="look")
    timer.start()
    with caplog.at_level(logging.ERROR, "bot.timer"):
        await turns.wait()
        await timer.stop()

    assert "The turn look failed" in caplog.text
    assert "LookupError: no such thing" in caplog.text


async def test_slow_turn_is_not_started_twice() -> None:
    timer, others = ApschedulerTimer(), Turns(5)
    started = 0
    may_go_on = asyncio.Event()

    async def slow() -> None:
        nonlocal started
        started += 1
        await may_go_on.wait()

    timer.every(SOON, slow, name="slow")
    timer.every(SOON, others.turn, name="others")
    timer.start()
    await others.wait()

    assert started == 1
    may_go_on.set()
    await timer.stop()


async def test_stop_lets_a_turn_under_way_finish() -> None:
    timer = ApschedulerTimer()
    began, may_go_on, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        began.set()
        await may_go_on.wait()
        finished.set()

    timer.every(SOON, turn, name="look")
    timer.start()
    async with asyncio.timeout(30):
        await began.wait()
        stopping = asyncio.create_task(timer.stop())
        may_go_on.set()
        await stopping

    assert finished.is_set()


async def test_stop_cancels_a_turn_that_would_never_finish() -> None:
    timer = ApschedulerTimer(grace=SOON)
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    timer.every(SOON, turn, name="look")
    timer.start()
    async with asyncio.timeout(30):
        await began.wait()
        await timer.stop()
        await timer.stop()

    assert cancelled.is_set()


async def test_timer_that_never_started_stops() -> None:
    await ApschedulerTimer().stop()


async def test_trouble_elsewhere_that_lasts_is_said_once_and_again_when_it_comes_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    timer, turns = ApschedulerTimer(), Turns(8)

    async def fail_but_for_the_fourth_time() -> None:
        await turns.turn()
        if turns.count != 4:
            raise HistoryError("the disk is full")

    timer.every(SOON, fail_but_for_the_fourth_time, name="look")
    timer.start()
    await turns.wait()
    await timer.stop()

    said = [record.message for record in caplog.records]
    assert said == ["The turn look failed and will be tried again: the disk is full"] * 2


# The clock


async def test_clock_set_back_stops_no_turn() -> None:
    """What APScheduler has put down for the next turn is then an hour away."""
    set_back = 0.0
    timer = ApschedulerTimer(wall_clock=lambda: time.time() - set_back, look=SOON)
    turns = Turns(2)
    timer.every(SOON, turns.turn, name="look")
    timer.start()
    await turns.wait()
    for job in timer._scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
    turns.reached.clear()
    set_back = 3600.0

    await turns.wait()
    await timer.stop()


@pytest.mark.parametrize("missed", [timedelta(hours=2), timedelta(days=365 * 56)])
async def test_turns_missed_in_a_sleep_are_made_up_for_by_one(missed: timedelta) -> None:
    timer, turns, others = ApschedulerTimer(), Turns(1), Turns(5)
    timer.every(timedelta(minutes=1), turns.turn, name="look")
    timer.every(SOON, others.turn, name="others")
    timer.start()
    [job] = [job for job in timer._scheduler.get_jobs() if job.name == "look"]
    job.modify(next_run_time=datetime.now(UTC) - missed)

    await turns.wait()
    await others.wait()
    assert turns.count == 1
    await timer.stop()


def test_turn_is_due_an_interval_after_the_last_or_after_now_where_the_clock_has_jumped() -> None:
    now, minute = datetime(2026, 3, 29, 1, 0, tzinfo=UTC), timedelta(minutes=1)
    every = Every(minute)
    assert every.get_next_fire_time(None, now) == now + minute
    assert every.get_next_fire_time(now - minute / 2, now) == now + minute / 2
    for previous in (now - 5 * minute, now - minute, now + timedelta(hours=1)):
        assert every.get_next_fire_time(previous, now) == now + minute
