"""What the database answers, and how soon, with a thousand runs in it and with a million.

The store is asked what the flow asks it; each question is one turn of its thread, the loop's part included. A history of
years is written anew for each round (`--runs`, `--rounds`), in a temporary folder: a million runs take some gigabytes.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.errors import Cure
from bot.core.names import Action, EnvironmentId, RequestKey, TaskId
from bot.core.pleas import OPEN_FOR
from bot.core.runs import Run
from bot.history.store import HistoryStore
from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.figures import Reading, read_times
from tests.benchmarks.patterns import ENVIRONMENTS, RARE, environment
from tests.benchmarks.programs import MIB, ROOT
from tests.benchmarks.under_way import OPEN_PLEAS, WAITING, let_begin, let_wait, like, put_under_way
from tests.benchmarks.years import write_years

FEW = 1_000
OPENINGS = 40
QUESTIONS = 300
COMMANDS = 3

Question = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Visible:
    """What a channel may see: every environment, the one that nobody has used for years among them."""

    ids: frozenset[EnvironmentId]

    @classmethod
    def all(cls) -> "Visible":
        """All there are."""
        return cls(frozenset(environment(number).id for number in range(ENVIRONMENTS + 1)))


async def ask_status(store: HistoryStore, visible: Visible) -> None:
    """What `/oec status` asks of the database: what is open, and how the last run of each environment ended."""
    await store.find_open_runs()
    for id_ in visible.ids:
        await store.find_runs(frozenset({id_}), count=5)


async def see(store: HistoryStore, run: Run) -> None:
    """What a card is drawn from."""
    await store.load_run(run.id)
    await store.find_approval(run.id)
    await store.find_alike(run)
    await store.find_last(run)


def reading_questions(store: HistoryStore, run: Run) -> dict[str, Question]:
    """By what people see of it, or by the turn that asks it."""
    visible, now = Visible.all(), datetime.now(UTC)
    rare = replace(run, change=replace(run.change, environment=environment(ENVIRONMENTS), action=Action.STOP))
    return {
        "/oec history": lambda: store.find_runs(visible.ids, count=20),
        "/oec history, one environment": lambda: store.find_runs(
            frozenset({run.change.environment.id}), count=20
        ),
        "/oec history, one long unused": lambda: store.find_runs(frozenset({RARE}), count=20),
        "/oec status, all environments": lambda: ask_status(store, visible),
        "a run with its entries": lambda: store.find_entries(run.id),
        "the run behind a task": lambda: store.find_run_by_task(run.task_id or TaskId("")),
        "the run behind a button": lambda: store.find_run_by_handle(run.handle),
        "estimates": lambda: store.find_alike(run),
        "estimates, of what was never done": lambda: store.find_alike(rare),
        "the last run of its kind": lambda: store.find_last(run),
        "the last run of a kind that was never done": lambda: store.find_last(rare),
        "all that a card is drawn from": lambda: see(store, run),
        "a turn: open runs": store.find_open_runs,
        f"a turn: waiting approvals ({WAITING})": store.find_waiting_approvals,
        f"a turn: open pleas ({OPEN_PLEAS})": store.find_open_pleas,
        "a turn: messages behind their pleas": store.find_stale_pleas,
        "one more plea: those of the last hour": lambda: store.find_pleas(now - OPEN_FOR),
        "a turn: messages behind their runs": store.find_stale_slots,
        "a turn: messages that may stand twice": lambda: store.find_doubts(now),
        "a turn: channels that take messages again": lambda: store.find_dead_channels(Cure.LET_IN),
        "a turn: forget old deliveries": lambda: store.purge(now - timedelta(days=30)),
    }


def writing_questions(store: HistoryStore, run: Run) -> dict[str, Question]:
    """What is written durably: each of these waits for the disk."""
    numbers = iter(range(10**9))
    return {
        "written: a delivery": lambda: store.claim_delivery(
            RequestKey(f"written:{next(numbers)}"), datetime.now(UTC)
        ),
        "written: a new run": lambda: let_begin(store, like(run, next(numbers))),
        "written: a run that waits": lambda: let_wait(store, like(run, next(numbers))),
    }


async def measure_questions(subject: str, questions: dict[str, Question]) -> list[Reading]:
    """Each many times, one after the other."""
    readings: list[Reading] = []
    for name, question in questions.items():
        times = [await clock(question) for _ in range(QUESTIONS)]
        readings += read_times(subject, name, times)
    return readings


async def clock(question: Question) -> float:
    """How many milliseconds it took."""
    started = time.perf_counter()
    await question()
    return (time.perf_counter() - started) * 1000


async def begin(store: HistoryStore) -> None:
    """What a start asks of the database until the bot is ready."""
    await store.find_alive()
    await store.load_instance()
    await store.find_dead_channels(Cure.LET_IN)
    await store.find_open_runs()
    await store.find_stale_slots()
    await store.record_alive(datetime.now(UTC))
    await store.find_waiting_approvals()


async def measure_starts(subject: str, path: Path) -> list[Reading]:
    """The file opened, and all that a start asks, again and again; other processes have not touched it between."""
    times = []
    for _ in range(OPENINGS):
        started = time.perf_counter()
        with opened(path) as store:
            await begin(store)
            times.append((time.perf_counter() - started) * 1000)
    return read_times(subject, "start-up: open and take up", times)


async def measure_checkup(subject: str, store: HistoryStore) -> list[Reading]:
    """A large file is looked through after the start: how long that takes, and how people fare meanwhile."""
    checkup = store.checkup
    if checkup is None:
        return []
    started, times = time.perf_counter(), []
    while checkup.is_looking:
        times.append(await clock(lambda: store.find_runs(Visible.all().ids, count=20)))
        await asyncio.sleep(0.01)
    took = time.perf_counter() - started
    return [
        Reading(subject, "looked through after the start", "s", took),
        *read_times(subject, "/oec history meanwhile", times),
    ]


async def measure_verify(subject: str, path: Path) -> list[Reading]:
    """`oec-bot history verify` beside a bot that writes: how long it takes, and how the bot fares meanwhile."""
    with opened(path) as store:
        verifying = asyncio.create_task(measure_command(subject, path, "verify", commands=1))
        times: list[float] = []
        longest = 0
        while not verifying.done():
            key = RequestKey(f"meanwhile:{len(times)}")
            times.append(await clock(partial(store.claim_delivery, key, datetime.now(UTC))))
            longest = max(longest, measure_log(path))
            await asyncio.sleep(0.01)
        return [
            *await verifying,
            *read_times(subject, "written meanwhile: a delivery", times),
            Reading(subject, "write-ahead log meanwhile, at most", "MiB", longest / MIB),
        ]


def measure_log(path: Path) -> int:
    """How many bytes the write-ahead log has."""
    return Path(f"{path}-wal").stat().st_size


async def measure_command(subject: str, path: Path, *words: str, commands: int = COMMANDS) -> list[Reading]:
    """`oec-bot history`, as somebody who types it waits for it; the interpreter's own start included."""
    times = []
    for _ in range(commands):
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "history", "--database", str(path), *words),
            cwd=path.parent,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate()
        assert process.returncode == 0
        assert told
        times.append((time.perf_counter() - started) * 1000)
    return read_times(subject, " ".join(["oec-bot history", *words]), times)


@contextmanager
def opened(path: Path) -> Iterator[HistoryStore]:
    """The store for the length of a block."""
    store = HistoryStore.open(path)
    try:
        yield store
    finally:
        store.close()


async def measure_history(runs: int, options: Options) -> list[Reading]:
    """One file with so many runs: made, started with, asked, written to, and read from the command line."""
    subject = f"{runs:,} runs"
    with TemporaryDirectory(prefix="oec-bench-") as folder:
        path = Path(folder) / "bench.db"
        options.tell(
            f"{subject} are written ({shutil.disk_usage(folder).free / MIB / 1024:.0f} GiB are free)"
        )
        started = time.perf_counter()
        write_years(path, runs, now=datetime.now(UTC))
        made = time.perf_counter() - started
        options.tell(f"{subject} took {made:.0f} s to write")
        readings = [
            Reading(subject, "written by the benchmark in", "s", made),
            Reading(subject, "size of the file", "MiB", path.stat().st_size / MIB),
            Reading(subject, "size per run", "B", path.stat().st_size / runs),
        ]
        with opened(path) as store:
            readings += await measure_checkup(subject, store)
            [run, *_] = await store.find_runs(frozenset({environment(1).id}), count=1)
            await put_under_way(store, run)
        readings += await measure_starts(subject, path)
        with opened(path) as store:
            readings += await measure_questions(subject, reading_questions(store, run))
            readings += await measure_questions(subject, writing_questions(store, run))
        readings += await measure_verify(subject, path)
        readings += await measure_command(subject, path)
        readings += await measure_command(subject, path, "--environment", environment(1).alias)
        return [
            *readings,
            *await measure_command(subject, path, "--environment", environment(ENVIRONMENTS).alias),
        ]


async def measure_round(options: Options) -> list[Reading]:
    """Few runs, then many."""
    return [*await measure_history(FEW, options), *await measure_history(options.runs, options)]


BENCHMARK = Benchmark(
    name="history",
    title="What the database answers, and how soon",
    measure_round=measure_round,
    baselines=(f"{FEW:,} runs",),
    rounds=1,
)
