"""What the history promises of a bot that is killed: nothing is lost that it had been told was written, nothing is half.

A promise is one method of the store, one method is one transaction, and a transaction is on the disk when the method
returns (`synchronous=FULL`).
"""

import ast
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.runs import RunState
from bot.flow.ports import SlotKind
from bot.history.store import HistoryStore
from tests.support.record import read_entries, read_runs

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, sys
from dataclasses import replace
from bot.core.approvals import ApprovalState
from bot.core.entries import Followed, Voted
from bot.core.names import ChannelId, MessageTs, RequestKey, UserId
from bot.core.facts import ApprovalDeclined, FollowerJoined
from bot.core.runs import RunState, advance
from bot.flow.ports import MessageRef, Shown, Slot, SlotKind
from bot.history.store import HistoryStore
from tests.history.values import ASKED, BEN, NOON, a_run, an_approval

async def write() -> None:
    store = HistoryStore.open(sys.argv[1])
    first = 1000 * int(sys.argv[2])
    for number in range(first, first + 10_000):
        name = str(number)
        run = await store.record_run(a_run(name, state=RunState.WAITING), an_approval(name), ASKED)
        for follower in range(5):
            after = advance(run, FollowerJoined(UserId(f"U{follower}")), NOON)
            assert await store.record_advance(run, after, Followed(UserId(f"U{follower}")))
            run = after
            print(run.id, run.version, flush=True)
        assert await store.claim_delivery(RequestKey(f"press-{run.id}"), NOON)
        approval = await store.find_approval(run.id)
        decided = replace(approval, state=ApprovalState.DECLINED, decided_by=BEN, decided_at=NOON, version=2)
        after = advance(run, ApprovalDeclined(BEN, None), NOON)
        assert await store.record_approval(decided, run, after, Voted(BEN, "declined", None, "approvals[0]"))
        print(run.id, after.version, flush=True)
        slot = Slot(run.id, SlotKind.CARD)
        await store.record_shown(slot, Shown(MessageRef(ChannelId("C0"), MessageTs("1.0")), after.version))
        print(run.id, after.version, "shown", flush=True)

asyncio.run(write())
"""


@pytest.mark.parametrize("lines", [1, 17, 63])
def test_killed_in_the_middle_of_writing_keeps_all_that_was_told(path: Path, lines: int) -> None:
    told: dict[int, int] = {}
    shown: set[int] = set()
    for life in range(2):
        command = [sys.executable, "-c", WRITER, str(path), str(life)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            read = [writer.stdout.readline() for _ in range(lines)]
            writer.kill()
            read += writer.stdout.readlines()
        for line in read:
            if line.endswith("\n"):
                number, version, *more = line.split()
                told[int(number)] = int(version)
                shown |= {int(number)} if more else set()

    kept = {int(run.id): run for run in read_runs(path)}

    assert len(told) >= 2
    assert all(kept[number].version >= version for number, version in told.items())
    for run in kept.values():  # each run with exactly its entries: nothing half written
        assert len(read_entries(path, run.id)) == run.version
        assert len(run.followers) == run.version - (1 if run.state is RunState.WAITING else 2)
    store = HistoryStore.open(path)
    waiting = {approval.run_id for approval in asyncio.run(store.find_waiting_approvals())}
    stale = {slot.run_id for slot in asyncio.run(store.find_stale_slots()) if slot.kind is SlotKind.CARD}
    store.close()
    assert waiting == {run.id for run in kept.values() if run.state is RunState.WAITING}
    assert not stale & shown
    assert len(shown) >= 2 * (lines // 7)


def test_each_promise_is_one_transaction() -> None:
    tree = ast.parse((ROOT / "bot" / "history" / "store.py").read_text(encoding="utf-8"))
    methods = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]
    turns = {
        method.name: [
            node.func.attr.removeprefix("_").removesuffix("_noted")
            for node in ast.walk(method)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"write", "_write_noted", "read", "take"}
        ]
        for method in methods
    }
    assert len(turns) > 20
    for name, used in turns.items():
        is_look = name.startswith(("find_", "load_run"))
        assert used == (["read"] if is_look else ["write"]), name
