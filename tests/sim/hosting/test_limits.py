"""The request limits: as arithmetic, and over HTTP with the clock moved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sim.hosting.limits import Bucket, Limits, Window, admit
from bot.sim.hosting.seeds import STAGING, WEBSHOP_PRODUCTION
from tests.sim.hosting.caller import Caller, MovedClock, error_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def fill(limits: Limits, at: datetime, count: int) -> Bucket:
    bucket = Bucket()
    for _ in range(count):
        bucket = admit(bucket, limit=5, limits=limits, now=at).bucket
    return bucket


@pytest.mark.parametrize(
    ("window", "filled_at", "asked_at", "is_allowed", "retry_after"),
    [
        ("minute", 50, 59.9, False, 1),
        ("minute", 50, 55.5, False, 5),
        ("minute", 50, 60, True, 0),
        ("minute", 0, 0, False, 60),
        ("sliding", 50, 60, False, 50),
        ("sliding", 50, 109.9, False, 1),
        ("sliding", 50, 110, True, 0),
        ("sliding", 0, 0, False, 60),
    ],
)
def test_full_bucket_opens_when_its_window_says(
    window: Window, filled_at: float, asked_at: float, *, is_allowed: bool, retry_after: int
) -> None:
    limits = Limits(window=window)
    bucket = fill(limits, NOON + timedelta(seconds=filled_at), 5)
    verdict = admit(bucket, limit=5, limits=limits, now=NOON + timedelta(seconds=asked_at))
    assert (verdict.is_allowed, verdict.retry_after) == (is_allowed, retry_after)


@given(
    st.sampled_from(["minute", "sliding"]),
    st.lists(st.floats(0, 20), max_size=60),
    st.integers(1, 8),
)
def test_retry_after_is_kept_as_a_promise(window: Window, gaps: list[float], limit: int) -> None:
    limits, bucket, now = Limits(window=window), Bucket(), NOON
    for gap in gaps:
        now += timedelta(seconds=gap)
        verdict = admit(bucket, limit=limit, limits=limits, now=now)
        assert 0 <= verdict.remaining <= limit
        if not verdict.is_allowed:
            later = now + timedelta(seconds=verdict.retry_after)
            assert admit(verdict.bucket, limit=limit, limits=limits, now=later).is_allowed
        bucket = verdict.bucket


async def test_headers_on_a_read_count_down_from_120(full: Caller) -> None:
    first, second = await full.get("/org"), await full.get("/org")
    assert first.headers["X-RateLimit-Limit"] == "120"
    assert (first.headers["X-RateLimit-Remaining"], second.headers["X-RateLimit-Remaining"]) == ("119", "118")
    assert first.headers["X-RateLimit-Window"] == "60"


async def test_headers_on_a_write_tell_the_write_limit(full: Caller) -> None:
    response = await full.act(STAGING, "deploy")
    assert (response.headers["X-RateLimit-Limit"], response.headers["X-RateLimit-Remaining"]) == ("20", "19")


async def test_headers_come_with_refusals_too(full: Caller) -> None:
    assert (await full.get("/projects/nonsense")).headers["X-RateLimit-Remaining"] == "119"


async def test_split_limits_leave_reads_when_writes_are_spent(full: Caller) -> None:
    await full.control("/limits", reads=3, writes=1)
    await full.act(STAGING, "deploy")
    refused = await full.act(STAGING, "deploy")
    assert (refused.status_code, error_of(refused)) == (429, "rate_limit_exceeded")
    assert (await full.get("/org")).status_code == 200


async def test_shared_limit_counts_reads_and_writes_together(full: Caller, read: Caller) -> None:
    await full.control("/limits", variant="shared", writes=2)
    await full.act(STAGING, "deploy")
    allowed, refused = await full.get("/org"), await full.get("/org")
    assert (allowed.headers["X-RateLimit-Limit"], allowed.status_code, refused.status_code) == ("2", 200, 429)
    assert (await read.get("/org")).headers["X-RateLimit-Limit"] == "120"


async def test_limit_is_per_key(full: Caller, webshop: Caller) -> None:
    await full.control("/limits", writes=1)
    await full.act(STAGING, "deploy")
    assert (await webshop.act(WEBSHOP_PRODUCTION, "deploy")).status_code == 202


async def test_calendar_minute_resets_at_the_full_minute(full: Caller, clock: MovedClock) -> None:
    await full.control("/limits", reads=1)
    await full.get("/org")
    refused = await full.get("/org")
    assert refused.headers["Retry-After"] == "50"
    assert refused.json()["detail"]["retry_after"] == 50
    clock.forward(seconds=50)
    assert (await full.get("/org")).status_code == 200


async def test_sliding_window_waits_a_whole_minute(full: Caller, clock: MovedClock) -> None:
    await full.control("/limits", reads=1, window="sliding")
    await full.get("/org")
    clock.forward(seconds=50)
    assert (await full.get("/org")).headers["Retry-After"] == "10"
    clock.forward(seconds=10)
    assert (await full.get("/org")).status_code == 200


async def test_short_minute_is_told_in_the_window_header(full: Caller, clock: MovedClock) -> None:
    await full.control("/limits", reads=1, minute_seconds=2)
    assert (await full.get("/org")).headers["X-RateLimit-Window"] == "2"
    clock.forward(seconds=2)
    assert (await full.get("/org")).status_code == 200


async def test_headers_off_leave_only_the_body(full: Caller) -> None:
    await full.control("/limits", reads=1, headers=False)
    await full.get("/org")
    refused = await full.get("/org")
    assert not [name for name in refused.headers if name.startswith(("x-ratelimit", "retry-after"))]
    assert refused.json()["detail"]["retry_after"] == 50


async def test_hint_off_leaves_nothing_to_go_by(full: Caller) -> None:
    await full.control("/limits", reads=0, headers=False, hint=False)
    assert set((await full.get("/org")).json()["detail"]) == {"error", "message"}
