"""From a signed delivery of oec.sh's webhook to the edited card arriving at the pretend Slack.

A task ends at the pretend oec.sh, and in the same moment this program delivers the news to the bot's own address, as the
platform would. Until the edit stands at Slack the bot has checked the signature, looked at the task, written down what it
saw, and drawn the card. Few enough end at a time that neither the bot's pace of edits (20 at once, then one every two
seconds) nor Slack's tier is what is measured; between two batches the bot's allowance grows back.
"""

import asyncio
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx

from bot.doors import WEBHOOK_PATH
from tests.benchmarks import crowd
from tests.benchmarks.ack import settings_for
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading, read_times
from tests.benchmarks.programs import Program, running
from tests.benchmarks.stand_ins import ENDED, StandIns, stand_ins

SECRET = "whsec_of-a-benchmark"
RATES = (1, 50)
BATCH = 10
"""So many ends at a time leave the bot's allowance of 20 edits room for each end's card and for progress."""

MOST_BATCHES = 10
CHANNELS = 10
REFILL = 42.0
"""Seconds in which a used-up allowance of edits is whole again."""

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Followed:
    """A run under way: its task, and where its card stands."""

    task_id: str
    channel: str
    card_ts: str


class Deliverer:
    """Delivers as oec.sh does: signed, over a kept-alive connection."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client

    async def tell_of_end(self, task_id: str) -> datetime:
        """Deliver that a task has ended; when the delivery left."""
        told = {"id": str(uuid4()), "event": "deploy.completed", "data": {"task_id": task_id}}
        body = json.dumps(told).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Webhook-Signature": f"sha256={signature}"}
        left_at = datetime.now(UTC)
        answer = await self._client.post(self._url, content=body, headers=headers)
        answer.raise_for_status()
        return left_at


def find_free_port() -> int:
    """A port on loopback that nobody has at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def open_runs(there: StandIns, numbers: Sequence[int]) -> list[Followed]:
    """Have a run begun in each of these environments, and wait until each has its task and its card."""
    for number in numbers:
        channel = crowd.channel_id(number % CHANNELS)
        await there.slash(f"deploy {crowd.alias(number)}", channel=channel)
    deadline = time.monotonic() + PATIENCE
    while len(followed := await find_followed(there, numbers)) < len(numbers):
        if time.monotonic() > deadline:
            raise there.program.failure(f"has {len(followed)} of {len(numbers)} runs")
        await asyncio.sleep(0.2)
    return followed


async def find_followed(there: StandIns, numbers: Sequence[int]) -> list[Followed]:
    """Those of these environments' runs that are under way and shown."""
    tasks = {
        one["environment_id"]: one["id"] for one in await there.fetch_tasks() if one["status"] not in ENDED
    }
    found = []
    for number in numbers:
        task_id = tasks.get(crowd.environment_id(number))
        channel = crowd.channel_id(number % CHANNELS)
        texts = await there.fetch_texts(channel)
        card = next((ts for ts, text in texts.items() if crowd.alias(number) in text), None)
        if task_id is not None and card is not None:
            found.append(Followed(task_id, channel, card))
    return found


async def end_at_a_rate(
    there: StandIns, deliverer: Deliverer, runs: Sequence[Followed], rate: float
) -> dict[Followed, datetime]:
    """End these tasks one after the other, each told of at its own moment; when each delivery left."""
    begin = time.perf_counter()

    async def end_one(place: int, run: Followed) -> datetime:
        await asyncio.sleep(begin + place / rate - time.perf_counter())
        await there.move_task(run.task_id, status="completed")
        return await deliverer.tell_of_end(run.task_id)

    left = await asyncio.gather(*(end_one(place, run) for place, run in enumerate(runs)))
    return dict(zip(runs, left, strict=True))


async def wait_for_edits(there: StandIns, left: dict[Followed, datetime]) -> dict[Followed, datetime]:
    """When the first edit of each card arrived after its delivery had left; without those that had none in time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        arrived = await find_edits(there, left)
        if len(arrived) == len(left) or time.monotonic() > deadline:
            return arrived
        await asyncio.sleep(0.2)


async def find_edits(there: StandIns, left: dict[Followed, datetime]) -> dict[Followed, datetime]:
    """The same, as it stands now."""
    edits = [
        (call["args"].get("ts"), datetime.fromisoformat(call["at"]))
        for call in await there.fetch_calls()
        if call["method"] == "chat.update" and call["ok"]
    ]
    first = {
        run: next((at for ts, at in edits if ts == run.card_ts and at >= left_at), None)
        for run, left_at in left.items()
    }
    return {run: at for run, at in first.items() if at is not None}


async def measure_batch(
    there: StandIns, program: Program, deliverer: Deliverer, numbers: Sequence[int], rate: float
) -> list[float | None]:
    """A batch of runs opened, left alone until the bot's allowance is whole, and ended; milliseconds of each."""
    runs = await open_runs(there, numbers)
    await asyncio.sleep(REFILL)
    program.require_alive()
    left = await end_at_a_rate(there, deliverer, runs, rate)
    arrived = await wait_for_edits(there, left)
    return [
        (arrived[run] - left_at).total_seconds() * 1000 if run in arrived else None
        for run, left_at in left.items()
    ]


async def measure_rate(rate: float, options: Options) -> list[Reading]:
    """Deliveries at this rate to a bot of their own."""
    batches = max(1, min(options.commands // BATCH, MOST_BATCHES))
    size = ("--environments", str(BATCH * batches), "--channels", str(CHANNELS), "--no-tiers")
    port = find_free_port()
    listening = {"OEC_LISTEN": f"127.0.0.1:{port}", "OEC_WEBHOOK_SECRET": SECRET}
    times: list[float | None] = []
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        async with (
            stand_ins("tests.benchmarks.crowd", *size, folder=folder) as there,
            running("bot", "run", settings=settings_for(there, folder) | listening, folder=folder) as program,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            await there.lift_limits()
            await there.wait_for_connection(program)
            deliverer = Deliverer(f"http://127.0.0.1:{port}{WEBHOOK_PATH}", client)
            for batch in range(batches):
                options.tell(f"{rate} a second, batch {batch + 1} of {batches}")
                numbers = range(batch * BATCH, (batch + 1) * BATCH)
                times += await measure_batch(there, program, deliverer, numbers, rate)
    load = f"{rate} a second"
    came = [took for took in times if took is not None]
    readings = read_times("oec-bot", load, came) if came else []
    return [
        *readings,
        Reading("oec-bot", f"{load}, deliveries", "", len(times)),
        Reading("oec-bot", f"{load}, card never edited", "", len(times) - len(came)),
    ]


async def measure_round(options: Options) -> list[Reading]:
    """Each rate."""
    return [reading for rate in RATES for reading in await measure_rate(rate, options)]


BENCHMARK = Benchmark(
    name="webhook",
    title="Webhook delivery to edited card",
    measure_round=measure_round,
    rounds=1,
)
