"""No statement behind the store reads what there ever was: each finds its rows by an index, however long the history is."""

import inspect
import re
from dataclasses import replace
from datetime import timedelta

from sqlite_utils.db import Database

from bot.core.entries import Ended, Pleaded
from bot.core.errors import Cure
from bot.core.names import ButtonId, ChannelId, MessageTs, PleaNumber, RequestKey, RunId, TaskId, UserId
from bot.core.pleas import key_of, withdraw
from bot.core.runs import RunState
from bot.flow.ports import History, MessageRef, PleaSlot, Shown, Slot, SlotKind
from bot.history.store import HistoryStore
from tests.history.values import ANA, ASKED, NOON, PROD, STAGING, a_plea, a_run, an_approval

GROWING = "runs|entries|slots|approvals|deliveries|asks|pleas"
OF_WHAT_IS_OPEN = (
    "runs_open|runs_busy|approvals_waiting|slots_dead|slots_in_doubt|entries_of_rules|"
    "pleas_open|pleas_behind|pleas_in_doubt"
)
"""Indexes of those few rows that are still to be dealt with, or that are few: these may be read from end to end."""

_FULL_SCAN = re.compile(rf"SCAN ({GROWING})\b(?! USING (COVERING )?INDEX ({OF_WHAT_IS_OPEN})\b)")
PLEADED = Pleaded(UserId(ANA), "deploy prod", ChannelId("C0DEPLOYS"), "releasers")
REF = MessageRef(ChannelId("C0DEPLOYS"), MessageTs("1.000001"))
CARD = Slot(RunId(1), SlotKind.CARD)
PLEA = PleaSlot(PleaNumber(1))


async def ask_for_everything(store: HistoryStore) -> set[str]:
    """Call every method once with rows to find; the names of those called."""
    waiting = a_run("waiting", state=RunState.WAITING)
    first = await store.record_run(waiting, an_approval(), ASKED)
    busy = await store.record_run(a_run("busy", environment=STAGING), None, ASKED)
    assert first is not None
    assert busy is not None
    plea = await store.record_plea(a_plea(), PLEADED)
    answering = replace(a_run("pleaded", state=RunState.WAITING), request_key=key_of(plea.id))
    assert await store.record_run(answering, None, ASKED, ASKED) is not None
    approval = await store.find_approval(first.id)
    assert approval is not None
    calls = {
        "claim_delivery": store.claim_delivery(RequestKey("one"), NOON),
        "record_advance": store.record_advance(busy, busy, Ended("done")),
        "record_approval": store.record_approval(replace(approval, version=2), first, first, ASKED),
        "record_entry": store.record_entry(first.id, ASKED, NOON),
        "find_entries": store.find_entries(first.id),
        "load_run": store.load_run(first.id),
        "find_run": store.find_run(first.id),
        "find_run_by_handle": store.find_run_by_handle(ButtonId("handle-busy")),
        "find_run_by_task": store.find_run_by_task(TaskId("task")),
        "find_open_runs": store.find_open_runs(),
        "find_busy_run": store.find_busy_run(STAGING.id),
        "find_runs": store.find_runs(frozenset({PROD.id, STAGING.id}), count=20),
        "find_alike": store.find_alike(busy),
        "find_last": store.find_last(busy),
        "find_waiting_approvals": store.find_waiting_approvals(),
        "find_slot": store.find_slot(CARD),
        "find_stale_slots": store.find_stale_slots(),
        "record_begun": store.record_begun(CARD, NOON),
        "record_shown": store.record_shown(CARD, Shown(REF, 1)),
        "record_gone": store.record_gone(CARD, REF),
        "record_dead_slot": store.record_dead_slot(CARD, Cure.LET_IN),
        "find_dead_channels": store.find_dead_channels(Cure.LET_IN),
        "revive_slots": store.revive_slots(Cure.LET_IN),
        "find_doubts": store.find_doubts(NOON),
        "record_settled": store.record_settled(CARD, [REF]),
        "find_strays": store.find_strays(),
        "forget_stray": store.forget_stray(REF),
        "record_ask": store.record_ask("deploy prod", NOON),
        "find_ask": store.find_ask(ButtonId("none")),
        "record_name": store.record_name(UserId(ANA), "Ana"),
        "record_alive": store.record_alive(NOON),
        "find_alive": store.find_alive(),
        "purge": store.purge(NOON - timedelta(days=1)),
        "record_plea_change": store.record_plea_change(plea, withdraw(plea)),
        "find_plea": store.find_plea(plea.id),
        "find_pleas": store.find_pleas(NOON - timedelta(hours=1)),
        "find_open_pleas": store.find_open_pleas(),
        "find_stale_pleas": store.find_stale_pleas(),
        "find_slot of a plea": store.find_slot(PLEA),
        "record_begun of a plea": store.record_begun(PLEA, NOON),
        "record_shown of a plea": store.record_shown(PLEA, Shown(REF, 1)),
        "record_settled of a plea": store.record_settled(PLEA, [REF]),
        "find_last_refusal": store.find_last_refusal(UserId(ANA), ChannelId("C0DEPLOYS")),
        "find_last_run_of": store.find_last_run_of(UserId(ANA), ChannelId("C0DEPLOYS")),
        "load_instance": store.load_instance(),
        "record_workspace": store.record_workspace("https://acme.slack.com/"),
        "find_rules_digest": store.find_rules_digest(),
        "find_head": store.find_head(),
    }
    for call in calls.values():
        await call
    return {"record_run", "record_plea", "find_approval", *calls}


def explain(db: Database, statement: str) -> list[str]:
    """How SQLite would carry this out."""
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]


async def test_no_statement_reads_a_growing_table_from_end_to_end(store: HistoryStore) -> None:
    told: list[str] = []
    await store._turns.read(lambda db: db.conn.set_trace_callback(told.append))
    called = await ask_for_everything(store)
    await store._turns.read(lambda db: db.conn.set_trace_callback(None))

    statements = {one for one in told if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", one)}
    plans = {one: await store._turns.read(explain, one) for one in sorted(statements)}

    assert [one for one, plan in plans.items() if any(_FULL_SCAN.search(step) for step in plan)] == []
    assert len(statements) > 40
    port = {name for name, _ in inspect.getmembers(History, inspect.isfunction) if not name.startswith("_")}
    assert port <= called


async def test_search_for_stale_messages_begins_with_what_is_unsettled_not_with_what_ended_lately(
    store: HistoryStore,
) -> None:
    told: list[str] = []
    await store._turns.read(lambda db: db.conn.set_trace_callback(told.append))
    await store.find_stale_slots()
    await store._turns.read(lambda db: db.conn.set_trace_callback(None))

    [search] = [one for one in told if "stale_slots" in one]
    plan = await store._turns.read(explain, search)
    assert not [step for step in plan if "runs_by_end" in step]
    assert [step for step in plan if step == "SCAN unsettled"]


async def test_full_scan_would_be_noticed(store: HistoryStore) -> None:
    plan = await store._turns.read(explain, "SELECT * FROM runs WHERE rule = ''")
    assert [step for step in plan if _FULL_SCAN.search(step)] == plan
