import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.nearness import find_nearest, measure_distance, slips_forgiven

WORDS = st.text("abcde", max_size=9)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("prod", "prod", 0),
        ("prdo", "prod", 1),
        ("pro", "prod", 1),
        ("prodd", "prod", 1),
        ("prid", "prod", 1),
        ("deplyo", "deploy", 1),
        ("stagign", "staging", 1),
        ("", "abc", 3),
        ("abc", "", 3),
        ("ca", "abc", 3),
    ],
)
def test_two_words_are_as_far_apart_as_slips_lie_between(one: str, other: str, distance: int) -> None:
    assert measure_distance(one, other, limit=5) == distance


@given(WORDS, WORDS, st.integers(0, 9))
def test_limit_cuts_the_count_and_nothing_else(one: str, other: str, limit: int) -> None:
    assert measure_distance(one, other, limit=limit) == min(measure_distance(one, other, limit=20), limit + 1)


@given(WORDS, WORDS)
def test_distance_is_the_same_both_ways_and_zero_only_for_the_same_word(one: str, other: str) -> None:
    distance = measure_distance(one, other, limit=20)
    assert distance == measure_distance(other, one, limit=20)
    assert (distance == 0) == (one == other)
    assert distance <= max(len(one), len(other))


@given(st.text("abcde", min_size=1, max_size=9), st.data())
def test_one_slip_costs_one(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    swapped = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    assert measure_distance(word, word[:place] + word[place + 1 :], limit=3) == 1
    assert measure_distance(word, word[:place] + "z" + word[place:], limit=3) == 1
    assert measure_distance(word, swapped, limit=3) == (swapped != word)


def test_equally_near_words_are_settled_by_the_first_letter() -> None:
    assert find_nearest("rstart", ["start", "restart"]) == "restart"


def test_word_far_from_all_finds_none() -> None:
    assert find_nearest("frobnicate", ["deploy", "start"]) is None
    assert find_nearest("frobnicate", []) is None


def test_longer_words_are_forgiven_more() -> None:
    assert [slips_forgiven(word) for word in ("old", "prod", "production")] == [1, 2, 3]
