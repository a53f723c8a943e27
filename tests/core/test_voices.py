"""Three voices that foretell an end, and how belief in them moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.habits import NO_HABITS, Course, Habits, find_habits
from bot.core.voices import (
    NOTHING_SEEN,
    TRUSTING,
    UNTAUGHT,
    Belief,
    Sighting,
    learn,
    pace,
    recall,
    shrug,
    weigh,
)

EVEN = tuple(n / 12 for n in range(13))
LATE = tuple((n / 12) ** 3 for n in range(13))


def habits_of(parts: tuple[float, ...], *seconds: float) -> Habits:
    """Runs that took so long, with these steps."""
    return find_habits([Course(each, parts) for each in seconds])


STEADY = habits_of(EVEN, 160, 170, 180, 190, 200)
LONG_LAST = habits_of((*tuple(n / 24 for n in range(12)), 1.0), 160, 170, 180, 190, 200)


def follow(habits: Habits, seconds: float, *, upto: int, parts: tuple[float, ...] = EVEN) -> Belief:
    """The belief after so many steps of a run that takes so long, looked at every two seconds."""
    belief, before = TRUSTING if habits.courses else UNTAUGHT, NOTHING_SEEN
    for done in range(1, upto + 1):
        at = parts[done] * seconds
        after = Sighting(done, max(at - 1, 0.0), at + 1)
        belief = learn(habits, 12, belief, before, after)
        before = after
    return belief


def test_history_that_foretells_right_is_believed_ever_more() -> None:
    assert follow(STEADY, 180, upto=6)[0] > TRUSTING[0]


@pytest.mark.parametrize(("seconds", "parts"), [(600, EVEN), (50, EVEN), (180, LATE)])
def test_history_of_another_kind_of_run_is_soon_believed_no_more(
    seconds: float, parts: tuple[float, ...]
) -> None:
    assert follow(STEADY, seconds, upto=8, parts=parts)[0] < 0.5


def test_pace_is_believed_where_there_is_no_history() -> None:
    history, by_pace, _ = follow(NO_HABITS, 180, upto=6)
    assert history < 0.05
    assert by_pace > 0.9


def test_history_speaks_of_the_time_that_a_step_seen_now_implies() -> None:
    word = recall(STEADY, 12, Sighting(6, 99.0, 101.0), 101.0)
    begin = sum(begin * weight for begin, _, weight in word.spans) / word.whole
    end = sum(end * weight for _, end, weight in word.spans) / word.whole
    assert begin < 200 < end
    assert word.change is not None
    assert word.change[0] <= 200 / 12 * 7 <= word.change[1]


def test_history_has_no_word_once_every_earlier_run_is_over() -> None:
    assert recall(STEADY, 12, NOTHING_SEEN, 5_000).spans == ()
    assert recall(NO_HABITS, 12, NOTHING_SEEN, 0).whole == 0


def test_pace_has_no_word_before_the_first_step_or_of_unknown_steps() -> None:
    assert pace(12, NOTHING_SEEN, 50).whole == 0
    assert pace(0, NOTHING_SEEN, 50).whole == 0


def test_pace_foretells_the_rest_in_proportion() -> None:
    word = pace(12, Sighting(6, 89.0, 91.0), 91.0)
    earliest, latest = min(begin for begin, _, _ in word.spans), max(end for _, end, _ in word.spans)
    assert earliest < 180 < latest


def test_ignorance_is_believed_less_the_longer_nothing_comes() -> None:
    last = Sighting(3, 40.0, 42.0)
    assert shrug(last, 42) == 1
    assert shrug(last, 57) == pytest.approx(0.5)
    assert shrug(last, 10) == 1, "the clock was set back"


CHANCES = st.tuples(*[st.floats(0, 1)] * 3)


@given(CHANCES, CHANCES)
def test_beliefs_are_one_together_and_none_is_ever_lost(belief: Belief, said: Belief) -> None:
    weighed = weigh(belief, said)
    assert sum(weighed) == pytest.approx(1)
    assert min(weighed) > 0.001


SIGHTINGS = st.tuples(st.integers(1, 11), st.floats(0, 9_999), st.floats(0.1, 9_999)).map(
    lambda drawn: Sighting(drawn[0], drawn[1], drawn[1] + drawn[2])
)
ANY_HABITS = st.sampled_from(
    [NO_HABITS, STEADY, LONG_LAST, find_habits([Course(0.001)]), find_habits([Course(1e6, EVEN)])]
)


@given(ANY_HABITS, st.lists(SIGHTINGS, min_size=1, max_size=12, unique_by=lambda seen: seen.done))
def test_whatever_is_seen_belief_stays_a_belief(habits: Habits, seen: list[Sighting]) -> None:
    """The times in any order: a clock may have been set back."""
    belief, before = TRUSTING, NOTHING_SEEN
    for after in sorted(seen, key=lambda each: each.done):
        belief = learn(habits, 12, belief, before, after)
        assert sum(belief) == pytest.approx(1)
        assert min(belief) > 0.001
        before = after


@given(ANY_HABITS, st.just(NOTHING_SEEN) | SIGHTINGS, st.floats(0, 1e5))
def test_no_voice_speaks_of_the_past(habits: Habits, last: Sighting, later: float) -> None:
    looked = last.seen + later
    for word in (recall(habits, 12, last, looked), pace(12, last, looked)):
        assert all(
            begin >= looked - 1e-6 and end > begin and weight >= 0 for begin, end, weight in word.spans
        )
        assert word.whole == pytest.approx(sum(weight for _, _, weight in word.spans))
        assert 0 <= word.kept <= 1
        assert word.change is None or word.change[0] < word.change[1]
