"""What earlier runs were like is asked of the history once, and again when one has ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.names import Action, RunId
from bot.core.runs import Run, RunState
from bot.core.tasks import TaskStatus
from bot.flow.experience import Experience
from tests.flow.stage import Stage
from tests.support.factories import CLEO


async def restarted(stage: Stage, *, seconds: int) -> Run:
    """A run that took so long, from the asking to its end."""
    await stage.ask("restart staging", CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=10)
    await stage.turn(seconds=seconds)
    stage.hosting.moves(stage.task, TaskStatus.COMPLETED)
    await stage.turn(seconds=2)
    newest: Sequence[Run] = await stage.store.find_runs(
        frozenset({(await stage.run()).change.environment.id}), count=1
    )
    assert newest[0].state is RunState.DONE
    return newest[0]


async def test_run_that_ended_is_not_held_against_itself(stage: Stage) -> None:
    ended = await restarted(stage, seconds=60)
    known = Experience(stage.store)
    next_one = replace(ended, id=RunId(99), state=RunState.RUNNING)
    assert [course.run_id for course in (await known.of(next_one)).courses] == [ended.id]
    assert (await known.of(ended)).courses == ()


async def test_what_is_in_mind_is_asked_for_anew_once_a_run_has_ended(stage: Stage) -> None:
    first = await restarted(stage, seconds=60)
    known = Experience(stage.store)
    next_one = replace(first, id=RunId(99), state=RunState.RUNNING)
    before = await known.of(next_one)
    stage.clock.forward(seconds=60)
    await restarted(stage, seconds=90)
    assert await known.of(next_one) is before
    known.grow(first)
    assert known.recall(next_one) is None
    assert len((await known.of(next_one)).courses) == 2


async def test_kind_that_was_asked_for_first_is_forgotten_first(stage: Stage) -> None:
    one = replace(await restarted(stage, seconds=60), state=RunState.RUNNING)
    other = replace(one, change=replace(one.change, action=Action.DEPLOY))
    known = Experience(stage.store, most_kinds=1)
    await known.of(one)
    await known.of(other)
    assert known.recall(one) is None
    assert known.recall(other) is not None


async def test_run_is_told_by_when_it_will_be_done_once_there_is_experience(stage: Stage) -> None:
    for _ in range(3):
        await restarted(stage, seconds=120)
        stage.clock.forward(hours=1)
    await stage.ask("restart staging", CLEO)
    stage.hosting.moves(stage.task, TaskStatus.RUNNING, progress_percent=10)
    await stage.turn(seconds=10)
    sight = await stage.flow.cards.see((await stage.store.find_open_runs())[0])
    assert sight.band is not None
    assert timedelta(seconds=60) < sight.band.half_at - sight.now < timedelta(seconds=150)
    assert sight.estimate is not None
