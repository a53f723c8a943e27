"""From a slash command to its acknowledgement, as the pretend Slack sees it; memory and start besides.

Measured of the bot, and of the least that slack-bolt can do (`bare`), each alone with fresh stand-ins, all on this machine
in the same run: figures of different runs or machines do not compare, ratios within a run do.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import crowd
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading, read_times
from tests.benchmarks.programs import Program, running
from tests.benchmarks.stand_ins import StandIns, stand_ins

AT_ONCE = 50
RATE = 200
"""Commands a second where everything hangs at once."""

AFTERWARDS = 300.0
"""Seconds in which everybody is to be answered once nothing hangs any more."""

WARM_UP = 20
HANG = 20.0
"""Seconds by which a hanging service answers late: longer than any deadline of the bot."""

OPEN_RUNS = 100
CHANNELS = 20
DEFAULT = "bare Bolt"
ANSWER_FIRST = "bare Bolt, process_before_response"
BOT = "oec-bot"
DATABASE = "bench.db"

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


async def measure_all_hanging(options: Options) -> list[Reading]:
    """The bot while oec.sh and Slack's Web API hang and another process keeps the database locked; and afterwards.

    Commands come at their rate, whether those before are acknowledged or not. Each is to be acknowledged, and each who
    typed one to be answered in the end, were it with an apology.
    """
    name, load = f"{BOT}, everything hangs", f"{RATE} a second"
    with TemporaryDirectory(prefix="oec-bench-") as folder_name:
        folder = Path(folder_name)
        async with (
            stand_ins(folder=folder) as there,
            running("bot", "run", settings=settings_for(there, folder), folder=folder) as program,
        ):
            await there.wait_for_connection(program)
            for _ in range(WARM_UP):
                await there.slash("help")
            await program.rest()
            began_at = datetime.now(UTC)
            await hosting_hangs(there)
            await slack_hangs(there)
            with locked(folder / DATABASE):
                times = await at_a_rate(lambda: there.slash("status staging"), options.commands)
            await there.calm()
            answered, took = await wait_for_answers(there, len(times), since=began_at)
            program.require_alive()
            slowest = [took for took in times if took is not None]
            return [
                *read_acknowledgements(name, load, times),
                Reading(name, f"{load}, slowest", "ms", max(slowest, default=0.0)),
                Reading(name, f"{load}, never answered", "", len(times) - answered),
                Reading(name, f"{load}, everybody answered after the end of it", "s", took),
            ]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """This process writes the database for the length of a block, so that no other can."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def at_a_rate(ask: Callable[[], Coroutine[None, None, float | None]], count: int) -> list[float | None]:
    """So many asks, each at its own moment, however long those before take."""
    begin = time.perf_counter()
    asks: list[asyncio.Task[float | None]] = []
    for number in range(count):
        await asyncio.sleep(begin + number / RATE - time.perf_counter())
        asks.append(asyncio.create_task(ask()))
    return list(await asyncio.gather(*asks))


async def wait_for_answers(there: StandIns, wanted: int, *, since: datetime) -> tuple[int, float]:
    """How many answers there are when all have come or patience ends, and how many seconds that took."""
    begin = time.monotonic()
    while True:
        answered, waited = await there.count_answers(since=since), time.monotonic() - begin
        if answered >= wanted or waited >= AFTERWARDS:
            return answered, waited
        await asyncio.sleep(0.5)


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
    return {**there.settings, "OEC_RULES": str(folder / "oec.yml"), "OEC_DATABASE": str(folder / DATABASE)}


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
    options.tell("everything hangs at once")
    readings += await measure_all_hanging(options)
    options.tell(f"{OPEN_RUNS} open runs")
    return readings + await measure_open_runs(options)


BENCHMARK = Benchmark(
    name="ack",
    title="Slash command to acknowledgement",
    measure_round=measure_round,
    baselines=(DEFAULT, ANSWER_FIRST),
)
