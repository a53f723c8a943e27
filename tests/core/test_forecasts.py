"""When a task will have ended: chances that are chances, whatever was seen and whatever history says."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.forecasts import Forecast, Track, forecast, read_track
from bot.core.habits import NO_HABITS, Course, Habits, find_habits
from bot.core.runs import Step
from bot.core.tasks import TaskStatus
from bot.core.voices import Sighting
from tests.core.samples import NOON_AT
from tests.views.scenes import NOW, a_report, a_running_run

EVEN = tuple(n / 12 for n in range(13))
ALIKE = find_habits([Course(float(each), EVEN) for each in range(150, 215, 5)])


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def track_of(*done: int, seconds: float = 180, gap: float = 2) -> Track:
    """A task of so many seconds, twelve even steps, of which these were seen to end by looks so far apart."""
    ends = [(number, EVEN[number] * seconds) for number in done]
    return Track(NOON_AT, 12, tuple(Sighting(number, end - gap / 2, end + gap / 2) for number, end in ends))


def median(foreseen: Forecast, now: float) -> float:
    return (foreseen.find_moment(0.5, NOON_AT + after(now)) - NOON_AT).total_seconds()


def test_history_and_steps_foretell_the_end() -> None:
    track = track_of(1, 2, 3, 4, 5, 6)
    foreseen = forecast(track, ALIKE, NOON_AT + after(92))
    assert 170 < median(foreseen, 92) < 190
    assert foreseen.unknown < 0.1


def test_task_slower_than_all_before_is_foretold_by_its_pace() -> None:
    track = track_of(1, 2, 3, 4, 5, 6, seconds=900)
    assert 750 < median(forecast(track, ALIKE, NOON_AT + after(452)), 452) < 1_050


def test_without_history_the_pace_foretells() -> None:
    track = track_of(1, 2, 3, 4, 5, 6)
    assert 150 < median(forecast(track, NO_HABITS, NOON_AT + after(92)), 92) < 210


@pytest.mark.parametrize("habits", [ALIKE, NO_HABITS])
def test_task_that_tells_no_progress_may_still_end(habits: Habits) -> None:
    foreseen = forecast(Track(NOON_AT), habits, NOON_AT + after(10))
    assert 0 < foreseen.find_end(NOON_AT + after(400))[0] <= 1
    assert 10 < median(foreseen, 10) < 400


def test_what_was_learned_of_earlier_looks_is_not_learned_anew() -> None:
    first = forecast(track_of(1, 2, 3), ALIKE, NOON_AT + after(47))
    track = track_of(1, 2, 3, 4)
    assert forecast(track, ALIKE, NOON_AT + after(62), first) == forecast(track, ALIKE, NOON_AT + after(62))


def test_other_habits_are_learned_from_the_beginning() -> None:
    first = forecast(track_of(1, 2, 3), NO_HABITS, NOON_AT + after(47))
    track = track_of(1, 2, 3, 4)
    assert forecast(track, ALIKE, NOON_AT + after(62), first) == forecast(track, ALIKE, NOON_AT + after(62))


@pytest.mark.parametrize("silence", [0, 60, 720, 7_200, 864_000])
def test_moment_is_foretold_however_long_nothing_was_heard(silence: float) -> None:
    """So long that the chance that it has ended is one, as far as a computer can tell."""
    foreseen = forecast(track_of(1, 2, 3, 4, 5, 6), ALIKE, NOON_AT + after(92))
    now = NOON_AT + after(92 + silence)
    assert now <= foreseen.find_moment(0.5, now) <= foreseen.find_moment(0.9, now) < now + after(900)
    assert 0 <= foreseen.find_unknown(now) <= 1


def test_long_after_every_foretold_end_nothing_is_known() -> None:
    foreseen = forecast(track_of(1, 2, 3, 4, 5, 6), ALIKE, NOON_AT + after(92))
    assert foreseen.find_unknown(NOON_AT + after(92)) < 0.1
    assert foreseen.find_unknown(NOON_AT + after(600)) == 1


HABITS = st.lists(st.tuples(st.floats(1, 20_000), st.floats(0.2, 5)), max_size=8).map(
    lambda drawn: find_habits([Course(long, tuple(part**bend for part in EVEN)) for long, bend in drawn])
)
SEEN = st.lists(st.tuples(st.floats(0.1, 500), st.floats(0.1, 60)), max_size=11)
MOMENTS = st.lists(st.floats(0, 50_000), min_size=1, max_size=8)


def as_track(seen: Sequence[tuple[float, float]]) -> Track:
    sightings, at = [], 0.0
    for done, (gap, unsure) in enumerate(seen, 1):
        at += gap
        sightings.append(Sighting(done, max(at - unsure, 0.0), at))
    return Track(NOON_AT, 12, tuple(sightings))


@given(HABITS, SEEN, st.floats(0, 5_000), MOMENTS)
def test_chances_lie_between_none_and_all_and_grow_with_time(
    habits: Habits, seen: list[tuple[float, float]], waited: float, moments: list[float]
) -> None:
    track = as_track(seen)
    looked_at = NOON_AT + after(sum(gap for gap, _ in seen) + waited)
    foreseen = forecast(track, habits, looked_at)
    assert foreseen.find_end(looked_at)[0] < 1e-6, "it had not ended when it was looked at"
    told = [foreseen.find_end(looked_at + after(moment)) for moment in sorted(moments)]
    assert all(isfinite(chance) and isfinite(age) and -1e-6 <= chance <= 1 + 1e-6 for chance, age in told)
    assert all(one[0] <= next_[0] + 1e-6 for one, next_ in itertools.pairwise(told))
    assert all(foreseen.find_change_age(looked_at + after(moment)) >= 0 for moment in moments)


@given(HABITS, SEEN, st.floats(0, 5_000), st.floats(-5_000, 90_000))
def test_no_moment_is_foretold_that_is_over(
    habits: Habits, seen: list[tuple[float, float]], waited: float, later: float
) -> None:
    looked_at = NOON_AT + after(sum(gap for gap, _ in seen) + waited)
    foreseen = forecast(as_track(seen), habits, looked_at)
    now = looked_at + after(later)
    half_at, most_at = foreseen.find_moment(0.5, now), foreseen.find_moment(0.9, now)
    assert now <= half_at <= most_at


def test_run_of_which_nothing_was_heard_began_when_it_was_sent() -> None:
    run = a_running_run(report=None, steps=(), reported_at=None)
    assert read_track(run, NOW) == Track(run.submitted_at or NOW)


def test_queued_task_has_all_its_time_before_it() -> None:
    run = a_running_run(report=a_report(TaskStatus.QUEUED, started_at=None))
    assert read_track(run, NOW) == Track(NOW, 12)


def test_steps_are_seen_between_two_looks() -> None:
    began_at = NOW - after(100)
    steps = (Step(1, "Pull", began_at), Step(2, "Build", began_at + after(20), began_at + after(15)))
    report = a_report(started_at=began_at, steps_completed=1)
    track = read_track(a_running_run(submitted_at=began_at, report=report, steps=steps), NOW)
    assert track == Track(began_at, 12, (Sighting(1, 15, 20),))


def test_task_without_steps_is_as_far_as_its_percentage() -> None:
    report = a_report(total_steps=0, steps_completed=0, current_step=None, progress_percent=42)
    track = read_track(a_running_run(report=report, steps=()), NOW)
    assert (track.total, [each.done for each in track.sightings]) == (100, [42])


@pytest.mark.parametrize("percent", [-3, 0, 100, 250])
def test_percentage_that_says_nothing_is_no_sighting(percent: int) -> None:
    report = a_report(total_steps=0, steps_completed=0, current_step=None, progress_percent=percent)
    assert read_track(a_running_run(report=report, steps=()), NOW).sightings == ()


@pytest.mark.parametrize("ahead", [-7_200, 7_200])
@pytest.mark.parametrize(("done", "total"), [(5, 12), (40, 12), (0, 0), (1, 1), (3, 5_000)])
def test_clocks_that_differ_and_senseless_steps_are_harmless(ahead: float, done: int, total: int) -> None:
    report = a_report(started_at=NOW + after(ahead), steps_completed=done, total_steps=total)
    run = a_running_run(report=report)
    for looked_at in (NOW, NOW - after(86_400)):
        foreseen = forecast(read_track(run, looked_at), ALIKE, looked_at)
        assert 0 <= foreseen.find_end(NOW + after(30))[0] <= 1 + 1e-6
        assert foreseen.find_moment(0.5, NOW) >= NOW
    assert all(each.done < max(total, 100) for each in read_track(run, NOW).sightings)
