from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.budget import (
    CAUTIOUS_LIMIT,
    Budget,
    RateLimit,
    find_looks_left,
    find_remaining,
    is_blocked,
    learn,
    looks_per_minute,
)
from tests.core.samples import NOON_AT


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_budget_is_cautious_until_told() -> None:
    assert Budget().limit == CAUTIOUS_LIMIT
    assert looks_per_minute(Budget()) == pytest.approx(17)
    assert find_looks_left(Budget(), NOON_AT) is None


def test_headers_teach_limit_and_remaining() -> None:
    told = learn(Budget(), RateLimit(limit=120, remaining=119), NOON_AT)
    assert told == Budget(limit=120, remaining=119, told_at=NOON_AT)
    assert looks_per_minute(told) == pytest.approx(102)
    assert find_looks_left(told, NOON_AT) == 101


def test_answer_without_headers_teaches_nothing() -> None:
    told = Budget(limit=120, remaining=50, told_at=NOON_AT)
    assert learn(told, RateLimit(), NOON_AT + after(5)) == told


def test_remaining_is_forgotten_when_the_next_minute_begins() -> None:
    told = Budget(limit=120, remaining=1, told_at=NOON_AT + after(59))
    assert find_remaining(told, NOON_AT + after(59.9)) == 1
    assert find_remaining(told, NOON_AT + after(60)) is None
    assert learn(told, RateLimit(limit=120), NOON_AT + after(60)) == Budget(limit=120)


def test_answers_that_overtake_each_other_leave_the_smaller_remaining() -> None:
    told = learn(Budget(), RateLimit(limit=120, remaining=80), NOON_AT)
    assert learn(told, RateLimit(limit=120, remaining=81), NOON_AT + after(1)).remaining == 80
    assert learn(told, RateLimit(limit=120, remaining=119), NOON_AT + after(61)).remaining == 119


def test_other_limit_brings_its_own_remaining() -> None:
    told = learn(Budget(), RateLimit(limit=20, remaining=3), NOON_AT)
    assert learn(told, RateLimit(limit=120, remaining=110), NOON_AT + after(1)).remaining == 110


@pytest.mark.parametrize("limit", [0, -5])
def test_senseless_limit_is_not_believed(limit: int) -> None:
    assert learn(Budget(limit=120), RateLimit(limit=limit), NOON_AT).limit == 120


def test_refusal_blocks_until_its_time_has_passed() -> None:
    told = learn(Budget(), RateLimit(retry_after=after(30)), NOON_AT)
    assert is_blocked(told, NOON_AT + after(29.9))
    assert not is_blocked(told, NOON_AT + after(30))


def test_later_refusal_never_shortens_a_block() -> None:
    told = learn(Budget(), RateLimit(retry_after=timedelta(minutes=15)), NOON_AT)
    again = learn(told, RateLimit(retry_after=after(5)), NOON_AT + after(1))
    assert again.blocked_until == NOON_AT + timedelta(minutes=15)


def test_share_for_people_is_never_used_up() -> None:
    assert find_looks_left(Budget(limit=20, remaining=4, told_at=NOON_AT), NOON_AT) == 1
    assert find_looks_left(Budget(limit=20, remaining=3, told_at=NOON_AT), NOON_AT) == 0
    assert find_looks_left(Budget(limit=20, remaining=0, told_at=NOON_AT), NOON_AT) == 0


TOLD = st.builds(
    RateLimit,
    st.none() | st.integers(-10, 300),
    st.none() | st.integers(-10, 300),
    st.none() | st.integers(0, 900).map(after),
)


@given(st.lists(st.tuples(TOLD, st.integers(0, 90)), max_size=12))
def test_whatever_is_told_nothing_is_ever_negative(answers: list[tuple[RateLimit, int]]) -> None:
    budget, now = Budget(), NOON_AT
    for told, pause in answers:
        now += after(pause)
        budget = learn(budget, told, now)
        assert budget.limit > 0
        assert budget.remaining is None or budget.remaining >= 0
        assert (find_looks_left(budget, now) or 0) >= 0
        assert told.retry_after is None or told.retry_after <= timedelta(0) or is_blocked(budget, now)
