"""Figures are summed up rightly; what they are is nobody's assertion."""

import pytest

from tests.benchmarks.figures import Reading, percentile, read_times, summarise, to_json, to_table


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([7.0], 0.99, 7.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), ([float(n) for n in range(1, 1001)], 0.99, 990.0)],
)
def test_percentile_of_values_is_the_least_that_covers_the_share(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values[::-1], share) == expected


def test_times_of_a_load_give_median_and_p99() -> None:
    assert read_times("bot", "alone", [3.0, 1.0, 2.0]) == [
        Reading("bot", "alone, median", "ms", 2.0),
        Reading("bot", "alone, p99", "ms", 3.0),
    ]


def test_rounds_are_summed_up_as_medians_with_ratios_against_baselines() -> None:
    rounds = [
        [
            Reading("bare", "start", "s", bare),
            Reading("bot", "start", "s", bot),
            Reading("bot", "only", "", 1.0),
        ]
        for bare, bot in [(2.0, 5.0), (4.0, 6.0), (3.0, 60.0)]
    ]
    report = summarise("Start", rounds, ("bare",))
    start = report.find("bot", "start")
    assert start is not None
    assert (start.value, start.least, start.most) == (6.0, 5.0, 60.0)
    assert report.ratio(start, "bare") == 2.0
    told = to_json(report)["figures"]
    assert isinstance(told, list)
    assert [figure["ratios"] for figure in told] == [{}, {"bare": 2.0}, {}]
    assert "×2.00 of bare" in to_table(report)
    assert report.rounds == 3


def test_baseline_of_nothing_gives_no_ratio() -> None:
    report = summarise(
        "Lost", [[Reading("bare", "lost", "", 0.0), Reading("bot", "lost", "", 1.0)]], ("bare",)
    )
    lost = report.find("bot", "lost")
    assert lost is not None
    assert report.ratio(lost, "bare") is None
