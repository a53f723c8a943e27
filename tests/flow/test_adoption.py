"""Following a task that was started elsewhere: once, whoever presses, and only while there is something to follow."""

import asyncio

from bot.core.errors import HostingUnavailableError
from bot.core.names import TaskId
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.views import buttons
from tests.flow.stage import Stage, buttons_of, words_of
from tests.support.factories import ANA, BEN, CLEO, STAGING, a_press, an_ask


async def in_the_way(stage: Stage) -> TaskId:
    """A backup from the dashboard has stopped Cleo's restart."""
    task_id = stage.hosting.begins_elsewhere(STAGING.id)
    await stage.ask("restart staging", CLEO)
    assert (await stage.run()).state is RunState.REFUSED
    return task_id


async def test_task_started_elsewhere_gets_a_card_and_is_followed_to_its_end(stage: Stage) -> None:
    task_id = await in_the_way(stage)
    await stage.press("Follow it", (await stage.card()).now, CLEO)
    run = await stage.run(2)
    assert (run.state, run.adopted, run.task_id) == (RunState.RUNNING, True, task_id)
    assert "You follow #2" in stage.told(CLEO)[0]
    assert await stage.entries(2) == ["Followed"]
    stage.hosting.moves(task_id, TaskStatus.COMPLETED)
    await stage.turn()
    assert (await stage.run(2)).state is RunState.DONE
    assert words_of(stage.ends(2)[0].now).count("<@U0CLEO>") == 1
    assert "Retry" not in buttons_of((await stage.card(2)).now)
    assert len(stage.hosting.posts) == 1


async def test_two_who_press_at_once_follow_the_same_run(stage: Stage) -> None:
    await in_the_way(stage)
    handle = (await stage.run()).handle
    presses = [a_press(buttons.FOLLOW_TASK, handle, person) for person in (ANA, BEN)]
    await asyncio.gather(*(stage.flow.desk.press(press) for press in presses))
    await stage.settle()
    open_runs = await stage.store.find_open_runs()
    assert len(open_runs) == 1
    [run] = open_runs
    assert {run.requester, *run.followers} == {ANA.user_id, BEN.user_id}
    assert len(stage.told(ANA)) == len(stage.told(BEN)) == 1


async def test_press_of_somebody_who_comes_later_joins(stage: Stage) -> None:
    await in_the_way(stage)
    handle = (await stage.run()).handle
    for person in (ANA, BEN, BEN):
        await stage.flow.desk.press(a_press(buttons.FOLLOW_TASK, handle, person))
    await stage.settle()
    run = await stage.run(2)
    assert run.followers == (BEN.user_id,)
    assert len(await stage.store.find_open_runs()) == 1


async def test_task_that_has_ended_meanwhile_is_told_and_not_followed(stage: Stage) -> None:
    task_id = await in_the_way(stage)
    stage.hosting.moves(task_id, TaskStatus.COMPLETED)
    await stage.press("Follow it", (await stage.card()).now, BEN)
    assert "has ended well meanwhile" in stage.told(BEN)[0]
    assert await stage.store.find_open_runs() == []


async def test_task_that_nobody_knows_is_told_and_not_followed(stage: Stage) -> None:
    stage.hosting.tasks.pop(await in_the_way(stage))
    await stage.press("Follow it", (await stage.card()).now, BEN)
    assert "nothing to follow" in stage.told(BEN)[0]
    assert await stage.store.find_open_runs() == []


async def test_silent_platform_is_not_called_nothing_to_follow(stage: Stage) -> None:
    task_id = await in_the_way(stage)
    stage.hosting.tasks[task_id].trouble = HostingUnavailableError("timeout")
    await stage.press("Follow it", (await stage.card()).now, BEN)
    assert "does not answer" in stage.told(BEN)[0]


async def test_run_without_a_task_in_its_way_has_nothing_to_follow(stage: Stage) -> None:
    await stage.ask("restart staging", CLEO)
    await stage.flow.desk.press(a_press(buttons.FOLLOW_TASK, (await stage.run()).handle, BEN))
    assert "nothing to follow" in stage.told(BEN)[0]


async def test_card_of_the_followed_task_stands_in_the_channel(stage: Stage) -> None:
    await in_the_way(stage)
    [end] = stage.ends()
    await stage.press("Follow it", end.now, BEN, thread=end.place.thread_ts)
    assert (await stage.card(2)).place.thread_ts is None


async def test_followed_task_whose_card_slack_refuses_is_followed_all_the_same(stage: Stage) -> None:
    task_id = await in_the_way(stage)
    stage.chat.refuses("post card", "restricted_action", times=1)
    await stage.press("Follow it", (await stage.card()).now, BEN)
    stage.hosting.moves(task_id, TaskStatus.COMPLETED)
    await stage.turn()
    assert (await stage.run(2)).state is RunState.DONE
    assert "/oec run 2" in stage.told(BEN)[0]


async def test_followed_task_goes_on_after_a_restart(stage: Stage) -> None:
    task_id = await in_the_way(stage)
    await stage.press("Follow it", (await stage.card()).now, BEN)
    await stage.restart(minutes=5)
    stage.hosting.moves(task_id, TaskStatus.FAILED, error_message="no space left")
    await stage.turn()
    assert (await stage.run(2)).state is RunState.FAILED
    assert "<@U0BEN>" in words_of(stage.ends(2)[0].now)


async def test_task_of_a_run_that_was_given_up_can_be_followed_again(stage: Stage) -> None:
    """It was stuck, somebody stopped following it, and it goes on at the platform all the same."""
    await stage.ask("restart staging", CLEO)
    task_id = stage.task
    await stage.turn()
    await stage.turn(minutes=31)
    await stage.submit(buttons.GIVE_UP_MODAL, (await stage.run()).handle, {}, CLEO)
    await stage.ask("deploy staging", BEN)
    assert (await stage.run(2)).state is RunState.REFUSED
    await stage.press("Follow it", (await stage.card(2)).now, BEN)
    run = await stage.run(3)
    assert (run.state, run.adopted, run.task_id) == (RunState.RUNNING, True, task_id)
    await stage.press("Follow it", (await stage.card(2)).now, ANA)
    assert (await stage.run(3)).followers == (ANA.user_id,)


async def test_environment_taken_by_another_run_before_the_task_is_followed_is_told_busy(
    stage: Stage,
) -> None:
    task_id = await in_the_way(stage)

    async def another_begins() -> None:
        stage.hosting.moves(task_id, TaskStatus.COMPLETED)
        await stage.flow.desk.ask(an_ask("deploy staging", ANA))

    stage.meddler.before("record_run", another_begins)
    await stage.press("Follow it", (await stage.card()).now, BEN)
    assert "is busy: <@U0ANA>'s deploy" in stage.told(BEN)[0]
    assert (await stage.run(2)).followers == ()
