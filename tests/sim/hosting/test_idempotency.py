"""The same key gets the same task; over HTTP, with the clock moved."""

import asyncio

import httpx
import pytest

from bot.sim.hosting.seeds import DEVELOPMENT, STAGING, WEBSHOP_PRODUCTION
from tests.sim.hosting.caller import Caller, MovedClock, becomes, error_of


async def test_same_key_gets_the_same_answer_and_one_task(full: Caller) -> None:
    first = await full.act(STAGING, "deploy", {"update_modules": ["sale"]}, key="k")
    again = await full.act(STAGING, "deploy", {"update_modules": ["sale"]}, key="k")
    assert (again.status_code, again.json()) == (202, first.json())
    assert len([task for task in (await full.state())["tasks"] if task["idempotency_key"] == "k"]) == 1


async def test_same_key_after_the_end_still_gets_the_old_task(full: Caller, clock: MovedClock) -> None:
    first = await full.act(STAGING, "stop", key="k")
    clock.forward(hours=23)
    assert (await full.environment(STAGING))["status"] == "stopped"
    assert (await full.act(STAGING, "stop", key="k")).json() == first.json()


async def test_same_key_after_a_day_starts_anew(full: Caller, clock: MovedClock) -> None:
    first = await full.act(STAGING, "restart", key="k")
    clock.forward(hours=24)
    again = await full.act(STAGING, "restart", key="k")
    assert again.status_code == 202
    assert again.json()["task_id"] != first.json()["task_id"]


async def test_refused_action_is_not_remembered(full: Caller, clock: MovedClock) -> None:
    await full.start(STAGING, "restart")
    assert error_of(await full.act(STAGING, "deploy", key="k")) == "task_in_progress"
    clock.forward(minutes=1)
    assert (await full.act(STAGING, "deploy", key="k")).status_code == 202


async def test_same_key_with_another_body_is_refused(full: Caller) -> None:
    await full.act(STAGING, "deploy", {"update_modules": ["sale"]}, key="k")
    response = await full.act(STAGING, "deploy", {"update_modules": ["stock"]}, key="k")
    (finding,) = response.json()["detail"]
    assert (response.status_code, finding["loc"]) == (422, ["header", "Idempotency-Key"])


async def test_same_key_on_another_route_is_refused(full: Caller) -> None:
    await full.act(STAGING, "deploy", key="k")
    assert (await full.act(STAGING, "restart", key="k")).status_code == 422
    assert (await full.act(DEVELOPMENT, "deploy", key="k")).status_code == 422


async def test_same_body_written_differently_is_the_same(full: Caller) -> None:
    path, headers = f"/environments/{STAGING}/quick-update", {"Idempotency-Key": "k"}
    first = await full.client.post(path, content=b'{"mode":"update_all","modules":null}', headers=headers)
    again = await full.client.post(path, content=b'{"modules": null, "mode": "update_all"}', headers=headers)
    assert first.json() == again.json()


async def test_same_key_of_another_api_key_is_another(full: Caller, webshop: Caller) -> None:
    await full.act(STAGING, "deploy", key="k")
    assert (await webshop.act(WEBSHOP_PRODUCTION, "deploy", key="k")).status_code == 202


async def test_key_of_one_header_is_not_the_other(full: Caller) -> None:
    """Actions do not look at `X-Idempotency-Key`; a retry that brings only that one is a new request."""
    headers = {"X-Idempotency-Key": "k"}
    path = f"/environments/{STAGING}/deploy"
    assert (await full.client.post(path, headers=headers)).status_code == 202
    assert error_of(await full.client.post(path, headers=headers)) == "task_in_progress"


async def test_two_at_once_with_one_key_make_one_task(full: Caller) -> None:
    answers = await asyncio.gather(*(full.act(STAGING, "deploy", key="k") for _ in range(8)))
    taken = {answer.json()["task_id"] for answer in answers if answer.status_code == 202}
    assert len(taken) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len([task for task in (await full.state())["tasks"] if task["idempotency_key"] == "k"]) == 1


async def test_failed_task_keeps_its_key(full: Caller, clock: MovedClock) -> None:
    await full.control("/next", environment_id=STAGING, outcome="failed")
    first = await full.act(STAGING, "deploy", key="k")
    clock.forward(hours=1)
    assert (await full.act(STAGING, "deploy", key="k")).json() == first.json()


async def test_key_is_good_for_a_retry_when_the_answer_was_lost(full: Caller) -> None:
    await full.control("/faults", kind="drop_after", method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        await full.act(STAGING, "deploy", key="k")
    again = await full.act(STAGING, "deploy", key="k")
    made = [task for task in (await full.state())["tasks"] if task["idempotency_key"] == "k"]
    assert [task["id"] for task in made] == [again.json()["task_id"]]


async def test_empty_key_is_no_key(full: Caller) -> None:
    await full.act(STAGING, "deploy", key="")
    assert (await full.act(DEVELOPMENT, "deploy", key="")).status_code == 202


async def test_same_key_in_flight_waits_its_turn(full: Caller) -> None:
    await full.control("/queue", held=True)
    first = asyncio.create_task(full.act(STAGING, "deploy", key="k"))
    await becomes(lambda: full.server.front.queueing)
    meanwhile = await full.act(STAGING, "deploy", key="k")
    assert (meanwhile.status_code, type(meanwhile.json()["detail"])) == (409, str)
    await full.control("/queue", held=False)
    assert (await full.act(STAGING, "deploy", key="k")).json() == (await first).json()


async def test_older_service_looks_at_the_lock_first(full: Caller, clock: MovedClock) -> None:
    first = await full.act(STAGING, "deploy", key="k")
    await full.control("/locks", environment_id=STAGING, seconds=30)
    assert (await full.act(STAGING, "deploy", key="k")).status_code == 202
    await full.control("/queue", lock_before_cache=True)
    assert error_of(await full.act(STAGING, "deploy", key="k")) == "concurrent_action"
    clock.forward(seconds=30)
    assert (await full.act(STAGING, "deploy", key="k")).json() == first.json()
