"""What every call of the public API passes before it reaches its route.

In this order, where no document tells it: record and faults on the way; blocked address, key; plan; key limit; key tier and
scope; billing; limit on webhook changes; then path, query, headers and body against the route's schemas.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from aiohttp import web

from bot.sim.hosting import errors, schemas
from bot.sim.hosting.checks import Findings, check, check_text, read_json
from bot.sim.hosting.dialect import Dialect, spoken_error
from bot.sim.hosting.entities import ApiKey, KeyKind
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.faults import PROXY_PAGE, Fault, take_fault
from bot.sim.hosting.front import FRONT, Front, SeenRequest
from bot.sim.hosting.keys import (
    Refusals,
    after_refusal,
    counts_to_block,
    find_fault,
    presented_key,
    seconds_blocked,
)
from bot.sim.hosting.limits import Bucket, Verdict, admit, allowance_for
from bot.sim.hosting.route import Ask, Route

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_FAULT: web.RequestKey[Fault] = web.RequestKey("fault", Fault)


def respond(answer: Answer, dialect: Dialect) -> web.Response:
    """An answer as aiohttp sends it; a body of text goes out as it is, not as JSON."""
    if isinstance(answer.body, str):
        return web.Response(
            status=answer.status, text=answer.body, content_type="text/html", headers=answer.headers
        )
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    body = spoken_error(answer.body, dialect) if answer.status >= 400 else answer.body
    return web.json_response(body, status=answer.status, headers=answer.headers)


@web.middleware
async def record_call(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write down every call and how it was answered; let the call's fault strike from outside."""
    front = request.app[FRONT]
    seen = _note(front, request, await request.read())
    fault = take_fault(front.faults, request.method, request.path)
    if fault is not None and fault.kind == "drop_before":
        return _cut(request)
    if fault is not None and fault.kind == "hang":
        await front.hang(timedelta(seconds=fault.seconds))
    if fault is not None:
        request[_FAULT] = fault
    response = await _answer(request, handler)
    if fault is not None and fault.kind == "drop_after":
        return _cut(request)
    if fault is not None and fault.kind == "not_json":
        response = web.Response(status=fault.status or 200, text=PROXY_PAGE, content_type="text/html")
    seen.status = response.status
    return response


def _note(front: Front, request: web.Request, raw: bytes) -> SeenRequest:
    known = front.hosting.keys.get(presented_key(request.headers) or "")
    front.request_count += 1
    seen = SeenRequest(
        number=front.request_count,
        at=front.now(),
        method=request.method,
        path=request.path,
        query=request.query_string,
        key_kind=None if known is None else known.kind,
        idempotency_key=request.headers.get("Idempotency-Key") or request.headers.get("X-Idempotency-Key"),
        body=_readable(raw),
    )
    front.requests.append(seen)
    return seen


def _readable(raw: bytes) -> object:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def _cut(request: web.Request) -> web.Response:
    """Cut the connection; what is returned here goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    dialect = request.app[FRONT].dialect
    try:
        return await handler(request)
    except RefusedError as refusal:
        return respond(refusal.answer, dialect)
    except web.HTTPMethodNotAllowed as refusal:
        allowed = {"Allow": ", ".join(sorted(refusal.allowed_methods))}
        return respond(Answer(405, errors.plain(405, refusal.reason).body, allowed), dialect)
    except web.HTTPException as refusal:
        return respond(errors.plain(refusal.status, refusal.reason), dialect)


def build_handler(route: Route) -> Handler:
    """The route as aiohttp calls it: gate first, then the route's own answer, with the limit's headers on it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        front = request.app[FRONT]
        key = _good_key(front, request)
        verdict = _count(front, key, is_read=not route.is_write)
        try:
            response = respond(await _answer_counted(request, route, key, verdict), front.dialect)
        except RefusedError as refusal:
            response = respond(refusal.answer, front.dialect)
        if front.limits.has_headers:
            response.headers.update(_limit_headers(front, verdict))
        return response

    return answer


async def _answer_counted(request: web.Request, route: Route, key: ApiKey, verdict: Verdict) -> Answer:
    front = request.app[FRONT]
    if not verdict.is_allowed:
        words = f"Rate limit exceeded. Try again in {verdict.retry_after} seconds."
        return front.too_many("rate_limit_exceeded", words, verdict.retry_after)
    fault = request.get(_FAULT)
    if fault is not None and fault.kind == "status":
        return _scripted(fault)
    _refuse_outsiders(front, route, key)
    return await route.handler(await _read_ask(request, route, key))


def _refuse_outsiders(front: Front, route: Route, key: ApiKey) -> None:
    organization = front.hosting.organization
    if organization.plan == "free":
        raise RefusedError(errors.plan_feature_required(organization.plan))
    if route.is_write and key.kind is not KeyKind.FULL:
        raise RefusedError(errors.read_only_key())
    if route.needs_organization_key and key.project_id is not None:
        raise RefusedError(errors.org_scope_required())
    if route.is_write and organization.subscription_status != "active":
        raise RefusedError(errors.subscription_blocked(organization.subscription_status))
    if route.changes_webhooks:
        front.refuse_if_too_many("webhook_mutation_rate_limit", key.value, limit=front.limits.webhook_changes)


async def _read_ask(request: web.Request, route: Route, key: ApiKey) -> Ask:
    found = Findings()
    places = {
        name: check_text(schemas.UUID, request.match_info[name], ("path", name), found)
        for name in route.place_names
    }
    query = _read_query(request.query, route, found)
    body = _read_body(await request.read(), route, found)
    found.refuse()
    idempotency_key = request.headers.get(route.idempotency.value or "", "").strip() or None
    if route.confirmation and request.headers.get(route.confirmation, "").lower() != "true":
        raise RefusedError(errors.confirmation_required(route.confirmation))
    return Ask(request.app[FRONT], key, route.method, request.path, places, query, body, idempotency_key)


def _read_query(given: Mapping[str, str], route: Route, found: Findings) -> dict[str, object]:
    return {
        one.name: check_text(one.schema, given[one.name], ("query", one.name), found)
        if one.name in given
        else one.schema.get("default")
        for one in route.query
    }


def _read_body(raw: bytes, route: Route, found: Findings) -> Mapping[str, object]:
    if route.body is None:
        return {}
    body = read_json(raw)
    if body is None:
        if route.is_body_needed:
            found.add(("body",), "Field required", "missing", None)
        return {}
    return check(route.body, body, ("body",), found) or {}


def _good_key(front: Front, request: web.Request) -> ApiKey:
    now, address = front.now(), request.remote or ""
    blocked = seconds_blocked(front.refusals.get(address, Refusals()), now=now)
    if blocked:
        raise RefusedError(_blocked(front, blocked))
    presented = presented_key(request.headers)
    known = front.hosting.keys.get(presented or "")
    fault = find_fault(presented, known, now=now)
    if fault is None and known is not None:
        return known
    if counts_to_block(presented, known, now=now):
        front.refusals[address] = after_refusal(
            front.refusals.get(address, Refusals()), most=front.limits.refused_keys, now=now
        )
    raise RefusedError(fault or errors.invalid_key())


def _blocked(front: Front, seconds: int) -> Answer:
    words = "Too many invalid API keys from this address. Try again later."
    return front.too_many("ip_blocked", words, seconds)


def _count(front: Front, key: ApiKey, *, is_read: bool) -> Verdict:
    allowance = allowance_for(key, is_read=is_read, limits=front.limits)
    bucket = front.buckets.get(allowance.bucket_name, Bucket())
    verdict = admit(bucket, limit=allowance.limit, limits=front.limits, now=front.now())
    front.buckets[allowance.bucket_name] = verdict.bucket
    return verdict


def _limit_headers(front: Front, verdict: Verdict) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(verdict.limit),
        "X-RateLimit-Remaining": str(verdict.remaining),
        "X-RateLimit-Window": str(max(1, round(front.limits.minute.total_seconds()))),
    }


def _scripted(fault: Fault) -> Answer:
    status = fault.status or 500
    usual = errors.usual(status)
    body = usual.body if fault.body is None else fault.body
    headers = usual.headers if fault.body is None and not fault.headers else fault.headers
    return Answer(status, body, headers)
