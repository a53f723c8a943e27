"""The coverage table says what the server really serves."""

from itertools import groupby
from pathlib import Path

import pytest

from bot.sim.hosting.coverage import COVERAGE, RULES, Rule, render
from bot.sim.hosting.front import Front
from bot.sim.hosting.seeds import seeded_hosting
from bot.sim.hosting.server import build_api
from tests.sim.hosting.caller import Caller, MovedClock


def test_served_routes_are_the_ones_in_the_table(clock: MovedClock) -> None:
    api = build_api(Front(seeded_hosting(clock), clock))
    served = {
        (route.method, route.resource.canonical)
        for route in api.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert served == {(one.method, one.path) for one in COVERAGE if one.is_served}


def test_every_route_stands_once() -> None:
    places = [(one.method, one.path) for one in COVERAGE]
    assert len(places) == len(set(places))


async def test_routes_left_out_answer_as_an_older_service_would(full: Caller) -> None:
    for one in COVERAGE:
        if not one.is_served:
            path = one.path.replace("{project_id}", "x")
            assert (await full.client.request(one.method, path)).status_code in {404, 405}, one


def test_every_route_left_out_says_why() -> None:
    assert [one for one in COVERAGE if not one.is_served and not one.note] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.what)
def test_rule_names_a_test_that_is_there(rule: Rule) -> None:
    assert (Path(__file__).parent / f"{rule.test}.py").is_file()


def test_rules_stand_once_and_in_their_areas() -> None:
    areas = [rule.area for rule in RULES]
    assert [area for area, _ in groupby(areas)] == list(dict.fromkeys(areas))
    assert len({rule.what for rule in RULES}) == len(RULES)


def test_text_has_every_route_and_every_rule() -> None:
    text = render()
    assert [one for one in COVERAGE if f"{one.method:<6} {one.path} " not in text] == []
    assert [rule for rule in RULES if rule.what not in text] == []
