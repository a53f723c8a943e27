"""What the stand-ins carry on one core, and how much they add to what a bot is measured by.

Measured of the stand-ins, without rate limits, and of the least that aiohttp can do (`bare aiohttp`: constant answers),
each in a process of its own; a client in this process calls, types and acknowledges at once. "per core" is what was carried
by a second of that process's processor time: what a core of its own would carry, however busy this machine is.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading, read_times
from tests.benchmarks.programs import Program, running

AT_ONCE = 50
WARM_UP = 50
BARE = "bare aiohttp"
STAND_IN = "stand-in"

Deed = Callable[[], Awaitable[float | None]]
"""Something that takes time at the server: how many milliseconds by the server's own word, or None to take the client's."""


@dataclass(frozen=True, slots=True)
class Load:
    """Something to do many times."""

    name: str
    do: Deed


class Client:
    """Calls the Web API, types at the side door, reads at oec.sh; acknowledges every envelope at once."""

    def __init__(self, addresses: dict[str, Any], http: aiohttp.ClientSession) -> None:
        self._addresses = addresses
        self._slack: str = addresses["slack_url"]
        self._http = http

    async def acknowledge(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Answer envelopes as long as there are any."""
        async for frame in socket:
            envelope = json.loads(frame.data)
            if "envelope_id" in envelope:
                await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """An app on its socket for the length of a block."""
        headers = {"Authorization": f"Bearer {APP_TOKEN}"}
        async with self._http.post(f"{self._slack}/api/apps.connections.open", headers=headers) as answer:
            url = (await answer.json())["url"]
        async with self._http.ws_connect(url) as socket:
            await socket.receive_str()
            answering = asyncio.create_task(self.acknowledge(socket))
            yield
            answering.cancel()

    async def post_message(self) -> None:
        """chat.postMessage with a few words."""
        body = {"channel": "C0DEPLOYS", "text": "Deploying prod"}
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        url = f"{self._slack}/api/chat.postMessage"
        async with self._http.post(url, json=body, headers=headers) as answer:
            assert (await answer.json())["ok"], await answer.text()

    async def read_status(self) -> None:
        """One environment's status."""
        headers = {"Authorization": f"Bearer {self._addresses['key']}"}
        async with self._http.get(self._addresses["read_url"], headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()

    async def type(self) -> float:
        """One slash command; how long the envelope took to its acknowledgement, in milliseconds."""
        body = {"user_id": "U0ANA", "channel_id": "C0DEPLOYS", "command": "/oec", "text": "help"}
        async with self._http.post(f"{self._slack}/person/slash", json=body) as answer:
            told = await answer.json()
        assert told["acked"], told
        return float(told["ack_ms"])

    async def send_within(self, count: int) -> float:
        """Envelopes sent with nobody typing; how many seconds they took."""
        url = f"{self._addresses['within_url']}/within?count={count}&at_once={AT_ONCE}"
        async with self._http.post(url) as answer:
            return float((await answer.json())["seconds"])


async def measure_load(name: str, subject: str, deed: Deed, program: Program, count: int) -> list[Reading]:
    """One at a time for the times, then many at once for the rate."""
    times = [await _time(deed) for _ in range(count)]
    used, started = program.processor_time(), time.perf_counter()
    turns = iter(range(count * 2))

    async def one_after_another() -> None:
        for _ in turns:
            await deed()

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    took, used = time.perf_counter() - started, program.processor_time() - used
    return [*read_times(subject, name, times), *_read_rates(subject, name, count * 2, took, used)]


async def _time(deed: Deed) -> float:
    started = time.perf_counter()
    told = await deed()
    return told if told is not None else (time.perf_counter() - started) * 1000


def _read_rates(subject: str, name: str, count: int, took: float, used: float) -> list[Reading]:
    rates = [Reading(subject, f"{name}, {AT_ONCE} at a time", "/s", count / took)]
    # Processor time is counted in hundredths of a second: too few of them say nothing.
    return [*rates, Reading(subject, f"{name}, per core", "/s", count / used)] if used > 0.05 else rates


async def measure_subject(subject: str, options: Options, *words: str) -> list[Reading]:
    """One server in a process of its own, under each load."""
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        connector = aiohttp.TCPConnector(limit=2 * AT_ONCE)
        async with (
            running("tests.benchmarks.servers", *words, settings={}, folder=folder) as program,
            aiohttp.ClientSession(connector=connector) as http,
        ):
            client = Client(json.loads(await program.first_line()), http)
            async with client.connected():
                return await _measure_all(subject, client, program, options.commands)


async def _measure_all(subject: str, client: Client, program: Program, count: int) -> list[Reading]:
    readings: list[Reading] = []
    loads = (
        Load("Web API calls (chat.postMessage)", client.post_message),
        Load("oec.sh reads (status)", client.read_status),
        Load("envelopes, typed at the side door", client.type),
    )
    for load in loads:
        for _ in range(WARM_UP):
            await load.do()
        readings += await measure_load(load.name, subject, load.do, program, count)
    used = program.processor_time()
    took = await client.send_within(count * 4)
    used = program.processor_time() - used
    return readings + _read_rates(subject, "envelopes, sent from within", count * 4, took, used)


async def measure_round(options: Options) -> list[Reading]:
    """Both once."""
    options.tell(BARE)
    readings = await measure_subject(BARE, options, "--bare")
    options.tell(STAND_IN)
    return readings + await measure_subject(STAND_IN, options)


BENCHMARK = Benchmark(
    name="standin",
    title="What the stand-ins carry, and what they add",
    measure_round=measure_round,
    baselines=(BARE,),
)
