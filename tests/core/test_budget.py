from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.budget import (
    CAUTIOUS_LIMIT,
    MOST_SAVED,
    OTHERS_HALVE,
    Budget,
    Purse,
    RateLimit,
    find_looks_left,
    find_remaining,
    is_blocked,
    keep,
    learn,
    leaves_room,
    looks_per_minute,
    most_saved,
    spend,
)
from tests.core.samples import NOON_AT


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def looks_left(
    budget: Budget, now: datetime = NOON_AT, *, pending: int = 0, purse: Purse | None = None
) -> int:
    """With a purse that is full, unless another one is given."""
    return find_looks_left(budget, keep(purse or Purse(), budget, now), now, pending=pending)


def test_budget_is_cautious_until_told() -> None:
    assert Budget().limit == CAUTIOUS_LIMIT
    assert looks_per_minute(Budget(), Purse()) == pytest.approx(17)
    assert looks_left(Budget()) == 8, "half of a minute's, at most"


def test_headers_teach_limit_and_remaining() -> None:
    told = learn(Budget(), RateLimit(limit=120, remaining=119), NOON_AT)
    assert told == Budget(limit=120, remaining=119, told_at=NOON_AT)
    assert looks_per_minute(told, Purse()) == pytest.approx(102)
    assert looks_left(told) == MOST_SAVED


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
    spent = spend(Purse(), 10, NOON_AT)
    told = Budget(limit=20, remaining=4, told_at=NOON_AT)
    assert looks_left(told, purse=spend(Purse(), 16, NOON_AT)) == 1
    assert looks_left(replace(told, remaining=3), purse=spend(Purse(), 17, NOON_AT)) == 0
    assert looks_left(replace(told, remaining=0), purse=spent) == 0


def test_looks_that_are_under_way_may_not_be_in_what_was_told() -> None:
    told = Budget(limit=20, remaining=10, told_at=NOON_AT)
    ours = spend(Purse(), 10, NOON_AT)
    assert looks_left(told, purse=ours) == 7
    assert looks_left(told, purse=ours, pending=5) == 2
    assert looks_left(told, purse=ours, pending=9) == 0


def test_limit_refused_without_a_word_on_what_is_left_means_nothing_is() -> None:
    told = learn(Budget(limit=120), RateLimit(retry_after=after(30)), NOON_AT)
    assert told.remaining == 0
    assert looks_left(told, NOON_AT + after(31)) == 0
    assert looks_left(told, NOON_AT + after(61)) > 0


def test_block_of_another_kind_says_nothing_of_what_is_left() -> None:
    told = learn(Budget(limit=120), RateLimit(retry_after=timedelta(minutes=15)), NOON_AT)
    assert told.remaining is None
    assert looks_left(told, NOON_AT + timedelta(minutes=14, seconds=59)) == 0
    assert looks_left(told, NOON_AT + timedelta(minutes=15)) > 0


def test_what_others_use_of_the_key_is_left_to_them() -> None:
    others_took_60 = Budget(limit=120, remaining=60, told_at=NOON_AT + after(30))
    purse = keep(Purse(), others_took_60, NOON_AT + after(30))
    assert purse.others == 60
    assert looks_per_minute(others_took_60, purse) == 60


def test_people_who_use_less_than_their_share_cost_no_look() -> None:
    told = Budget(limit=120, remaining=102, told_at=NOON_AT)
    assert looks_per_minute(told, keep(Purse(), told, NOON_AT)) == pytest.approx(102)


def test_what_others_used_is_expected_again_ever_less() -> None:
    told = Budget(limit=120, remaining=40, told_at=NOON_AT)
    purse = keep(Purse(), told, NOON_AT)
    later = keep(purse, told, NOON_AT + OTHERS_HALVE)
    assert later.others == pytest.approx(40)
    assert keep(later, told, NOON_AT + 2 * OTHERS_HALVE).others == pytest.approx(20)


def test_our_own_looks_are_not_taken_for_those_of_others() -> None:
    purse = spend(Purse(), 30, NOON_AT)
    told = Budget(limit=120, remaining=90, told_at=NOON_AT)
    assert keep(purse, told, NOON_AT).others == 0


def test_what_is_spent_is_saved_up_again_evenly() -> None:
    budget = Budget(limit=120)
    empty = spend(keep(Purse(), budget, NOON_AT), MOST_SAVED, NOON_AT)
    assert looks_left(budget, purse=empty) == 0
    assert looks_left(budget, NOON_AT + after(10), purse=empty) == 17
    assert looks_left(budget, NOON_AT + after(300), purse=empty) == MOST_SAVED


@pytest.mark.parametrize("back", [0.5, 30, 3600, 86_400])
def test_clock_set_back_neither_forgets_what_was_spent_nor_stops_the_looks(back: float) -> None:
    budget = Budget(limit=120)
    spent = spend(keep(Purse(), budget, NOON_AT), 30, NOON_AT)
    earlier = NOON_AT - after(back)
    kept = keep(spent, budget, earlier)
    assert len(kept.looks) == 30
    assert all(at <= earlier for at in kept.looks)
    assert looks_left(budget, earlier + after(60), purse=kept) == MOST_SAVED


def test_two_keys_have_a_budget_and_a_purse_each() -> None:
    """What refuses the one leaves the other as it is."""
    writes = learn(Budget(), RateLimit(limit=20, remaining=0, retry_after=after(40)), NOON_AT)
    reads = learn(Budget(), RateLimit(limit=120, remaining=119), NOON_AT)
    assert looks_left(writes) == 0
    assert looks_left(reads) == MOST_SAVED


TOLD = st.builds(
    RateLimit,
    st.none() | st.integers(-10, 300),
    st.none() | st.integers(-10, 300),
    st.none() | st.integers(0, 900).map(after),
)


@given(st.lists(st.tuples(TOLD, st.integers(0, 90)), max_size=12))
def test_whatever_is_told_nothing_is_ever_negative(answers: list[tuple[RateLimit, int]]) -> None:
    budget, purse, now = Budget(), Purse(), NOON_AT
    for told, pause in answers:
        now += after(pause)
        budget = learn(budget, told, now)
        assert budget.limit > 0
        assert budget.remaining is None or budget.remaining >= 0
        purse = keep(purse, budget, now)
        left = find_looks_left(budget, purse, now)
        assert 0 <= left <= most_saved(budget, purse) <= max(looks_per_minute(budget, purse), 1)
        assert 1 <= looks_per_minute(budget, purse) <= max(budget.limit * 0.85, 1) + 1e-9
        purse = spend(purse, left, now)
        assert purse.saved >= 0
        assert told.retry_after is None or told.retry_after <= timedelta(0) or is_blocked(budget, now)


@pytest.mark.parametrize(
    ("budget", "is_room"),
    [
        (Budget(), True),
        (Budget(limit=120, remaining=12, told_at=NOON_AT), True),
        (Budget(limit=120, remaining=11, told_at=NOON_AT), False),
        (Budget(limit=20, remaining=5, told_at=NOON_AT), True),
        (Budget(limit=20, remaining=4, told_at=NOON_AT), False),
        (Budget(limit=20, remaining=0, told_at=NOON_AT - after(60)), True),
        (Budget(limit=120, blocked_until=NOON_AT + after(1)), False),
    ],
)
def test_what_is_merely_good_to_know_leaves_half_of_what_people_have(budget: Budget, is_room: bool) -> None:
    assert leaves_room(budget, NOON_AT, reads=3) is is_room
