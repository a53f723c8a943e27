"""Delivers events to registered receivers: signed, tried again when refused, and written down.

The platform's payload, header names, signature encoding and retries are not documented. What is sent here is one plain
guess (a hexadecimal HMAC-SHA256 over the raw body); header name and prefix can be set for each receiver, so that a
receiver can be tested with the ones the platform turns out to use.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import aiohttp

from bot.sim.hosting.entities import Webhook
from bot.sim.hosting.events import Event
from bot.sim.hosting.shapes import Object, Writer
from bot.sim.hosting.store import Hosting

MOST_ATTEMPTS = 4
_FIRST_PAUSE = timedelta(seconds=2)
_TURN_SECONDS = 0.1
_DEADLINE = aiohttp.ClientTimeout(total=5)
_KEPT = 200


@dataclass(slots=True)
class Delivery:
    """One event on its way to one receiver; `status` is pending, delivered or failed."""

    id: str
    webhook: Webhook
    event: str
    body: bytes
    created_at: datetime
    due_at: datetime
    status: str = "pending"
    attempt_count: int = 0
    response_status: int | None = None
    delivered_at: datetime | None = None


@dataclass(slots=True)
class Courier:
    """Carries events out. One turn is `deliver_once`; `run` takes turns until it is cancelled."""

    hosting: Hosting
    now: Callable[[], datetime]
    writer: Writer
    deliveries: list[Delivery] = field(default_factory=list)

    async def run(self) -> None:
        """Take turns; while nobody is registered a turn does nothing."""
        async with aiohttp.ClientSession(timeout=_DEADLINE) as session:
            while True:
                await self.deliver_once(session)
                await asyncio.sleep(_TURN_SECONDS)

    async def deliver_once(self, session: aiohttp.ClientSession) -> None:
        """Address what has happened since the last turn, and send what is due."""
        if self.hosting.webhooks:
            self.hosting.advance(self.now())
        events, self.hosting.events = self.hosting.events, []
        for event in events:
            self._address(event)
        for delivery in [
            one for one in self.deliveries if one.status == "pending" and one.due_at <= self.now()
        ]:
            await self._send(delivery, session)

    def _address(self, event: Event) -> None:
        for webhook in self.hosting.webhooks:
            if event.name in webhook.events and event.at >= webhook.created_at:
                delivery_id = str(uuid4())
                body = json.dumps(payload(delivery_id, event, self.writer)).encode()
                delivery = Delivery(delivery_id, webhook, event.name, body, self.now(), self.now())
                self.deliveries.append(delivery)
        del self.deliveries[:-_KEPT]

    async def _send(self, delivery: Delivery, session: aiohttp.ClientSession) -> None:
        delivery.response_status = await _post(delivery, session)
        delivery.attempt_count += 1
        if delivery.response_status is not None and 200 <= delivery.response_status < 300:
            delivery.status, delivery.delivered_at = "delivered", self.now()
        elif delivery.attempt_count >= MOST_ATTEMPTS:
            delivery.status = "failed"
        else:
            delivery.due_at = self.now() + _FIRST_PAUSE * 2 ** (delivery.attempt_count - 1)


async def _post(delivery: Delivery, session: aiohttp.ClientSession) -> int | None:
    webhook = delivery.webhook
    headers = {
        "Content-Type": "application/json",
        "X-Webhook-Event": delivery.event,
        "X-Webhook-Delivery": delivery.id,
        webhook.signature_header: webhook.signature_prefix + sign(webhook.secret, delivery.body),
    }
    try:
        async with session.post(
            webhook.url, data=delivery.body, headers=headers, allow_redirects=False
        ) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return None


def sign(secret: str, body: bytes) -> str:
    """The signature of a delivery: HMAC-SHA256 over the raw body, in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def payload(delivery_id: str, event: Event, writer: Writer) -> Object:
    """The body of a delivery."""
    return {
        "id": delivery_id,
        "event": event.name,
        "created_at": writer.time(event.at),
        "data": {
            "environment": writer.environment(event.environment),
            "deployment": None if event.task is None else writer.task(event.task),
        },
    }
