"""The part of the side door that changes the service itself rather than what runs on it."""

from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from bot.sim.hosting import state
from bot.sim.hosting.events import Event
from bot.sim.hosting.front import FRONT
from bot.sim.hosting.side_door import AbsentError, done, named_environment, read_wish
from bot.sim.hosting.wishes import (
    read_condition,
    read_dialect,
    read_event_name,
    read_fault,
    read_key,
    read_limits,
    read_organization,
    read_webhook,
    read_webhook_change,
)


async def _set_limits(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.change_limits(read_limits(await read_wish(request)))
    return web.json_response(state.limits(front.limits))


async def _add_fault(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = await read_wish(request)
    if wish.fields.get("kind") == "clear":
        wish.only("kind")
        front.faults.clear()
    else:
        front.faults.append(read_fault(wish))
    return done()


async def _list_webhooks(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    deliveries = [state.delivery(one, front.writer) for one in front.courier.deliveries]
    webhooks = [state.webhook(one, front.writer) for one in front.hosting.webhooks.values()]
    return web.json_response({"webhooks": webhooks, "deliveries": deliveries})


async def _add_webhook(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.hosting.advance(front.now())
    added = read_webhook(await read_wish(request), now=front.now())
    front.hosting.webhooks[added.id] = added
    return web.json_response(state.webhook(added, front.writer))


async def _set_key(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = await read_wish(request)
    key = read_key(wish, front.hosting.keys.get(wish.text("key") or ""))
    front.hosting.keys[key.value] = key
    return web.json_response(state.key(key, front.writer))


async def _set_lock(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await read_wish(request)).only("environment_id", "seconds")
    environment = named_environment(front, wish.needed_text("environment_id"))
    front.locked_until[environment.id] = front.now() + timedelta(seconds=wish.number("seconds", 30))
    return done()


async def _set_queue(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await read_wish(request)).only("held", "lock_before_cache")
    if wish.flag("held", default=not front.queue_is_open.is_set()):
        front.queue_is_open.clear()
    else:
        front.queue_is_open.set()
    is_lock_first = wish.flag("lock_before_cache", default=front.dialect.lock_before_cache)
    front.dialect = replace(front.dialect, lock_before_cache=is_lock_first)
    return web.json_response(state.queue(front))


async def _change_webhook(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    webhook = front.hosting.webhooks.get(request.match_info["webhook_id"])
    if webhook is None:
        raise AbsentError("no such webhook")
    changed = read_webhook_change(await read_wish(request), webhook)
    front.hosting.webhooks[changed.id] = changed
    return web.json_response(state.webhook(changed, front.writer))


async def _tell_event(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await read_wish(request)).only("event", "environment_id", "details")
    named = wish.text("environment_id")
    environment = None if named is None else named_environment(front, named)
    front.hosting.advance(front.now())
    event = Event(read_event_name(wish), front.now(), environment, details=wish.mapping("details"))
    front.hosting.tell([event])
    return done()


async def _set_organization(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    changed = read_organization(await read_wish(request), front.hosting.organization)
    front.hosting.organization = changed
    return web.json_response(state.organization(changed))


async def _set_server(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    server = front.hosting.servers.get(request.match_info["server_id"])
    if server is None:
        raise AbsentError("no such server")
    changed = replace(server, condition=read_condition(await read_wish(request)))
    front.hosting.servers[changed.id] = changed
    return web.json_response(state.server(changed))


async def _set_dialect(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.dialect = read_dialect(await read_wish(request), front.dialect)
    return web.json_response(state.dialect(front.dialect))


ROUTES = (
    web.post("/limits", _set_limits),
    web.post("/faults", _add_fault),
    web.get("/webhooks", _list_webhooks),
    web.post("/webhooks", _add_webhook),
    web.post("/webhooks/{webhook_id}", _change_webhook),
    web.post("/events", _tell_event),
    web.post("/keys", _set_key),
    web.post("/organization", _set_organization),
    web.post("/servers/{server_id}", _set_server),
    web.post("/dialect", _set_dialect),
    web.post("/locks", _set_lock),
    web.post("/queue", _set_queue),
)
