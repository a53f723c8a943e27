"""Chances over time, made of spans of even chance."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.curves import Curve, Span, draw

SPANS = st.lists(st.tuples(st.floats(0, 5_000), st.floats(0.5, 500)), min_size=1, max_size=12).map(
    lambda drawn: [(begin, begin + long, 1 / len(drawn)) for begin, long in drawn]
)


def test_nothing_drawn_never_happens() -> None:
    assert draw([]) == Curve()
    assert draw([]).whole == 0
    assert draw([]).at(1e9) == (0, 0)


@pytest.mark.parametrize(
    ("moment", "chance", "age"),
    [(0, 0, 0), (10, 0, 0), (15, 0.25, 0.625), (20, 0.5, 2.5), (30, 0.5, 7.5), (40, 0.5, 12.5)],
)
def test_even_chance_rises_evenly_and_then_stays(moment: float, chance: float, age: float) -> None:
    assert draw([(10, 20, 0.5)]).at(moment) == pytest.approx((chance, age))


def test_spans_that_overlap_add_up() -> None:
    one, other = (0.0, 10.0, 0.5), (5.0, 25.0, 0.5)
    both = draw([one, other])
    for moment in (0.0, 4.0, 7.5, 12.0, 24.0, 99.0):
        apart = [draw([span]).at(moment) for span in (one, other)]
        assert both.at(moment) == pytest.approx(tuple(map(sum, zip(*apart, strict=True))))


@given(SPANS, st.lists(st.floats(-100, 10_000), min_size=2, max_size=20))
def test_chance_lies_between_none_and_all_and_never_falls(spans: list[Span], moments: list[float]) -> None:
    curve = draw(spans)
    told = [curve.at(moment) for moment in sorted(moments)]
    chances, ages = [chance for chance, _ in told], [age for _, age in told]
    assert all(-1e-6 <= chance <= 1 + 1e-6 for chance in chances)
    assert all(earlier <= later + 1e-6 for earlier, later in itertools.pairwise(chances))
    assert all(earlier <= later + 1e-3 for earlier, later in itertools.pairwise(ages))
    assert curve.whole == pytest.approx(1, abs=1e-6)


@given(SPANS)
def test_long_after_all_spans_nothing_grows_but_the_age(spans: list[Span]) -> None:
    curve = draw(spans)
    assert curve.at(1e7)[0] == curve.at(1e8)[0] == curve.whole
    assert curve.at(1e8)[1] - curve.at(1e7)[1] == pytest.approx(9e7, rel=1e-4)
