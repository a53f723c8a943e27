"""Groups change, and somebody may ask for what nobody could approve: the operators hear of it before anybody asks."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.world import OPS, QUICK, World, running_world

OFTEN = replace(QUICK, people=timedelta(milliseconds=200))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot has yet to start."""
    async with running_world(tmp_path, start=False, tempo=OFTEN) as world:
        yield world


async def set_releasers(world: World, *users: str) -> None:
    """People leave the group of releasers, and join it."""
    answer = await world.side_door.post(
        "/person/groups", json={"id": "S0RELEASE", "handle": "releasers", "users": list(users)}
    )
    assert answer.is_success, answer.text


async def test_group_with_one_person_left_is_told_the_operators_at_the_start_and_once(world: World) -> None:
    await set_releasers(world, "U0ANA")
    await world.start_bot()
    told = await world.ben.sees("nobody could approve", channel=OPS)
    assert "deploy" in told.words
    assert "approvals[2]" in told.words
    await world.until_idle()
    assert len(await world.ben.looks_at(OPS)) == 1


async def test_groups_by_which_everything_can_be_approved_are_no_news(world: World) -> None:
    await world.start_bot()
    await world.until_idle()
    assert await world.ben.looks_at(OPS) == []
