from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrivals import SeenLately
from tests.core.samples import NOON_AT

MINUTE = timedelta(minutes=1)


def test_what_was_seen_lately_is_known_and_later_it_is_new_again() -> None:
    seen = SeenLately(span=MINUTE, most=10)
    assert seen.is_new("one", NOON_AT)
    assert not seen.is_new("one", NOON_AT + MINUTE)
    assert seen.is_new("one", NOON_AT + MINUTE + timedelta(seconds=1))


def test_seeing_it_again_does_not_make_it_known_for_longer() -> None:
    """Else whoever repeats something often enough would have it ignored for ever."""
    seen = SeenLately(span=MINUTE, most=10)
    seen.is_new("one", NOON_AT)
    assert not seen.is_new("one", NOON_AT + MINUTE / 2)
    assert seen.is_new("one", NOON_AT + MINUTE * 1.4)


def test_what_is_forgotten_on_purpose_is_new() -> None:
    seen = SeenLately(span=MINUTE, most=10)
    seen.is_new("one", NOON_AT)
    seen.forget("one")
    seen.forget("never seen")
    assert seen.is_new("one", NOON_AT)


def test_clock_set_back_forgets_nothing() -> None:
    seen = SeenLately(span=MINUTE, most=10)
    seen.is_new("one", NOON_AT)
    assert not seen.is_new("one", NOON_AT - timedelta(hours=1))


@given(st.lists(st.tuples(st.text(max_size=2), st.integers(0, 30)), max_size=60), st.integers(1, 5))
def test_memory_never_holds_more_than_the_most(told: list[tuple[str, int]], most: int) -> None:
    seen, now = SeenLately(span=MINUTE, most=most), NOON_AT
    for key, seconds in told:
        now += timedelta(seconds=seconds)
        seen.is_new(key, now)
        assert len(seen) <= most
        assert not seen.is_new(key, now)
