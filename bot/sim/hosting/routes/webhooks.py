"""Outgoing webhooks: register, change, try, look at what was delivered.

The secret is shown when it is made and never again. Not documented, and chosen here: which addresses count as private is
judged by what the URL says, names are not resolved; refused addresses and events answer 422.
"""

import secrets
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from bot.sim.hosting import errors
from bot.sim.hosting.courier import Attempt, Delivery
from bot.sim.hosting.entities import Webhook
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.paging import cut_by_offset
from bot.sim.hosting.route import Ask
from bot.sim.hosting.shapes import Object, Writer
from bot.sim.hosting.work_queue import call_of

_DELIVERIES_SHOWN = 50
_INNER_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_CHANGEABLE = ("url", "events", "description", "format", "is_active")


async def list_webhooks(ask: Ask) -> Answer:
    """By offset, oldest first; a project key sees its project's."""
    seen = [one for one in ask.front.hosting.webhooks.values() if _is_visible(ask, one)]
    writer = ask.front.writer
    return Answer(200, cut_by_offset(seen, ask.query, lambda one: webhook_object(one, writer)))


async def get_webhook(ask: Ask) -> Answer:
    """One webhook, without its secret."""
    return Answer(200, webhook_object(_visible(ask), ask.front.writer))


async def create_webhook(ask: Ask) -> Answer:
    """201 with the secret; a project key must name its project."""
    project_id: str | None = ask.body.get("project_id")
    _refuse_foreign_project(ask, project_id)
    _refuse_bad_url(ask.body["url"])

    async def create() -> Answer:
        given = {name: ask.body[name] for name in _CHANGEABLE if name in ask.body}
        blank = Webhook(str(uuid4()), "", _new_secret(), (), ask.now, project_id=project_id)
        made = replace(blank, **_known_once(given))
        ask.up_to_date().hosting.webhooks[made.id] = made
        return Answer(201, {**webhook_object(made, ask.front.writer), "secret": made.secret})

    return await ask.front.answers.once(call_of(ask), create, clock=ask.front.now)


async def change_webhook(ask: Ask) -> Answer:
    """Anything but its project."""
    webhook = _visible(ask)
    if "url" in ask.body:
        _refuse_bad_url(ask.body["url"])
    given = {name: ask.body[name] for name in _CHANGEABLE if name in ask.body}
    changed = replace(webhook, **_known_once(given))
    ask.front.hosting.webhooks[webhook.id] = changed
    return Answer(200, webhook_object(changed, ask.front.writer))


async def delete_webhook(ask: Ask) -> Answer:
    """204; the record of its deliveries goes with it."""
    webhook = _visible(ask)
    del ask.front.hosting.webhooks[webhook.id]
    ask.front.courier.forget(webhook.id)
    return Answer(204, None)


async def rotate_secret(ask: Ask) -> Answer:
    """A new secret; the old one is good for nothing from now on."""
    webhook = _visible(ask)
    changed = replace(webhook, secret=_new_secret())
    ask.front.hosting.webhooks[webhook.id] = changed
    return Answer(200, {"id": webhook.id, "secret": changed.secret})


async def try_webhook(ask: Ask) -> Answer:
    """Sends a `ping` now, and tells how it went."""
    attempt = await ask.front.courier.ping(_visible(ask))
    return Answer(
        200,
        {
            "success": attempt.is_taken,
            "status_code": attempt.status,
            "duration_ms": attempt.duration_ms,
            "message": _words_for(attempt),
        },
    )


def _words_for(attempt: Attempt) -> str:
    if attempt.status is None:
        return "The receiver could not be reached."
    return "Delivered." if attempt.is_taken else f"The receiver answered {attempt.status}."


async def list_deliveries(ask: Ask) -> Answer:
    """A plain array of the newest, newest first."""
    webhook = _visible(ask)
    mine = [one for one in ask.front.courier.deliveries if one.webhook_id == webhook.id]
    shown = mine[-_DELIVERIES_SHOWN:][::-1]
    return Answer(200, [delivery_object(one, ask.front.writer) for one in shown])


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _known_once(given: dict[str, Any]) -> dict[str, Any]:
    """An event named twice is subscribed to once."""
    return given | ({"events": tuple(dict.fromkeys(given["events"]))} if "events" in given else {})


def _is_visible(ask: Ask, webhook: Webhook) -> bool:
    return ask.key.project_id in {None, webhook.project_id}


def _visible(ask: Ask) -> Webhook:
    found = ask.front.hosting.webhooks.get(ask.places["webhook_id"])
    if found is None or not _is_visible(ask, found):
        raise RefusedError(errors.not_found("Webhook"))
    return found


def _refuse_foreign_project(ask: Ask, project_id: str | None) -> None:
    if project_id is None:
        if ask.key.project_id is not None:
            raise RefusedError(errors.project_scoped_key())
        return
    if project_id not in {one.id for one in ask.front.hosting.visible_projects(ask.key)}:
        raise RefusedError(errors.not_found("Project"))


def _refuse_bad_url(url: str) -> None:
    fault = fault_of_url(url)
    if fault is not None:
        raise RefusedError(errors.invalid(("body", "url"), fault, "value_error", url))


def fault_of_url(url: str) -> str | None:
    """Why the platform would not call this address, or None when it would."""
    if "\\" in url or any(letter.isspace() or not letter.isprintable() for letter in url):
        return "Webhook URL is not valid"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "Webhook URL is not valid"
    if parts.scheme != "https":
        return "Webhook URL must use HTTPS"
    if not host or "@" in parts.netloc:
        return "Webhook URL is not valid"
    return "Webhook URL must not point to a private address" if is_private(host) else None


def is_private(host: str) -> bool:
    """Whether a host is one of somebody's own network, as far as its name tells."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(_INNER_NAMES) or name.isdigit() or name.startswith("0x"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.rpartition(".")[2].isdigit()
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


def webhook_object(webhook: Webhook, writer: Writer) -> Object:
    """A webhook, without its secret."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "description": webhook.description,
        "project_id": webhook.project_id,
        "format": webhook.format,
        "is_active": webhook.is_active,
        "last_triggered_at": writer.time(webhook.last_triggered_at),
        "failure_count": webhook.failure_count,
        "created_at": writer.time(webhook.created_at),
    }


def delivery_object(delivery: Delivery, writer: Writer) -> Object:
    """One delivery, tried or waiting."""
    return {
        "id": delivery.id,
        "event": delivery.event,
        "status": delivery.status,
        "attempt_count": delivery.attempt_count,
        "response_status": delivery.response_status,
        "response_body": delivery.response_body,
        "duration_ms": delivery.duration_ms,
        "delivered_at": writer.time(delivery.delivered_at),
        "created_at": writer.time(delivery.created_at),
    }
