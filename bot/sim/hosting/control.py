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
    POST /control/webhooks/{id}        where a receiver of the public route really listens; how it is signed
    GET  /control/webhooks             the receivers, and what was delivered to them
    POST /control/events               something happens that only a webhook tells of: an automation rule, an alert
    POST /control/keys                 adds or changes a key: revoked, expired, of one project
    POST /control/organization         its plan, subscription and backup storage
    POST /control/servers/{id}         how a server answers: fine, unreachable, docker_stuck
    POST /control/dialect              how the service speaks: older, newer, as documented
    POST /control/locks                holds an environment's action lock for some seconds (`concurrent_action`)
    POST /control/queue                holds new actions back until released, so that two can meet

Every answer is 200 with JSON, or 4xx with `{"error": words}`. Only calls that name a loopback host are served, so that
no web page in the same browser can reach in.
"""

from dataclasses import replace

from aiohttp import web

from bot.sim.hosting import control_service, state
from bot.sim.hosting.backups import put_scheduled
from bot.sim.hosting.entities import TaskStatus
from bot.sim.hosting.front import FRONT, Front
from bot.sim.hosting.side_door import AbsentError, done, error, guard, named_environment, read_wish
from bot.sim.hosting.store import Order
from bot.sim.hosting.wish import WishError, read_time
from bot.sim.hosting.wishes import read_ending, read_pace, read_touch

_TEXT_FIELDS = (
    "name",
    "status",
    "url",
    "branch",
    "last_commit",
    "odoo_version",
    "server_id",
    "custom_domain",
    "runtime_log",
)
_NEEDED_FIELDS = frozenset({"name", "status"})


def build_control(front: Front) -> web.Application:
    """The side door as an application of its own."""
    control = web.Application(middlewares=[guard])
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
            *control_service.ROUTES,
        ]
    )
    return control


async def _get_state(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.hosting.advance(front.now())
    return web.json_response(state.whole(front, front.writer))


async def _set_pace(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    front.hosting.change_pace(read_pace(await read_wish(request)), now=front.now())
    return web.json_response(state.pace(front.hosting.pace))


async def _start_task(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await read_wish(request)).only("environment_id", "type", "triggered_by", "mode", "modules")
    environment = named_environment(front, wish.needed_text("environment_id"))
    front.hosting.advance(front.now())
    holder = front.hosting.open_task(environment.id)
    if holder is not None:
        return error(409, f"task {holder.id} is {holder.status} there")
    order = Order(wish.text("type") or "deploy", wish.text("mode"), wish.texts("modules"))
    task = front.hosting.start_task(
        environment.id,
        order,
        now=front.now(),
        triggered_by=wish.text("triggered_by"),
        status=TaskStatus.PENDING,
    )
    if task.type == "backup":
        put_scheduled(front.hosting, environment, task, now=front.now())
    return web.json_response(front.writer.task(task))


async def _set_task(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = read_touch(await read_wish(request))
    task_id = request.match_info["task_id"]
    if task_id not in front.hosting.tasks:
        raise AbsentError(f"no task {task_id}")
    try:
        task = front.hosting.touch_task(task_id, wish, now=front.now())
    except ValueError as mistake:
        return error(409, str(mistake))
    return web.json_response(front.writer.task(task))


async def _set_environment(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = (await read_wish(request)).only(*_TEXT_FIELDS)
    front.hosting.advance(front.now())
    environment = named_environment(front, request.match_info["environment_id"])
    given = {name: wish.text(name) for name in _TEXT_FIELDS if name in wish.fields}
    if any(given.get(name, "given") in {None, ""} for name in _NEEDED_FIELDS):
        raise WishError("name and status cannot be empty")
    changed = replace(environment, updated_at=front.now(), **given)  # type: ignore[arg-type] # names checked above
    front.hosting.put_environment(changed)
    return web.json_response(front.writer.environment(changed))


async def _set_next(request: web.Request) -> web.Response:
    front = request.app[FRONT]
    wish = await read_wish(request)
    ending = read_ending(wish)
    environment = named_environment(front, wish.needed_text("environment_id"))
    front.hosting.endings.setdefault(environment.id, []).append(ending)
    return done()


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
