"""Deliveries to registered receivers, over HTTP to a receiver on loopback."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.sim.hosting.courier import MOST_ATTEMPTS
from bot.sim.hosting.seeds import STAGING
from tests.sim.hosting.caller import Caller, Json, MovedClock, becomes

EVENTS = [
    "deploy.started",
    "deploy.completed",
    "deploy.failed",
    "deploy.cancelled",
    "environment.status_changed",
]


class Receiver:
    """A web server that keeps what it is sent, and answers with the next of `answers`, or 204."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.received.append((dict(request.headers), await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 204)

    def bodies(self) -> list[Json]:
        return [json.loads(body) for _, body in self.received]

    def names(self) -> list[str]:
        return [body["event"] for body in self.bodies()]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.add_routes([web.post("/hook", receiver.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


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
