"""The history as the flow uses it: what is written is found again, and only one of two rivals wins."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.approvals import Approval, ApprovalState
from bot.core.entries import Claimed, DeniedAsk, Ended, RecordedEntry, Sent, Started, Voted
from bot.core.errors import HistoryError
from bot.core.facts import ApprovalGranted, ApprovalMoved, FollowerJoined, SubmissionBegun
from bot.core.names import ButtonId, EnvironmentId, IdempotencyKey, RequestKey, RunId, TaskId, UserId
from bot.core.runs import Run, RunState, advance
from bot.flow.ports import History
from bot.history.store import HistoryStore
from tests.history.values import ANA, ASKED, BEN, NOON, PROD, STAGING, a_run, an_approval

ACCEPTED, WAITING, RUNNING = RunState.ACCEPTED, RunState.WAITING, RunState.RUNNING
LATER = NOON + timedelta(minutes=3)
VOTED = Voted(BEN, "granted", None, "approvals[0]")


async def record(store: HistoryStore, run: Run, approval: Approval | None = None) -> Run:
    recorded = await store.record_run(run, approval, ASKED)
    assert recorded is not None
    return recorded


async def record_waiting(store: HistoryStore, name: str = "one") -> tuple[Run, Approval]:
    run = await record(store, a_run(name, state=WAITING), an_approval(name))
    approval = await store.find_approval(run.id)
    assert approval is not None
    return run, approval


def granted(approval: Approval, by: UserId = BEN) -> Approval:
    return replace(approval, state=ApprovalState.GRANTED, decided_by=by, decided_at=LATER, version=2)


def test_store_fits_the_port(store: HistoryStore) -> None:
    port: History = store
    assert port is store


# runs


async def test_new_runs_are_numbered_from_one(store: HistoryStore) -> None:
    first = await record(store, a_run("one"))
    second = await record(store, a_run("two", environment=STAGING))

    assert (first.id, second.id) == (1, 2)
    assert await store.load_run(first.id) == first
    assert await store.find_run(RunId(3)) is None


async def test_run_is_found_by_what_points_at_it(store: HistoryStore) -> None:
    run = await record(store, a_run(task_id="task-1", state=RUNNING))

    assert await store.find_run_by_handle(run.handle) == run
    assert await store.find_run_by_task(TaskId("task-1")) == run
    assert await store.find_busy_run(PROD.id) == run
    assert await store.find_run_by_handle(ButtonId("other")) is None
    assert await store.find_run_by_task(TaskId("other")) is None
    assert await store.find_busy_run(STAGING.id) is None


async def test_run_that_must_exist_and_does_not_is_an_error(store: HistoryStore) -> None:
    with pytest.raises(HistoryError, match="no run #7"):
        await store.load_run(RunId(7))


async def test_own_run_of_a_task_goes_before_one_that_adopted_it(store: HistoryStore) -> None:
    own = await record(store, a_run("own", task_id="task-1", state=RunState.DONE))
    await record(store, a_run("adopted", task_id="task-1", state=RUNNING, adopted=True))

    assert await store.find_run_by_task(TaskId("task-1")) == own


@pytest.mark.parametrize("state", [ACCEPTED, RunState.SUBMITTING, RUNNING])
async def test_second_run_on_a_held_environment_is_not_written(store: HistoryStore, state: RunState) -> None:
    await record(store, a_run("one", state=state))

    assert await store.record_run(a_run("two"), None, ASKED) is None
    assert await store.find_run(RunId(2)) is None
    assert len(await store.find_entries(RunId(1))) == 1


async def test_waiting_run_may_stand_beside_one_that_holds_the_environment(store: HistoryStore) -> None:
    await record(store, a_run("one"))

    waiting = await record(store, a_run("two", state=WAITING), an_approval("two"))

    assert [run.id for run in await store.find_open_runs()] == [1, waiting.id]


async def test_ended_run_frees_its_environment(store: HistoryStore) -> None:
    await record(store, a_run("one", state=RunState.DONE))

    assert await store.record_run(a_run("two"), None, ASKED) is not None


async def test_same_ask_is_recorded_once(store: HistoryStore) -> None:
    await record(store, a_run("one", state=RunState.DONE))

    with pytest.raises(HistoryError, match="already recorded, as run #1"):
        await store.record_run(replace(a_run("two"), request_key=RequestKey("request-one")), None, ASKED)
    assert await store.find_run(RunId(2)) is None


async def test_advance_is_written_with_its_entries(store: HistoryStore) -> None:
    before = await record(store, a_run())
    after = advance(before, SubmissionBegun(IdempotencyKey("k")), LATER)

    assert await store.record_advance(before, after, Sent(IdempotencyKey("k")))
    assert await store.load_run(before.id) == after
    assert await store.find_entries(before.id) == [
        RecordedEntry(before.id, NOON, ASKED),
        RecordedEntry(before.id, NOON, Sent(IdempotencyKey("k"))),
    ]


async def test_advance_of_a_run_that_changed_meanwhile_writes_nothing(store: HistoryStore) -> None:
    before = await record(store, a_run())
    other = advance(before, FollowerJoined(BEN), LATER)
    await store.record_advance(before, other)

    late = advance(before, SubmissionBegun(IdempotencyKey("k")), LATER)

    assert not await store.record_advance(before, late, Sent(IdempotencyKey("k")))
    assert await store.load_run(before.id) == other
    assert len(await store.find_entries(before.id)) == 1


async def test_many_advances_at_once_are_taken_exactly_once(store: HistoryStore) -> None:
    before = await record(store, a_run())
    after = advance(before, SubmissionBegun(IdempotencyKey("k")), LATER)

    taken = await asyncio.gather(*(store.record_advance(before, after, Ended("x")) for _ in range(100)))

    assert sum(taken) == 1
    assert len(await store.find_entries(before.id)) == 2


async def test_many_runs_at_once_hold_an_environment_once(store: HistoryStore) -> None:
    asks = (store.record_run(a_run(str(number)), None, ASKED) for number in range(50))

    recorded = [run for run in await asyncio.gather(*asks) if run is not None]

    assert [run.id for run in recorded] == [1]


# approvals


async def test_vote_moves_approval_and_run_together(store: HistoryStore) -> None:
    run, approval = await record_waiting(store)
    after = advance(run, ApprovalGranted((BEN,)), LATER)

    assert await store.record_approval(granted(approval), run, after, VOTED)
    assert await store.find_approval(run.id) == granted(approval)
    assert await store.load_run(run.id) == after
    assert await store.find_waiting_approvals() == []
    assert [recorded.entry for recorded in await store.find_entries(run.id)] == [ASKED, VOTED]


async def test_hundred_votes_at_once_count_once(store: HistoryStore) -> None:
    run, approval = await record_waiting(store)
    voters = [UserId(f"U{number}") for number in range(100)]
    votes = (
        store.record_approval(granted(approval, by), run, advance(run, ApprovalGranted((by,)), LATER), VOTED)
        for by in voters
    )

    counted = await asyncio.gather(*votes)

    assert counted.count(True) == 1
    winner = voters[counted.index(True)]
    decided = await store.find_approval(run.id)
    assert decided is not None
    assert decided.decided_by == winner
    assert (await store.load_run(run.id)).approvers == (winner,)
    assert len(await store.find_entries(run.id)) == 2


async def test_vote_on_a_run_that_changed_meanwhile_does_not_count(store: HistoryStore) -> None:
    run, approval = await record_waiting(store)
    await store.record_advance(run, advance(run, FollowerJoined(BEN), LATER))

    assert not await store.record_approval(
        granted(approval), run, advance(run, ApprovalGranted((BEN,)), LATER), VOTED
    )
    assert await store.find_approval(run.id) == approval


async def test_move_of_a_waiting_approval_is_kept_with_the_version_of_its_run(store: HistoryStore) -> None:
    run, approval = await record_waiting(store)
    claimed = replace(approval, claimed_by=BEN, claimed_at=LATER, version=2)
    after = advance(run, ApprovalMoved(2), LATER)

    assert await store.record_approval(claimed, run, after, Claimed(BEN))
    assert await store.find_waiting_approvals() == [claimed]
    assert (await store.load_run(run.id)).approval_version == 2
    assert [recorded.entry for recorded in await store.find_entries(run.id)] == [ASKED, Claimed(BEN)]


async def test_vote_on_an_approval_that_moved_meanwhile_does_not_count(store: HistoryStore) -> None:
    run, approval = await record_waiting(store)
    moved = advance(run, ApprovalMoved(2), LATER)
    assert await store.record_approval(replace(approval, claimed_by=ANA, version=2), run, moved)

    late = advance(moved, ApprovalGranted((BEN,)), LATER)
    assert not await store.record_approval(granted(approval), moved, late, VOTED)
    assert (await store.load_run(run.id)).state is RunState.WAITING


async def test_vote_while_another_run_holds_the_environment_does_not_count(store: HistoryStore) -> None:
    run, approval = await record_waiting(store)
    await record(store, a_run("two"))

    assert not await store.record_approval(
        granted(approval), run, advance(run, ApprovalGranted((BEN,)), LATER), VOTED
    )
    assert await store.load_run(run.id) == run
    assert await store.find_waiting_approvals() == [approval]


async def test_approval_of_a_run_that_waits_no_more_is_not_waiting(store: HistoryStore) -> None:
    run, _ = await record_waiting(store)
    await store.record_advance(run, replace(run, state=RunState.DROPPED, version=2, ended_at=LATER))

    assert await store.find_waiting_approvals() == []


async def test_waiting_approvals_are_not_read_while_no_run_waits(store: HistoryStore) -> None:
    await record(store, a_run())
    await store.find_open_runs()
    read: list[str] = []
    await store._turns.read(lambda db: db.conn.set_trace_callback(read.append))

    assert await store.find_waiting_approvals() == []
    assert read == [], "it is asked at every turn"


async def test_run_without_approval_has_none(store: HistoryStore) -> None:
    run = await record(store, a_run())

    assert await store.find_approval(run.id) is None


# what was before


async def test_newest_runs_of_the_named_environments_come_first(store: HistoryStore) -> None:
    for number in range(4):
        environment = PROD if number % 2 else STAGING
        await record(store, a_run(str(number), environment=environment, state=RunState.DONE))

    newest = await store.find_runs(frozenset({PROD.id, STAGING.id}), count=3)

    assert [run.id for run in newest] == [4, 3, 2]
    assert [run.id for run in await store.find_runs(frozenset({PROD.id}), count=9)] == [4, 2]
    assert await store.find_runs(frozenset(), count=9) == []
    assert await store.find_runs(frozenset({EnvironmentId("x' OR 1=1 --")}), count=9) == []


async def test_runs_alike_are_well_ended_and_of_the_same_kind_on_the_same_environment(
    store: HistoryStore,
) -> None:
    for number in range(3):
        await record(store, a_run(f"done-{number}", state=RunState.DONE, took=timedelta(seconds=number)))
    await record(store, a_run("failed", state=RunState.FAILED, took=timedelta(seconds=1)))
    await record(store, a_run("else", state=RunState.DONE, environment=STAGING))
    now = await record(store, a_run("now"))

    assert [run.id for run in await store.find_alike(now)] == [3, 2, 1]
    assert [run.id for run in await store.find_alike(now, count=1)] == [5]
    assert [run.id for run in await store.find_alike(now, count=3)] == [3, 2, 1]


async def test_runs_on_other_environments_stand_in_where_there_are_hardly_any(store: HistoryStore) -> None:
    for number in range(2):
        await record(store, a_run(f"done-{number}", state=RunState.DONE))
    await record(store, a_run("else", state=RunState.DONE, environment=STAGING))
    now = await record(store, a_run("now"))

    assert [run.id for run in await store.find_alike(now)] == [3, 2, 1]


async def test_open_runs_follow_every_write_also_one_that_breaks(store: HistoryStore) -> None:
    first = await record(store, a_run("first"))
    assert await store.find_open_runs() == [first]
    second = await record(store, a_run("second", environment=STAGING))
    assert await store.find_open_runs() == [first, second]
    changed = replace(first, version=first.version + 1, followers=(UserId("U0BEN"),))
    assert await store.record_advance(first, changed)
    assert not await store.record_advance(first, replace(changed, state=RunState.LOST))
    assert await store.find_open_runs() == [changed, second]

    with pytest.raises(HistoryError):
        await store.record_run(a_run("first", state=RunState.WAITING), None, ASKED)
    assert await store.find_open_runs() == [changed, second]

    ended = replace(changed, version=changed.version + 1, state=RunState.DONE, ended_at=NOON)
    assert await store.record_advance(changed, ended)
    assert await store.find_open_runs() == [second]


async def test_last_is_the_newest_ended_run_of_the_action_that_had_a_task(store: HistoryStore) -> None:
    span = timedelta(seconds=60)
    await record(store, a_run("old", state=RunState.DONE, task_id="t1", took=span))
    last = await record(store, a_run("last", state=RunState.FAILED, task_id="t2", took=span))
    await record(store, a_run("refused", state=RunState.REFUSED, took=span))
    now = await record(store, a_run("now", state=RUNNING, task_id="t3"))

    assert await store.find_last(now) == last
    assert await store.find_last(a_run(environment=STAGING)) is None


# small things


async def test_delivery_is_new_once(store: HistoryStore) -> None:
    claims = await asyncio.gather(*(store.claim_delivery(RequestKey("d1"), NOON) for _ in range(20)))

    assert claims.count(True) == 1
    assert await store.claim_delivery(RequestKey("d2"), NOON)


async def test_text_behind_a_button_is_kept(store: HistoryStore) -> None:
    first = await store.record_ask("deploy prod", NOON)
    second = await store.record_ask("deploy prod", NOON)

    assert len(first) == 16
    assert first != second
    assert await store.find_ask(first) == "deploy prod"
    assert await store.find_ask(ButtonId("other")) is None


async def test_purge_forgets_what_is_older_and_nothing_else(store: HistoryStore) -> None:
    old, new = NOON - timedelta(days=2), NOON
    await store.claim_delivery(RequestKey("old"), old)
    await store.claim_delivery(RequestKey("new"), new)
    old_ask, new_ask = await store.record_ask("old", old), await store.record_ask("new", new)

    assert await store.purge(NOON - timedelta(days=1)) == 2
    assert await store.claim_delivery(RequestKey("old"), NOON)
    assert not await store.claim_delivery(RequestKey("new"), NOON)
    assert await store.find_ask(old_ask) is None
    assert await store.find_ask(new_ask) == "new"


async def test_last_sign_of_life_is_kept(store: HistoryStore) -> None:
    assert await store.find_alive() is None

    await store.record_alive(NOON)
    await store.record_alive(LATER)

    assert await store.find_alive() == LATER


async def test_entry_without_a_run_is_kept(store: HistoryStore) -> None:
    denied = DeniedAsk(ANA, "deploy prod", "C0RANDOM", "channel_without_rules", None)

    await store.record_entry(None, denied, LATER)

    assert await store.find_entries(None) == [RecordedEntry(None, LATER, denied)]


async def test_entry_of_a_run_that_does_not_exist_is_an_error(store: HistoryStore) -> None:
    with pytest.raises(HistoryError, match="FOREIGN KEY"):
        await store.record_entry(RunId(9), Started(TaskId("t")), NOON)


async def test_closed_history_says_so(path: Path) -> None:
    store = HistoryStore.open(path)
    store.close()
    store.close()

    with pytest.raises(HistoryError, match="is closed"):
        await store.find_alive()


async def test_everything_is_there_after_reopening(path: Path) -> None:
    store = HistoryStore.open(path)
    run, approval = await record_waiting(store)
    store.close()

    again = HistoryStore.open(path)
    try:
        assert await again.load_run(run.id) == run
        assert await again.find_waiting_approvals() == [approval]
    finally:
        again.close()
