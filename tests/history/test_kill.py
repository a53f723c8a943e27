"""A bot that is killed in the middle of writing has lost nothing that it had been told was written."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.history.reading import read_entries, read_runs
from bot.history.store import HistoryStore

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, sys
from bot.core.entries import Followed
from bot.core.names import UserId
from bot.core.runs import FollowerJoined, RunState, advance
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, a_run, an_approval

async def write() -> None:
    store = HistoryStore.open(sys.argv[1])
    first = len(await store.find_open_runs())
    for number in range(first, first + 10_000):
        name = str(number)
        run = await store.record_run(a_run(name, state=RunState.WAITING), an_approval(name), ASKED)
        for follower in range(5):
            after = advance(run, FollowerJoined(UserId(f"U{follower}")), NOON)
            assert await store.record_advance(run, after, Followed(UserId(f"U{follower}")))
            run = after
            print(run.id, run.version, flush=True)

asyncio.run(write())
"""


@pytest.mark.parametrize("lines", [1, 17, 63])
def test_killed_in_the_middle_of_writing_keeps_all_that_was_told(path: Path, lines: int) -> None:
    told: dict[int, int] = {}
    for _ in range(2):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            read = [writer.stdout.readline() for _ in range(lines)]
            writer.kill()
            read += writer.stdout.readlines()
        for line in read:
            if line.endswith("\n"):
                number, version = line.split()
                told[int(number)] = int(version)

    HistoryStore.open(path).close()
    kept = {int(run.id): run for run in read_runs(path)}

    assert len(told) >= 2
    assert all(kept[number].version >= version for number, version in told.items())
    for run in kept.values():  # each run with exactly its entries: nothing half written
        assert len(read_entries(path, run.id)) == run.version
        assert len(run.followers) == run.version - 1
