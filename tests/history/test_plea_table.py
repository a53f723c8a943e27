"""Pleas in the history: one run at most for each, and what is known of its message."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.entries import Asked, DeniedAsk, Pleaded, PleaTaken
from bot.core.names import ButtonId, ChannelId, MessageTs, PleaNumber, UserId
from bot.core.pleas import Plea, PleaState, expire, key_of, move_on, withdraw
from bot.core.runs import Run, RunState
from bot.flow.ports import Doubt, MessageRef, PleaSlot, Shown
from bot.history.store import HistoryStore
from tests.history.values import ANA, ASKED, BEN, NOON, STAGING, a_plea, a_run

DEPLOYS, OPS = ChannelId("C0DEPLOYS"), ChannelId("C0OPS")
PLEADED = Pleaded(BEN, "deploy prod modules=sale", ChannelId("C0SUPPORT"), "releasers")
FIRST, SECOND = (MessageRef(DEPLOYS, MessageTs(f"1.00000{nth}")) for nth in (1, 2))


@pytest.fixture
async def plea(store: HistoryStore) -> Plea:
    """A plea of Ben's, recorded."""
    return await store.record_plea(a_plea(), PLEADED)


def answering(plea: Plea, name: str = "one", **fields: object) -> Run:
    """A run of somebody who pressed."""
    return replace(a_run(name, **fields), request_key=key_of(plea.id))  # type: ignore[arg-type]


def slot_of(plea: Plea) -> PleaSlot:
    """What its message is known by."""
    return PleaSlot(plea.number)


async def test_plea_is_read_as_it_was_written(store: HistoryStore, plea: Plea) -> None:
    assert plea == replace(a_plea(), number=PleaNumber(1))
    assert await store.find_plea(plea.id) == plea
    assert await store.find_open_pleas() == [plea]
    assert [one.entry for one in await store.find_entries(None)] == [PLEADED]
    assert await store.find_plea(ButtonId("another")) is None


async def test_name_of_an_environment_with_half_a_character_is_kept(store: HistoryStore) -> None:
    broken = replace(STAGING, project="half \ud83d of it")
    given = a_plea()
    plea = await store.record_plea(replace(given, change=replace(given.change, environment=broken)), PLEADED)
    kept = await store.find_plea(plea.id)
    assert kept is not None
    assert kept.change.environment.project == "half ? of it"


async def test_run_that_answers_a_plea_takes_it(store: HistoryStore, plea: Plea) -> None:
    run = await store.record_run(answering(plea), None, ASKED, PleaTaken(ANA, BEN))
    assert run is not None
    taken = await store.find_plea(plea.id)
    assert taken is not None
    assert (taken.state, taken.taken_by, taken.run_id) == (PleaState.TAKEN, ANA, run.id)
    assert await store.find_open_pleas() == []
    assert [type(one.entry) for one in await store.find_entries(run.id)] == [Asked, PleaTaken]


async def test_second_run_for_the_same_plea_is_not_written(store: HistoryStore, plea: Plea) -> None:
    first = await store.record_run(answering(plea), None, ASKED)
    second = await store.record_run(answering(plea, "two", environment=STAGING), None, ASKED)
    assert first is not None
    assert second is None
    assert [run.id for run in await store.find_open_runs()] == [first.id]


async def test_plea_that_is_over_leads_to_no_run(store: HistoryStore, plea: Plea) -> None:
    assert await store.record_plea_change(plea, withdraw(plea))
    assert await store.record_run(answering(plea, state=RunState.WAITING), None, ASKED) is None
    assert await store.find_open_runs() == []


async def test_change_of_a_plea_that_somebody_took_is_not_written(store: HistoryStore, plea: Plea) -> None:
    expired = expire(plea, plea.expires_at)
    assert expired is not None
    await store.record_run(answering(plea), None, ASKED)
    assert not await store.record_plea_change(plea, expired)
    newest = await store.find_plea(plea.id)
    assert newest is not None
    assert newest.state is PleaState.TAKEN


async def test_message_is_behind_until_the_newest_state_is_shown(store: HistoryStore, plea: Plea) -> None:
    assert await store.find_stale_pleas() == [plea]
    assert await store.find_slot(slot_of(plea)) is None
    await store.record_shown(slot_of(plea), Shown(FIRST, plea.version))
    assert await store.find_stale_pleas() == []
    withdrawn = withdraw(plea)
    await store.record_plea_change(plea, withdrawn)
    assert await store.find_stale_pleas() == [withdrawn]
    await store.record_shown(slot_of(plea), Shown(FIRST, withdrawn.version))
    assert await store.find_stale_pleas() == []


async def test_plea_that_is_over_before_anybody_saw_it_needs_no_message(
    store: HistoryStore, plea: Plea
) -> None:
    await store.record_plea_change(plea, withdraw(plea))
    assert await store.find_stale_pleas() == []


async def test_late_report_takes_nothing_back(store: HistoryStore, plea: Plea) -> None:
    await store.record_plea_change(plea, withdraw(plea))
    await store.record_shown(slot_of(plea), Shown(FIRST, 2))
    await store.record_shown(slot_of(plea), Shown(FIRST, 1))
    record = await store.find_slot(slot_of(plea))
    assert record is not None
    assert (record.ref, record.shown_version) == (FIRST, 2)


async def test_post_that_was_never_heard_of_is_in_doubt_until_it_is_found(
    store: HistoryStore, plea: Plea
) -> None:
    slot = slot_of(plea)
    later = NOON + timedelta(minutes=1)
    assert await store.record_begun(slot, NOON) is None
    assert await store.record_begun(slot, later) == Doubt(slot, NOON)
    assert await store.find_doubts(later) == [], "while none stands, the next post looks for it"
    await store.record_shown(slot, Shown(FIRST, 0, is_in_doubt=True, strays=(SECOND,)))
    assert await store.find_strays() == [SECOND]
    assert await store.find_doubts(later - timedelta(seconds=1)) == []
    assert await store.find_doubts(later) == [Doubt(slot, NOON)]
    third = MessageRef(DEPLOYS, MessageTs("1.000003"))
    await store.record_settled(slot, [third])
    assert await store.find_doubts(later) == []
    assert await store.find_strays() == [SECOND, third]


async def test_post_that_was_answered_is_in_no_doubt(store: HistoryStore, plea: Plea) -> None:
    await store.record_begun(slot_of(plea), NOON)
    await store.record_shown(slot_of(plea), Shown(FIRST, plea.version))
    assert await store.find_doubts(NOON + timedelta(days=1)) == []


async def test_doubt_outlives_the_edits_of_what_was_found(store: HistoryStore, plea: Plea) -> None:
    await store.record_begun(slot_of(plea), NOON)
    await store.record_shown(slot_of(plea), Shown(FIRST, 0, is_in_doubt=True))
    await store.record_shown(slot_of(plea), Shown(FIRST, plea.version))
    await store.record_run(answering(plea), None, ASKED)
    assert await store.find_doubts(NOON) == [Doubt(slot_of(plea), NOON)], "whether or not it is over"


async def test_purge_forgets_old_pleas_that_are_over_and_gives_no_number_again(
    store: HistoryStore, plea: Plea
) -> None:
    over = await store.record_plea(a_plea("over"), PLEADED)
    await store.record_plea_change(over, withdraw(over))
    await store.purge(NOON)
    assert await store.find_plea(over.id) is not None
    await store.purge(NOON + timedelta(seconds=1))
    assert await store.find_plea(over.id) is None
    assert await store.find_plea(plea.id) == plea, "somebody may still take it on"
    assert (await store.record_plea(a_plea("next"), PLEADED)).number == over.number + 1
    assert len(await store.find_entries(None)) == 3, "the record of it stays"


async def test_in_the_next_channel_no_post_is_in_doubt(store: HistoryStore, plea: Plea) -> None:
    await store.record_begun(slot_of(plea), NOON)
    await store.record_plea_change(plea, move_on(plea))
    moved = await store.find_plea(plea.id)
    assert moved is not None
    assert moved.opening.channel_id == OPS
    assert await store.record_begun(slot_of(plea), NOON) is None


async def test_pleas_are_found_by_time_whoever_made_them(store: HistoryStore, plea: Plea) -> None:
    await store.record_plea(a_plea("early", asked_at=NOON - timedelta(hours=1)), PLEADED)
    later = NOON + timedelta(seconds=1)
    other = await store.record_plea(a_plea("other", by=ANA, asked_at=later), PLEADED)
    assert await store.find_pleas(NOON - timedelta(hours=1)) == [plea, other]


async def test_last_refusal_is_the_newest_in_that_channel(store: HistoryStore) -> None:
    for by, channel, text in (
        (ANA, DEPLOYS, "deploy prod"),
        (ANA, DEPLOYS, "stop prod"),
        (BEN, DEPLOYS, "restart prod"),
        (ANA, OPS, "start prod"),
    ):
        denied = DeniedAsk(UserId(by), text, channel, "no_rule", "channels.C0DEPLOYS", 9, "d1")
        await store.record_entry(None, denied, NOON)
    found = await store.find_last_refusal(ANA, DEPLOYS)
    assert found is not None
    assert isinstance(found.entry, DeniedAsk)
    assert found.entry.text == "stop prod"
    assert await store.find_last_refusal(BEN, OPS) is None


async def test_last_run_is_the_newest_of_that_person_in_that_channel(store: HistoryStore) -> None:
    await store.record_run(a_run("one"), None, ASKED)
    newest = await store.record_run(a_run("two", environment=STAGING), None, ASKED)
    assert await store.find_last_run_of(ANA, DEPLOYS) == newest
    assert await store.find_last_run_of(ANA, OPS) is None
    assert await store.find_last_run_of(BEN, DEPLOYS) is None
