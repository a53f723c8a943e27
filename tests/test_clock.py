"""The real clock tells aware time and gives ids that differ."""

import re
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock
from bot.flow.ports import Clock


def test_time_is_now_and_in_utc() -> None:
    clock: Clock = SystemClock()
    before = datetime.now(UTC)

    told = clock.now()

    assert before <= told <= datetime.now(UTC)
    assert told.utcoffset() == timedelta(0)


def test_ids_are_url_safe_and_all_different() -> None:
    ids = {SystemClock().new_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", one) for one in ids)
