"""Writes what the side door shows. Pure."""

from dataclasses import asdict

from bot.sim.hosting.courier import Delivery
from bot.sim.hosting.dialect import Dialect
from bot.sim.hosting.entities import (
    ApiKey,
    ByLooks,
    ByTime,
    KeyKind,
    Organization,
    Pace,
    Server,
    Signing,
    Webhook,
)
from bot.sim.hosting.front import Front, SeenRequest
from bot.sim.hosting.limits import Bucket, Limits, admit, allowance_for
from bot.sim.hosting.routes.webhooks import delivery_object, webhook_object
from bot.sim.hosting.shapes import Object, Writer


def whole(front: Front, writer: Writer) -> Object:
    """Everything there is, deleted environments included."""
    hosting = front.hosting
    return {
        "projects": [
            writer.project(one, environment_count=len(hosting.environments_of(one.id)))
            for one in hosting.projects.values()
        ],
        "environments": [writer.environment(one) for one in hosting.environments.values()],
        "tasks": [
            writer.task(one)
            | {
                "created_at": writer.time(one.created_at),
                "idempotency_key": one.idempotency_key,
                "mode": one.mode,
                "modules": list(one.modules),
                "by_hand": one.is_by_hand,
            }
            for one in hosting.tasks.values()
        ],
        "endings": {
            place: [one.outcome for one in queued] for place, queued in hosting.endings.items() if queued
        },
        "keys": [key(one, writer) | {"left": left(front, one)} for one in hosting.keys.values()],
        "webhooks": [webhook(one, writer) for one in hosting.webhooks.values()],
        "organization": organization(hosting.organization),
        "servers": [server(one) for one in hosting.servers.values()],
        "dialect": dialect(front.dialect),
        "pace": pace(hosting.pace),
        "limits": limits(front.limits),
        "faults": [asdict(one) for one in front.faults if one.times],
        "queue": queue(front),
    }


def key(one: ApiKey, writer: Writer) -> Object:
    """A key; `scope` is `organization` or `project`."""
    return {
        "key": one.value,
        "kind": one.kind,
        "scope": "organization" if one.project_id is None else "project",
        "project_id": one.project_id,
        "expires_at": writer.time(one.expires_at),
        "revoked": one.is_revoked,
    }


def left(front: Front, one: ApiKey) -> Object:
    """What a key may still do within the limits; asking does not count. A read-only key has no `writes`."""

    def room(*, is_read: bool) -> Object:
        allowance = allowance_for(one, is_read=is_read, limits=front.limits)
        bucket = front.buckets.get(allowance.bucket_name, Bucket())
        verdict = admit(bucket, limit=allowance.limit, limits=front.limits, now=front.now())
        return {"limit": verdict.limit, "remaining": verdict.remaining + verdict.is_allowed}

    writes = None if one.kind is KeyKind.READ_ONLY else room(is_read=False)
    return {"reads": room(is_read=True), "writes": writes}


def webhook(one: Webhook, writer: Writer) -> Object:
    """A registered receiver, with what only the platform knows of it."""
    own = _signing(one.signing or writer.dialect.signing)
    return {**webhook_object(one, writer), "secret": one.secret, "deliver_to": one.deliver_to, **own}


def _signing(one: Signing) -> Object:
    return {
        "signature_header": one.header,
        "signature_prefix": one.prefix,
        "signature_encoding": one.encoding,
    }


def delivery(one: Delivery, writer: Writer) -> Object:
    """One delivery, tried or waiting."""
    return {**delivery_object(one, writer), "webhook_id": one.webhook_id}


def organization(one: Organization) -> Object:
    """What can be changed about the organization."""
    return {
        "plan": one.plan,
        "subscription_status": one.subscription_status,
        "backup_storage": one.has_backup_storage,
    }


def server(one: Server) -> Object:
    """A server, and how it answers."""
    return {"id": one.id, "name": one.name, "shared": one.is_shared, "condition": one.condition}


def dialect(one: Dialect) -> Object:
    """How the service speaks, as it would be set."""
    return {
        "microseconds": one.has_microseconds,
        "hides_down": one.hides_down,
        "lock_before_cache": one.lock_before_cache,
        "page_count": one.page_count_name,
        "backup_words": one.backup_words,
        "errors": one.error_shape,
        **_signing(one.signing),
    }


def pace(one: Pace) -> Object:
    """The pace, as it would be set."""
    if isinstance(one, ByTime):
        return {"mode": "time", "speed": one.speed}
    if isinstance(one, ByLooks):
        return {"mode": "reads", "reads": one.reads}
    return {"mode": "manual"}


def limits(one: Limits) -> Object:
    """The limits, as they would be set."""
    return {
        "reads": one.reads,
        "writes": one.writes,
        "variant": one.variant,
        "window": one.window,
        "headers": one.has_headers,
        "hint": one.has_hint,
        "minute_seconds": one.minute.total_seconds(),
        "per_target": one.per_target,
        "webhook_changes": one.webhook_changes,
        "refused_keys": one.refused_keys,
    }


def queue(front: Front) -> Object:
    """Whether new actions are held back, and for which environments one is waiting."""
    return {
        "held": not front.queue_is_open.is_set(),
        "waiting": sorted(front.queueing),
        "lock_before_cache": front.dialect.lock_before_cache,
    }


def seen_request(one: SeenRequest, writer: Writer) -> Object:
    """One call received."""
    return {
        "number": one.number,
        "at": writer.time(one.at),
        "method": one.method,
        "path": one.path,
        "query": one.query,
        "key_kind": one.key_kind,
        "status": one.status,
        "idempotency_key": one.idempotency_key,
        "body": one.body,
    }
