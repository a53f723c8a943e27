"""Ends are known sooner than by looking in any other way, and nobody is refused. Virtual time, seeds that do not change."""

import json
from functools import cache

import pytest

from bot.sim.hosting.limits import Window
from tests.benchmarks.freshness.cases import (
    EVEN,
    OURS,
    PLATFORM_CLIENT,
    POLICIES,
    TURNED,
    WINDOWS,
    WRONG,
    Case,
    Kind,
)
from tests.benchmarks.freshness.command import gather, play
from tests.benchmarks.freshness.figures import BARELY_WORSE, Figures, Row, summarise, to_json, to_table
from tests.benchmarks.freshness.simulation import Outcome, simulate

REPETITIONS = 3
LOADS = [(120, 10), (120, 50), (20, 10), (20, 50)]


@cache
def measure(case: Case) -> Row:
    return summarise(case, [simulate(case, repetition) for repetition in range(REPETITIONS)])


@pytest.mark.parametrize(("limit", "tasks"), LOADS)
def test_many_deploys_ends_are_known_sooner_than_by_any_other_policy(limit: int, tasks: int) -> None:
    ours, *others = (measure(Case(policy, limit, tasks)) for policy in POLICIES)
    assert ours.mean_end_delay < min(other.mean_end_delay for other in others)
    assert ours.p95_end_delay < min(other.p95_end_delay for other in others)


@pytest.mark.parametrize(("limit", "tasks"), LOADS)
@pytest.mark.parametrize("window", WINDOWS)
def test_many_deploys_no_look_of_ours_is_refused(limit: int, tasks: int, window: Window) -> None:
    assert measure(Case(OURS, limit, tasks, window)).refused == 0


@pytest.mark.parametrize(("limit", "tasks"), LOADS)
@pytest.mark.parametrize("kind", WRONG, ids=lambda kind: kind.name)
def test_history_of_another_kind_is_hardly_worse_than_even_spacing(
    limit: int, tasks: int, kind: Kind
) -> None:
    ours, even = measure(Case(OURS, limit, tasks, kind=kind)), measure(Case(EVEN, limit, tasks))
    assert ours.mean_end_delay <= even.mean_end_delay * BARELY_WORSE
    assert ours.refused == 0


@pytest.mark.parametrize(("limit", "tasks"), LOADS)
def test_time_to_go_is_told_honestly(limit: int, tasks: int) -> None:
    row = measure(Case(OURS, limit, tasks))
    assert row.told > REPETITIONS * tasks / 2
    assert 0.4 <= row.by_half / row.told <= 0.75
    assert row.by_most / row.told >= 0.87


def test_the_same_seed_plays_the_same_round() -> None:
    case = Case(OURS, 120, 10)
    assert simulate(case, 1) == simulate(case, 1) != simulate(case, 2)


def test_one_who_looks_too_often_is_refused() -> None:
    assert measure(Case(PLATFORM_CLIENT, 20, 50)).refused > 0


def test_figures_are_told_beside_each_other_and_in_full() -> None:
    cases = [Case(policy, 120, 10) for policy in POLICIES]
    cases += [Case(OURS, 120, 10, kind=WRONG[0]), Case(OURS, 120, 10, kind=TURNED[0])]
    cases.append(Case(EVEN, 120, 10, kind=TURNED[0]))
    figures = gather(cases, [play(cases, 0)])
    table = to_table(figures)
    assert "\n    N | ours  " in table
    assert table.count("\n   10 | ") == 1
    assert "of  1.2: met" in table
    assert table.count("×") == 2
    assert "nine of ten" in table
    told = json.loads(json.dumps(to_json(figures)))
    assert [row["policy"] for row in told["rows"][:4]] == list(POLICIES)
    assert set(told["rows"][0]) == {
        "policy",
        "limit",
        "tasks",
        "mean_end_delay_s",
        "p95_end_delay_s",
        "mean_step_age_s",
        "reads_per_task",
        "http_429",
        "window",
        "history",
    }
    assert [band["tasks"] for band in told["bands"]] == [10]


def test_missed_aims_are_told_with_by_how_much() -> None:
    slow = Outcome(delays=[3.0] * 10, step_age=1.0, watched=10.0, reads=40)
    figures = Figures((summarise(Case(OURS, 120, 10), [slow]),), 1)
    assert "mean   3.0 of  1.2: missed 150%" in to_table(figures)
