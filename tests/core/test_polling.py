from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.budget import Budget, RateLimit, learn, looks_per_minute
from bot.core.names import RunId
from bot.core.polling import LONGEST_PATIENCE, POLITE_GAP, OpenTask, plan_looks
from tests.core.samples import NOON_AT

RICH = Budget(limit=6000)
MINUTE = timedelta(minutes=1)


def seen(run: int, seconds_ago: float | None, unanswered: int = 0) -> OpenTask:
    looked_at = None if seconds_ago is None else NOON_AT - timedelta(seconds=seconds_ago)
    return OpenTask(RunId(run), looked_at, unanswered)


def test_nothing_to_follow_plans_nothing() -> None:
    assert plan_looks([], budget=RICH, now=NOON_AT) == ()


def test_task_never_looked_at_comes_first_then_the_longest_unseen() -> None:
    tasks = [seen(1, 5), seen(2, 90), seen(3, None), seen(4, 30)]
    assert plan_looks(tasks, budget=RICH, now=NOON_AT) == (3, 2, 4, 1)


def test_task_just_looked_at_is_left_alone() -> None:
    assert plan_looks([seen(1, 1.9)], budget=RICH, now=NOON_AT) == ()
    assert plan_looks([seen(1, 2)], budget=RICH, now=NOON_AT) == (1,)
    assert plan_looks([seen(1, 2)], budget=RICH, now=NOON_AT, gap=timedelta(seconds=3)) == ()


@pytest.mark.parametrize(
    ("unanswered", "seconds"),
    [(0, 2), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60), (5000, 60)],
)
def test_task_that_does_not_answer_is_asked_less_and_less(unanswered: int, seconds: int) -> None:
    assert plan_looks([seen(1, seconds - 0.1, unanswered)], budget=RICH, now=NOON_AT) == ()
    assert plan_looks([seen(1, seconds, unanswered)], budget=RICH, now=NOON_AT) == (1,)


def test_hinted_task_is_looked_at_now_and_first() -> None:
    tasks = [seen(1, 90), replace(seen(2, 0.1, unanswered=9), is_hinted=True), seen(3, None)]
    assert plan_looks(tasks, budget=RICH, now=NOON_AT) == (2, 3, 1)
    assert plan_looks(tasks, budget=Budget(limit=20), now=NOON_AT + timedelta(seconds=10)) == (2,)


def test_hinted_task_waits_where_the_budget_is_blocked_or_used_up() -> None:
    hinted = [replace(seen(1, 5), is_hinted=True)]
    assert plan_looks(hinted, budget=replace(RICH, blocked_until=NOON_AT + MINUTE), now=NOON_AT) == ()
    assert plan_looks(hinted, budget=Budget(limit=20, remaining=3, told_at=NOON_AT), now=NOON_AT) == ()


def test_task_with_a_gap_of_its_own_is_looked_at_no_more_often() -> None:
    task = replace(seen(1, 9.9), gap=timedelta(seconds=10))
    assert plan_looks([task], budget=RICH, now=NOON_AT) == ()
    assert plan_looks([task], budget=RICH, now=NOON_AT + timedelta(seconds=0.1)) == (1,)
    assert plan_looks([replace(task, is_hinted=True)], budget=RICH, now=NOON_AT) == (1,)


def test_blocked_budget_plans_nothing_until_it_is_free_again() -> None:
    blocked = replace(RICH, blocked_until=NOON_AT)
    assert plan_looks([seen(1, None)], budget=blocked, now=NOON_AT - timedelta(seconds=1)) == ()
    assert plan_looks([seen(1, None)], budget=blocked, now=NOON_AT) == (1,)


def test_poor_budget_looks_at_one_at_a_time() -> None:
    tasks = [seen(run, None) for run in range(5)]
    assert plan_looks(tasks, budget=Budget(limit=20), now=NOON_AT) == (0,)


def test_used_up_minute_plans_nothing() -> None:
    told = Budget(limit=20, remaining=3, told_at=NOON_AT)
    assert plan_looks([seen(1, None)], budget=told, now=NOON_AT) == ()
    assert plan_looks([seen(1, None)], budget=told, now=NOON_AT + MINUTE) == (1,)


def test_key_without_a_limit_looks_at_everything_that_is_due() -> None:
    tasks = [seen(run, 5) for run in range(1_000)]
    budget = Budget(limit=10_000_000)
    assert len(plan_looks(tasks, budget=budget, now=NOON_AT)) == 1_000


def test_clock_set_back_does_not_stop_the_looks() -> None:
    assert plan_looks([seen(1, -3600)], budget=RICH, now=NOON_AT) == (1,)


@dataclass
class World:
    """A platform that counts reads by the calendar minute and tells so, and a tracker that follows the plan."""

    limit: int
    now: datetime = NOON_AT
    tasks: dict[RunId, OpenTask] = field(default_factory=dict)
    looks: list[tuple[datetime, RunId]] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    used: Counter[datetime] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)

    def add_tasks(self, how_many: int) -> None:
        for _ in range(how_many):
            run_id = RunId(next(self.numbers))
            self.tasks[run_id] = OpenTask(run_id, None)

    def turn(self, pause: timedelta) -> None:
        self.now += pause
        for run_id in plan_looks(tuple(self.tasks.values()), budget=self.budget, now=self.now):
            self.looks.append((self.now, run_id))
            self.tasks[run_id] = replace(self.tasks[run_id], looked_at=self.now)
            minute = self.now.replace(second=0, microsecond=0)
            self.used[minute] += 1
            self.budget = learn(self.budget, RateLimit(self.limit, self.limit - self.used[minute]), self.now)


PAUSES = st.lists(
    st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 7.0, 61.0]).map(lambda seconds: timedelta(seconds=seconds)),
    min_size=20,
    max_size=150,
)
LIMITS = st.sampled_from([6, 20, 45, 120, 300])


@given(LIMITS, st.integers(1, 40), PAUSES)
def test_no_minute_ever_has_more_looks_than_the_budget_allows(
    limit: int, tasks: int, pauses: list[timedelta]
) -> None:
    world = World(limit, budget=Budget(limit=limit))
    world.add_tasks(tasks)
    for pause in pauses:
        world.turn(pause)
    for start, _ in world.looks:
        assert sum(1 for at, _ in world.looks if start <= at < start + MINUTE) <= looks_per_minute(
            world.budget
        )


@pytest.mark.parametrize("limit", [20, 45, 120, 300])
def test_minute_that_begins_with_a_burst_stays_within_the_budget(limit: int) -> None:
    world = World(limit, budget=Budget(limit=limit))
    world.add_tasks(200)
    for _ in range(600):
        world.turn(timedelta(seconds=0.25))
    starts = [at for at, _ in world.looks]
    assert max(
        sum(1 for at in starts if start <= at < start + MINUTE) for start in starts
    ) <= looks_per_minute(world.budget)
    assert len(starts) >= looks_per_minute(world.budget) * 2.3


@given(LIMITS, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=15), PAUSES)
def test_tasks_that_come_and_go_keep_every_calendar_minute_within_the_budget(
    limit: int, changes: list[tuple[int, int]], pauses: list[timedelta]
) -> None:
    world = World(limit, budget=Budget(limit=limit))
    for number, pause in enumerate(pauses):
        coming, going = changes[number] if number < len(changes) else (1, 1)
        world.tasks = dict(list(world.tasks.items())[going:])
        world.add_tasks(coming)
        world.turn(pause)
    assert max(world.used.values(), default=0) <= looks_per_minute(world.budget)


@settings(max_examples=20)
@given(LIMITS, st.integers(1, 25))
def test_nobody_starves(limit: int, tasks: int) -> None:
    world = World(limit, budget=Budget(limit=limit))
    world.add_tasks(tasks)
    round_of_all = MINUTE * tasks / int(looks_per_minute(world.budget))
    longest = 2 * round_of_all + 2 * POLITE_GAP + MINUTE
    for _ in range(int(3 * longest / timedelta(seconds=1))):
        world.turn(timedelta(seconds=1))
    for run_id in world.tasks:
        moments = [NOON_AT, *(at for at, seen_id in world.looks if seen_id == run_id), world.now]
        assert max(later - earlier for earlier, later in pairwise(moments)) <= longest


@given(st.lists(st.tuples(st.floats(2, 200), st.integers(0, 9)), min_size=1, max_size=10))
def test_task_longer_unseen_than_the_longest_patience_is_always_due(tasks: list[tuple[float, int]]) -> None:
    given_tasks = [seen(run, ago, unanswered) for run, (ago, unanswered) in enumerate(tasks)]
    planned = plan_looks(given_tasks, budget=RICH, now=NOON_AT)
    overdue = {
        task.run_id for task in given_tasks if task.looked_at and NOON_AT - task.looked_at >= LONGEST_PATIENCE
    }
    assert overdue <= set(planned)
