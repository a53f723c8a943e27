"""Pauses between tries grow, and not for ever."""

from datetime import timedelta

from bot.core.spacing import Spacing

SPACING = Spacing(timedelta(seconds=1), timedelta(seconds=30))


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [SPACING.after(failures) / timedelta(seconds=1) for failures in range(8)]
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30]


def test_endless_failures_still_have_a_pause() -> None:
    assert SPACING.after(10**9) == timedelta(seconds=30)
