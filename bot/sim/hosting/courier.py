"""Delivers events to registered receivers: signed, tried again when refused, and written down.

The platform's payload, header names, signature encoding and retries are not documented. What is sent here is one plain
guess; header name, encoding and prefix can be set for the service or for each receiver, so that a receiver can be tested
with the ones the platform turns out to use. A pretend platform calls no strangers: receivers that came by the public route,
which takes no loopback address, are called only once the side door has said where they really listen.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import aiohttp

from bot.sim.hosting.dialect import Dialect
from bot.sim.hosting.entities import Signing, Webhook
from bot.sim.hosting.events import PING, Event
from bot.sim.hosting.shapes import Object, Writer
from bot.sim.hosting.store import Hosting

MOST_ATTEMPTS = 4
_FIRST_PAUSE = timedelta(seconds=2)
_TURN_SECONDS = 0.1
_DEADLINE = aiohttp.ClientTimeout(total=5)
_KEPT = 200
_BODY_KEPT = 1_000
_TRANSPORT_ERRORS = (aiohttp.ClientError, TimeoutError, ValueError)


@dataclass(slots=True)
class Delivery:
    """One event on its way to one receiver; `status` is pending, delivered or failed."""

    id: str
    webhook_id: str
    event: str
    body: bytes
    created_at: datetime
    due_at: datetime
    status: str = "pending"
    attempt_count: int = 0
    response_status: int | None = None
    response_body: str | None = None
    duration_ms: int | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one try went; `status` None when nobody answered."""

    status: int | None
    body: str | None
    duration_ms: int

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Courier:
    """Carries events out. One turn is `deliver_once`; `run` takes turns until it is cancelled."""

    hosting: Hosting
    now: Callable[[], datetime]
    dialect: Callable[[], Dialect]
    deliveries: list[Delivery] = field(default_factory=list)

    async def run(self) -> None:
        """Take turns; while nobody is registered a turn does nothing."""
        async with aiohttp.ClientSession(timeout=_DEADLINE) as session:
            while True:
                await self.deliver_once(session)
                await asyncio.sleep(_TURN_SECONDS)

    async def deliver_once(self, session: aiohttp.ClientSession) -> None:
        """Address what has happened since the last turn, and send what is due: one at a time to each receiver."""
        if self.hosting.webhooks:
            self.hosting.advance(self.now())
        events, self.hosting.events = self.hosting.events, []
        for event in events:
            self._address(event)
        await asyncio.gather(*(self._send_due(one, session) for one in list(self.hosting.webhooks)))

    async def ping(self, webhook: Webhook) -> Attempt:
        """Send a `ping` now; it leaves no record."""
        delivery = self._delivery(webhook, Event(PING, self.now()))
        async with aiohttp.ClientSession(timeout=_DEADLINE) as session:
            return await self._post(delivery, webhook, session)

    def forget(self, webhook_id: str) -> None:
        """Drop the record of a receiver that is gone."""
        self.deliveries = [one for one in self.deliveries if one.webhook_id != webhook_id]

    def _address(self, event: Event) -> None:
        for webhook in self.hosting.webhooks.values():
            if wants(webhook, event):
                self.deliveries.append(self._delivery(webhook, event))
        del self.deliveries[:-_KEPT]

    def _delivery(self, webhook: Webhook, event: Event) -> Delivery:
        delivery_id = str(uuid4())
        told = payload(delivery_id, event, Writer(self.dialect()))
        body = json.dumps(formatted(told, event, webhook.format)).encode()
        return Delivery(delivery_id, webhook.id, event.name, body, self.now(), self.now())

    async def _send_due(self, webhook_id: str, session: aiohttp.ClientSession) -> None:
        for delivery in [one for one in self.deliveries if one.webhook_id == webhook_id]:
            webhook = self.hosting.webhooks.get(webhook_id)
            if webhook is not None and delivery.status == "pending" and delivery.due_at <= self.now():
                await self._send(delivery, webhook, session)

    async def _send(self, delivery: Delivery, webhook: Webhook, session: aiohttp.ClientSession) -> None:
        attempt = await self._post(delivery, webhook, session)
        delivery.response_status, delivery.response_body = attempt.status, attempt.body
        delivery.duration_ms = attempt.duration_ms
        delivery.attempt_count += 1
        if attempt.is_taken:
            delivery.status, delivery.delivered_at = "delivered", self.now()
        elif delivery.attempt_count >= MOST_ATTEMPTS:
            delivery.status = "failed"
        else:
            delivery.due_at = self.now() + _FIRST_PAUSE * 2 ** (delivery.attempt_count - 1)
        self._count(webhook.id, is_taken=attempt.is_taken)

    def _count(self, webhook_id: str, *, is_taken: bool) -> None:
        webhook = self.hosting.webhooks.get(webhook_id)
        if webhook is not None:
            failures = 0 if is_taken else webhook.failure_count + 1
            counted = replace(webhook, last_triggered_at=self.now(), failure_count=failures)
            self.hosting.webhooks[webhook_id] = counted

    async def _post(self, delivery: Delivery, webhook: Webhook, session: aiohttp.ClientSession) -> Attempt:
        begin = asyncio.get_running_loop().time()
        status, body = await _ask(delivery, webhook, webhook.signing or self.dialect().signing, session)
        return Attempt(status, body, round(1000 * (asyncio.get_running_loop().time() - begin)))


def wants(webhook: Webhook, event: Event) -> bool:
    """Whether a receiver is to be told: it asked for this, is active, was there, and its project is the one."""
    is_its_project = webhook.project_id is None or (
        event.environment is not None and event.environment.project_id == webhook.project_id
    )
    is_asked = webhook.is_active and event.name in webhook.events
    return is_asked and is_its_project and event.at >= webhook.created_at


async def _ask(
    delivery: Delivery, webhook: Webhook, signing: Signing, session: aiohttp.ClientSession
) -> tuple[int | None, str | None]:
    if webhook.deliver_to is None:
        return None, None
    headers = {
        "Content-Type": "application/json",
        "X-Webhook-Event": delivery.event,
        "X-Webhook-Delivery": delivery.id,
        signing.header: signing.prefix + sign(webhook.secret, delivery.body, signing),
    }
    try:
        async with session.post(
            webhook.deliver_to, data=delivery.body, headers=headers, allow_redirects=False
        ) as response:
            text = (await response.content.read(_BODY_KEPT)).decode(errors="replace")
            return response.status, text
    except _TRANSPORT_ERRORS:
        return None, None


def sign(secret: str, body: bytes, signing: Signing) -> str:
    """The signature of a delivery: HMAC-SHA256 over the raw body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return digest.hex() if signing.encoding == "hex" else base64.b64encode(digest).decode()


def payload(delivery_id: str, event: Event, writer: Writer) -> Object:
    """The body of a delivery."""
    return {
        "id": delivery_id,
        "event": event.name,
        "created_at": writer.time(event.at),
        "data": {
            "environment": None if event.environment is None else writer.environment(event.environment),
            "deployment": None if event.task is None else writer.task(event.task),
            **event.details,
        },
    }


def formatted(told: Object, event: Event, kind: str) -> Object:
    """The body as the receiver's format wants it: `raw` is the event itself, the others are words for a chat."""
    where = "" if event.environment is None else f" on {event.environment.name}"
    words = f"{event.name}{where}"
    match kind:
        case "slack":
            section = {"type": "section", "text": {"type": "mrkdwn", "text": words}}
            return {"text": words, "blocks": [section]}
        case "teams":
            return {"@type": "MessageCard", "@context": "https://schema.org/extensions", "text": words}
        case "discord":
            return {"content": words}
        case _:
            return told
