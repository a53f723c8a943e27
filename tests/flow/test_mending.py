"""Messages that stand twice are taken away; those that could not be shown are shown when they may be again."""

import pytest

from bot.core.errors import ChatUnavailableError
from bot.core.names import PleaNumber, RunId
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.flow.ports import PleaSlot, Slot, SlotKind
from tests.flow.stage import Stage, words_of
from tests.support.factories import BEN, CLEO, SUPPORT
from tests.support.fakes import Posted

CARD, PROGRESS, END = (Slot(RunId(1), kind) for kind in (SlotKind.CARD, SlotKind.PROGRESS, SlotKind.END))
PLEA = PleaSlot(PleaNumber(1))


async def running(stage: Stage) -> None:
    """Cleo's restart of `staging` is under way, on a bot that has been up for a while."""
    await stage.flow.mending.revive_once()
    await stage.ask("restart staging", CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, current_step="Pull", progress_percent=10)
    await stage.turn()


async def ended(stage: Stage) -> None:
    """The platform is done, and the tracker has seen it."""
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED, progress_percent=100)
    await stage.turn()


async def mended(stage: Stage, **span: float) -> None:
    """Time goes by, and the turns of mending with it."""
    stage.clock.forward(**(span or {"seconds": 30}))
    await stage.flow.mending.revive_once()
    await stage.flow.mending.mend_once()
    await stage.flow.cards.redraw_stale_once()
    await stage.settle()


@pytest.mark.parametrize("slot", [CARD, PROGRESS, END], ids=lambda slot: slot.kind.value)
async def test_post_whose_answer_is_lost_is_found_and_stands_once(stage: Stage, slot: Slot) -> None:
    stage.chat.loses_answer(slot.kind)
    await running(stage)
    await ended(stage)
    assert [len(stage.chat.of(one)) for one in (CARD, PROGRESS, END)] == [1, 1, 1]


@pytest.mark.parametrize("slot", [CARD, PROGRESS, END], ids=lambda slot: slot.kind.value)
async def test_post_that_slack_carries_out_late_is_taken_away(stage: Stage, slot: Slot) -> None:
    stage.chat.loses_answer(slot.kind)
    await running(stage)
    await ended(stage)
    [stands] = stage.chat.of(slot)
    late = stage.chat.find(stage.chat.carries_out_late(slot))
    await mended(stage, seconds=20)
    assert not late.is_deleted, "it may come later still"
    await mended(stage, seconds=10)
    assert stage.chat.standing(slot) == [stands]
    again = stage.chat.carries_out_late(slot)
    await mended(stage, minutes=10)
    assert not stage.chat.find(again).is_deleted, "looked for once, and no more"


async def test_post_that_slack_carries_out_while_the_bot_is_away_is_taken_away(stage: Stage) -> None:
    stage.chat.loses_answer(SlotKind.CARD)
    await stage.ask("deploy prod", CLEO)
    stage.chat.carries_out_late(CARD)
    await stage.restart(minutes=4)
    await mended(stage)
    [card] = stage.chat.standing(CARD)
    assert card.ref == (await stage.card()).ref
    assert "I was away for 4 min" in words_of(card.now)


async def test_message_that_nobody_doubts_is_not_looked_for(stage: Stage) -> None:
    await running(stage)
    late = stage.chat.carries_out_late(CARD)
    await mended(stage, minutes=5)
    assert not stage.chat.find(late).is_deleted, "somebody's copy, for all we know"


async def test_bot_that_may_not_look_leaves_what_stands_and_looks_no_more(stage: Stage) -> None:
    stage.chat.may_look = False
    stage.chat.loses_answer(SlotKind.CARD)
    await running(stage)
    await mended(stage)
    assert len(stage.chat.standing(CARD)) == 2
    assert list(await stage.store.find_doubts(stage.clock.now())) == []
    await ended(stage)
    assert "✓" in words_of((await stage.card()).now), "the second is kept true"


@pytest.mark.parametrize("what", ["look", "delete"])
async def test_slack_unwell_while_mending_is_asked_again(stage: Stage, what: str) -> None:
    stage.chat.loses_answer(SlotKind.CARD)
    await running(stage)
    late = stage.chat.carries_out_late(CARD)
    stage.chat.refuses(what, ChatUnavailableError("internal_error"), times=1)
    await mended(stage)
    assert not stage.chat.find(late).is_deleted
    await mended(stage)
    assert stage.chat.find(late).is_deleted


async def test_message_that_cannot_be_taken_away_is_left(stage: Stage) -> None:
    stage.chat.loses_answer(SlotKind.CARD)
    await running(stage)
    stage.chat.carries_out_late(CARD)
    stage.chat.refuses("delete", "cant_delete_message", times=1)
    await mended(stage)
    assert list(await stage.store.find_strays()) == []


@pytest.mark.parametrize("is_killed", [False, True])
async def test_card_that_is_found_and_cannot_be_edited_is_not_forgotten(
    stage: Stage, is_killed: bool
) -> None:
    """Its answer was lost, and by the time it is found the channel is archived."""
    stage.chat.loses_answer(SlotKind.CARD)
    stage.chat.refuses("edit card", "is_inactive")
    stage.chat.takes_posts = False
    await stage.ask("deploy prod", CLEO)
    if is_killed:
        await stage.restart(minutes=1)
    assert (await stage.run()).state is RunState.DROPPED
    assert [posted.is_deleted for posted in stage.chat.of(CARD)] == [False]
    stage.chat.relents("edit card")
    stage.chat.takes_posts = True
    await mended(stage)
    [card] = stage.chat.of(CARD)
    assert "Approve" not in words_of(card.now)
    assert "was not sent" in words_of(card.now)


# Of a plea


async def pleaded(stage: Stage) -> list[Posted]:
    """Cleo asks those who may stop `staging`, and the answer to the post is lost; the messages that this led to."""
    stage.chat.loses_answer("plea")
    await stage.ask("stop staging", CLEO, channel=SUPPORT)
    await stage.press("Ask someone who may", stage.chat.answers[-1][1], CLEO, channel=SUPPORT)
    return stage.chat.of(PLEA)


async def test_plea_that_slack_carries_out_late_is_taken_away(stage: Stage) -> None:
    [stands] = await pleaded(stage)
    late = stage.chat.find(stage.chat.carries_out_late(PLEA))
    await mended(stage, seconds=20)
    assert not late.is_deleted, "it may come later still"
    await mended(stage, seconds=10)
    assert stage.chat.standing(PLEA) == [stands]
    again = stage.chat.carries_out_late(PLEA)
    await mended(stage, minutes=10)
    assert not stage.chat.find(again).is_deleted, "looked for once, and no more"


async def test_plea_that_slack_carries_out_late_is_taken_away_though_it_was_taken_on_meanwhile(
    stage: Stage,
) -> None:
    [stands] = await pleaded(stage)
    stage.chat.carries_out_late(PLEA)
    await stage.press("Do it", stands.now, BEN)
    await stage.restart(minutes=1)
    await mended(stage)
    assert stage.chat.standing(PLEA) == [stands]
    assert "took it on" in words_of(stands.now)


async def test_bot_that_may_not_look_leaves_both_pleas_and_looks_no_more(stage: Stage) -> None:
    stage.chat.may_look = False
    both = await pleaded(stage)
    await mended(stage)
    assert len(both) == 2
    assert stage.chat.standing(PLEA) == both
    assert list(await stage.store.find_doubts(stage.clock.now())) == []


# Posted anew


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed"])
async def test_card_that_can_no_longer_be_edited_makes_room_for_its_successor(
    stage: Stage, error: str
) -> None:
    """A card that cannot be made true is better not seen."""
    await running(stage)
    old, progress = await stage.card(), await stage.progress()
    stage.chat.refuses("edit card", error, times=1)
    await ended(stage)
    await mended(stage)
    assert old.is_deleted
    assert progress.is_deleted
    card = await stage.card()
    assert "✓" in words_of(card.now)
    assert "100 %" in words_of((await stage.progress()).now)
    assert (await stage.progress()).place.thread_ts == card.ref.ts
    assert [len(stage.chat.standing(slot)) for slot in (CARD, PROGRESS, END)] == [1, 1, 1]


async def test_successor_whose_answer_is_lost_is_not_taken_for_the_one_before(stage: Stage) -> None:
    await running(stage)
    old = await stage.card()
    stage.chat.loses_answer(SlotKind.CARD)
    stage.chat.refuses("edit card", "edit_window_closed", times=1)
    await ended(stage)
    card = await stage.card()
    assert card.ref != old.ref
    assert "✓" in words_of(card.now)


async def test_card_is_posted_anew_once_also_across_a_restart(stage: Stage) -> None:
    await running(stage)
    stage.chat.refuses("edit card", "message_not_found", times=1)
    stage.hosting.moves(stage.task, progress_percent=60)
    await stage.turn()
    assert len(stage.chat.of(CARD)) == 2
    stage.chat.refuses("edit card", "message_not_found")
    await stage.restart(minutes=5)
    await ended(stage)
    assert len(stage.chat.of(CARD)) == 2
    assert (await stage.run()).state is RunState.DONE
    assert len(stage.ends()) == 1


async def test_process_that_dies_over_a_card_that_is_gone_has_it_posted_by_the_next(stage: Stage) -> None:
    await running(stage)
    (await stage.card()).is_deleted = True
    asked = len(stage.chat.asked)
    stage.chat.holds()
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: len(stage.chat.asked) > asked)
    await stage.restart(seconds=3)
    assert "✓" in words_of((await stage.card()).now)
    assert len(stage.chat.standing(CARD)) == 1
    assert len(stage.ends()) == 1


@pytest.mark.parametrize("error", ["cannot_reply_to_message", "thread_not_found"])
async def test_thread_that_is_gone_says_that_its_card_is(stage: Stage, error: str) -> None:
    """Somebody deleted the card before anything hung under it; Slack says so to what is to hang there."""
    await stage.ask("restart staging", CLEO)
    (await stage.card()).is_deleted = True
    stage.chat.refuses("post end", error, times=1)
    await ended(stage)
    await mended(stage)
    card = await stage.card()
    assert not card.is_deleted
    assert "✓" in words_of(card.now)
    [end] = stage.ends()
    assert end.place.thread_ts == card.ref.ts
    assert stage.told(CLEO) == []


async def test_thread_that_is_gone_twice_leaves_the_end_to_the_requester(stage: Stage) -> None:
    await running(stage)
    stage.chat.refuses("post end", "cannot_reply_to_message")
    await ended(stage)
    assert stage.ends() == []
    assert "✓" in stage.told(CLEO)[-1]


# Let in again


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
async def test_channel_that_takes_messages_again_has_true_cards(stage: Stage, error: str) -> None:
    await running(stage)
    for call in ("edit", "post"):
        stage.chat.refuses(call, error)
    stage.chat.takes_posts = False
    await ended(stage)
    assert "✓" in stage.told(CLEO)[-1], "the end is told the requester alone"
    await mended(stage)
    assert "✓" not in words_of((await stage.card()).now)
    for call in ("edit", "post"):
        stage.chat.relents(call)
    stage.chat.takes_posts = True
    await mended(stage, days=2)
    assert "✓" in words_of((await stage.card()).now)
    assert "100 %" in words_of((await stage.progress()).now)
    assert stage.ends() == [], "told once"


async def test_waiting_approval_of_a_channel_that_lets_the_bot_in_again_can_be_granted(stage: Stage) -> None:
    await stage.ask("deploy prod", CLEO)
    (await stage.card()).is_deleted = True
    stage.chat.refuses("post", "not_in_channel")
    await stage.restart(minutes=1)
    assert stage.chat.standing(CARD) == []
    stage.chat.relents("post")
    await mended(stage)
    [card] = stage.chat.standing(CARD)
    await stage.press("Approve", card.now, BEN)
    assert (await stage.run()).state is RunState.RUNNING


async def test_channel_of_which_slack_says_nothing_is_asked_about_again(stage: Stage) -> None:
    await running(stage)
    stage.chat.refuses("edit card", "not_in_channel", times=1)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=50)
    await ended(stage)
    stage.chat.refuses("channel", ChatUnavailableError("timeout"), times=1)
    await mended(stage)
    assert "✓" not in words_of((await stage.card()).now)
    await mended(stage)
    assert "✓" in words_of((await stage.card()).now)


async def test_app_that_was_set_right_shows_the_rest_after_its_next_start(stage: Stage) -> None:
    await running(stage)
    for call in ("edit", "post", "answer"):
        stage.chat.refuses(call, "missing_scope")
    await ended(stage)
    assert stage.ends() == []
    assert stage.told(CLEO) == []
    for call in ("edit", "post", "answer"):
        stage.chat.relents(call)
    await mended(stage)
    assert stage.ends() == [], "asked again and again, Slack would only say the same"
    await stage.restart(minutes=1)
    await mended(stage)
    assert "✓" in words_of((await stage.card()).now)
    assert len(stage.ends()) == 1


async def test_end_that_slack_is_too_unwell_to_tell_anybody_is_told_later(stage: Stage) -> None:
    await running(stage)
    stage.chat.refuses("post end", "is_archived")
    stage.chat.refuses("answer", ChatUnavailableError("internal_error"), times=2)
    await ended(stage)
    assert stage.told(CLEO) == []
    await mended(stage)
    await mended(stage)
    assert len(stage.told(CLEO)) == 1
    await mended(stage)
    assert len(stage.told(CLEO)) == 1
