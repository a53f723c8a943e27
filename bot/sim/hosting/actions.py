"""The routes that start work: deploy, restart, start, stop, quick update.

The order of checks, where no page tells it: key tier, body, environment, remembered answer, action lock, server, running
task, environment status. An older service looks at the lock before the remembered answer; that is a switch.
"""

import json

from aiohttp import web

from bot.sim.hosting import errors
from bot.sim.hosting.asks import read_order
from bot.sim.hosting.entities import Environment, EnvironmentStatus, KeyKind
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.front import FRONT, Front
from bot.sim.hosting.gate import respond
from bot.sim.hosting.idempotency import Call
from bot.sim.hosting.routes import key_of, visible_environment
from bot.sim.hosting.shapes import accepted
from bot.sim.hosting.store import Order

ACTIONS = ("deploy", "restart", "start", "stop", "quick-update")


async def post_action(request: web.Request) -> web.Response:
    """`POST /environments/{env_id}/{action}`: 202 with the task, or why not."""
    key = key_of(request)
    if key.kind is not KeyKind.FULL:
        raise RefusedError(errors.read_only_key())
    order = read_order(request.path.rpartition("/")[2], await request.read())
    environment = visible_environment(request)
    front = request.app[FRONT]
    call = _call(request, key.value, await request.read())
    if front.locks_before_cache:
        front.refuse_if_locked(environment.id)
    known = None if call is None else front.answers.recall(call, now=front.now())
    if known is not None:
        return respond(known)
    return respond(await _start(front, environment.id, order, call))


def _call(request: web.Request, api_key: str, raw: bytes) -> Call | None:
    idempotency_key = request.headers.get("Idempotency-Key", "").strip()
    if not idempotency_key:
        return None
    return Call(api_key, idempotency_key, f"{request.method} {request.path} {_canonical(raw)}")


def _canonical(raw: bytes) -> str:
    """The same body written differently is still the same body."""
    try:
        return json.dumps(json.loads(raw), sort_keys=True)
    except ValueError:
        return raw.decode(errors="replace").strip()


async def _start(front: Front, environment_id: str, order: Order, call: Call | None) -> Answer:
    front.refuse_if_locked(environment_id)
    refuse_if_impossible(front, environment_id, order)
    if call is None:
        return await _queue(front, environment_id, order, None)
    with front.answers.in_flight(call, now=front.now()):
        answer = await _queue(front, environment_id, order, call.idempotency_key)
        front.answers.keep(call, answer, now=front.now())
    return answer


async def _queue(front: Front, environment_id: str, order: Order, idempotency_key: str | None) -> Answer:
    with front.lock(environment_id):
        await front.wait_for_queue()
        front.hosting.advance(front.now())
        refuse_if_impossible(front, environment_id, order)
        task = front.hosting.start_task(
            environment_id, order, now=front.now(), idempotency_key=idempotency_key
        )
    return Answer(202, accepted(task))


def refuse_if_impossible(front: Front, environment_id: str, order: Order) -> None:
    """Raise the 409 that stands in the way of an action, if any."""
    environment = front.hosting.environments[environment_id]
    if order.type == "quick_update" and environment.server_id is None:
        raise RefusedError(errors.environment_unassigned())
    holder = front.hosting.open_task(environment_id)
    if holder is not None:
        raise RefusedError(errors.task_in_progress(holder.id))
    _refuse_wrong_status(environment, order)


def _refuse_wrong_status(environment: Environment, order: Order) -> None:
    if order.type in {"restart", "stop", "quick_update"} and environment.status != EnvironmentStatus.RUNNING:
        raise RefusedError(errors.environment_not_running(environment.status))
    if order.type == "start" and environment.status != EnvironmentStatus.STOPPED:
        raise RefusedError(errors.environment_not_stopped(environment.status))
