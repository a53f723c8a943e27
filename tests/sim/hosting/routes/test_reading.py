"""What the reading routes answer."""

import pytest

from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    ERP_PROJECT,
    OLD,
    PRODUCTION,
    STAGING,
    WEBSHOP_PRODUCTION,
    WEBSHOP_PROJECT,
)
from tests.sim.hosting.caller import Caller, Json, MovedClock, error_of

TASK_FIELDS = {
    "id": str,
    "type": str,
    "status": str,
    "environment_id": str,
    "progress_percent": int,
    "current_step": str | None,
    "steps_completed": int,
    "total_steps": int,
    "started_at": str | None,
    "completed_at": str | None,
    "duration_seconds": int | None,
    "error_message": str | None,
    "triggered_by": str | None,
}


async def all_pages(caller: Caller, path: str, limit: int) -> list[Json]:
    found: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        answer = (await caller.get(path, limit=limit, **cursor)).json()
        found += answer["data"]
        assert answer["pagination"]["has_more"] == (answer["pagination"]["next_cursor"] is not None)
        if not answer["pagination"]["has_more"]:
            return found
        cursor = {"cursor": answer["pagination"]["next_cursor"]}


async def test_task_has_exactly_the_documented_fields(full: Caller, clock: MovedClock) -> None:
    task_id = await full.start(STAGING, "deploy")
    for _ in range(5):
        task = await full.task(task_id)
        assert set(task) == set(TASK_FIELDS)
        for name, kind in TASK_FIELDS.items():
            assert isinstance(task[name], kind), name
        clock.forward(minutes=1)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_of_deployments_hold_each_once_newest_first(full: Caller, limit: int) -> None:
    found = await all_pages(full, f"/environments/{PRODUCTION}/deployments", limit)
    assert len(found) == 7
    assert len({task["id"] for task in found}) == 7
    starts = [task["started_at"] for task in found]
    assert starts == sorted(starts, reverse=True)


async def test_deploy_between_two_pages_neither_repeats_nor_skips(full: Caller) -> None:
    path = f"/environments/{PRODUCTION}/deployments"
    before = await all_pages(full, path, 100)
    first = (await full.get(path, limit=4)).json()
    await full.start(PRODUCTION, "deploy")
    second = (await full.get(path, limit=4, cursor=first["pagination"]["next_cursor"])).json()
    assert [task["id"] for task in first["data"] + second["data"]] == [task["id"] for task in before]
    assert second["pagination"]["total"] == 8


async def test_deployments_leave_out_restarts(full: Caller, clock: MovedClock) -> None:
    await full.start(STAGING, "restart")
    clock.forward(minutes=1)
    task_id = await full.start(STAGING, "deploy")
    listed = (await full.get(f"/environments/{STAGING}/deployments")).json()["data"]
    assert listed[0]["id"] == task_id
    assert {task["type"] for task in listed} == {"deploy"}


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"limit": "0"}, "greater_than_equal"),
        ({"limit": "101"}, "less_than_equal"),
        ({"limit": "many"}, "int_parsing"),
        ({"cursor": "nonsense"}, "value_error"),
        ({"cursor": "YWZ0ZXI6bm90aGluZw=="}, "value_error"),
    ],
)
async def test_bad_paging_is_located(full: Caller, query: dict[str, str], kind: str) -> None:
    response = await full.get(f"/environments/{STAGING}/deployments", **query)
    (finding,) = response.json()["detail"]
    assert (response.status_code, finding["type"], finding["loc"][0]) == (422, kind, "query")


async def test_projects_come_by_cursor_with_their_counts(full: Caller) -> None:
    projects = await all_pages(full, "/projects", 1)
    assert [(one["id"], one["name"], one["environment_count"]) for one in projects] == [
        (ERP_PROJECT, "Client ERP", 4),
        (WEBSHOP_PROJECT, "Client Webshop", 1),
    ]
    assert (await full.get(f"/projects/{ERP_PROJECT}")).json() == projects[0]


async def test_project_key_sees_one_project(webshop: Caller) -> None:
    assert [one["id"] for one in await all_pages(webshop, "/projects", 20)] == [WEBSHOP_PROJECT]
    assert error_of(await webshop.get(f"/projects/{ERP_PROJECT}/environments")) == "not_found"
    assert (await webshop.get("/org/usage")).json()["environment_count"] == 1


async def test_environments_are_a_plain_array_oldest_first(read: Caller) -> None:
    listed = (await read.get(f"/projects/{ERP_PROJECT}/environments")).json()
    assert [one["id"] for one in listed] == [OLD, PRODUCTION, STAGING, DEVELOPMENT]
    assert listed[1]["url"] == "https://erp.client.example"


@pytest.mark.parametrize(
    ("status", "names"), [("STOPPED", ["old"]), ("running", ["production", "staging", "development"])]
)
async def test_status_filter_takes_any_case(full: Caller, status: str, names: list[str]) -> None:
    listed = (await full.get(f"/projects/{ERP_PROJECT}/environments", status=status)).json()
    assert [one["name"] for one in listed] == names


async def test_two_environments_share_a_name(full: Caller) -> None:
    names = [(await full.environment(one))["name"] for one in (PRODUCTION, WEBSHOP_PRODUCTION)]
    assert names == ["production", "production"]


async def test_status_tells_health_and_last_deploy(full: Caller, clock: MovedClock) -> None:
    task_id = await full.start(STAGING, "deploy")
    clock.forward(seconds=10)
    status = (await full.get(f"/environments/{STAGING}/status")).json()
    assert (status["environment_id"], status["status"], status["http_ok"]) == (STAGING, "deploying", False)
    assert (status["last_deploy"]["id"], status["last_deploy"]["completed_at"]) == (task_id, None)


async def test_status_of_a_stopped_environment_is_down(full: Caller) -> None:
    status = (await full.get(f"/environments/{OLD}/status")).json()
    assert (status["container_running"], status["db_ready"], status["http_ok"]) == (False, False, False)
    assert status["last_deploy"]["status"] == "completed"


async def test_log_grows_and_can_be_cut(full: Caller, clock: MovedClock) -> None:
    task_id = await full.start(STAGING, "deploy")
    path = f"/environments/{STAGING}/logs"
    assert (await full.get(path)).json() == {"task_id": task_id, "log": "", "lines": 0, "truncated": False}
    clock.forward(minutes=1)
    early = (await full.get(path)).json()
    clock.forward(minutes=9)
    late = (await full.get(path, task_id=task_id, lines=1000)).json()
    assert late["log"].startswith(early["log"])
    assert late["lines"] == len(late["log"].splitlines()) > early["lines"] > 0
    tail = (await full.get(path, lines=2)).json()
    assert (tail["lines"], tail["truncated"]) == (2, True)
    assert late["log"].endswith(tail["log"])


async def test_log_is_of_the_latest_task_of_any_type(full: Caller) -> None:
    task_id = await full.start(STAGING, "restart")
    assert (await full.get(f"/environments/{STAGING}/logs")).json()["task_id"] == task_id


async def test_log_of_another_environments_task_is_not_found(full: Caller) -> None:
    task_id = await full.start(STAGING, "restart")
    assert error_of(await full.get(f"/environments/{PRODUCTION}/logs", task_id=task_id)) == "not_found"


@pytest.mark.parametrize("query", [{"lines": "0"}, {"lines": "1001"}, {"task_id": "latest"}])
async def test_bad_log_query_is_refused(full: Caller, query: dict[str, str]) -> None:
    assert (await full.get(f"/environments/{STAGING}/logs", **query)).status_code == 422


async def test_environment_without_tasks_has_no_log(full: Caller) -> None:
    full.server.hosting.tasks.clear()
    answer = (await full.get(f"/environments/{STAGING}/logs")).json()
    assert (answer["task_id"], answer["log"]) == (None, "")
    assert (await full.get(f"/environments/{STAGING}/status")).json()["last_deploy"] is None


async def test_deleted_environment_is_gone_but_its_tasks_stay(full: Caller) -> None:
    task_id = await full.start(STAGING, "restart")
    await full.control(f"/tasks/{task_id}", status="completed")
    await full.control(f"/environments/{STAGING}", status="deleted")
    assert error_of(await full.get(f"/environments/{STAGING}")) == "not_found"
    assert (await full.get(f"/projects/{ERP_PROJECT}")).json()["environment_count"] == 3
    assert (await full.task(task_id))["status"] == "completed"


async def test_unknown_ids_are_not_found(full: Caller) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in ("/deployments/{}", "/environments/{}", "/environments/{}/deployments", "/projects/{}"):
        assert error_of(await full.get(path.format(unknown))) == "not_found"
        assert (await full.get(path.format("nonsense"))).status_code == 422


async def test_organization_and_usage(read: Caller) -> None:
    organization = (await read.get("/org")).json()
    assert (organization["name"], organization["limits"]["max_environments"]) == ("Acme Odoo", 50)
    usage = (await read.get("/org/usage")).json()
    assert (usage["running_environments"], usage["environment_count"]) == (4, 5)
