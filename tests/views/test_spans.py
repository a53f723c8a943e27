"""Spans of time as a person would say them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.views.spans import count, say_about, say_ago, say_span

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (12.4, "12 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (599, "9 min 59 s"),
        (601, "10 min"),
        (3590, "1 h"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (86_400, "1 day"),
        (187_200, "2 days 4 h"),
    ],
)
def test_measured_span_is_said_exactly_as_far_as_it_matters(seconds: float, said: str) -> None:
    assert say_span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "a few seconds"),
        (18, "about 20 s"),
        (45, "about 50 s"),
        (55, "about 1 min"),
        (170, "about 3 min"),
        (780, "about 15 min"),
        (3500, "about 1 h"),
        (7300, "about 2 h"),
        (260_000, "about 3 days"),
    ],
)
def test_guessed_span_is_rounded(seconds: float, said: str) -> None:
    assert say_about(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=40), "40 days ago"),
    ],
)
def test_moment_in_the_past_is_said_roughly(span: timedelta, said: str) -> None:
    assert say_ago(NOW - span, now=NOW) == said


def test_things_are_counted_in_words() -> None:
    assert [count(0, "step"), count(1, "step"), count(2, "step")] == ["0 steps", "1 step", "2 steps"]
