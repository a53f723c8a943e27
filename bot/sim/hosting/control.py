"""The side door `/control/…`: tests and people act as the platform through it.

    GET  /control/state                what there is
    POST /control/pace                 how tasks advance: by time, by looks, by hand
    POST /control/tasks                starts a task as the dashboard or an automation rule would
    POST /control/tasks/{id}           sets a task by hand
    POST /control/environments/{id}    sets an environment's fields
    POST /control/next                 how the next task of an environment ends; several queue up
    GET  /control/requests             the calls received; `since` is a call's number or an ISO time
    POST /control/limits               the request limits in force; counting starts afresh
    POST /control/faults               something goes wrong on the way
    POST /control/webhooks             registers a receiver directly
    GET  /control/webhooks             the receivers, and what was delivered to them
    POST /control/keys                 adds or changes a key: revoked, expired, of one project
    POST /control/locks                holds an environment's action lock for some seconds (`concurrent_action`)
    POST /control/queue                holds new actions back until released, so that two can meet

Every answer is 200 with JSON, or 4xx with `{"error": words}`. Only calls that name a loopback host are served, so that
no web page in the same browser can reach in.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web

from bot.sim.hosting import state
from bot.sim.hosting.entities import Environment, TaskStatus
from bot.sim.hosting.front import FRONT, Front
from bot.sim.hosting.store import Order
from bot.sim.hosting.wishes import (
    Wish,
    WishError,
    read_ending,
    read_fault,
    read_key,
    read_limits,
    read_pace,
    read_time,
    read_touch,
    read_webhook,
)

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TEXT_FIELDS = (
    "name",
    "status",
    "url",
    "branch",
    "last_commit",
    "odoo_version",
    "server_id",
    "custom_domain",
)
_NEEDED_FIELDS = frozenset({"name", "status"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _AbsentError(Exception):
    """What a path or body names is not there."""


def build_control(front: Front) -> web.Application:
    """The side door as an application of its own."""
    control = web.Application(middlewares=[_guard])
    control[FRONT] = front
    control.add_routes(
        [
            web.get("/state", _get_state),
            web.post("/pace", _set_pace),
            web.post("/tasks", _start_task),
            web.post("/tasks/{task_id}", _set_task),
            web.post("/environments/{environment_id}", _set_environment),
            web.post("/next", _set_next),
            web.get("/requests", _list_requests),
            web.post("/limits", _set_limits),
            web.post("/faults", _add_fault),
            web.get("/webhooks", _list_webhooks),
            web.post("/webhooks", _add_webhook),
            web.post("/keys", _set_key),
            web.post("/locks", _set_lock),
            web.post("/queue", _set_queue),
        ]
    )
    return control


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not _is_local(request):
        return _error(403, "the side door only answers callers that name a loopback host")
    try:
        return await handler(request)
    except WishError as mistake:
        return _error(400, str(mistake))
    except _AbsentError as absent:
        return _error(404, str(absent))
    except web.HTTPException as refusal:
        return _error(refusal.status, f"{refusal.reason}: {request.method} {request.path}")


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


def _error(status: int, words: str) -> web.Response:
    return web.json_response({"error": words}, status=status)


async def _read_wish(request: web.Request) -> Wish:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise WishError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise WishError("the body must be a JSON object")
    return Wish(body)


def _environment(front: Front, environment_id: str) -> Environment:
    found = front.hosting.environments.get(environment_id)
    if found is None:
        raise _AbsentError(f"no environment {environment_id}")
    return found


async def _get_state(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.hosting.advance(front.now())
    return web.json_response(state.whole(front, front.writer))


async def _set_pace(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.hosting.change_pace(read_pace(await _read_wish(request)), now=front.now())
    return web.json_response(state.pace(front.hosting.pace))


async def _start_task(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await _read_wish(request)).only("environment_id", "type", "triggered_by", "mode", "modules")
    environment = _environment(front, wish.needed_text("environment_id"))
    front.hosting.advance(front.now())
    holder = front.hosting.open_task(environment.id)
    if holder is not None:
        return _error(409, f"task {holder.id} is {holder.status} there")
    order = Order(wish.text("type") or "deploy", wish.text("mode"), wish.texts("modules"))
    task = front.hosting.start_task(
        environment.id,
        order,
        now=front.now(),
        triggered_by=wish.text("triggered_by"),
        status=TaskStatus.PENDING,
    )
    return web.json_response(front.writer.task(task))


async def _set_task(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = read_touch(await _read_wish(request))
    task_id = request.match_info["task_id"]
    if task_id not in front.hosting.tasks:
        raise _AbsentError(f"no task {task_id}")
    try:
        task = front.hosting.touch_task(task_id, wish, now=front.now())
    except ValueError as mistake:
        return _error(409, str(mistake))
    return web.json_response(front.writer.task(task))


async def _set_environment(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await _read_wish(request)).only(*_TEXT_FIELDS)
    front.hosting.advance(front.now())
    environment = _environment(front, request.match_info["environment_id"])
    given = {name: wish.text(name) for name in _TEXT_FIELDS if name in wish.fields}
    if any(given.get(name, "given") in {None, ""} for name in _NEEDED_FIELDS):
        raise WishError("name and status cannot be empty")
    changed = replace(environment, updated_at=front.now(), **given)  # type: ignore[arg-type] # names checked above
    front.hosting.put_environment(changed)
    return web.json_response(front.writer.environment(changed))


async def _set_next(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = await _read_wish(request)
    ending = read_ending(wish)
    environment = _environment(front, wish.needed_text("environment_id"))
    front.hosting.endings.setdefault(environment.id, []).append(ending)
    return _ok()


def _ok() -> web.Response:
    return web.json_response({"ok": True})


async def _list_requests(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    since = request.query.get("since", "").replace(" ", "+")
    listed = list(front.requests)
    if since.isdigit():
        listed = [one for one in listed if one.number > int(since)]
    elif since:
        begin = read_time(since, "since")
        listed = [one for one in listed if one.at >= begin]
    return web.json_response({"requests": [state.seen_request(one, front.writer) for one in listed]})


async def _set_limits(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.change_limits(read_limits(await _read_wish(request)))
    return web.json_response(state.limits(front.limits))


async def _add_fault(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = await _read_wish(request)
    if wish.fields.get("kind") == "clear":
        wish.only("kind")
        front.faults.clear()
    else:
        front.faults.append(read_fault(wish))
    return _ok()


async def _list_webhooks(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    deliveries = [state.delivery(one, front.writer) for one in front.courier.deliveries]
    webhooks = [state.webhook(one, front.writer) for one in front.hosting.webhooks]
    return web.json_response({"webhooks": webhooks, "deliveries": deliveries})


async def _add_webhook(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.hosting.advance(front.now())
    added = read_webhook(await _read_wish(request), now=front.now())
    front.hosting.webhooks.append(added)
    return web.json_response(state.webhook(added, front.writer))


async def _set_key(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = await _read_wish(request)
    key = read_key(wish, front.hosting.keys.get(wish.text("key") or ""))
    front.hosting.keys[key.value] = key
    return web.json_response(state.key(key, front.writer))


async def _set_lock(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await _read_wish(request)).only("environment_id", "seconds")
    environment = _environment(front, wish.needed_text("environment_id"))
    front.locked_until[environment.id] = front.now() + timedelta(seconds=wish.number("seconds", 30))
    return _ok()


async def _set_queue(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await _read_wish(request)).only("held", "lock_before_cache")
    if wish.flag("held", default=not front.queue_is_open.is_set()):
        front.queue_is_open.clear()
    else:
        front.queue_is_open.set()
    front.locks_before_cache = wish.flag("lock_before_cache", default=front.locks_before_cache)
    return web.json_response(state.queue(front))
