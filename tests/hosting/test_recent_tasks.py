"""What the simulator shows of an environment's newest tasks, and what can be told by it of an ask without an answer."""

from dataclasses import replace

import pytest

from bot.core.catalog import Environment
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.intents import Change
from bot.core.names import Action, TaskId
from bot.core.recognition import NeverBegun, Recognised, Unclear, recognise
from bot.core.tasks import TaskStatus
from bot.hosting import bodies
from bot.hosting.client import HostingClient
from tests.hosting.world import NOWHERE, PROD, World, act, deploy

HERE = Environment(PROD, "prod")
POST = {"method": "POST", "path": "*"}
SOME_ID = "7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f"


async def find(client: HostingClient, world: World, action: Action) -> object:
    """What is to be told of an action that was asked for now."""
    recent = await client.fetch_recent_tasks(PROD)
    return recognise(Change(action, HERE), world.clock(), recent, of_other_runs=())


async def test_environment_where_nothing_ever_ran_shows_nothing(world: World, client: HostingClient) -> None:
    world.server.hosting.tasks.clear()
    recent = await client.fetch_recent_tasks(PROD)
    assert recent.deploys == ()
    assert recent.are_all_deploys
    assert recent.latest is None


@pytest.mark.parametrize("action", [Action.DEPLOY, Action.RESTART, Action.STOP, Action.UPDATE])
async def test_action_whose_answer_was_lost_is_recognised(
    world: World, client: HostingClient, action: Action
) -> None:
    """The task's type is the platform's word: here the simulator's."""
    asked_at = world.clock()
    task_id = await client.start_action(act(action))
    for _ in range(3):
        recent = await client.fetch_recent_tasks(PROD)
        assert recognise(Change(action, HERE), asked_at, recent, of_other_runs=()) == Recognised(task_id)
        world.clock.forward(minutes=30)


@pytest.mark.parametrize("action", [Action.DEPLOY, Action.RESTART])
async def test_action_that_never_arrived_is_known_not_to_have_begun(
    world: World, client: HostingClient, action: Action
) -> None:
    await client.start_action(deploy())
    world.clock.forward(hours=2)
    assert await find(client, world, action) == NeverBegun()


async def test_restart_behind_a_task_from_the_dashboard_cannot_be_told(
    world: World, client: HostingClient
) -> None:
    asked_at = world.clock()
    world.clock.forward(minutes=5)
    await world.control("tasks", environment_id=PROD, type="backup")
    world.clock.forward(hours=1)
    recent = await client.fetch_recent_tasks(PROD)
    assert recent.latest is not None
    assert recent.latest.type == "backup"
    assert recognise(Change(Action.RESTART, HERE), asked_at, recent, of_other_runs=()) == Unclear()
    assert recognise(Change(Action.DEPLOY, HERE), asked_at, recent, of_other_runs=()) == NeverBegun()


async def test_environment_that_nobody_knows_is_refused(client: HostingClient) -> None:
    with pytest.raises(HostingRefusedError):
        await client.fetch_recent_tasks(NOWHERE)


async def test_platform_that_does_not_show_them_is_unavailable(world: World, client: HostingClient) -> None:
    await world.fails("not_json", method="GET", path="*/deployments*")
    with pytest.raises(HostingUnavailableError):
        await client.fetch_recent_tasks(PROD)


# a refusal after an answer that was lost


@pytest.mark.parametrize(
    ("status", "code"), [(401, "invalid_key"), (402, "subscription_blocked"), (404, "not_found")]
)
async def test_refusal_of_the_second_try_says_nothing_of_the_first(
    world: World, client: HostingClient, status: int, code: str
) -> None:
    await world.fails("drop_after", times=1, **POST)
    await world.fails("status", status=status, body={"detail": {"error": code, "message": "No"}}, **POST)
    with pytest.raises(HostingUnavailableError) as caught:
        await client.start_action(deploy())
    assert caught.value.may_have_acted
    assert caught.value.code == code


async def test_task_in_the_way_of_the_second_try_is_named(world: World, client: HostingClient) -> None:
    await world.fails("drop_after", times=1, **POST)
    busy = {"detail": {"error": "task_in_progress", "message": "Busy", "task_id": SOME_ID}}
    await world.fails("status", status=409, body=busy, **POST)
    with pytest.raises(HostingUnavailableError) as caught:
        await client.start_action(deploy())
    assert caught.value.task_id == SOME_ID


# what the bodies may look like


@pytest.mark.parametrize(
    ("body", "are_all"),
    [
        ({"data": [{"id": SOME_ID}], "pagination": {"has_more": False}}, True),
        ({"data": [{"id": SOME_ID}], "pagination": {"has_more": True}}, False),
        ({"data": [{"id": SOME_ID}]}, False),
        ({"items": [{"id": SOME_ID}], "pagination": None}, False),
        ([{"id": SOME_ID}], False),
    ],
)
def test_list_counts_as_whole_only_where_it_says_so(body: object, are_all: bool) -> None:
    deploys, told = bodies.read_deploys(body)
    assert ([task.task_id for task in deploys], told) == ([TaskId(SOME_ID)], are_all)


@pytest.mark.parametrize("body", [None, {}, {"data": None}, {"data": [{"id": "no id"}]}, "text", 7])
def test_list_that_cannot_be_read_whole_tells_nothing(body: object) -> None:
    """One unread deploy in it could be the one that is looked for."""
    with pytest.raises(HostingUnavailableError):
        bodies.read_deploys(body)


@pytest.mark.parametrize("task_id", [SOME_ID, None])
def test_log_names_its_task_or_says_that_there_is_none(task_id: str | None) -> None:
    assert bodies.read_newest_task({"task_id": task_id, "log": ""}) == task_id


@pytest.mark.parametrize("body", [{"log": ""}, {"task_id": "no id"}, {"task_id": 7}, [], None])
def test_log_that_names_no_task_is_not_taken_for_none(body: object) -> None:
    with pytest.raises(HostingUnavailableError):
        bodies.read_newest_task(body)


@pytest.mark.parametrize(
    ("word", "unknown"),
    [
        ("running", None),
        ("FAILED", None),
        ("timed_out", "timed_out"),
        (None, None),
        (7, None),
        ("x" * 99, "x" * 60),
    ],
)
def test_status_nobody_knows_is_kept_as_it_is_called(word: object, unknown: str | None) -> None:
    report = bodies.read_task({"id": SOME_ID, "status": word, "triggered_by": "user-7"})
    assert report.unknown_status == unknown
    assert report.triggered_by == "user-7"
    known = replace(report, unknown_status=None)
    assert known.status in TaskStatus
