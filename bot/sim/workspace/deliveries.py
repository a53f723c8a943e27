"""The way to the app: over its sockets or to its request URLs, again where it must be, remembered for a while."""

import asyncio
import uuid
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta

from bot.sim.workspace.entities import JsonObject
from bot.sim.workspace.envelopes import Delivery, Envelope
from bot.sim.workspace.request_urls import RequestUrls
from bot.sim.workspace.sockets import Sockets
from bot.sim.workspace.store import Workspace

_REMEMBERED_ENVELOPES = 1_000


class Deliveries:
    """Brings envelopes to the app as it is installed now."""

    def __init__(
        self,
        workspace: Workspace,
        sockets: Sockets,
        urls: RequestUrls,
        *,
        retry_events_after: tuple[timedelta, ...],
    ) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._urls = urls
        self._retry_events_after = retry_events_after
        self._sent: OrderedDict[str, Envelope] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def deliver(self, envelope: Envelope) -> Delivery:
        """Send an envelope and wait for its acknowledgement as long as Slack does."""
        self._sent[envelope.id] = envelope
        while len(self._sent) > _REMEMBERED_ENVELOPES:
            self._sent.popitem(last=False)
        route = self._sockets if self._workspace.app.uses_sockets else self._urls
        return await route.deliver(envelope)

    def find_envelope(self, envelope_id: str) -> Envelope | None:
        """An envelope sent earlier."""
        return self._sent.get(envelope_id)

    def announce(self, payload: JsonObject) -> Envelope:
        """Send an event without waiting for it; unlike everything else it comes again if it is not acknowledged."""
        envelope = Envelope("events_api", payload, accepts_response_payload=False)
        self._sent[envelope.id] = envelope
        task = asyncio.create_task(self._insist(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return envelope

    async def _insist(self, envelope: Envelope) -> None:
        delivery = await self.deliver(envelope)
        for pause in self._retry_events_after:
            if delivery.is_acked or not delivery.may_retry:
                return
            await asyncio.sleep(pause.total_seconds())
            # Only `event_id` is sure to stay the same when Slack tries again.
            envelope = again(replace(envelope, id=str(uuid.uuid4())), delivery.problem)
            delivery = await self.deliver(envelope)

    async def stop(self) -> None:
        """End every delivery that goes on."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._urls.stop()


def again(envelope: Envelope, problem: str | None = None) -> Envelope:
    """An event for its next delivery; where nothing went wrong before, Slack thinks it waited in vain."""
    return replace(envelope, attempt=envelope.attempt + 1, reason=problem or "timeout")
