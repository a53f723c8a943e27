from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimates import Estimate, estimate, remaining

SECONDS = st.integers(1, 7200).map(lambda seconds: timedelta(seconds=seconds))
HABIT = Estimate(usual=timedelta(minutes=4), slow=timedelta(minutes=8), sample=10)


def minutes(*counts: float) -> list[timedelta]:
    return [timedelta(minutes=count) for count in counts]


@pytest.mark.parametrize("durations", [[], minutes(4), minutes(4, 5)])
def test_fewer_than_three_runs_make_no_habit(durations: list[timedelta]) -> None:
    assert estimate(durations) is None


@pytest.mark.parametrize(
    ("durations", "usual", "slow"),
    [
        (minutes(4, 4, 4), 4, 4),
        (minutes(5, 1, 3), 3, 4.6),
        (minutes(*range(1, 12)), 6, 10),
        (minutes(2, 4, 6, 8), 5, 7.4),
    ],
)
def test_usual_is_the_middle_and_slow_what_nine_of_ten_stay_below(
    durations: list[timedelta], usual: float, slow: float
) -> None:
    expected = Estimate(timedelta(minutes=usual), timedelta(minutes=slow), sample=len(durations))
    assert estimate(durations) == expected


def test_one_very_slow_run_does_not_move_the_usual() -> None:
    found = estimate(minutes(4, 4, 4, 4, 600))
    assert found is not None
    assert found.usual == timedelta(minutes=4)


@given(st.lists(SECONDS, min_size=3, max_size=50))
def test_estimate_lies_within_what_was_seen(durations: list[timedelta]) -> None:
    found = estimate(durations)
    assert found is not None
    assert min(durations) <= found.usual <= found.slow <= max(durations)
    assert found.sample == len(durations)


@pytest.mark.parametrize(
    ("elapsed", "progress", "left"),
    [
        (0, 0, 4),
        (1, 25, 3),
        (3, 75, 1),
        (2, 0, 3),
        (0, 50, 3),
        (5, 50, 0.5),
        (4, 100, None),
        (6, 50, None),
        (8, 10, None),
        (90, 99, None),
    ],
)
def test_remaining_time_is_half_from_the_clock_and_half_from_the_progress(
    elapsed: float, progress: int, left: float | None
) -> None:
    expected = None if left is None else timedelta(minutes=left)
    assert remaining(HABIT, elapsed=timedelta(minutes=elapsed), progress_percent=progress) == expected


def test_nothing_is_promised_beyond_the_time_in_which_nine_of_ten_had_ended() -> None:
    steady = Estimate(usual=timedelta(minutes=4), slow=timedelta(minutes=5), sample=10)
    assert remaining(steady, elapsed=timedelta(minutes=4.9), progress_percent=0) is not None
    assert remaining(steady, elapsed=timedelta(minutes=5), progress_percent=0) is None


@given(SECONDS, SECONDS, st.integers(-5, 105), st.integers(0, 50))
def test_remaining_time_never_grows_and_is_never_below_zero(
    elapsed: timedelta, later: timedelta, progress: int, more: int
) -> None:
    first = remaining(HABIT, elapsed=elapsed, progress_percent=progress)
    second = remaining(HABIT, elapsed=elapsed + later, progress_percent=progress + more)
    assert first is None or timedelta(0) < first <= HABIT.usual
    if first is None:
        assert second is None
    elif second is not None:
        assert second < first
