"""The benchmark of the policy draws asks of every outcome, and measures both sides; how much that is, nobody asserts."""

from bot.rules_file import read_document, refuse_misses
from tests.benchmarks.benchmark import Options
from tests.benchmarks.policy import BARE, OURS, Size, measure_round, write_rules

SMALL = Size(channels=4, people=30, environments=9, tests=5)


def test_rules_of_the_benchmark_are_good_ones() -> None:
    document = read_document(write_rules(SMALL))
    rules = refuse_misses(document)
    assert (len(rules.channels), len(rules.catalog.environments), len(document.cases)) == (4, 9, 5)


async def test_every_outcome_has_its_figures() -> None:
    readings = await measure_round(Options(50, 1, print), SMALL)
    told = {(one.subject, one.figure) for one in readings}
    assert {
        (BARE, "a reload, processor time"),
        (OURS, "a reload, processor time"),
        (OURS, "the whole table, processor time"),
        (OURS, "decisions"),
    } <= told
    for outcome in ("allowed", "needs approval", "denied, no_rule", "denied, deny_rule", "denied, guest"):
        assert (OURS, f"a decision ({outcome}), p99") in told
    assert all(one.value > 0 for one in readings)
