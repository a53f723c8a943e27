"""Token buckets: how much may be called, whatever the moments it is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.limits import Pace, Paces, delay, fill, put_back, refill, take

EDITS = Paces().edits


def test_full_bucket_gives_its_burst_at_once() -> None:
    bucket = fill(Pace(burst=3, gap=2.0), now=100.0)
    for _ in range(3):
        assert delay(bucket, now=100.0) == 0
        bucket = take(bucket, now=100.0)
    assert delay(bucket, now=100.0) == pytest.approx(2.0)
    assert delay(bucket, now=101.5) == pytest.approx(0.5)
    assert delay(bucket, now=102.0) == 0


def test_spare_tokens_are_left_for_the_more_urgent() -> None:
    bucket = take(fill(Pace(burst=3, gap=2.0), now=0.0), now=0.0)
    assert delay(bucket, now=0.0, spare=2) == pytest.approx(2.0)
    assert delay(bucket, now=0.0, spare=1) == 0


def test_spare_tokens_beyond_the_burst_ask_for_a_full_bucket() -> None:
    bucket = fill(Pace(burst=2, gap=1.0), now=0.0)
    assert delay(bucket, now=0.0, spare=5) == 0
    assert delay(take(bucket, now=0.0), now=0.0, spare=5) == pytest.approx(1.0)


def test_call_that_was_not_made_leaves_the_bucket_as_it_was_and_never_fuller_than_full() -> None:
    bucket = fill(Pace(burst=2, gap=2.0), now=0.0)
    assert put_back(take(bucket, now=0.0)) == bucket
    assert put_back(bucket) == bucket


def test_clock_that_stands_or_goes_back_adds_nothing() -> None:
    bucket = take(fill(Pace(burst=1, gap=1.0), now=10.0), now=10.0)
    assert refill(bucket, now=5.0).tokens == 0


def test_edits_keep_to_what_slack_promises_for_a_minute() -> None:
    assert EDITS.burst + 60 / EDITS.gap <= 50


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_calls_in_any_minute_never_exceed_burst_and_pace(pauses: list[float]) -> None:
    """However the calls are spread, each window of a minute holds at most what the pace allows."""
    now, bucket, made = 0.0, fill(EDITS, now=0.0), []
    for pause in pauses:
        now += pause
        now += delay(bucket, now=now)
        bucket = take(bucket, now=now)
        made.append(now)
    for start in made:
        within = [at for at in made if start <= at < start + 60]
        assert len(within) <= EDITS.burst + 60 / EDITS.gap + 1e-6
