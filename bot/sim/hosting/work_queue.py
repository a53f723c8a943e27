"""The one door into the work queue: idempotency, the environment's action lock, the queue itself."""

import json
from collections.abc import Callable

from bot.sim.hosting.errors import Answer
from bot.sim.hosting.front import Front
from bot.sim.hosting.idempotency import Call
from bot.sim.hosting.route import Ask


def call_of(ask: Ask) -> Call | None:
    """What a retry of this call would have in common with it; None when it brought no idempotency key."""
    if ask.idempotency_key is None:
        return None
    asked = f"{ask.method} {ask.path} {json.dumps(ask.body, sort_keys=True)}"
    return Call(ask.key.value, ask.idempotency_key, asked)


async def queue_once(
    front: Front,
    environment_id: str,
    call: Call | None,
    *,
    refuse: Callable[[], None],
    begin: Callable[[], Answer],
) -> Answer:
    """Queue work for an environment, or give the answer this call got before.

    `refuse` raises what stands in the way; it is asked before the queue and again when the queue has taken the work.
    `begin` makes the task.
    """

    async def queue() -> Answer:
        front.refuse_if_locked(environment_id)
        refuse()
        with front.lock(environment_id):
            await front.wait_for_queue()
            front.hosting.advance(front.now())
            refuse()
            return begin()

    if front.dialect.lock_before_cache:
        front.refuse_if_locked(environment_id)
    return await front.answers.once(call, queue, clock=front.now)
