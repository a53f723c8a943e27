"""What a look and an edit cost the bot in processor time, beside loops that do just that; and a thousand open runs.

All at the same stand-ins, in the same run. The bot's look holds its planning, the answer read and compared; its edit holds
the change written down, the messages drawn and what is written about them. Slack's limits are off, and so is the bot's own
pace (`unpaced`): what it costs does not depend on how fast it may go.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import crowd
from tests.benchmarks.ack import settings_for
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading
from tests.benchmarks.programs import Program, running
from tests.benchmarks.stand_ins import ENDED, StandIns, stand_ins

CHANNELS = 20
MANY = 1000
SOME = 100
SPAN = 30.0
"""Seconds of each stretch in which processor time is counted."""

PATIENCE = 300.0
LOOP = "bare loop"
BOT = "oec-bot"


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the bot did in a while, and the processor time it took."""

    used: float
    looks: int
    edits: int


async def observe(there: StandIns, program: Program, seconds: float) -> Stretch:
    """Let the bot go on for a while, and count."""
    looks, edits, used = await count_looks(there), await count_edits(there), program.processor_time()
    await asyncio.sleep(seconds)
    used = program.processor_time() - used
    return Stretch(used, await count_looks(there) - looks, await count_edits(there) - edits)


async def count_looks(there: StandIns) -> int:
    """How many requests oec.sh has had."""
    requests = await there.fetch_requests()
    return int(requests[-1]["number"]) if requests else 0


async def count_edits(there: StandIns) -> int:
    """How many edits Slack has taken (of the newest calls that it remembers)."""
    return sum(call["method"] == "chat.update" and call["ok"] for call in await there.fetch_calls())


async def open_runs(there: StandIns, program: Program, count: int) -> None:
    """Have so many runs under way, and their messages shown."""
    for number in range(count):
        channel = crowd.channel_id(number % CHANNELS)
        await there.slash(f"deploy {crowd.alias(number)}", channel=channel)
        if number % 20 == 19:
            await program.rest(within=5.0, quiet=0.2, busy=0.5)
    async with asyncio.timeout(PATIENCE):
        while await there.count_open_tasks() < count:
            program.require_alive()
            await asyncio.sleep(0.5)
    await asyncio.sleep(5)  # progress messages, and the cards' last words of the beginning


async def run_loop(deed: str, told: dict[str, object], there: StandIns, folder: Path, count: int) -> float:
    """Milliseconds of processor time that one turn of a bare loop takes."""
    file = folder / f"{deed}.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    words = ("tests.benchmarks.loops", deed, "--count", str(count), "--told", str(file))
    async with running(*words, settings=there.settings, folder=folder) as program:
        said = json.loads(await program.first_line(within=120.0))
    return float(said["seconds"]) / count * 1000


async def find_card(there: StandIns) -> dict[str, object]:
    """What a card holds, for a loop to edit the same."""
    newest = [call for call in await there.fetch_calls() if call["method"] == "chat.update"][-1]["args"]
    return {"channel": newest["channel"], "text": newest["text"], "blocks": newest["blocks"]}


async def measure_some(options: Options) -> list[Reading]:
    """A hundred runs: standing still, then going on at the pace of life; and the loops beside them."""
    size = ("--environments", str(SOME), "--channels", str(CHANNELS), "--no-tiers")
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        async with stand_ins("tests.benchmarks.crowd", *size, folder=folder) as there:
            await there.lift_limits()
            settings = settings_for(there, folder)
            async with running(
                "tests.benchmarks.unpaced", "run", settings=settings, folder=folder
            ) as program:
                await there.wait_for_connection(program)
                await program.rest()
                idle = await observe(there, program, SPAN)
                await open_runs(there, program, SOME)
                still = await observe(there, program, SPAN)
                await there.pace_tasks(1.0)
                moving = await observe(there, program, SPAN)
                await there.pace_tasks(0)
            tasks = [one["id"] for one in await there.fetch_tasks() if one["status"] not in ENDED]
            looked = await run_loop("look", {"task_id": tasks[0]}, there, folder, options.commands)
            edited = await run_loop("edit", await find_card(there), there, folder, options.commands)
    look = (still.used - idle.used) / max(still.looks, 1)
    edit = (moving.used - idle.used - look * moving.looks) / max(moving.edits, 1)
    return [
        Reading(LOOP, "processor time per look", "ms", looked),
        Reading(BOT, "processor time per look", "ms", look * 1000),
        Reading(LOOP, "processor time per edit", "ms", edited),
        Reading(BOT, "processor time per edit", "ms", edit * 1000),
        Reading(BOT, "looks counted", "", still.looks),
        Reading(BOT, "edits counted", "", moving.edits),
        Reading(BOT, "idle, processor time a minute", "s", idle.used * 60 / SPAN),
    ]


async def measure_many(_: Options) -> list[Reading]:
    """A thousand runs that stand still, looked at as often as the bot will on a key without limits."""
    size = ("--environments", str(MANY), "--channels", str(CHANNELS), "--no-tiers")
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        async with stand_ins("tests.benchmarks.crowd", *size, folder=folder) as there:
            await there.lift_limits()
            settings = settings_for(there, folder)
            async with running(
                "tests.benchmarks.unpaced", "run", settings=settings, folder=folder
            ) as program:
                await there.wait_for_connection(program)
                await open_runs(there, program, MANY)
                seen = await observe(there, program, SPAN)
                load = f"{MANY} open runs"
                return [
                    Reading(BOT, f"{load}, processor time a minute", "s", seen.used * 60 / SPAN),
                    Reading(BOT, f"{load}, looks a second", "", seen.looks / SPAN),
                    Reading(BOT, f"{load}, memory", "MiB", program.memory()),
                ]


async def measure_round(options: Options) -> list[Reading]:
    """The hundred, and the thousand."""
    options.tell(f"{SOME} runs, and bare loops")
    readings = await measure_some(options)
    options.tell(f"{MANY} runs")
    return readings + await measure_many(options)


BENCHMARK = Benchmark(
    name="overhead",
    title="What looks, edits and open runs cost",
    measure_round=measure_round,
    baselines=(LOOP,),
    rounds=1,
)
