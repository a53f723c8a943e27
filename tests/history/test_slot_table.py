"""Which messages are behind their runs: those, all of those, and no others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import Cure
from bot.core.names import ButtonId, ChannelId, MessageTs, RequestKey
from bot.core.runs import Run, RunState
from bot.flow.ports import Doubt, MessageRef, Shown, Slot, SlotKind, SlotRecord
from bot.history.store import HistoryStore
from tests.history.values import ASKED, NOON, STAGING, a_run

CARD, PROGRESS, END = SlotKind.CARD, SlotKind.PROGRESS, SlotKind.END
NINE = timedelta(seconds=9)
REF = MessageRef(ChannelId("C0DEPLOYS"), MessageTs("1.000100"))
UNDER = MessageRef(ChannelId("C0DEPLOYS"), MessageTs("1.000150"))
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
        (replace(a_run(state=RunState.WAITING), is_reminded=True), {CARD, SlotKind.REMINDER}),
        (
            replace(a_run(state=RunState.WAITING), is_reminded=True, is_escalated=True),
            {CARD, SlotKind.REMINDER, SlotKind.ESCALATION},
        ),
        (a_run(state=RunState.RUNNING, task_id="t"), {CARD, PROGRESS}),
        (a_run(state=RunState.RUNNING, task_id="t", thread=MessageTs("9.0")), {CARD}),
        (a_run(state=RunState.DONE, task_id="t", took=NINE), {CARD, PROGRESS, END}),
        (a_run(state=RunState.DECLINED, took=NINE), {CARD, END}),
        (a_run(state=RunState.RUNNING, task_id="t", asked_at=NOON - timedelta(days=9)), {CARD, PROGRESS}),
        (a_run(state=RunState.DONE, asked_at=NOON - timedelta(days=9), took=timedelta(days=1)), set()),
    ],
    ids=[
        "waiting",
        "reminded",
        "reminded and escalated",
        "running",
        "in a thread",
        "done",
        "declined",
        "running for long",
        "ended long ago",
    ],
)
async def test_run_that_shows_nothing_yet_wants_its_messages(
    store: HistoryStore, run: Run, stale: set[SlotKind]
) -> None:
    await record(store, run)

    assert set(await find_stale_kinds(store)) == stale


@pytest.mark.parametrize("kind", [SlotKind.REMINDER, SlotKind.ESCALATION])
async def test_call_that_was_made_is_drawn_again_after_the_decision_and_is_not_made_after_it(
    store: HistoryStore, kind: SlotKind
) -> None:
    called = replace(a_run(state=RunState.WAITING), is_reminded=True, is_escalated=True)
    made, late = (
        await record(store, called),
        await record(store, replace(called, handle=ButtonId("l"), request_key=RequestKey("l"))),
    )
    await store.record_shown(Slot(made.id, kind), Shown(REF, made.version))

    for run in (made, late):
        await store.record_advance(run, replace(run, state=RunState.DECLINED, version=2, ended_at=NOON))

    stale = await store.find_stale_slots()
    assert {slot.kind for slot in stale if slot.run_id == made.id} == {CARD, END, kind}
    assert {slot.kind for slot in stale if slot.run_id == late.id} == {CARD, END}


@pytest.mark.parametrize("kind", [SlotKind.REMINDER, SlotKind.ESCALATION])
async def test_calls_of_what_was_asked_anew_are_kept_apart_from_those_of_before(
    store: HistoryStore, kind: SlotKind
) -> None:
    waiting = replace(a_run(state=RunState.WAITING), is_reminded=True, is_escalated=True)
    run = await record(store, waiting)
    before, after = Slot(run.id, kind), Slot(run.id, kind, asking=2)
    await store.record_shown(before, Shown(UNDER, 1))
    renewed = replace(run, version=2, asking=2, is_reminded=False, is_escalated=False)
    assert await store.record_advance(run, renewed)
    assert set(await store.find_stale_slots()) == {Slot(run.id, CARD), before}
    await store.record_shown(before, Shown(UNDER, 2))
    called = replace(renewed, version=3, is_reminded=True, is_escalated=True)
    assert await store.record_advance(renewed, called)
    assert {slot for slot in await store.find_stale_slots() if slot.kind is kind} == {before, after}
    await store.record_shown(after, Shown(MOVED, 3))
    assert await store.find_slot(before) == SlotRecord(before, UNDER, 2)
    assert await store.find_slot(after) == SlotRecord(after, MOVED, 3)


async def test_call_that_was_put_off_is_wanted_no_more_though_a_post_may_have_left(
    store: HistoryStore,
) -> None:
    run = await record(store, replace(a_run(state=RunState.WAITING), is_reminded=True))
    slot = Slot(run.id, SlotKind.REMINDER)
    await store.record_begun(slot, NOON)
    put_off = replace(run, version=2, is_reminded=False)
    await store.record_advance(run, put_off)
    assert await store.find_stale_slots() == [Slot(run.id, CARD)]
    await store.record_advance(put_off, replace(put_off, version=3, state=RunState.DECLINED, ended_at=NOON))
    assert slot in await store.find_stale_slots(), "it may stand, and must not ask then"


async def test_call_that_nobody_heard_of_is_looked_for_when_it_is_asked_anew(store: HistoryStore) -> None:
    run = await record(store, replace(a_run(state=RunState.WAITING), is_reminded=True))
    slot = Slot(run.id, SlotKind.REMINDER)
    await store.record_begun(slot, NOON)
    await store.record_advance(run, replace(run, version=2, asking=2, is_reminded=False))
    assert set(await store.find_stale_slots()) == {Slot(run.id, CARD), slot}


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


# Posts of which nobody knows


async def test_post_is_begun_before_it_is_heard_of(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)

    assert await store.record_begun(slot, NOON) is None
    assert await store.find_slot(slot) is None
    assert await store.record_begun(slot, NOON + timedelta(seconds=5)) == Doubt(slot, NOON)
    assert await store.find_stale_slots() == [slot]


@pytest.mark.parametrize("is_in_doubt", [False, True])
async def test_message_that_stands_is_doubted_where_an_earlier_post_may_come_late(
    store: HistoryStore, is_in_doubt: bool
) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)
    await store.record_begun(slot, NOON)
    await store.record_begun(slot, NOON + timedelta(seconds=9))
    assert await store.find_doubts(NOON + timedelta(hours=1)) == [], "it does not stand yet"

    await store.record_shown(slot, Shown(REF, 1, is_in_doubt=is_in_doubt))

    assert await store.find_doubts(NOON + timedelta(seconds=8)) == []
    doubts = [Doubt(slot, NOON)] if is_in_doubt else []
    assert await store.find_doubts(NOON + timedelta(seconds=9)) == doubts
    await store.record_settled(slot, [MOVED])
    assert await store.find_doubts(NOON + timedelta(hours=1)) == []
    assert await store.find_strays() == [MOVED]
    await store.forget_stray(MOVED)
    assert await store.find_strays() == []


async def test_messages_found_beside_one_that_stands_are_to_be_taken_away(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)

    await store.record_shown(slot, Shown(REF, 1, strays=(MOVED,)))

    assert await store.find_strays() == [MOVED]


async def test_message_that_is_gone_is_posted_anew_once(store: HistoryStore) -> None:
    run = await record(store, a_run(state=RunState.RUNNING, task_id="t"))
    card, progress = Slot(run.id, CARD), Slot(run.id, PROGRESS)
    await store.record_shown(card, Shown(REF, 1))
    await store.record_shown(progress, Shown(UNDER, 1))
    assert await store.find_stale_slots() == []

    assert await store.record_gone(card, REF)

    assert await store.find_slot(card) is None
    assert await store.find_stale_slots() == [card, progress], "what hung under it comes along"
    assert await store.find_strays() == [REF, UNDER], "the old ones may still be seen"
    await store.record_shown(card, Shown(REF, 9))
    assert await store.find_slot(card) is None, "a late report does not bring it back"
    await store.record_shown(card, Shown(MOVED, 1))
    assert not await store.record_gone(card, MOVED)
    assert await store.find_slot(card) == SlotRecord(card, MOVED, 1)


async def test_place_that_is_not_where_a_message_stands_is_not_gone(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)
    await store.record_shown(slot, Shown(REF, 1))

    assert not await store.record_gone(slot, MOVED)


async def test_post_anew_tells_of_the_one_that_was_given_up(store: HistoryStore) -> None:
    slot = Slot((await record(store, a_run())).id, CARD)
    await store.record_shown(slot, Shown(REF, 1))
    await store.record_gone(slot, REF)
    await store.record_begun(slot, NOON)

    assert await store.record_begun(slot, NOON) == Doubt(slot, NOON, REF.ts)


# What may be shown again


@pytest.mark.parametrize("cure", list(Cure))
async def test_message_given_up_until_a_cure_is_shown_again_after_it(store: HistoryStore, cure: Cure) -> None:
    run = await record(store, a_run())
    slot = Slot(run.id, CARD)
    await store.record_shown(slot, Shown(REF, 0))
    await store.record_dead_slot(slot, cure)
    assert await store.find_stale_slots() == []

    for other in set(Cure) - {cure}:
        assert await store.find_dead_channels(other) == []
        await store.revive_slots(other)
    assert await store.find_stale_slots() == []

    assert await store.find_dead_channels(cure) == [run.place.channel_id]
    await store.revive_slots(cure, ChannelId("C0OTHER"))
    assert await store.find_stale_slots() == []
    await store.revive_slots(cure, run.place.channel_id)
    assert await store.find_stale_slots() == [slot]


async def test_run_that_ended_unseen_stays_unseen(store: HistoryStore) -> None:
    """Days after, nobody in that channel wants to hear of it."""
    run = await record(store, a_run(state=RunState.DROPPED, took=timedelta(seconds=9)))
    await store.record_dead_slot(Slot(run.id, CARD), Cure.LET_IN)

    assert await store.find_dead_channels(Cure.LET_IN) == []
    await store.revive_slots(Cure.LET_IN)
    assert await store.find_stale_slots() == []


# Which runs are looked through


def unsettled(store: HistoryStore) -> set[int]:
    def find() -> set[int]:
        return {row[0] for row in store._turns._writer._db.execute("SELECT run_id FROM unsettled")}

    return store._turns._thread.submit(find).result()


async def test_only_runs_with_something_to_show_are_looked_through(store: HistoryStore) -> None:
    run = await record(store, a_run(state=RunState.RUNNING, task_id="t"))
    assert unsettled(store) == {run.id}
    await store.record_shown(Slot(run.id, CARD), Shown(REF, 1))
    assert unsettled(store) == {run.id}
    await store.record_shown(Slot(run.id, PROGRESS), Shown(UNDER, 1))
    assert unsettled(store) == set()

    done = replace(run, version=2, state=RunState.DONE, ended_at=NOON)
    await store.record_advance(run, done)
    assert unsettled(store) == {run.id}
    for kind in (CARD, PROGRESS, END):
        await store.record_shown(Slot(run.id, kind), Shown(REF, 2))
    assert unsettled(store) == set()


async def test_run_from_long_ago_is_looked_through_no_more(store: HistoryStore) -> None:
    await record(store, a_run(state=RunState.DROPPED, took=timedelta(seconds=9)))

    await store.purge(NOON + timedelta(days=30))

    assert unsettled(store) == set()
