"""What the side door tells beyond the platform's own objects."""

from typing import Any

from bot.sim.hosting.entities import TaskStatus
from bot.sim.hosting.seeds import FULL_KEY, READ_KEY, STAGING
from tests.sim.hosting.caller import Caller, MovedClock


async def _left(caller: Caller, key: str) -> Any:
    return next(one["left"] for one in (await caller.state())["keys"] if one["key"] == key)


async def test_what_a_key_may_still_do_is_told_without_counting(full: Caller) -> None:
    await full.control("/limits", reads=5, writes=2)
    await full.client.get("/org")
    await full.act(STAGING, "restart")
    whole = {"reads": {"limit": 5, "remaining": 4}, "writes": {"limit": 2, "remaining": 1}}
    assert await _left(full, FULL_KEY) == whole
    assert await _left(full, FULL_KEY) == whole
    assert await _left(full, READ_KEY) == {"reads": {"limit": 5, "remaining": 5}, "writes": None}


async def test_used_up_limit_leaves_nothing(full: Caller) -> None:
    await full.control("/limits", reads=1)
    await full.client.get("/org")
    await full.client.get("/org")
    assert (await _left(full, FULL_KEY))["reads"] == {"limit": 1, "remaining": 0}


async def test_planned_endings_are_told_until_they_are_taken(full: Caller) -> None:
    await full.control("/next", environment_id=STAGING, outcome="failed")
    await full.control("/next", environment_id=STAGING, outcome="cancelled")
    assert (await full.state())["endings"] == {STAGING: ["failed", "cancelled"]}
    await full.control("/tasks", environment_id=STAGING)
    assert (await full.state())["endings"] == {STAGING: ["cancelled"]}


async def test_task_stands_still_until_it_is_let_go(full: Caller, clock: MovedClock) -> None:
    task_id = (await full.control("/tasks", environment_id=STAGING))["id"]

    async def task() -> Any:
        return next(one for one in (await full.state())["tasks"] if one["id"] == task_id)

    await full.control(f"/tasks/{task_id}")
    clock.forward(hours=1)
    assert ((await task())["by_hand"], (await task())["status"]) == (True, TaskStatus.PENDING)
    await full.control(f"/tasks/{task_id}", by_hand=False)
    assert ((await task())["by_hand"], (await task())["status"]) == (False, TaskStatus.PENDING)
    clock.forward(hours=1)
    assert (await task())["status"] == TaskStatus.COMPLETED
