"""A process that stood still does not take for new what it reads afterwards."""

from datetime import timedelta

from bot.slack.standstill import Standstill


class Wall:
    """A clock on the wall."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def test_what_is_read_between_ticks_is_hardly_late() -> None:
    wall = Wall()
    standstill = Standstill(wall)
    for _ in range(3):
        wall.at += 1
        standstill.tick()
        wall.at += 0.5
        assert standstill.find_lateness() <= timedelta(seconds=1.5)


def test_what_is_read_first_after_a_sleep_may_be_as_old_whether_a_tick_came_before_or_not() -> None:
    wall = Wall()
    standstill = Standstill(wall)
    wall.at += 7_200
    assert standstill.find_lateness() == timedelta(hours=2)
    standstill.tick()
    wall.at += 0.3
    assert standstill.find_lateness() == timedelta(hours=2)


def test_what_is_read_a_while_after_a_sleep_is_new() -> None:
    wall = Wall()
    standstill = Standstill(wall)
    wall.at += 7_200
    standstill.tick()
    wall.at += 1
    standstill.tick()
    assert standstill.find_lateness() <= timedelta(seconds=1)


def test_clock_that_is_set_back_makes_nothing_late() -> None:
    wall = Wall()
    standstill = Standstill(wall)
    wall.at -= 3_600
    assert standstill.find_lateness() == timedelta(0)
    standstill.tick()
    assert standstill.find_lateness() == timedelta(0)
