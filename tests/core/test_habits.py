"""What earlier runs teach: durations, and where in them each step ended."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.habits import NO_HABITS, Course, find_habits, learn_habits, read_course
from bot.core.names import RunId
from bot.core.runs import Run, RunState, Step
from bot.core.tasks import TaskStatus
from tests.views.scenes import DONE, NOW, an_ended_run


def an_earlier_run(
    *steps: tuple[int, float] | tuple[int, float, float], total: int = 4, took: float = 100, number: int = 1
) -> Run:
    """Steps as they were seen: which, after how many seconds, and when the look before was."""
    began_at = NOW - timedelta(seconds=took)
    seen = [
        Step(
            step[0],
            f"step {step[0]}",
            began_at + timedelta(seconds=step[1]),
            began_at + timedelta(seconds=step[2]) if len(step) == 3 else None,
        )
        for step in steps
    ]
    ended = an_ended_run(RunState.DONE, TaskStatus.COMPLETED, started_at=began_at, total_steps=total)
    return replace(ended, id=RunId(number), steps=tuple(seen))


def parts_of(run: Run) -> tuple[float, ...]:
    course = read_course(run)
    assert course is not None
    return course.parts


def test_step_has_ended_between_the_look_that_missed_it_and_the_one_that_showed_the_next() -> None:
    run = an_earlier_run((1, 0), (2, 22, 18), (3, 55, 45), (4, 81, 79))
    assert parts_of(run) == pytest.approx((0, 0.2, 0.5, 0.8, 1))


def test_step_that_was_never_seen_lies_between_its_neighbours() -> None:
    run = an_earlier_run((1, 0), (2, 20, 20), (4, 60, 20))
    assert parts_of(run) == pytest.approx((0, 0.2, 0.3, 0.5, 1))


def test_run_of_which_few_steps_were_seen_teaches_its_duration_only() -> None:
    course = read_course(an_earlier_run((1, 0), (2, 20), total=12))
    assert course == Course(100, (), RunId(1))


@pytest.mark.parametrize("total", [0, 1])
def test_run_without_steps_teaches_its_duration(total: int) -> None:
    assert read_course(an_earlier_run(total=total)) == Course(100, (), RunId(1))


@pytest.mark.parametrize("took", [0, -5])
def test_run_that_took_no_time_teaches_nothing(took: float) -> None:
    assert read_course(an_earlier_run(took=took)) is None
    assert learn_habits([an_earlier_run(took=took)]) == NO_HABITS


def test_run_that_never_told_anything_teaches_what_it_took_from_sending_to_end() -> None:
    bare = replace(DONE, report=None, submitted_at=NOW - timedelta(seconds=70), ended_at=NOW)
    course = read_course(bare)
    assert course is not None
    assert course.seconds == 70
    assert read_course(replace(bare, submitted_at=None)) is None


@given(
    st.sampled_from([2, 3, 12, 100, 5_000]),
    st.lists(
        st.tuples(st.integers(-3, 6_000), st.floats(-9_999, 9_999), st.floats(-9_999, 9_999)), max_size=20
    ),
    st.floats(0.001, 9_999),
)
@example(12, [(8, 0.0, 0.0)], 1.0)  # reckoned step by step, the last part would be 0.9999999999999999
def test_parts_always_rise_from_nothing_to_all(
    total: int, steps: list[tuple[int, float, float]], took: float
) -> None:
    """Whatever the clocks said: a clock set back, steps in any order or beyond the last."""
    parts = parts_of(an_earlier_run(*steps, total=total, took=took))
    assert parts == () or len(parts) == total + 1
    assert all(earlier < later for earlier, later in itertools.pairwise(parts))
    assert parts == () or (parts[0], parts[-1]) == (0, 1)


def test_habits_keep_courses_of_other_steps_apart() -> None:
    habits = find_habits(
        [Course(60, (0, 0.5, 1)), Course(60, (0, 0.4, 1)), Course(60, (0, 0.2, 0.3, 1)), Course(60)]
    )
    assert {steps: len(courses) for steps, courses in habits.by_steps.items()} == {2: 2, 3: 1}
    assert habits.durations == (timedelta(minutes=1),) * 4
    assert habits.typical == pytest.approx(60)


def test_no_habits_say_nothing() -> None:
    assert find_habits([]) == NO_HABITS
    assert NO_HABITS.typical == 0
    assert NO_HABITS.durations == ()


def test_run_is_held_against_the_others_only() -> None:
    courses = [Course(60, run_id=RunId(1)), Course(90, run_id=RunId(2))]
    assert find_habits(courses).without(RunId(1)) == find_habits(courses[1:])
    assert find_habits(courses[:1]).without(RunId(1)) == NO_HABITS


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9), st.floats(0.001, 1e7))
def test_likelihood_lies_between_none_and_one_and_is_one_in_the_middle(
    durations: list[float], at: float
) -> None:
    habits = find_habits([Course(seconds) for seconds in durations])
    assert 0 <= habits.likelihood(at) <= 1
    assert habits.likelihood(habits.typical) == pytest.approx(1)
