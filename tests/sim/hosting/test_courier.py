"""Deliveries to registered receivers, over HTTP to a receiver on loopback."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.sim.hosting.courier import MOST_ATTEMPTS
from bot.sim.hosting.seeds import ERP_PROJECT, STAGING, WEBSHOP_PRODUCTION, WEBSHOP_PROJECT
from tests.sim.hosting.caller import Caller, MovedClock, becomes
from tests.sim.hosting.receiver import Receiver

EVENTS = [
    "deploy.started",
    "deploy.completed",
    "deploy.failed",
    "deploy.cancelled",
    "environment.status_changed",
]


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """The address of a server that takes connections and says nothing."""
    gone = asyncio.Event()

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    gone.set()
    server.close()


async def test_deploy_tells_its_start_and_its_end(
    full: Caller, clock: MovedClock, receiver: Receiver
) -> None:
    await full.control("/webhooks", url=receiver.url, secret="s", events=EVENTS)
    task_id = await full.start(STAGING, "deploy")
    clock.forward(seconds=10)
    await becomes(lambda: len(receiver.received) == 2)
    clock.forward(minutes=10)
    await becomes(lambda: len(receiver.received) == 4)
    assert receiver.names() == [
        "deploy.started",
        "environment.status_changed",
        "deploy.completed",
        "environment.status_changed",
    ]
    deployments = [body["data"]["deployment"] for body in receiver.bodies()]
    assert [one and (one["id"], one["status"]) for one in deployments] == [
        (task_id, "running"),
        None,
        (task_id, "completed"),
        None,
    ]
    assert receiver.bodies()[3]["data"]["environment"]["status"] == "running"


async def test_signature_is_over_the_raw_body(full: Caller, receiver: Receiver) -> None:
    await full.control("/webhooks", url=receiver.url, secret="s", events=["environment.status_changed"])
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: receiver.received)
    headers, body = receiver.received[0]
    assert headers["X-Webhook-Signature"] == "sha256=" + hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert headers["X-Webhook-Delivery"] == json.loads(body)["id"]


async def test_receiver_chooses_header_and_prefix(full: Caller, receiver: Receiver) -> None:
    await full.control(
        "/webhooks",
        url=receiver.url,
        secret="s",
        events=EVENTS,
        signature_header="X-Mine",
        signature_prefix="",
    )
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: receiver.received)
    headers, body = receiver.received[0]
    assert headers["X-Mine"] == hmac.new(b"s", body, hashlib.sha256).hexdigest()


async def test_service_signs_as_its_dialect_says(full: Caller, receiver: Receiver) -> None:
    await full.control(
        "/dialect", signature_header="X-Signed", signature_prefix="v1=", signature_encoding="base64"
    )
    await full.control("/webhooks", url=receiver.url, secret="s", events=EVENTS)
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: receiver.received)
    headers, body = receiver.received[0]
    digest = hmac.new(b"s", body, hashlib.sha256).digest()
    assert headers["X-Signed"] == "v1=" + base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("slack", {"text", "blocks"}),
        ("teams", {"@type", "@context", "text"}),
        ("discord", {"content"}),
    ],
)
async def test_formats_for_chats_carry_words(
    full: Caller, receiver: Receiver, kind: str, shown: set[str]
) -> None:
    hook = {"url": "https://bot.client.com/hook", "events": EVENTS, "format": kind}
    made = (await full.post("/webhooks", hook)).json()
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: receiver.received)
    (body,) = receiver.bodies()
    assert set(body) == shown
    assert "environment.status_changed on staging" in json.dumps(body)


async def test_new_environment_tells_that_it_is_there_ready_and_gone(
    full: Caller, clock: MovedClock, receiver: Receiver
) -> None:
    told = ["environment.created", "environment.ready", "environment.deleted"]
    await full.control("/webhooks", url=receiver.url, secret="s", events=told)
    made = (await full.post(f"/projects/{ERP_PROJECT}/environments", {"name": "review"})).json()
    clock.forward(minutes=10)
    await becomes(lambda: len(receiver.received) == 2)
    await full.delete(f"/environments/{made['id']}", X_Confirm_Delete="true")
    clock.forward(minutes=10)
    await becomes(lambda: len(receiver.received) == 3)
    assert receiver.names() == told
    assert {body["data"]["environment"]["id"] for body in receiver.bodies()} == {made["id"]}


async def test_what_is_not_simulated_is_told_by_hand(full: Caller, receiver: Receiver) -> None:
    events = ["automation_rule.failed", "monitoring.alert"]
    await full.control("/webhooks", url=receiver.url, secret="s", events=events)
    await full.control("/events", event="monitoring.alert", details={"metric": "disk", "percent": 93})
    await full.control("/events", event="automation_rule.failed", environment_id=STAGING)
    await becomes(lambda: len(receiver.received) == 2)
    alert, failed = (body["data"] for body in receiver.bodies())
    assert (alert["environment"], alert["metric"], alert["percent"]) == (None, "disk", 93)
    assert failed["environment"]["id"] == STAGING


async def test_receiver_of_one_project_hears_nothing_of_another(full: Caller, receiver: Receiver) -> None:
    hook = {"url": "https://bot.client.com/hook", "events": EVENTS, "project_id": WEBSHOP_PROJECT}
    made = (await full.post("/webhooks", hook)).json()
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    for environment_id in (STAGING, WEBSHOP_PRODUCTION):
        await full.control(f"/environments/{environment_id}", status="paused")
    await becomes(lambda: receiver.received)
    assert [body["data"]["environment"]["id"] for body in receiver.bodies()] == [WEBSHOP_PRODUCTION]


async def test_slow_receiver_holds_up_no_other(full: Caller, receiver: Receiver) -> None:
    async with silent() as address:
        await full.control("/webhooks", url=address, secret="s", events=EVENTS)
        await full.control("/webhooks", url=receiver.url, secret="s", events=EVENTS)
        await full.control(f"/environments/{STAGING}", status="paused")
        await becomes(lambda: receiver.received, seconds=3)


async def test_stranger_of_the_public_route_is_never_called(full: Caller, clock: MovedClock) -> None:
    hook = {"url": "https://bot.client.com/hook", "events": EVENTS}
    made = (await full.post("/webhooks", hook)).json()
    await full.control(f"/environments/{STAGING}", status="paused")
    courier = full.server.front.courier
    await becomes(lambda: courier.deliveries and courier.deliveries[0].attempt_count == 1)
    assert courier.deliveries[0].response_status is None
    assert (await full.get(f"/webhooks/{made['id']}")).json()["failure_count"] == 1


async def test_only_chosen_events_come(full: Caller, receiver: Receiver) -> None:
    await full.control("/webhooks", url=receiver.url, secret="s", events=["deploy.cancelled"])
    await full.control("/tasks", environment_id=STAGING, type="restart")
    for task in (await full.state())["tasks"][-1:]:
        await full.control(f"/tasks/{task['id']}", status="completed")
    task_id = await full.start(STAGING, "deploy")
    await full.control(f"/tasks/{task_id}", status="cancelled")
    await becomes(lambda: receiver.received)
    assert receiver.names() == ["deploy.cancelled"]


async def test_refused_delivery_is_tried_again_with_the_same_id(
    full: Caller, clock: MovedClock, receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    await full.control("/webhooks", url=receiver.url, secret="s", events=EVENTS)
    await full.control(f"/environments/{STAGING}", status="paused")
    courier = full.server.front.courier
    for count in (1, 2, 3):
        await becomes(lambda: courier.deliveries and courier.deliveries[0].attempt_count == count)  # noqa: B023 # awaited at once
        clock.forward(minutes=1)
    assert len({body["id"] for body in receiver.bodies()}) == 1
    assert courier.deliveries[0].status == "delivered"


async def test_tries_are_spaced_ever_wider(full: Caller, clock: MovedClock, receiver: Receiver) -> None:
    receiver.answers = [500, 500, 500, 500]
    await full.control("/webhooks", url=receiver.url, secret="s", events=EVENTS)
    await full.control(f"/environments/{STAGING}", status="paused")
    deliveries = full.server.front.courier.deliveries
    await becomes(lambda: deliveries and deliveries[0].attempt_count == 1)
    (delivery,) = deliveries
    waits = []
    for count in (2, 3, 4):
        waits.append((delivery.due_at - clock()).total_seconds())
        clock.now_at = delivery.due_at
        await becomes(lambda: delivery.attempt_count == count)  # noqa: B023 # awaited at once
    assert waits == [2, 4, 8]


async def test_receiver_that_is_away_is_given_up(full: Caller, clock: MovedClock) -> None:
    await full.control("/webhooks", url="http://127.0.0.1:1/hook", secret="s", events=EVENTS)
    await full.control(f"/environments/{STAGING}", status="paused")
    courier = full.server.front.courier
    for count in range(1, MOST_ATTEMPTS + 1):
        await becomes(lambda: courier.deliveries and courier.deliveries[0].attempt_count == count)  # noqa: B023 # awaited at once
        clock.forward(minutes=1)
    assert courier.deliveries[0].status == "failed"
    (shown,) = (await full.door.get("/webhooks")).json()["deliveries"]
    assert (shown["status"], shown["attempt_count"], shown["response_status"]) == (
        "failed",
        MOST_ATTEMPTS,
        None,
    )


async def test_what_happened_before_registration_is_not_told(
    full: Caller, clock: MovedClock, receiver: Receiver
) -> None:
    await full.start(STAGING, "restart")
    await full.control(f"/environments/{STAGING}", status="paused")
    clock.forward(seconds=1)
    await full.control("/webhooks", url=receiver.url, secret="s", events=EVENTS)
    await full.control(f"/environments/{STAGING}", status="error")
    await becomes(lambda: receiver.received)
    assert [body["data"]["environment"]["status"] for body in receiver.bodies()] == ["error"]
