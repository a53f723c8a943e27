from datetime import datetime, timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimates import Estimate, estimate, find_band
from bot.core.habits import NO_HABITS, Course, Habits, find_habits
from bot.core.runs import Run, Step
from tests.views.scenes import NOW, STATES, a_report, a_running_run

SECONDS = st.integers(1, 7200).map(lambda seconds: timedelta(seconds=seconds))
EVEN = tuple(n / 12 for n in range(13))
ALIKE = find_habits([Course(float(each), EVEN) for each in range(200, 285, 5)])


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


def band_of(run: Run, habits: Habits, now: datetime = NOW) -> tuple[float, float] | None:
    """From now to the two moments, in seconds."""
    band = find_band(run, habits, now)
    return (
        None if band is None else ((band.half_at - now).total_seconds(), (band.most_at - now).total_seconds())
    )


def a_run_at(done: int, after: float, seconds: float = 240, **more: object) -> Run:
    """A run so many seconds old, of so many in all, that has just ended a step of twelve even ones."""
    began_at = NOW - timedelta(seconds=after)
    ends = [began_at + timedelta(seconds=seconds * number / 12) for number in range(done + 1)]
    steps = tuple(Step(number + 1, f"step {number + 1}", at, at) for number, at in enumerate(ends))
    report = a_report(started_at=began_at, steps_completed=done, current_step=f"step {done + 1}")
    given: dict[str, object] = {
        "submitted_at": began_at,
        "report": report,
        "steps": steps,
        "reported_at": ends[-1],
    }
    return a_running_run(**(given | more))


def test_band_begins_where_half_have_ended_and_reaches_to_nine_of_ten() -> None:
    band = band_of(a_run_at(6, 121), ALIKE)
    assert band is not None
    assert 105 < band[0] < 135
    assert band[0] < band[1] < 200


def test_band_closes_in_as_the_end_comes_nearer() -> None:
    early, late = band_of(a_run_at(3, 61), ALIKE), band_of(a_run_at(11, 221), ALIKE)
    assert early is not None
    assert late is not None
    assert late[0] < early[0]
    assert late[1] - late[0] < early[1] - early[0]


def test_nothing_is_foretold_of_what_is_not_at_work() -> None:
    for state, run in STATES.items():
        assert (find_band(run, ALIKE, NOW) is not None) == (state == "running")
    assert find_band(a_running_run(report=None), ALIKE, NOW) is None


@pytest.mark.parametrize(("done", "is_told"), [(0, False), (2, False), (3, True), (9, True)])
def test_without_history_a_quarter_of_the_steps_is_waited_for(done: int, is_told: bool) -> None:
    assert (band_of(a_run_at(done, done * 20 + 1), NO_HABITS) is not None) == is_told


@pytest.mark.parametrize("silence", [1_000, 40_000, 9_000_000])
def test_task_that_does_not_move_is_foretold_no_end(silence: float) -> None:
    """All earlier runs would be over by now: nothing honest can be said, and nothing breaks."""
    now = NOW + timedelta(seconds=silence)
    assert find_band(a_run_at(6, 121), ALIKE, now) is None


@given(st.integers(0, 11), st.floats(0, 200), st.sampled_from([60.0, 240.0, 900.0]), st.booleans())
def test_band_is_never_over_and_never_upside_down(
    done: int, later: float, seconds: float, taught: bool
) -> None:
    run = a_run_at(done, done / 12 * seconds + 1, seconds)
    band = band_of(run, ALIKE if taught else NO_HABITS, NOW + timedelta(seconds=later))
    assert band is None or 0 <= band[0] <= band[1]


def test_nine_of_ten_runs_end_within_the_band() -> None:
    """Each of two hundred runs is foretold at four moments from fifty others of its kind."""
    random = Random("band")
    lengths = [240 * exp(random.gauss(0, 0.25)) for _ in range(250)]
    habits = find_habits([Course(each, EVEN) for each in lengths[:50]])
    inside = told = 0
    for seconds in lengths[50:]:
        for done in (1, 4, 7, 10):
            age = seconds * done / 12 + random.random() * seconds / 12
            band = band_of(a_run_at(done, age, seconds), habits)
            if band is not None:
                told += 1
                inside += seconds - age <= band[1]
    assert told > 700
    assert inside / told >= 0.88
