"""A run's messages: in their order, each once, true to the run, past refusals and outages of Slack."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.core.entries import Ended, Followed, Resumed
from bot.core.errors import HostingRefusedError
from bot.core.facts import BotReturned, FollowerJoined, HostingSilent, Reported
from bot.core.names import ChannelId, MessageTs, RunId
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.flow.ports import Slot, SlotKind, Urgency
from tests.flow.stage import Stage, words_of
from tests.support.factories import BEN, CLEO, DEPLOYS

CARD, PROGRESS, END = (Slot(RunId(1), kind) for kind in (SlotKind.CARD, SlotKind.PROGRESS, SlotKind.END))


async def running(stage: Stage) -> None:
    """Cleo's restart of `staging` is under way."""
    await stage.ask("restart staging", CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, current_step="Pull", progress_percent=10)
    await stage.turn()


async def ended(stage: Stage) -> None:
    """The platform is done, and the tracker has seen it."""
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, progress_percent=100)
    await stage.turn()


async def is_dead(stage: Stage, slot: Slot) -> bool:
    """Whether a slot was given up."""
    record = await stage.store.find_slot(slot)
    return record is not None and record.is_dead


async def test_messages_come_in_their_order_and_in_the_thread_of_the_card(stage: Stage) -> None:
    await running(stage)
    await ended(stage)
    assert [posted.slot for posted in stage.chat.screen] == [CARD, PROGRESS, END]
    card, progress, end = stage.chat.screen
    assert card.place.thread_ts is None
    assert progress.place.thread_ts == end.place.thread_ts == card.ref.ts


async def test_end_reached_before_the_card_stands_waits_for_it(stage: Stage) -> None:
    """The card takes its time; meanwhile the run is withdrawn from under it."""
    stage.chat.holds()
    asking = asyncio.create_task(stage.ask("deploy prod", CLEO))
    await stage.until(lambda: bool(stage.chat.asked))
    await stage.flow.tracker._runs.drop((await stage.run()).id, "rules_changed")
    stage.chat.releases()
    await asking
    assert [posted.slot for posted in stage.chat.screen] == [CARD, END]
    assert stage.ends()[0].place.thread_ts == (await stage.card()).ref.ts
    assert "was not sent" in words_of(stage.ends()[0].now)
    assert "Approve" not in words_of((await stage.card()).now)


async def test_ask_inside_a_thread_has_one_message_there_and_its_end(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO, thread=MessageTs("1789.000001"))
    await stage.turn()
    await ended(stage)
    assert [posted.slot for posted in stage.chat.screen] == [CARD, END]
    assert {posted.place.thread_ts for posted in stage.chat.screen} == {"1789.000001"}


async def test_end_is_posted_once_however_often_it_is_told(stage: Stage) -> None:
    await running(stage)
    await ended(stage)
    await stage.ask("run 1", BEN)
    for _ in range(3):
        await stage.turn()
        await stage.flow.cards.redraw_stale_once()
        await stage.settle()
    await stage.flow.tracker._runs.tell(RunId(1), FollowerJoined(BEN.user_id), Followed(BEN.user_id))
    await stage.settle()
    [end] = stage.ends()
    assert len(end.states) == 1
    await stage.restart(minutes=5)
    assert len(stage.ends()) == 1


async def test_end_while_an_edit_is_under_way_is_on_screen_at_last(stage: Stage) -> None:
    await running(stage)
    stage.chat.holds()
    stage.hosting.moves(stage.task, progress_percent=50, current_step="Restart", steps_completed=1)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, progress_percent=100)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    stage.chat.releases()
    await stage.settle()
    assert "✓" in words_of((await stage.card()).now)
    assert "100 %" in words_of((await stage.progress()).now)
    assert len(stage.ends()) == 1


async def test_outage_of_slack_ends_in_one_edit_with_the_newest_state(stage: Stage) -> None:
    await running(stage)
    edits = len((await stage.progress()).states)
    stage.chat.falls_ill()
    for percent in (20, 40, 60, 80):
        stage.hosting.moves(stage.task, progress_percent=percent, steps_completed=percent // 10)
        stage.clock.forward(seconds=2)
        await stage.flow.tracker.look_once()
        await stage.until(lambda: not stage.flow.tracker._looking)
        await stage.flow.cards.redraw_stale_once()
    stage.chat.recovers()
    await stage.settle()
    progress = await stage.progress()
    assert "80 %" in words_of(progress.now)
    assert len(progress.states) == edits + 1
    assert list(await stage.store.find_stale_slots()) == []


async def test_edit_that_did_not_get_through_is_made_although_it_says_the_same_again(stage: Stage) -> None:
    """The card's words are the same at the second try: that is no reason to leave it as it was."""
    await running(stage)
    stage.chat.falls_ill()
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: stage.chat.is_waiting(CARD))
    stage.chat.recovers()
    await stage.settle()
    assert "✓" in words_of((await stage.card()).now)


async def test_edit_overtaken_by_one_that_did_not_get_through_does_not_stand_for_it(stage: Stage) -> None:
    """Slack takes an edit; before that is written down, the next one is rendered, and fails."""
    await stage.ask("restart staging", CLEO, thread=MessageTs("1789.000001"))
    await stage.turn()
    failed_once = asyncio.Event()

    async def end() -> None:
        stage.chat.falls_ill()
        stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
        report = await stage.hosting.fetch_task(stage.task)
        await stage.flow.tracker._runs.tell(RunId(1), Reported(report), Ended("done"))
        await stage.until(lambda: stage.chat.is_waiting(CARD))
        failed_once.set()

    stage.meddler.before("record_shown", end)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=60)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    await stage.until(failed_once.is_set)
    stage.chat.recovers()
    await stage.settle()
    assert "✓" in words_of((await stage.card()).now)


async def test_message_that_would_not_change_is_not_edited(stage: Stage) -> None:
    await running(stage)
    states = len((await stage.card()).states)
    stage.hosting.moves(stage.task, progress_percent=11, steps_completed=1, current_step="Fetch")
    await stage.turn()
    assert len((await stage.card()).states) == states
    assert list(await stage.store.find_stale_slots()) == []


async def test_card_that_only_gets_on_takes_its_turn_and_a_change_of_state_goes_first(stage: Stage) -> None:
    await running(stage)
    stage.hosting.moves(stage.task, progress_percent=55, steps_completed=1, current_step="Fetch")
    await stage.turn()
    assert stage.chat.asked[-2:] == [(CARD, Urgency.PROGRESS), (PROGRESS, Urgency.PROGRESS)]
    assert stage.chat.changes[CARD] == stage.chat.changes[PROGRESS] == pytest.approx(0.55)
    await stage.flow.tracker._runs.tell(RunId(1), HostingSilent(stage.clock.now()))
    await stage.settle()
    assert (CARD, Urgency.CARD) in stage.chat.asked[-2:]
    await ended(stage)
    assert (CARD, Urgency.END) in stage.chat.asked[-3:]


async def test_card_whose_run_gets_stuck_while_it_waits_its_turn_is_hurried(stage: Stage) -> None:
    await running(stage)
    stage.chat.falls_ill()
    stage.hosting.moves(stage.task, progress_percent=55)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: stage.chat.is_waiting(CARD))
    await stage.flow.tracker._runs.tell(RunId(1), HostingSilent(stage.clock.now()))
    await stage.until(lambda: (CARD, Urgency.CARD) in stage.chat.asked[-2:])
    stage.chat.recovers()
    await stage.settle()


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_card_that_is_gone_is_posted_once_more(stage: Stage, error: str) -> None:
    await running(stage)
    old = await stage.card()
    stage.chat.refuses("edit card", error, times=1)
    await ended(stage)
    new = await stage.card()
    assert new.ref != old.ref
    assert stage.chat.of(CARD) == [old, new]
    assert "✓" in words_of(new.now)
    assert not await is_dead(stage, CARD)


async def test_end_hangs_under_the_card_that_was_posted_anew(stage: Stage) -> None:
    await running(stage)
    stage.chat.refuses("edit card", "message_not_found", times=1)
    stage.hosting.moves(stage.task, progress_percent=60)
    await stage.turn()
    await ended(stage)
    assert stage.ends()[0].place.thread_ts == stage.chat.of(CARD)[1].ref.ts


async def test_card_that_is_gone_again_is_given_up(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await running(stage)
    stage.chat.refuses("edit card", "message_not_found", times=2)
    stage.hosting.moves(stage.task, progress_percent=60)
    await stage.turn()
    assert len(stage.chat.of(CARD)) == 2
    with caplog.at_level(logging.WARNING):
        await ended(stage)
    assert "message_not_found" in caplog.text
    assert len(stage.chat.of(CARD)) == 2
    assert await is_dead(stage, CARD)
    assert (await stage.run()).state is RunState.DONE
    assert len(stage.ends()) == 1


async def test_card_gone_while_its_end_hurries_is_still_posted_once_more(stage: Stage) -> None:
    """Two wait for the same edit, and both hear that it was refused: that is one refusal."""
    await running(stage)
    stage.chat.falls_ill()
    stage.hosting.moves(stage.task, progress_percent=60)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: stage.chat.is_waiting(CARD))
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    stage.chat.refuses("edit card", "message_not_found", times=1)
    stage.chat.recovers()
    await stage.settle()
    assert len(stage.chat.of(CARD)) == 2
    assert "✓" in words_of((await stage.card()).now)
    assert not await is_dead(stage, CARD)


async def test_progress_message_that_is_gone_is_posted_once_more(stage: Stage) -> None:
    await running(stage)
    stage.chat.refuses("edit progress", "message_not_found", times=1)
    await ended(stage)
    assert len(stage.chat.of(PROGRESS)) == 2
    assert "100 %" in words_of((await stage.progress()).now)


async def test_archived_channel_ends_the_showing_and_not_the_run(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await running(stage)
    for call in ("edit", "post"):
        stage.chat.refuses(call, "is_archived")
    with caplog.at_level(logging.WARNING):
        await ended(stage)
    assert (await stage.run()).state is RunState.DONE
    assert await stage.entries() == ["Asked", "Sent", "Started", "Ended"]
    assert [await is_dead(stage, slot) for slot in (CARD, PROGRESS, END)] == [True, True, True]
    [(reply_to, told)] = stage.chat.answers
    assert reply_to.place.channel_id == ChannelId(CLEO.user_id)
    assert "✓" in words_of(told)
    tried = len(stage.chat.asked)
    await stage.flow.cards.redraw_stale_once()
    await stage.settle()
    assert len(stage.chat.asked) == tried


async def test_sweep_draws_what_an_outage_of_everything_else_left_behind(stage: Stage) -> None:
    await running(stage)
    run = await stage.run()
    told = stage.flow.tracker._runs
    stage.chat.closes()
    await told.tell(run.id, BotReturned(timedelta(minutes=4)), Resumed(240))
    await stage.settle()
    assert list(await stage.store.find_stale_slots()) != []
    await stage.chat.reconnects()
    await stage.flow.cards.redraw_stale_once()
    await stage.settle()
    assert list(await stage.store.find_stale_slots()) == []
    assert "I was away" in words_of((await stage.card()).now)


async def test_link_to_a_card_is_left_out_where_slack_gives_none(stage: Stage) -> None:
    await running(stage)
    assert "archives/C0DEPLOYS" in str(await stage.flow.cards.find_link(RunId(1)))
    assert await stage.flow.cards.find_link(RunId(2)) is None
    stage.chat.refuses("permalink", "channel_not_found")
    assert await stage.flow.cards.find_link(RunId(1)) is None
    assert (await stage.card()).ref.channel_id == DEPLOYS


async def test_card_posted_anew_during_a_burst_of_changes_is_the_one_that_is_kept_true(stage: Stage) -> None:
    """The vote, the submission and its refusal come within a moment of each other; tried often, for it is a race."""
    refused = HostingRefusedError(status=409, code="environment_not_running")
    for number in range(1, 21):
        await stage.ask("deploy prod", CLEO)
        (await stage.card(number)).is_deleted = True
        stage.hosting.fails_next(refused)
        await stage.vote(await stage.run(number), BEN)
        card = await stage.card(number)
        assert not card.is_deleted
        assert "was refused" in words_of(card.now)
