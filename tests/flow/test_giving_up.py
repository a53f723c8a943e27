"""Ending by hand what leads nowhere: asked back, by whoever may, once, and never against the truth."""

import asyncio

import pytest

from bot.core.errors import HostingUnavailableError
from bot.core.policy import Person
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.views import buttons
from tests.flow.stage import Stage, buttons_of, words_of
from tests.support.factories import ANA, BEN, CLEO, GUS, a_press, a_submission, rules_without
from tests.support.fakes import Meddler

LOST = HostingUnavailableError("timeout", may_have_acted=True, code="timeout")


async def unanswered(stage: Stage, text: str = "restart staging", *, acted: bool = False) -> None:
    """Cleo's ask has been left without an answer for longer than a person waits."""
    stage.hosting.fails_next(LOST, after_acting=acted, times=1_000)
    stage.hosting.listing_trouble = LOST
    await stage.ask(text, CLEO)
    for _ in range(7):
        await stage.turn(seconds=5)


async def stuck(stage: Stage, text: str = "restart staging") -> None:
    """Cleo's run has not moved for half an hour."""
    await stage.ask(text, CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=10, current_step="Pull")
    await stage.turn()
    await stage.turn(minutes=30)
    await stage.turn(seconds=30)


async def give_up(stage: Stage, by: Person) -> None:
    """Somebody presses the button on the card, and means it."""
    label = next(one for one in buttons_of((await stage.card()).now) if one in {"Give up", "Stop following"})
    before = len(stage.chat.modals)
    await stage.press(label, (await stage.card()).now, by)
    assert len(stage.chat.modals) == before + 1, stage.told(by)
    _, modal = stage.chat.modals[-1]
    assert await stage.submit(modal.kind, modal.subject, {}, by) == {}


@pytest.mark.parametrize("by", [CLEO, BEN])
async def test_ask_without_an_answer_can_be_given_up(stage: Stage, by: Person) -> None:
    await unanswered(stage)
    posts = len(stage.hosting.posts)
    await give_up(stage, by)
    run = await stage.run()
    assert (run.state, run.given_up_by) == (RunState.LOST, by.user_id)
    assert (await stage.entries())[-2:] == ["GaveUp", "Ended"]
    assert f"given up by <@{by.user_id}>" in words_of((await stage.card()).now)
    assert "may have begun" in words_of(stage.ends()[0].now)
    for _ in range(5):
        await stage.turn(minutes=1)
    assert len(stage.hosting.posts) == posts, "its key is never used again"
    assert stage.told(by) == []


async def test_environment_is_free_after_giving_up(stage: Stage) -> None:
    await unanswered(stage)
    await give_up(stage, CLEO)
    stage.hosting.forgives()
    await stage.ask("deploy staging", BEN)
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_question_says_that_it_may_have_been_triggered(stage: Stage) -> None:
    await unanswered(stage)
    await stage.press("Give up", (await stage.card()).now, CLEO)
    assert "may have been triggered" in str(stage.chat.modals[-1][1].blocks)
    assert (await stage.run()).state is RunState.SUBMITTING, "the press alone does nothing"


async def test_ask_that_is_not_answered_yet_offers_nothing_to_give_up(stage: Stage) -> None:
    stage.hosting.fails_next(LOST)
    await stage.ask("restart staging", CLEO)
    assert buttons_of((await stage.card()).now) == []
    await stage.flow.desk.press(a_press(buttons.GIVE_UP, (await stage.run()).handle, CLEO))
    assert "nothing to give up" in stage.told(CLEO)[0]


async def test_try_under_way_is_broken_off_and_not_repeated(stage: Stage) -> None:
    await unanswered(stage)
    stage.hosting.forgives()
    stage.hosting.holds()
    stage.clock.forward(seconds=40)
    posts = len(stage.hosting.posts) + 1
    await stage.flow.tracker.look_once()
    await stage.until(lambda: len(stage.hosting.posts) == posts)
    modal = a_submission(buttons.GIVE_UP_MODAL, (await stage.run()).handle, {}, CLEO)
    await stage.flow.desk.submit(modal)
    await stage.settle()
    assert (await stage.run()).state is RunState.LOST
    stage.hosting.releases()
    for _ in range(3):
        await stage.turn(minutes=1)
    assert len(stage.hosting.posts) == posts
    assert stage.hosting.own_tasks == []


async def test_answer_that_comes_before_the_question_is_answered_wins(stage: Stage) -> None:
    await unanswered(stage)
    await stage.press("Give up", (await stage.card()).now, CLEO)
    stage.hosting.forgives()
    await stage.turn(seconds=40)
    _, modal = stage.chat.modals[-1]
    await stage.submit(modal.kind, modal.subject, {}, CLEO)
    assert (await stage.run()).state is RunState.RUNNING
    assert "goes on" in stage.told(CLEO)[0]


async def test_two_who_give_up_at_once_end_it_once(stage: Stage) -> None:
    await unanswered(stage)
    handle = (await stage.run()).handle
    modals = [a_submission(buttons.GIVE_UP_MODAL, handle, {}, person) for person in (CLEO, BEN, ANA)]
    await asyncio.gather(*(stage.flow.desk.submit(modal) for modal in modals))
    await stage.settle()
    assert (await stage.entries()).count("GaveUp") == 1
    assert len(stage.ends()) == 1
    told = stage.told(CLEO) + stage.told(BEN) + stage.told(ANA)
    assert len(told) == 2
    assert all("has ended already" in one for one in told)


@pytest.mark.parametrize("at", ["press", "submission"])
async def test_whoever_may_not_do_it_may_not_give_it_up(stage: Stage, at: str) -> None:
    await unanswered(stage)
    run = await stage.run()
    stage.flow.rulebook.put(rules_without(stage.rules, BEN))
    if at == "press":
        await stage.press("Give up", (await stage.card()).now, BEN)
        assert stage.chat.modals == []
    else:
        await stage.submit(buttons.GIVE_UP_MODAL, run.handle, {}, BEN)
    assert "You may not" in stage.told(BEN)[0]
    assert (await stage.run()).state is RunState.SUBMITTING


async def test_requester_may_even_without_the_right_to_ask_any_more(stage: Stage) -> None:
    await unanswered(stage)
    rules = rules_without(stage.rules, CLEO)
    stage.flow.rulebook.put(rules)
    await give_up(stage, CLEO)
    assert (await stage.run()).state is RunState.LOST


async def test_guest_may_not_give_up(stage: Stage) -> None:
    await unanswered(stage)
    await stage.press("Give up", (await stage.card()).now, GUS)
    assert "guest" in stage.told(GUS)[0]


async def test_giving_up_a_run_that_nobody_knows_is_answered(stage: Stage) -> None:
    assert await stage.submit(buttons.GIVE_UP_MODAL, "nobody's", {}, CLEO) != {}


@pytest.mark.parametrize("moment", ["record_advance"])
async def test_process_that_dies_while_giving_up_leaves_one_of_the_two(stage: Stage, moment: str) -> None:
    await unanswered(stage)
    handle = (await stage.run()).handle
    await stage.reopen(Meddler(dies_after=moment))
    stage.clock.forward(seconds=40)
    await stage.flow.desk.submit(a_submission(buttons.GIVE_UP_MODAL, handle, {}, CLEO))
    await stage.settle()
    assert stage.meddler.is_dead
    stage.errors.lines.clear()
    await stage.restart()
    stage.hosting.forgives()
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.LOST
    assert len(stage.ends()) == 1
    assert stage.hosting.own_tasks == []


# a task that does not move


async def test_task_that_does_not_move_is_said_to_be_stuck_and_followed_on(stage: Stage) -> None:
    await stuck(stage)
    run = await stage.run()
    assert run.state is RunState.RUNNING
    shown = words_of((await stage.card()).now)
    assert "has not moved since" in shown
    assert "failed" not in shown
    assert buttons_of((await stage.card()).now) == ["Show log", "Stop following"]
    stage.hosting.moves(stage.task, progress_percent=20)
    await stage.turn(seconds=30)
    assert "has not moved" not in words_of((await stage.card()).now)
    await stage.turn(minutes=31)
    await stage.turn(minutes=1)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.DONE, "finish first, time out second"


async def test_stuck_task_is_looked_at_less_often(stage: Stage) -> None:
    await stuck(stage)
    stage.hosting.looks.clear()
    for _ in range(60):
        await stage.turn(seconds=2)
    assert 5 <= len(stage.hosting.looks) <= 10


async def test_stuck_says_so_once(stage: Stage) -> None:
    await stuck(stage)
    version = (await stage.run()).version
    for _ in range(5):
        await stage.turn(minutes=10)
    assert (await stage.run()).version == version


async def test_run_without_news_through_a_long_outage_can_be_let_go(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    stage.hosting.tasks[stage.task].trouble = HostingUnavailableError("timeout")
    for _ in range(40):
        await stage.turn(minutes=1)
    assert "has not answered" in words_of((await stage.card()).now)
    await give_up(stage, CLEO)
    assert (await stage.run()).state is RunState.LOST


async def test_stuck_task_can_be_left_alone_and_its_environment_is_free_here(stage: Stage) -> None:
    await stuck(stage)
    await give_up(stage, BEN)
    run = await stage.run()
    assert (run.state, run.given_up_by) == (RunState.LOST, BEN.user_id)
    assert "may go on at oec.sh" in words_of((await stage.card()).now)
    stage.hosting.looks.clear()
    await stage.turn(minutes=1)
    assert stage.hosting.looks == []
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.ask("deploy staging", BEN)
    assert (await stage.run(2)).state is RunState.RUNNING


async def test_who_asks_for_a_stuck_environment_hears_that_it_does_not_get_on(stage: Stage) -> None:
    await stuck(stage)
    await stage.ask("deploy staging", BEN)
    assert "does not get on" in stage.told(BEN)[0]
    assert "/oec run 1" in stage.told(BEN)[0]


async def test_end_that_comes_while_it_is_asked_back_wins(stage: Stage) -> None:
    await stuck(stage)
    await stage.press("Stop following", (await stage.card()).now, CLEO)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn(minutes=1)
    await stage.submit(buttons.GIVE_UP_MODAL, (await stage.run()).handle, {}, CLEO)
    assert (await stage.run()).state is RunState.DONE
    assert "has ended already: done" in stage.told(CLEO)[0]


async def test_status_that_nobody_knows_is_shown_and_soon_said_to_be_stuck(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, unknown_status="awaiting <!channel>")
    await stage.turn()
    shown = words_of((await stage.card()).now)
    assert "awaiting" in shown
    assert "<!channel>" not in shown
    await stage.turn(minutes=5)
    await stage.turn(seconds=30)
    shown = words_of((await stage.card()).now)
    assert "has not moved" in shown
    assert "awaiting" in shown
    stage.hosting.moves(stage.task, TaskStatus.CANCELLED, unknown_status=None)
    await stage.turn(minutes=1)
    assert (await stage.run()).state is RunState.CANCELLED
