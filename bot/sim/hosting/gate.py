"""What every call of the public API passes before it reaches its route: record, faults, key, limits."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from bot.sim.hosting import errors
from bot.sim.hosting.entities import ApiKey
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

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_READS = frozenset({"GET", "HEAD"})


def respond(answer: Answer) -> web.Response:
    """An answer as aiohttp sends it; a body of text goes out as it is, not as JSON."""
    if isinstance(answer.body, str):
        return web.Response(
            status=answer.status, text=answer.body, content_type="text/html", headers=answer.headers
        )
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


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
    response = await _answer(request, handler, fault)
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
        idempotency_key=request.headers.get("Idempotency-Key"),
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


async def _answer(request: web.Request, handler: Handler, fault: Fault | None) -> web.StreamResponse:
    try:
        return await _admit(request, handler, fault)
    except RefusedError as refusal:
        return respond(refusal.answer)
    except web.HTTPException as refusal:
        return respond(errors.plain(refusal.status, refusal.reason))


async def _admit(request: web.Request, handler: Handler, fault: Fault | None) -> web.StreamResponse:
    if request.match_info.http_exception is not None:
        raise request.match_info.http_exception
    front = request.app[FRONT]
    key = _good_key(front, request)
    verdict = _count(front, key, is_read=request.method in _READS)
    try:
        if not verdict.is_allowed:
            response: web.StreamResponse = respond(_too_many(front, verdict))
        elif fault is not None and fault.kind == "status":
            response = respond(_scripted(fault))
        else:
            response = await handler(request)
    except RefusedError as refusal:
        response = respond(refusal.answer)
    if front.limits.has_headers:
        response.headers.update(_limit_headers(front, verdict))
    return response


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
        front.refusals[address] = after_refusal(front.refusals.get(address, Refusals()), now=now)
    raise RefusedError(fault or errors.invalid_key())


def _blocked(front: Front, seconds: int) -> Answer:
    message = "Too many invalid API keys from this address. Try again later."
    return _with_wait(front, "ip_blocked", message, seconds)


def _too_many(front: Front, verdict: Verdict) -> Answer:
    message = f"Rate limit exceeded. Try again in {verdict.retry_after} seconds."
    return _with_wait(front, "rate_limit_exceeded", message, verdict.retry_after)


def _with_wait(front: Front, code: str, message: str, seconds: int) -> Answer:
    hint = {"retry_after": seconds} if front.limits.has_hint else {}
    headers = {"Retry-After": str(seconds)} if front.limits.has_headers else {}
    answer = errors.coded(429, code, message, **hint)
    return Answer(answer.status, answer.body, headers)


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
