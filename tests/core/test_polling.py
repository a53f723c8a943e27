from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.budget import Budget, Purse, RateLimit, keep, learn, looks_per_minute, spend
from bot.core.forecasts import Track, forecast
from bot.core.habits import Course, find_habits
from bot.core.names import RunId
from bot.core.polling import LONGEST_PATIENCE, POLITE_GAP, UNSEEN, OpenTask, plan_looks
from bot.core.voices import Sighting
from tests.core.samples import NOON_AT

RICH = Budget(limit=6000)
MINUTE = timedelta(minutes=1)
ALIKE = find_habits(
    [Course(float(180 + 2 * each), tuple(n / 12 for n in range(13))) for each in range(-5, 6)]
)


def seen(run: int, seconds_ago: float | None, unanswered: int = 0) -> OpenTask:
    looked_at = None if seconds_ago is None else NOON_AT - timedelta(seconds=seconds_ago)
    return OpenTask(RunId(run), looked_at, unanswered)


def plan(
    tasks: Sequence[OpenTask],
    *,
    budget: Budget,
    now: datetime,
    gap: timedelta = POLITE_GAP,
    purse: Purse | None = None,
) -> tuple[RunId, ...]:
    """With a purse that is full, unless another one is given."""
    return plan_looks(tasks, budget=budget, purse=keep(purse or Purse(), budget, now), now=now, gap=gap)


def foreseen(
    run: int, seconds_ago: float | None, *, began: float, shown: Sequence[Sighting] = ()
) -> OpenTask:
    """A task of twelve steps, like all of its kind, begun so long ago."""
    task = seen(run, seconds_ago)
    track = Track(NOON_AT - timedelta(seconds=began), 12, tuple(shown))
    return replace(task, forecast=forecast(track, ALIKE, task.looked_at or track.began_at))


def test_nothing_to_follow_plans_nothing() -> None:
    assert plan([], budget=RICH, now=NOON_AT) == ()


def test_task_never_looked_at_comes_first_then_the_longest_unseen() -> None:
    tasks = [seen(1, 5), seen(2, 90), seen(3, None), seen(4, 30)]
    assert plan(tasks, budget=RICH, now=NOON_AT) == (3, 2, 4, 1)


def test_task_just_looked_at_is_left_alone() -> None:
    assert plan([seen(1, 1.9)], budget=RICH, now=NOON_AT) == ()
    assert plan([seen(1, 2)], budget=RICH, now=NOON_AT) == (1,)
    assert plan([seen(1, 2)], budget=RICH, now=NOON_AT, gap=timedelta(seconds=3)) == ()


@pytest.mark.parametrize(
    ("unanswered", "seconds"),
    [(0, 2), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60), (5000, 60)],
)
def test_task_that_does_not_answer_is_asked_less_and_less(unanswered: int, seconds: int) -> None:
    assert plan([seen(1, seconds - 0.1, unanswered)], budget=RICH, now=NOON_AT) == ()
    assert plan([seen(1, seconds, unanswered)], budget=RICH, now=NOON_AT) == (1,)


def test_hinted_task_is_looked_at_now_and_first() -> None:
    tasks = [seen(1, 90), replace(seen(2, 0.1, unanswered=9), is_hinted=True), seen(3, None)]
    assert plan(tasks, budget=RICH, now=NOON_AT) == (2, 3, 1)
    budget = Budget(limit=20)
    poor = replace(keep(Purse(), budget, NOON_AT), saved=1.0)
    assert plan(tasks, budget=budget, now=NOON_AT, purse=poor) == (2,)


def test_hinted_task_waits_where_the_budget_is_blocked_or_used_up() -> None:
    hinted = [replace(seen(1, 5), is_hinted=True)]
    assert plan(hinted, budget=replace(RICH, blocked_until=NOON_AT + MINUTE), now=NOON_AT) == ()
    assert plan(hinted, budget=Budget(limit=20, remaining=3, told_at=NOON_AT), now=NOON_AT) == ()


def test_task_with_a_gap_of_its_own_is_looked_at_no_more_often() -> None:
    task = replace(seen(1, 9.9), gap=timedelta(seconds=10))
    assert plan([task], budget=RICH, now=NOON_AT) == ()
    assert plan([task], budget=RICH, now=NOON_AT + timedelta(seconds=0.1)) == (1,)
    assert plan([replace(task, is_hinted=True)], budget=RICH, now=NOON_AT) == (1,)


def test_blocked_budget_plans_nothing_until_it_is_free_again() -> None:
    blocked = replace(RICH, blocked_until=NOON_AT)
    assert plan([seen(1, None)], budget=blocked, now=NOON_AT - timedelta(seconds=1)) == ()
    assert plan([seen(1, None)], budget=blocked, now=NOON_AT) == (1,)


def test_poor_budget_looks_at_one_at_a_time() -> None:
    tasks = [seen(run, None) for run in range(5)]
    empty = spend(Purse(), 8, NOON_AT)
    budget = Budget(limit=20)
    poor = replace(keep(empty, budget, NOON_AT), saved=0.0)
    assert plan(tasks, budget=budget, now=NOON_AT, purse=poor) == ()
    assert plan(tasks, budget=budget, now=NOON_AT + timedelta(seconds=4), purse=poor) == (0,)


def test_end_that_is_likely_is_looked_for_before_one_that_is_not() -> None:
    near = Sighting(11, 164.0, 166.0)
    tasks = [foreseen(1, 10, began=90), foreseen(2, 5, began=180, shown=[near]), foreseen(3, 10, began=40)]
    budget = Budget(limit=120)
    assert plan(tasks, budget=budget, now=NOON_AT)[0] == 2
    poor = replace(keep(Purse(), budget, NOON_AT), saved=20.0)
    assert plan(tasks, budget=budget, now=NOON_AT, purse=poor) == (2,), "looks are saved for ends"


def test_task_that_was_never_seen_is_looked_at_though_its_end_is_far() -> None:
    assert plan([foreseen(1, None, began=20)], budget=RICH, now=NOON_AT) == (1,)


def test_task_unseen_for_a_minute_goes_before_one_that_is_about_to_end() -> None:
    near = Sighting(11, 164.0, 166.0)
    tasks = [foreseen(1, 5, began=180, shown=[near]), foreseen(2, 60, began=70)]
    assert plan(tasks, budget=Budget(limit=120), now=NOON_AT) == (2, 1)


def test_beginning_that_lies_ahead_of_the_clock_does_not_stop_the_looks() -> None:
    budget = Budget(limit=120)
    poor = replace(keep(Purse(), budget, NOON_AT), saved=1.5)
    tasks = [foreseen(1, None, began=-3600)]
    assert plan(tasks, budget=budget, now=NOON_AT, purse=poor) == (1,)


def test_plan_is_the_same_whatever_the_order_of_the_tasks() -> None:
    tasks = [foreseen(run, 3 + run % 5, began=20 + 7 * run) for run in range(20)]
    budget = Budget(limit=120)
    assert plan(tasks, budget=budget, now=NOON_AT) == plan(tasks[::-1], budget=budget, now=NOON_AT)


def test_used_up_minute_plans_nothing() -> None:
    told = Budget(limit=20, remaining=3, told_at=NOON_AT)
    assert plan([seen(1, None)], budget=told, now=NOON_AT) == ()
    assert plan([seen(1, None)], budget=told, now=NOON_AT + MINUTE) == (1,)


def test_key_without_a_limit_looks_at_everything_that_is_due() -> None:
    tasks = [seen(run, 60) for run in range(1_000)]
    budget = Budget(limit=10_000_000)
    assert len(plan(tasks, budget=budget, now=NOON_AT)) == 1_000


def test_clock_set_back_does_not_stop_the_looks() -> None:
    assert plan([seen(1, -3600)], budget=RICH, now=NOON_AT) == (1,)


@dataclass
class World:
    """A platform that counts reads by the calendar minute and tells so, and a tracker that follows the plan.

    `others` use so much of the key in a minute.
    """

    limit: int
    now: datetime = NOON_AT
    tasks: dict[RunId, OpenTask] = field(default_factory=dict)
    looks: list[tuple[datetime, RunId]] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    purse: Purse = field(default_factory=Purse)
    others: float = 0.0
    owed: float = 0.0
    refused: int = 0
    used: Counter[datetime] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)

    def add_tasks(self, how_many: int) -> None:
        for _ in range(how_many):
            run_id = RunId(next(self.numbers))
            self.tasks[run_id] = OpenTask(run_id, None)

    def turn(self, pause: timedelta) -> None:
        self.now += pause
        minute = self.now.replace(second=0, microsecond=0)
        self.owed += self.others * (pause / MINUTE)
        self.used[minute] += int(self.owed)
        self.owed -= int(self.owed)
        purse = keep(self.purse, self.budget, self.now)
        chosen = plan_looks(tuple(self.tasks.values()), budget=self.budget, purse=purse, now=self.now)
        self.purse = spend(purse, len(chosen), self.now)
        for run_id in chosen:
            self.looks.append((self.now, run_id))
            self.tasks[run_id] = replace(self.tasks[run_id], looked_at=self.now)
            self.used[minute] += 1
            self.refused += self.used[minute] > self.limit
            self.budget = learn(
                self.budget, RateLimit(self.limit, max(self.limit - self.used[minute], 0)), self.now
            )


def share(limit: int) -> float:
    """What looking may take of a limit."""
    return looks_per_minute(Budget(limit=limit), Purse())


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
        assert sum(1 for at, _ in world.looks if start <= at < start + MINUTE) <= share(limit)


@pytest.mark.parametrize("limit", [20, 45, 120, 300])
def test_minute_that_begins_with_a_burst_stays_within_the_budget(limit: int) -> None:
    world = World(limit, budget=Budget(limit=limit))
    world.add_tasks(200)
    for _ in range(600):
        world.turn(timedelta(seconds=0.25))
    starts = [at for at, _ in world.looks]
    assert max(sum(1 for at in starts if start <= at < start + MINUTE) for start in starts) <= share(limit)
    assert len(starts) >= share(limit) * 2.3


@pytest.mark.parametrize(("limit", "tasks"), [(120, 1), (120, 10), (120, 60), (20, 10)])
def test_no_task_goes_unseen_for_long_or_is_looked_at_too_often(limit: int, tasks: int) -> None:
    world = World(limit, budget=Budget(limit=limit))
    world.add_tasks(tasks)
    for _ in range(1_200):
        world.turn(timedelta(seconds=0.5))
    longest = max(UNSEEN, 4 * MINUTE * tasks / share(limit)) + timedelta(seconds=10)
    for run_id in world.tasks:
        moments = [at for at, seen_id in world.looks if seen_id == run_id]
        gaps = [later - earlier for earlier, later in pairwise([NOON_AT, *moments, world.now])]
        assert max(gaps) <= longest
        assert min(gaps[1:-1]) >= POLITE_GAP


@pytest.mark.parametrize(("limit", "others"), [(120, 30), (120, 70), (120, 110), (20, 12)])
def test_others_on_the_same_key_are_made_room_for(limit: int, others: int) -> None:
    world = World(limit, budget=Budget(limit=limit), others=others)
    world.add_tasks(200)
    for _ in range(2_400):
        world.turn(timedelta(seconds=0.5))
    after_a_while = [used for at, used in world.used.items() if at >= NOON_AT + 5 * MINUTE]
    assert max(after_a_while) <= limit * 1.16, "of what both want, nearly all that is too much is given up"
    assert world.refused <= len(world.looks) * 0.03
    assert len(world.looks) > 20, "and still something is seen"


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
    assert max(world.used.values(), default=0) <= share(limit)


@settings(max_examples=20)
@given(LIMITS, st.integers(1, 25))
def test_nobody_starves(limit: int, tasks: int) -> None:
    world = World(limit, budget=Budget(limit=limit))
    world.add_tasks(tasks)
    round_of_all = MINUTE * tasks / int(share(limit))
    longest = 4 * round_of_all + 2 * POLITE_GAP + MINUTE
    for _ in range(int(3 * longest / timedelta(seconds=1))):
        world.turn(timedelta(seconds=1))
    for run_id in world.tasks:
        moments = [NOON_AT, *(at for at, seen_id in world.looks if seen_id == run_id), world.now]
        assert max(later - earlier for earlier, later in pairwise(moments)) <= longest


@given(st.lists(st.tuples(st.floats(2, 200), st.integers(0, 9)), min_size=1, max_size=10))
def test_task_longer_unseen_than_the_longest_patience_is_always_due(tasks: list[tuple[float, int]]) -> None:
    given_tasks = [seen(run, ago, unanswered) for run, (ago, unanswered) in enumerate(tasks)]
    planned = plan(given_tasks, budget=RICH, now=NOON_AT)
    overdue = {
        task.run_id for task in given_tasks if task.looked_at and NOON_AT - task.looked_at >= LONGEST_PATIENCE
    }
    assert overdue <= set(planned)
