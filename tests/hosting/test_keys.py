"""A refused key is left alone, a blocked address stays silent, and no key shows anywhere."""

import asyncio
import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import HostingError, HostingRefusedError, HostingUnavailableError
from bot.hosting.client import HostingClient
from bot.hosting.keys import PAUSE, ApiKey, RefusedKeys
from bot.sim.hosting import seeds
from tests.hosting.world import PROD, World, deploy

WRONG_FULL = "oec_live_rw_" + "w" * 43
WRONG_READ = "oec_live_ro_" + "w" * 43
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def refused_code(client: HostingClient) -> str:
    with pytest.raises(HostingRefusedError) as refused:
        await client.fetch_environment(PROD)
    return refused.value.code


# at start


async def test_good_keys_pass_the_check(world: World) -> None:
    await world.client().check_key()

    assert [call["path"].rpartition("/")[2] for call in await world.requests()] == ["org", "org"]


async def test_key_of_one_project_passes_the_check(world: World) -> None:
    await world.client(seeds.WEBSHOP_KEY, None).check_key()
    for code in ("project_scoped_key", "org_scope_required"):
        await world.fails("status", status=403, body={"detail": {"error": code, "message": "No."}})
        await world.client(seeds.WEBSHOP_KEY, None).check_key()


@pytest.mark.parametrize(
    ("full_key", "read_key", "setting"),
    [(WRONG_FULL, None, "OEC_API_KEY"), (seeds.FULL_KEY, WRONG_READ, "OEC_READ_KEY")],
)
async def test_wrong_key_is_refused_by_the_name_of_its_setting(
    world: World, full_key: str, read_key: str | None, setting: str
) -> None:
    with pytest.raises(HostingRefusedError) as refused:
        await world.client(full_key, read_key).check_key()

    assert refused.value.is_key_refused
    assert refused.value.code == "invalid_key"
    assert refused.value.text.startswith(f"{setting}: ")


async def test_read_only_key_where_a_full_one_belongs_is_refused_unsent(world: World) -> None:
    with pytest.raises(HostingRefusedError, match="read_only_key"):
        await world.client(seeds.READ_KEY, None).check_key()

    assert await world.requests() == []


async def test_check_of_an_unwell_platform_is_no_refusal(world: World) -> None:
    await world.fails("status", status=500)

    with pytest.raises(HostingUnavailableError):
        await world.client().check_key()


@pytest.mark.parametrize(
    "secret", ["", "short", "oec_live_rw_\nX-Evil: 1", "oec live rw", "oec_live_rw_ключ"]
)
def test_key_that_no_header_can_carry_is_refused_unseen(world: World, secret: str) -> None:
    with pytest.raises(ValueError, match="OEC_API_KEY is no API key") as refused:
        world.client(secret)

    assert not secret or secret not in str(refused.value)


# while running


async def test_refused_key_is_not_sent_again_until_a_pause_has_passed(world: World) -> None:
    client = world.client(WRONG_FULL, None)
    assert [await refused_code(client) for _ in range(20)] == ["invalid_key"] * 20
    assert len(await world.requests()) == 1

    world.clock.forward(seconds=PAUSE.total_seconds())
    assert await refused_code(client) == "invalid_key"
    assert len(await world.requests()) == 2


async def test_refused_key_is_tried_again_after_a_pause(world: World) -> None:
    await world.control("keys", key=seeds.FULL_KEY, revoked=True)
    client = world.client(seeds.FULL_KEY, None)
    assert await refused_code(client) == "invalid_key"
    await world.control("keys", key=seeds.FULL_KEY, revoked=False)

    assert await refused_code(client) == "invalid_key"
    world.clock.forward(seconds=PAUSE.total_seconds())
    assert (await client.fetch_environment(PROD)).id == PROD


async def test_refused_read_key_stops_neither_looks_nor_actions(world: World) -> None:
    client = world.client(read_key=WRONG_READ)

    assert [(await client.fetch_environment(PROD)).id for _ in range(5)] == [PROD] * 5
    assert await client.start_action(deploy())
    assert client.find_refused_settings() == {"OEC_READ_KEY"}
    assert len(await world.requests()) == 7  # the read key once


async def test_key_refused_while_many_reads_are_under_way_does_not_block_the_address(world: World) -> None:
    await world.control("keys", key=seeds.READ_KEY, revoked=True)
    client = world.client()

    answers = await asyncio.gather(
        *(client.fetch_environment(PROD) for _ in range(50)), return_exceptions=True
    )

    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(await world.requests()) < 50 + 10
    assert await client.start_action(deploy())


async def test_two_refused_keys_never_block_the_address(world: World) -> None:
    client = world.client(WRONG_FULL, WRONG_READ)
    for _ in range(120):  # ten seconds each: twenty minutes
        for call in (client.fetch_environment(PROD), client.start_action(deploy())):
            with pytest.raises(HostingRefusedError, match="invalid_key"):
                await call
        world.clock.forward(seconds=10)

    assert await world.client().start_action(deploy())


async def test_blocked_address_stays_silent_until_the_block_is_over(world: World) -> None:
    body = {"detail": {"error": "ip_blocked", "message": "Too many invalid keys."}}
    await world.fails("status", status=429, body=body)
    client = world.client()

    for call in (client.fetch_environment(PROD), client.start_action(deploy())):
        with pytest.raises(HostingUnavailableError) as blocked:
            await call
        assert blocked.value.code == "ip_blocked"
        assert blocked.value.retry_after == timedelta(minutes=15)
        assert not blocked.value.may_have_acted
    assert len(await world.requests()) == 1
    assert client.read_budget().blocked_until == world.clock() + timedelta(minutes=15)

    world.clock.forward(minutes=15)
    assert (await client.fetch_environment(PROD)).id == PROD


def test_pause_counts_from_the_last_refusal_of_any_key() -> None:
    refused, one, other = RefusedKeys(), ApiKey("A", "key-number-one"), ApiKey("B", "key-number-two")
    refusal = HostingRefusedError(status=401, code="invalid_key")
    refused.note(one, refusal, NOON)
    refused.note(other, refusal, NOON + timedelta(seconds=60))

    assert refused.find(one, NOON + PAUSE) is not None
    assert refused.find(one, NOON + timedelta(seconds=60) + PAUSE) is None


def test_accepted_key_is_refused_no_more() -> None:
    refused, key = RefusedKeys(), ApiKey("A", "key-number-one")
    refused.note(key, HostingRefusedError(status=401, code="invalid_key"), NOON)

    refused.forget(key)

    assert refused.find(key, NOON) is None


# secrecy


async def test_no_key_shows_in_errors_reprs_or_logs(world: World, caplog: pytest.LogCaptureFixture) -> None:
    secret = "oec_live_rw_" + "canary" * 7
    client = world.client(secret, None)
    caplog.set_level(logging.DEBUG)
    shown = [repr(client), repr(vars(client)), repr(ApiKey("OEC_API_KEY", secret))]

    for _ in range(2):
        for call in (client.fetch_environment(PROD), client.start_action(deploy()), client.check_key()):
            try:
                await call
            except HostingError as error:
                shown += ["".join(traceback.format_exception(error)), repr(error), repr(vars(error))]
        world.clock.forward(seconds=PAUSE.total_seconds())
        await world.server.stop()

    assert len(shown) == 3 + 3 * 6
    assert "canary" not in "".join(shown) + caplog.text
