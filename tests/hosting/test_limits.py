"""What answers say about the limits: the order of trust, and what the client does with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.budget import RateLimit
from bot.core.errors import HostingUnavailableError
from bot.hosting.client import HostingClient
from bot.hosting.limits import LONGEST, SHORTEST, rate_limit_from, read_retry_after
from bot.sim.hosting import seeds
from tests.hosting.world import PROD, World, deploy

NOW = datetime(2026, 11, 21, 12, 0, 50, tzinfo=UTC)
HIT = {"detail": {"error": "rate_limit_exceeded", "message": "Slow down."}}


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"retry-after": "7", "x-ratelimit-reset": "9"}, {"detail": {"retry_after": 11}}, 7),
        ({"retry-after": "Sat, 21 Nov 2026 12:01:20 GMT"}, HIT, 30),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, HIT, 1),
        ({"retry-after": "soon", "x-ratelimit-reset": "9"}, HIT, 9),
        ({"retry-after": "\x1f 7\x85"}, HIT, 7),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 25)}, HIT, 25),
        ({"x-ratelimit-reset": "9"}, {"detail": {"retry_after": 11}}, 9),
        ({}, {"detail": {"error": "rate_limit_exceeded", "retry_after": 11}}, 11),
        ({}, {"error": "rate_limit_exceeded", "retry_after": 11.5}, 11.5),
        ({}, HIT, 11),
        ({"x-ratelimit-window": "5"}, HIT, 5),
        ({"x-ratelimit-window": "60"}, HIT, 11),
        ({}, None, 11),
        ({}, {"detail": {"error": "ip_blocked"}}, 900),
        ({}, {"detail": {"error": "target_rate_limit"}}, 60),
        ({}, {"detail": {"error": "webhook_mutation_rate_limit"}}, 60),
        ({"retry-after": "0"}, HIT, 1),
        ({"retry-after": "99999999"}, HIT, 3600),
        ({"retry-after": "-5"}, HIT, 11),
        ({}, {"detail": {"retry_after": True}}, 11),
        ({}, {"detail": {"retry_after": float("nan")}}, 11),
    ],
)
def test_wait_after_a_429_comes_from_the_most_trusted_source(
    headers: dict[str, str], body: object, wait: float
) -> None:
    assert read_retry_after(429, headers, body, NOW) == seconds(wait)


def test_answer_within_the_limits_names_no_wait() -> None:
    headers = {"x-ratelimit-limit": "120", "x-ratelimit-remaining": "119", "x-ratelimit-reset": "9"}

    assert rate_limit_from(200, headers, None, NOW) == RateLimit(120, 119, None)
    assert read_retry_after(503, {}, None, NOW) is None
    assert read_retry_after(503, {"retry-after": "5"}, None, NOW) == seconds(5)


@pytest.mark.parametrize("text", ["", "many", "-1", "12.5.1", "٢٠", "9" * 40])
def test_header_that_is_no_number_is_as_good_as_none(text: str) -> None:
    assert rate_limit_from(200, {"x-ratelimit-limit": text}, None, NOW).limit is None


def test_limit_of_a_target_is_not_the_keys() -> None:
    assert rate_limit_from(429, {}, {"detail": {"error": "target_rate_limit"}}, NOW) == RateLimit()


@settings(deadline=None)
@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(
            [
                "retry-after",
                "x-ratelimit-reset",
                "x-ratelimit-limit",
                "x-ratelimit-remaining",
                "x-ratelimit-window",
            ]
        ),
        st.one_of(
            st.text(max_size=30), st.integers().map(str), st.floats().map(str), st.datetimes().map(str)
        ),
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["detail", "error", "retry_after"]), inner),
    ),
)
def test_whatever_comes_the_wait_is_within_reason(status: int, headers: dict[str, str], body: Any) -> None:
    told = rate_limit_from(status, headers, body, NOW)

    assert told.retry_after is None or SHORTEST <= told.retry_after <= LONGEST
    assert (told.retry_after is None) == (status != 429 or is_of_target(body))


def is_of_target(body: Any) -> bool:
    detail = body.get("detail") if isinstance(body, dict) and isinstance(body.get("detail"), dict) else body
    error = detail.get("error") if isinstance(detail, dict) else None
    return error in ("target_rate_limit", "webhook_mutation_rate_limit")


# the client's budget


async def test_budget_is_learned_from_reads(world: World, client: HostingClient) -> None:
    assert client.read_budget().limit == 20

    await client.fetch_environment(PROD)

    budget = client.read_budget()
    assert (budget.limit, budget.remaining, budget.told_at) == (120, 119, world.clock())


async def test_budget_is_not_learned_from_writes(world: World) -> None:
    client = world.client(seeds.FULL_KEY, None)
    await client.fetch_environment(PROD)

    await client.start_action(deploy())

    assert (client.read_budget().limit, client.read_budget().remaining) == (120, 119)


async def test_older_server_gives_a_smaller_budget(world: World) -> None:
    await world.control("limits", variant="shared")
    client = world.client(seeds.FULL_KEY, None)

    await client.fetch_environment(PROD)

    assert client.read_budget().limit == 20


@pytest.mark.parametrize("headers", [True, False])
async def test_used_up_reads_are_not_asked_for_until_the_limit_fills_again(
    world: World, client: HostingClient, headers: bool
) -> None:
    await world.control("limits", reads=2, headers=headers)
    for _ in range(2):
        await client.fetch_environment(PROD)

    for _ in range(5):
        with pytest.raises(HostingUnavailableError) as limited:
            await client.fetch_environment(PROD)
        assert limited.value.code == "rate_limit_exceeded"
        assert limited.value.retry_after is not None
    assert len(await world.requests()) == 3
    assert await client.start_action(deploy())  # writes are counted apart

    world.clock.forward(seconds=61)
    assert (await client.fetch_environment(PROD)).id == PROD


async def test_used_up_writes_are_left_to_the_caller(world: World, client: HostingClient) -> None:
    await world.control("limits", writes=1)
    await client.start_action(deploy())

    with pytest.raises(HostingUnavailableError) as limited:
        await client.start_action(deploy("key-2"))

    assert limited.value.code == "rate_limit_exceeded"
    assert not limited.value.may_have_acted
    assert limited.value.retry_after is not None
    assert len(await world.requests()) == 2
    assert (await client.fetch_environment(PROD)).id == PROD
