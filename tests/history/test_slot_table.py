"""Which messages are behind their runs: those, all of those, and no others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import Cure
from bot.core.names import ChannelId, MessageTs
from bot.core.runs import Run, RunState
from bot.flow.ports import MessageRef, Shown, Slot, SlotKind, SlotRecord
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, STAGING, a_run

CARD, PROGRESS, END = SlotKind.CARD, SlotKind.PROGRESS, SlotKind.END
REF = MessageRef(ChannelId("C0DEPLOYS"), MessageTs("1.000100"))
MOVED = MessageRef(ChannelId("C0DEPLOYS"), MessageTs("2.000200"))


async def record(store: HistoryStore, run: Run) -> Run:
    recorded = await store.record_run(run, None, ASKED)
    assert recorded is not None
    return recorded


async def find_stale_kinds(store: HistoryStore) -> list[SlotKind]:
    return [slot.kind for slot in await store.find_stale_slots()]


@pytest.mark.parametrize(
    ("run", "stale"),
    [
        (a_run(state=RunState.WAITING), {CARD}),
        (a_run(state=RunState.RUNNING, task_id="t"), {CARD, PROGRESS}),
        (a_run(state=RunState.RUNNING, task_id="t", thread=MessageTs("9.0")), {CARD}),
        (a_run(state=RunState.DONE, task_id="t", took=timedelta(seconds=9)), {CARD, PROGRESS, END}),
        (a_run(state=RunState.DECLINED, took=timedelta(seconds=9)), {CARD, END}),
        (a_run(state=RunState.RUNNING, task_id="t", asked_at=NOON - timedelta(days=9)), {CARD, PROGRESS}),
        (a_run(state=RunState.DONE, asked_at=NOON - timedelta(days=9), took=timedelta(days=1)), set()),
    ],
    ids=["waiting", "running", "in a thread", "done", "declined", "running for long", "ended long ago"],
)
async def test_run_that_shows_nothing_yet_wants_its_messages(
    store: HistoryStore, run: Run, stale: set[SlotKind]
) -> None:
    await record(store, run)

    assert set(await find_stale_kinds(store)) == stale


async def test_message_that_shows_the_newest_version_is_not_stale(store: HistoryStore) -> None:
    run = await record(store, a_run())

    await store.record_shown(Slot(run.id, CARD), Shown(REF, run.version))
    assert await store.find_stale_slots() == []

    await store.record_advance(run, replace(run, version=2))
    assert await store.find_stale_slots() == [Slot(run.id, CARD)]


async def test_end_message_is_posted_once_and_never_stale_again(store: HistoryStore) -> None:
    run = await record(store, a_run(state=RunState.DONE, took=timedelta(seconds=9)))
    await store.record_shown(Slot(run.id, CARD), Shown(REF, 1))
    await store.record_shown(Slot(run.id, END), Shown(REF, 1))

    await store.record_advance(run, replace(run, version=2))

    assert await find_stale_kinds(store) == [CARD]


async def test_late_report_of_an_older_version_takes_nothing_back(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)

    await store.record_shown(slot, Shown(MOVED, 3))
    await store.record_shown(slot, Shown(REF, 2))

    assert await store.find_slot(slot) == SlotRecord(slot, MOVED, 3)


async def test_dead_message_is_left_in_peace_until_it_shows_again(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)
    await store.record_shown(slot, Shown(REF, 0))

    await store.record_dead_slot(slot, Cure.NONE)
    assert await store.find_slot(slot) == SlotRecord(slot, REF, 0, is_dead=True)
    assert await store.find_stale_slots() == []

    await store.record_shown(slot, Shown(MOVED, 1))
    assert await store.find_slot(slot) == SlotRecord(slot, MOVED, 1)


async def test_message_that_never_stood_can_be_dead(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)
    assert await store.find_slot(slot) is None

    await store.record_dead_slot(slot, Cure.NONE)

    assert await store.find_slot(slot) == SlotRecord(slot, None, 0, is_dead=True)
    assert await store.find_stale_slots() == []


async def test_nothing_hangs_under_a_card_that_could_never_be_shown(store: HistoryStore) -> None:
    ended = a_run(state=RunState.DROPPED, took=timedelta(seconds=9))
    run = await record(store, ended)
    assert await find_stale_kinds(store) == [CARD, END]

    await store.record_dead_slot(Slot(run.id, CARD), Cure.NONE)

    assert await store.find_stale_slots() == []


async def test_end_is_told_in_a_thread_of_somebody_else_though_the_card_is_dead(store: HistoryStore) -> None:
    run = await record(store, a_run(state=RunState.DONE, thread=MessageTs("9.0"), took=timedelta(seconds=9)))

    await store.record_dead_slot(Slot(run.id, CARD), Cure.NONE)

    assert await find_stale_kinds(store) == [END]


async def test_end_is_told_under_a_card_that_can_no_longer_be_edited(store: HistoryStore) -> None:
    run = await record(store, a_run(state=RunState.DONE, took=timedelta(seconds=9)))
    await store.record_shown(Slot(run.id, CARD), Shown(REF, 0))

    await store.record_dead_slot(Slot(run.id, CARD), Cure.NONE)

    assert await find_stale_kinds(store) == [END]


async def test_stale_messages_of_several_runs_come_oldest_run_first(store: HistoryStore) -> None:
    first = await record(store, a_run("one"))
    second = await record(store, a_run("two", environment=STAGING))

    assert await store.find_stale_slots() == [Slot(first.id, CARD), Slot(second.id, CARD)]
