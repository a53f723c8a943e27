"""Spans of time as a person would say them."""

from datetime import datetime, timedelta
from math import ceil

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def count(number: int, thing: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def say_span(span: timedelta) -> str:
    """A span that was measured: `12 s`, `4 min 10 s`, `25 min`, `3 h 5 min`, `2 days 4 h`."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < 10 * _MINUTE:
        return _pair(seconds, _MINUTE, "min", 1, "s")
    minutes = round(seconds / _MINUTE) * _MINUTE
    if minutes < _HOUR:
        return f"{minutes // _MINUTE} min"
    if minutes < _DAY:
        return _pair(minutes, _HOUR, "h", _MINUTE, "min")
    hours = round(seconds / _HOUR) * _HOUR
    return _pair(hours, _DAY, "day" if hours < 2 * _DAY else "days", _HOUR, "h")


def _pair(amount: int, large: int, large_word: str, small: int, small_word: str) -> str:
    rest = amount % large // small
    return f"{amount // large} {large_word}" + (f" {rest} {small_word}" if rest else "")


def say_about(span: timedelta) -> str:
    """A span that is a guess: `a few seconds`, `about 20 s`, `about 3 min`, `about 2 h`."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 10:
        return "a few seconds"
    if seconds <= 50:
        return f"about {-(-seconds // 10) * 10} s"
    minutes = max(1, round(seconds / _MINUTE))
    if minutes < 10:
        return f"about {minutes} min"
    if minutes < 58:
        return f"about {round(minutes / 5) * 5} min"
    return (
        f"about {round(seconds / _HOUR)} h" if seconds < 2 * _DAY else f"about {round(seconds / _DAY)} days"
    )


def say_at_most(span: timedelta) -> str:
    """A bound that is a guess, rounded up: `20 s`, `4 min`, `25 min`, `3 h`."""
    seconds = max(1, ceil(span.total_seconds()))
    if seconds <= 50:
        return f"{-(-seconds // 10) * 10} s"
    minutes = -(-seconds // _MINUTE)
    if minutes > 10:
        minutes = -(-minutes // 5) * 5
    return f"{minutes} min" if minutes < 60 else f"{-(-seconds // _HOUR)} h"


def say_ago(at: datetime, *, now: datetime) -> str:
    """How long ago something was: `just now`, `5 min ago`, `3 h ago`, `2 days ago`."""
    seconds = (now - at).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min ago"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h ago"
    return f"{count(int(seconds // _DAY), 'day')} ago"
