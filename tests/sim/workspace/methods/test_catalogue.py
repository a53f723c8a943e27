"""Scopes and tiers of the methods are those of a public reference of Slack's methods."""

import pytest

from bot.sim.workspace.methods.catalogue import METHODS, SPECIAL, TIER_1, TIER_2, TIER_3, TIER_4
from tests.support.calls import known_methods

# Of blocks.validate no figure is published.
TIERS = {None: SPECIAL, "t1": TIER_1, "t2": TIER_2, "t3": TIER_3, "t4": TIER_4, "t5": SPECIAL}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_method_is_limited_as_the_reference_says(name: str) -> None:
    assert METHODS[name].per_minute == TIERS[known_methods()[name]["rate_limits"]]


@pytest.mark.parametrize("name", sorted(METHODS))
def test_method_needs_the_scopes_of_the_reference(name: str) -> None:
    assert set(METHODS[name].scopes) == set(known_methods()[name]["scope"].get("bot") or ())
