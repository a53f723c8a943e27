"""The benchmark delivers as the platform would, or it would measure how fast the bot refuses."""

from datetime import UTC, datetime

import httpx

from bot.core.arrivals import Answer
from bot.hosting.webhooks import Signing, Webhooks
from tests.benchmarks.webhook import SECRET, Deliverer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def test_delivery_of_the_benchmark_is_taken_and_names_its_task() -> None:
    hinted: list[frozenset[str]] = []
    door = Webhooks(Signing((SECRET,)), hint=hinted.append, now=lambda: NOW)

    async def answer(request: httpx.Request) -> httpx.Response:
        taken = await door.take(request.headers, request.content)
        return httpx.Response(204 if isinstance(taken, Answer) else taken.status)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        deliverer = Deliverer("http://127.0.0.1/oec/webhook", client)
        for _ in range(2):
            await deliverer.tell_of_end("task-1")

    assert len(hinted) == 2, "two deliveries are two, not one that came twice"
    assert all("task-1" in ids for ids in hinted)
