"""Buckets and windows: how much may be called, whatever the moments it is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.limits import Bucket, Meter, Pace, Paces, Quota, begin, delay, drain, put_back, refill, take

MINUTE = 60.0


def let_through(meter: Meter, now: float, *, spare: int = 0) -> int:
    """How many calls may be made at one moment."""
    count = 0
    while delay(meter, now=now, spare=spare) == 0:
        meter, count = take(meter, now=now), count + 1
    return count


def as_many_as_may_be(meter: Meter, pauses: list[float]) -> list[float]:
    """The moments of calls that are asked for after these pauses, and made as soon as they may be."""
    now, made = 0.0, []
    for pause in pauses:
        now += pause
        now += delay(meter, now=now)
        meter = take(meter, now=now)
        made.append(now)
    return made


# Buckets


def test_full_bucket_gives_its_burst_at_once() -> None:
    bucket = begin(Pace(burst=3, gap=2.0), now=100.0)
    for _ in range(3):
        assert delay(bucket, now=100.0) == 0
        bucket = take(bucket, now=100.0)
    assert delay(bucket, now=100.0) == pytest.approx(2.0)
    assert delay(bucket, now=101.5) == pytest.approx(0.5)
    assert delay(bucket, now=102.0) == 0


def test_spare_tokens_are_left_for_the_more_urgent() -> None:
    bucket = take(begin(Pace(burst=3, gap=2.0), now=0.0), now=0.0)
    assert delay(bucket, now=0.0, spare=2) == pytest.approx(2.0)
    assert delay(bucket, now=0.0, spare=1) == 0


def test_spare_tokens_beyond_the_burst_ask_for_a_full_bucket() -> None:
    bucket = begin(Pace(burst=2, gap=1.0), now=0.0)
    assert delay(bucket, now=0.0, spare=5) == 0
    assert delay(take(bucket, now=0.0), now=0.0, spare=5) == pytest.approx(1.0)


def test_clock_that_stands_or_goes_back_adds_nothing() -> None:
    bucket = take(begin(Pace(burst=1, gap=1.0), now=10.0), now=10.0)
    assert isinstance(bucket, Bucket)
    assert refill(bucket, now=5.0).tokens == 0


# Windows


def test_quota_may_be_used_up_at_once_and_comes_back_a_span_later() -> None:
    window = begin(Quota(most=3, span=10.0), now=0.0)
    for now in (0.0, 1.0, 2.0):
        assert delay(window, now=now) == 0
        window = take(window, now=now)
    assert delay(window, now=2.0) == pytest.approx(8.0)
    assert delay(window, now=10.0) == 0
    assert let_through(window, 10.5) == 1
    assert let_through(window, 12.0) == 3


@pytest.mark.parametrize(("spare", "wait"), [(0, 0.0), (1, 0.0), (2, 6.0), (3, 7.0), (99, 7.0)])
def test_calls_kept_back_are_left_for_the_more_urgent(spare: int, wait: float) -> None:
    window: Meter = begin(Quota(most=4, span=10.0), now=0.0)
    for now in (3.0, 4.0):
        window = take(window, now=now)
    assert delay(window, now=7.0, spare=spare) == pytest.approx(wait)


def test_calls_of_a_life_before_leave_room_little_by_little() -> None:
    window = begin(Quota(most=10, span=10.0, before=5), now=100.0)
    assert let_through(window, 100.0) == 5 + 1
    assert let_through(window, 104.0) == 5 + 3
    assert let_through(window, 110.0) == 10


@pytest.mark.parametrize("limit", [Quota(most=5, span=10.0), Pace(burst=5, gap=2.0)])
def test_after_there_was_no_room_calls_come_one_by_one(limit: Quota | Pace) -> None:
    meter, made = drain(limit, until=100.0), 0
    for second in range(20):
        now = 100.0 + second
        while delay(meter, now=now) == 0:
            meter, made = take(meter, now=now), made + 1
        assert second / 2 - 1 <= made <= 2 + second / 2


@pytest.mark.parametrize("limit", [Quota(most=2, span=4.0), Pace(burst=2, gap=2.0)])
def test_call_that_was_not_made_leaves_the_room_that_there_was(limit: Quota | Pace) -> None:
    fresh = begin(limit, now=0.0)
    assert put_back(take(fresh, now=0.0)) == fresh
    assert put_back(fresh) == fresh


# What Slack promises


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_edits_in_any_minute_are_as_many_as_slack_promises(pauses: list[float]) -> None:
    made = as_many_as_may_be(begin(Paces().edits, now=0.0), pauses)
    for start in made:
        assert len([at for at in made if start <= at < start + MINUTE]) <= 50


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_posts_in_a_channel_are_about_one_a_second(pauses: list[float]) -> None:
    made = as_many_as_may_be(begin(Paces().posts_in_channel, now=0.0), pauses)
    for start in made:
        assert len([at for at in made if start <= at <= start + 5]) <= 5


def test_progress_leaves_a_third_of_the_edits_to_cards_and_ends() -> None:
    progress = Paces().progress
    assert progress.burst + MINUTE / progress.gap < 40
