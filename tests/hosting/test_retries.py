"""An action is asked for at most twice, always with the same key, and what is uncertain is never called a refusal."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.hosting.client import HostingClient
from bot.hosting.retries import RetryWaits
from tests.hosting.world import PROD, World, deploy

POST = {"method": "POST", "path": "*"}


# lost answers


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "not_json"])
async def test_lost_answer_is_asked_for_again_and_nothing_is_done_twice(
    world: World, client: HostingClient, kind: str
) -> None:
    await world.fails(kind, **POST)

    task_id = await client.start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]
    assert {call["idempotency_key"] for call in await world.posts()} == {"key-1"}


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_answer_of_an_unwell_platform_is_asked_for_again(
    world: World, client: HostingClient, status: int
) -> None:
    await world.fails("status", status=status, **POST)

    task_id = await client.start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


@pytest.mark.parametrize(("kind", "made"), [("drop_before", 0), ("drop_after", 1), ("not_json", 1)], ids=str)
async def test_answer_lost_twice_says_that_it_may_have_acted(
    world: World, client: HostingClient, kind: str, made: int
) -> None:
    await world.fails(kind, times=2, **POST)

    with pytest.raises(HostingUnavailableError) as lost:
        await client.start_action(deploy())
    assert lost.value.may_have_acted
    assert len(await world.tasks("key-1")) == made

    task_id = await client.start_action(deploy())
    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_action_that_takes_too_long_is_asked_for_again_with_its_key(world: World) -> None:
    await world.fails("hang", seconds=30, **POST)

    task_id = await world.client(timeout=timedelta(seconds=1)).start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_conflict_after_a_lost_answer_is_not_taken_for_a_refusal(
    world: World, client: HostingClient
) -> None:
    await client.start_action(deploy("somebody-else"))
    await world.fails("drop_before", **POST)

    with pytest.raises(HostingUnavailableError) as uncertain:
        await client.start_action(deploy())

    assert (uncertain.value.code, uncertain.value.may_have_acted) == ("task_in_progress", True)
    with pytest.raises(HostingRefusedError, match="task_in_progress"):  # asked anew, the answer is plain
        await client.start_action(deploy())


async def test_lock_after_a_lost_answer_leaves_it_uncertain(world: World, client: HostingClient) -> None:
    await world.fails("drop_after", **POST)
    await world.control("locks", environment_id=PROD, seconds=30)

    with pytest.raises(HostingUnavailableError) as uncertain:
        await client.start_action(deploy())
    assert (uncertain.value.code, uncertain.value.may_have_acted) == ("concurrent_action", True)

    world.clock.forward(seconds=31)
    task_id = await client.start_action(deploy())
    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_platform_that_is_not_there_has_not_acted(world: World) -> None:
    await world.server.stop()

    with pytest.raises(HostingUnavailableError) as absent:
        await world.client().start_action(deploy())

    assert (absent.value.code, absent.value.may_have_acted) == ("network_error", False)


# being queued


async def test_action_that_meets_another_one_is_asked_for_again(world: World, client: HostingClient) -> None:
    await world.fails("status", status=409, **POST)

    task_id = await client.start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_lock_that_stays_is_unavailable_and_nothing_was_done(
    world: World, client: HostingClient
) -> None:
    await world.control("locks", environment_id=PROD, seconds=30)

    with pytest.raises(HostingUnavailableError) as locked:
        await client.start_action(deploy())

    assert (locked.value.code, locked.value.may_have_acted) == ("concurrent_action", False)
    assert len(await world.posts()) == 2


async def test_queue_that_refuses_is_asked_again_after_the_wait_it_named(world: World) -> None:
    waits = RetryWaits(timedelta(0), timedelta(0), timedelta(0), longest=timedelta(seconds=1))
    refusal = {"detail": {"error": "enqueue_failed", "message": "Try again shortly."}}
    await world.fails("status", status=503, body=refusal, headers={"Retry-After": "1"}, **POST)

    task_id = await world.client(waits=waits).start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_queue_that_names_a_long_wait_is_left_to_the_caller(
    world: World, client: HostingClient
) -> None:
    await world.fails("status", status=503, **POST)

    with pytest.raises(HostingUnavailableError) as refused:
        await client.start_action(deploy())

    assert (refused.value.code, refused.value.may_have_acted) == ("enqueue_failed", False)
    assert refused.value.retry_after == timedelta(seconds=5)
    assert len(await world.posts()) == 1


async def test_same_ask_twice_at_once_becomes_one_task(world: World, client: HostingClient) -> None:
    await world.control("queue", held=True)
    asks = [asyncio.create_task(client.start_action(deploy())) for _ in range(2)]
    await world.control("queue", held=False)

    answers = await asyncio.gather(*asks, return_exceptions=True)

    tasks = [task["id"] for task in await world.tasks("key-1")]
    assert len(tasks) == 1
    assert {answer for answer in answers if isinstance(answer, str)} == set(tasks)
