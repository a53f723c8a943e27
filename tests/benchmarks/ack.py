"""From a slash command to its acknowledgement, as the pretend Slack sees it; memory and start besides.

Measured of the bot, and of the least that slack-bolt can do (`bare`), each alone with fresh stand-ins, all on this machine
in the same run: figures of different runs or machines do not compare, ratios within a run do.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import crowd
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading, read_times
from tests.benchmarks.programs import Program, running
from tests.benchmarks.stand_ins import StandIns, stand_ins

AT_ONCE = 50
WARM_UP = 20
HANG = 20.0
"""Seconds by which a hanging service answers late: longer than any deadline of the bot."""

OPEN_RUNS = 100
CHANNELS = 20
DEFAULT = "bare Bolt"
ANSWER_FIRST = "bare Bolt, process_before_response"
BOT = "oec-bot"

Trouble = Callable[[StandIns], Awaitable[None]]


async def no_trouble(_: StandIns) -> None:
    """Everything is well."""


async def hosting_hangs(there: StandIns) -> None:
    """oec.sh takes calls and does not answer."""
    await there.let_hosting_hang(HANG)


async def slack_hangs(there: StandIns) -> None:
    """Slack's Web API takes calls and does not answer."""
    await there.let_slack_hang(HANG)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is measured: the program, what is typed to it by whom, and what is wrong meanwhile."""

    name: str
    program: tuple[str, ...]
    text: str = "help"
    user: str = "U0ANA"
    trouble: Trouble = no_trouble

    async def ask(self, there: StandIns) -> float | None:
        """Type it once."""
        return await there.slash(self.text, user=self.user)


# Where a service hangs, what is typed needs that service: a person not asked about before, and a card to be posted.
SUBJECTS = (
    Subject(DEFAULT, ("tests.benchmarks.bare",)),
    Subject(ANSWER_FIRST, ("tests.benchmarks.bare", "--answer-first")),
    Subject(BOT, ("bot", "run")),
    Subject(f"{BOT}, asking oec.sh", ("bot", "run"), "status staging"),
    Subject(f"{BOT}, oec.sh hangs", ("bot", "run"), "status staging", trouble=hosting_hangs),
    Subject(f"{BOT}, Slack's Web API hangs", ("bot", "run"), "restart staging", "U0CLEO", slack_hangs),
)


async def one_by_one(subject: Subject, there: StandIns, count: int) -> list[float | None]:
    """So many commands, each typed when the one before is acknowledged."""
    return [await subject.ask(there) for _ in range(count)]


async def many_at_once(subject: Subject, there: StandIns, count: int) -> list[float | None]:
    """So many commands by `AT_ONCE` people, each typing again when acknowledged."""
    shares = [count // AT_ONCE + (number < count % AT_ONCE) for number in range(AT_ONCE)]
    parts = await asyncio.gather(*(one_by_one(subject, there, share) for share in shares))
    return [took for part in parts for took in part]


def read_acknowledgements(name: str, load: str, times: list[float | None]) -> list[Reading]:
    """Times of those that came, and how many did not."""
    came = [took for took in times if took is not None]
    readings = read_times(name, load, came) if came else []
    return [*readings, Reading(name, f"{load}, never acknowledged", "", len(times) - len(came))]


async def measure_subject(subject: Subject, options: Options) -> list[Reading]:
    """One program with stand-ins of its own: start, idle memory, both loads."""
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        async with (
            stand_ins(folder=folder) as there,
            running(*subject.program, settings=settings_for(there, folder), folder=folder) as program,
        ):
            readings = await measure_start(subject, there, program)
            for _ in range(WARM_UP):
                await there.slash("help")
            await subject.trouble(there)
            for load, type_commands in (
                ("one at a time", one_by_one),
                (f"{AT_ONCE} at a time", many_at_once),
            ):
                await program.rest()
                times = await type_commands(subject, there, options.commands)
                readings += read_acknowledgements(subject.name, load, times)
            program.require_alive()
            return readings


async def measure_start(subject: Subject, there: StandIns, program: Program) -> list[Reading]:
    """How soon it is there, and what it weighs then. Told once for each program."""
    ready = await there.wait_for_connection(program)
    await program.rest()
    if subject.name not in {DEFAULT, ANSWER_FIRST, BOT}:
        return []
    return [
        Reading(subject.name, "start to connected", "s", ready),
        Reading(subject.name, "memory when idle", "MiB", program.memory()),
    ]


def settings_for(there: StandIns, folder: Path) -> dict[str, str]:
    """What points a bot at the stand-ins, with a new database."""
    return {**there.settings, "OEC_RULES": str(folder / "oec.yml"), "OEC_DATABASE": str(folder / "bench.db")}


async def measure_open_runs(_: Options) -> list[Reading]:
    """Memory of a bot that follows many runs at once, each in an environment of its own."""
    size = ("--environments", str(OPEN_RUNS), "--channels", str(CHANNELS))
    with TemporaryDirectory(prefix="oec-bench-") as name:
        folder = Path(name)
        async with (
            stand_ins("tests.benchmarks.crowd", *size, folder=folder) as there,
            running("bot", "run", settings=settings_for(there, folder), folder=folder) as program,
        ):
            await there.lift_limits()
            await there.wait_for_connection(program)
            for number in range(OPEN_RUNS):
                await there.slash(
                    f"deploy {crowd.alias(number)}", channel=crowd.channel_id(number % CHANNELS)
                )
            opened = await wait_for_open_tasks(there, program)
            await program.rest()
            return [
                Reading(BOT, "open runs", "", opened),
                Reading(BOT, f"memory with {OPEN_RUNS} open runs", "MiB", program.memory()),
            ]


async def wait_for_open_tasks(there: StandIns, program: Program, *, within: float = 120.0) -> int:
    """Wait until every run has become a task; how many have, when patience ends."""
    deadline = time.monotonic() + within
    while (opened := await there.count_open_tasks()) < OPEN_RUNS and time.monotonic() < deadline:
        program.require_alive()
        await asyncio.sleep(0.5)
    return opened


async def measure_round(options: Options) -> list[Reading]:
    """Everybody once."""
    readings: list[Reading] = []
    for subject in SUBJECTS:
        options.tell(subject.name)
        readings += await measure_subject(subject, options)
    options.tell(f"{OPEN_RUNS} open runs")
    return readings + await measure_open_runs(options)


BENCHMARK = Benchmark(
    name="ack",
    title="Slash command to acknowledgement",
    measure_round=measure_round,
    baselines=(DEFAULT, ANSWER_FIRST),
)
