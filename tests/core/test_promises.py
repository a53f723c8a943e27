"""What people were told of a clock time stands until it would mislead them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.promises import keep_promise

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("told", "fresh", "said"),
    [
        (None, 120, 120),  # nothing was told yet
        (120, 149, 120),  # half a minute is no matter
        (120, 91, 120),
        (120, 150, 150),
        (120, 90, 90),
        (1200, 1310, 1200),  # nor a tenth of what remains
        (1200, 1330, 1330),
        (0, 20, 20),  # what has gone by is no longer to be expected
        (-60, 10, 10),
    ],
)
def test_time_is_told_anew_only_where_it_has_moved_noticeably(
    told: float | None, fresh: float, said: float
) -> None:
    assert keep_promise(None if told is None else at(told), at(fresh), NOW) == at(said)


def test_estimate_that_jitters_leaves_what_was_told() -> None:
    told = at(300)
    for second in range(240):
        fresh = at(300 + (20 if second % 2 else -20))
        told = keep_promise(told, fresh, at(second))
    assert told == at(300)
