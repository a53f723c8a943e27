"""What every call of the side door has in common: who may call, how bodies are read, how mistakes are told."""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.sim.hosting.entities import Environment
from bot.sim.hosting.front import Front
from bot.sim.hosting.wish import Wish, WishError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AbsentError(Exception):
    """What a path or body names is not there."""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve only callers that name a loopback host; tell mistakes as the side door does."""
    if not _is_local(request):
        return error(403, "the side door only answers callers that name a loopback host")
    try:
        return await handler(request)
    except WishError as mistake:
        return error(400, str(mistake))
    except AbsentError as absent:
        return error(404, str(absent))
    except web.HTTPException as refusal:
        return error(refusal.status, f"{refusal.reason}: {request.method} {request.path}")


def _is_local(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if _host_of(f"//{request.headers.get('Host', '')}") not in _LOOPBACK:
        return False
    return origin is None or _host_of(origin) in _LOOPBACK


def _host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def error(status: int, words: str) -> web.Response:
    """A mistake, in words."""
    return web.json_response({"error": words}, status=status)


async def read_wish(request: web.Request) -> Wish:
    """The body as a JSON object; none is an empty one."""
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise WishError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise WishError("the body must be a JSON object")
    return Wish(body)


def named_environment(front: Front, environment_id: str) -> Environment:
    """An environment, deleted ones included."""
    found = front.hosting.environments.get(environment_id)
    if found is None:
        raise AbsentError(f"no environment {environment_id}")
    return found


def done() -> web.Response:
    """Nothing to tell but that it is done."""
    return web.json_response({"ok": True})
