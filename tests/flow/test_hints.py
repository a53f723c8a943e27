"""Hints from outside: a look at once, one only, never believed; and what they change about looking in between."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.budget import Budget
from bot.core.names import RunId
from bot.core.runs import RunState
from bot.core.tasks import TaskStatus
from bot.flow.hints import MOST_IDS, SAFETY_GAP, TRUST, Hints
from tests.core.samples import NOON_AT
from tests.flow.stage import Stage
from tests.support.factories import ANA, CLEO
from tests.views.scenes import a_running_run


async def running(stage: Stage, text: str = "restart staging") -> None:
    """A run is under way and was looked at just now."""
    await stage.ask(text, CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=10)
    await stage.turn()


async def hint(stage: Stage, *ids: str) -> None:
    """A moment goes by, in which the budget gets room for one more look; then something is hinted at."""
    stage.clock.forward(seconds=0.1)
    stage.flow.tracker.hint(frozenset(ids))
    await stage.settle()


async def test_hint_at_a_task_is_followed_at_once(stage: Stage) -> None:
    await running(stage)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await hint(stage, stage.task)
    assert (await stage.run()).state is RunState.DONE


async def test_hint_at_the_environment_is_followed_too(stage: Stage) -> None:
    await running(stage)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await hint(stage, (await stage.run()).change.environment.id)
    assert (await stage.run()).state is RunState.DONE


async def test_hint_says_nothing_about_how_the_task_stands(stage: Stage) -> None:
    await running(stage)
    before = await stage.run()
    await hint(stage, stage.task, "completed", "failed")
    assert (await stage.run()).state is RunState.RUNNING
    assert (await stage.run()).version == before.version


async def test_hint_at_something_else_looks_at_nothing(stage: Stage) -> None:
    await running(stage)
    before = len(stage.hosting.looks)
    await hint(stage, "another-task", "../admin", "")
    await hint(stage)
    assert len(stage.hosting.looks) == before


async def test_each_hint_costs_one_look(stage: Stage) -> None:
    await running(stage)
    before = len(stage.hosting.looks)
    for _ in range(3):
        await hint(stage, stage.task)
    assert len(stage.hosting.looks) == before + 3


async def test_many_hints_at_once_are_few_looks(stage: Stage) -> None:
    await running(stage)
    before = len(stage.hosting.looks)
    for _ in range(1_000):
        stage.flow.tracker.hint(frozenset({stage.task}))
    await stage.settle()
    assert len(stage.hosting.looks) - before <= 2


async def test_hint_that_the_budget_has_no_look_for_is_followed_when_it_has(stage: Stage) -> None:
    await running(stage)
    now = stage.clock.now()
    stage.hosting.budget = Budget(limit=6_000, blocked_until=now + timedelta(seconds=5))
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await hint(stage, stage.task)
    assert (await stage.run()).state is RunState.RUNNING
    await stage.turn(seconds=6)
    assert (await stage.run()).state is RunState.DONE


async def test_hint_during_a_look_is_followed_by_another_one(stage: Stage) -> None:
    """The look under way may have been answered before the change that was hinted at."""
    await running(stage)
    stage.hosting.hangs(stage.task)
    before = len(stage.hosting.looks)
    stage.clock.forward(seconds=2)
    await stage.flow.tracker.look_once()
    await stage.until(lambda: len(stage.hosting.looks) == before + 1)
    stage.flow.tracker.hint(frozenset({stage.task}))
    stage.hosting.answers(stage.task)
    await stage.settle()
    await stage.turn(seconds=1)
    assert len(stage.hosting.looks) == before + 2


async def test_run_that_is_told_of_is_looked_at_less_often_and_as_ever_once_the_telling_stops(
    stage: Stage,
) -> None:
    await running(stage)
    await hint(stage, stage.task)
    before = len(stage.hosting.looks)
    for _ in range(15):
        await stage.turn(seconds=2)
    assert len(stage.hosting.looks) - before == 3
    await stage.turn(minutes=5)
    before = len(stage.hosting.looks)
    for _ in range(15):
        await stage.turn(seconds=2)
    assert len(stage.hosting.looks) - before == 15


async def test_run_that_nobody_tells_of_is_looked_at_as_ever_beside_one_that_is_told_of(stage: Stage) -> None:
    await running(stage)
    told = stage.task
    await stage.ask("deploy dev", ANA)
    other = stage.task
    assert other != told
    await hint(stage, told)
    before = list(stage.hosting.looks)
    for _ in range(10):
        await stage.turn(seconds=2)
    since = stage.hosting.looks[len(before) :]
    assert (since.count(told), since.count(other)) == (2, 10)


def test_clock_set_back_does_not_make_looking_rare() -> None:
    hints, run = Hints(), a_running_run()
    hints.tell({run.change.environment.id})
    hints.match([run], NOON_AT)
    assert hints.gap_of(run.id, NOON_AT) == SAFETY_GAP
    assert hints.gap_of(run.id, NOON_AT + TRUST) == timedelta(0)
    assert hints.gap_of(run.id, NOON_AT - timedelta(seconds=1)) == timedelta(0)


IDS = st.frozensets(st.text(max_size=8), max_size=5)


@given(st.lists(IDS, max_size=20))
def test_hints_that_mean_no_run_leave_nothing_behind(told: list[frozenset[str]]) -> None:
    hints = Hints()
    for ids in told:
        hints.tell(ids)
    hints.match([], NOON_AT)
    assert not hints.are_new
    assert not hints.is_owed(RunId(1))
    assert hints.gap_of(RunId(1), NOON_AT) == timedelta(0)


def test_ids_that_are_never_matched_stay_few() -> None:
    hints = Hints()
    for number in range(3 * MOST_IDS):
        hints.tell({f"id-{number}"})
    assert len(hints._ids) <= MOST_IDS
