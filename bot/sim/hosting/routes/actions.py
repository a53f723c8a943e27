"""The routes that start work: deploy, restart, start, stop, quick update.

The order of checks, where no page tells it: environment, remembered answer, action lock, server, running task, environment
status. An older service looks at the lock before the remembered answer; that is a switch.
"""

from bot.sim.hosting import errors
from bot.sim.hosting.entities import Environment, EnvironmentStatus
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.front import Front
from bot.sim.hosting.route import Ask
from bot.sim.hosting.schemas import MODES_WITH_MODULES, QUICK_UPDATE_MODES
from bot.sim.hosting.shapes import accepted
from bot.sim.hosting.store import Order
from bot.sim.hosting.work_queue import call_of, queue_once


async def deploy(ask: Ask) -> Answer:
    """Pull, update containers, migrate; with modules, update those too."""
    return await _act(ask, Order("deploy", modules=ask.body.get("update_modules") or ()))


async def restart(ask: Ask) -> Answer:
    """Containers only, no new code."""
    return await _act(ask, Order("restart"))


async def start(ask: Ask) -> Answer:
    """Start what is stopped."""
    return await _act(ask, Order("start"))


async def stop(ask: Ask) -> Answer:
    """Stop what runs; data stays."""
    return await _act(ask, Order("stop"))


async def quick_update(ask: Ask) -> Answer:
    """Pull into a running environment. Raises 400 for a mode that cannot be."""
    mode, modules = ask.body["mode"], ask.body.get("modules") or ()
    if mode not in QUICK_UPDATE_MODES:
        raise RefusedError(errors.unsupported_mode(mode, QUICK_UPDATE_MODES))
    if mode in MODES_WITH_MODULES and not modules:
        raise RefusedError(errors.modules_required(mode))
    return await _act(ask, Order("quick_update", mode, modules if mode in MODES_WITH_MODULES else ()))


async def _act(ask: Ask, order: Order) -> Answer:
    environment_id = ask.environment().id
    front = ask.front

    def refuse() -> None:
        refuse_if_impossible(front, environment_id, order)

    def begin() -> Answer:
        task = front.hosting.start_task(
            environment_id, order, now=front.now(), idempotency_key=ask.idempotency_key
        )
        return Answer(202, accepted(task))

    return await queue_once(front, environment_id, call_of(ask), refuse=refuse, begin=begin)


def refuse_if_impossible(front: Front, environment_id: str, order: Order) -> None:
    """Raise the 409 that stands in the way of an action, if any."""
    environment = front.hosting.environments[environment_id]
    if order.type == "quick_update" and environment.server_id is None:
        raise RefusedError(errors.environment_unassigned())
    refuse_if_busy(front, environment_id)
    _refuse_wrong_status(environment, order)


def refuse_if_busy(front: Front, environment_id: str) -> None:
    """Raise 409 with the task that holds the environment's slot, if one does."""
    holder = front.hosting.open_task(environment_id)
    if holder is not None:
        raise RefusedError(errors.task_in_progress(holder.id))


def _refuse_wrong_status(environment: Environment, order: Order) -> None:
    if order.type in {"restart", "stop", "quick_update"} and environment.status != EnvironmentStatus.RUNNING:
        raise RefusedError(errors.environment_not_running(environment.status))
    if order.type == "start" and environment.status != EnvironmentStatus.STOPPED:
        raise RefusedError(errors.environment_not_stopped(environment.status))
