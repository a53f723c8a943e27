"""What the platform shows of backups and of the task that holds an environment; and where it does not tell, nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import HostingError, HostingUnavailableError
from bot.core.names import EnvironmentId
from bot.core.pre_flight import Backups
from bot.core.tasks import TaskStatus
from bot.hosting.bodies import read_backups
from bot.hosting.client import HostingClient
from bot.sim.hosting import seeds
from tests.hosting.world import NOWHERE, OLD, PROD, STAGING, World, deploy

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEV = EnvironmentId(seeds.DEVELOPMENT)


def hours_ago(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def finished(hours: float, **fields: object) -> dict[str, object]:
    return {"id": "b-1", "status": "completed", "started_at": hours_ago(hours)} | fields


# through the simulator


@pytest.mark.parametrize("words", ["client", "docs"])
async def test_newest_finished_backup_is_told_with_the_moment_it_leads_to(
    world: World, client: HostingClient, words: str
) -> None:
    await world.control("dialect", backup_words=words)
    told = await client.fetch_backups(PROD)
    assert told.newest_at is not None
    assert abs(world.clock() - told.newest_at - timedelta(days=0.2)) < timedelta(minutes=1)


async def test_backup_under_way_is_not_the_newest(world: World, client: HostingClient) -> None:
    before = await client.fetch_backups(STAGING)
    await world.control("pace", mode="manual")
    await world.control("tasks", environment_id=STAGING, type="backup")
    assert await client.fetch_backups(STAGING) == before


async def test_environment_without_a_backup_is_told_to_have_none(client: HostingClient) -> None:
    assert await client.fetch_backups(DEV) == Backups(None)
    assert await client.fetch_backups(OLD) == Backups(None)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 404, "body": {"detail": "Not Found"}},
        {"kind": "status", "status": 405, "body": {"detail": "Method Not Allowed"}},
        {"kind": "status", "status": 400, "body": {"detail": "No storage configuration found"}},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 200, "body": {}},
        {"kind": "not_json"},
    ],
)
async def test_service_that_does_not_tell_of_backups_is_not_taken_for_none(
    world: World, client: HostingClient, fault: dict[str, object]
) -> None:
    await world.fails(**fault, path="*/backups*")  # type: ignore[arg-type]
    with pytest.raises(HostingError):
        await client.fetch_backups(PROD)


async def test_task_that_holds_an_environment_is_told_whatever_its_kind(
    world: World, client: HostingClient
) -> None:
    assert await client.fetch_open_task(PROD) is None
    await world.control("pace", mode="manual")
    begun = await world.control("tasks", environment_id=PROD, type="backup")
    told = await client.fetch_open_task(PROD)
    assert told is not None
    assert (told.task_id, told.type, told.status.is_terminal) == (begun["id"], "backup", False)
    await world.control(f"tasks/{begun['id']}", status="completed")
    assert await client.fetch_open_task(PROD) is None


async def test_own_task_is_told_too_and_costs_two_reads(world: World, client: HostingClient) -> None:
    task_id = await client.start_action(deploy())
    told = await client.fetch_open_task(PROD)
    assert told is not None
    assert told.task_id == task_id
    assert told.status in {TaskStatus.PENDING, TaskStatus.QUEUED, TaskStatus.RUNNING}
    assert [call["method"] for call in await world.requests()] == ["POST", "GET", "GET"]


async def test_environment_where_nothing_ever_ran_is_held_by_nothing(
    world: World, client: HostingClient
) -> None:
    world.server.hosting.tasks.clear()
    assert await client.fetch_open_task(PROD) is None


async def test_environment_nobody_knows_is_refused(client: HostingClient) -> None:
    for ask in (client.fetch_backups, client.fetch_open_task):
        with pytest.raises(HostingError):
            await ask(NOWHERE)


# what the list may look like


@pytest.mark.parametrize(
    "body",
    [
        {"items": [finished(30), finished(3), finished(50)], "total": 3},
        {"items": [finished(3)], "total": 700, "pages": 35},
        {"data": [finished(3)]},
        [finished(3)],
        {"items": [finished(1, status="FAILED"), finished(3, status="COMPLETED"), "odd"], "total": 3},
        {"items": [finished(1, status="expired"), finished(2, expires_at=hours_ago(0)), finished(3)]},
        {"items": [finished(3, expires_at=hours_ago(-1))]},
        {"items": [finished(0, started_at=None, created_at=hours_ago(3), completed_at=hours_ago(2))]},
        {"items": [finished(0, started_at="soon", completed_at=hours_ago(3))]},
        {"items": [finished(0, started_at=None), finished(3)]},
    ],
)
def test_newest_finished_one_that_is_kept_counts(body: object) -> None:
    assert read_backups(body, NOW) == Backups(NOW - timedelta(hours=3))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"items": [], "total": 0},
        {"items": []},
        {"items": [finished(3, status="failed")], "total": 1},
        [finished(3, status="running")],
    ],
)
def test_whole_list_without_a_finished_one_says_that_there_is_none(body: object) -> None:
    assert read_backups(body, NOW) == Backups(None)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        "text",
        {"items": None},
        {"items": [], "total": 7},
        {"items": [finished(3, status="failed")], "total": 21},
        {"items": [finished(3, status="failed")]},
        {"items": [finished(0, started_at=None)], "total": 1},
    ],
)
def test_list_that_leaves_it_open_tells_nothing(body: object) -> None:
    with pytest.raises(HostingUnavailableError):
        read_backups(body, NOW)
