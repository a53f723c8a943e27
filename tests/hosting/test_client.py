"""The client against the simulator over HTTP: every refusal, every lost answer, no action twice."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.names import Action, EnvironmentId, TaskId, UpdateMode
from bot.core.tasks import Submission, TaskStatus
from bot.flow.ports import Hosting
from bot.hosting.client import HostingClient
from bot.sim.hosting import seeds
from tests.hosting.world import NOWHERE, OLD, PROD, World, act, deploy

POST = {"method": "POST", "path": "*"}
GET = {"method": "GET", "path": "*"}


def test_client_fits_the_port(client: HostingClient) -> None:
    port: Hosting = client
    assert port is client


# what goes well


async def test_deploy_becomes_a_task_that_can_be_followed_to_its_end(
    world: World, client: HostingClient
) -> None:
    task_id = await client.start_action(deploy())

    first = await client.fetch_task(task_id)
    assert not first.status.is_terminal
    assert (first.environment_id, first.type) == (PROD, "deploy")

    world.clock.forward(hours=1)
    last = await client.fetch_task(task_id)
    assert (last.status, last.progress_percent) == (TaskStatus.COMPLETED, 100)
    assert last.completed_at is not None
    assert last.duration is not None


@pytest.mark.parametrize(
    ("submission", "path", "body"),
    [
        (deploy(), "deploy", None),
        (deploy("key-1", PROD, "sale", "stock"), "deploy", {"update_modules": ["sale", "stock"]}),
        (act(Action.RESTART), "restart", None),
        (act(Action.START, OLD), "start", None),
        (act(Action.STOP), "stop", None),
        (act(Action.UPDATE), "quick-update", {"mode": "pull_restart"}),
        (act(Action.UPDATE, PROD, UpdateMode.UPDATE_ALL), "quick-update", {"mode": "update_all"}),
    ],
    ids=str,
)
async def test_action_is_asked_for_once_as_the_platform_wants_it(
    world: World, client: HostingClient, submission: Submission, path: str, body: object
) -> None:
    await client.start_action(submission)

    (call,) = await world.posts()
    assert call["path"].endswith(f"/environments/{submission.environment_id}/{path}")
    assert (call["body"], call["idempotency_key"], call["key_kind"]) == (body, "key-1", "full")


async def test_reads_go_with_the_read_key(world: World, client: HostingClient) -> None:
    await client.fetch_environment(PROD)

    assert [call["key_kind"] for call in await world.requests()] == ["read_only"]


async def test_reads_go_with_the_full_key_where_there_is_no_other(world: World) -> None:
    await world.client(read_key=None).fetch_environment(PROD)

    assert [call["key_kind"] for call in await world.requests()] == ["full"]


async def test_environments_come_with_the_names_of_their_projects(client: HostingClient) -> None:
    reports = {report.id: report for report in await client.fetch_environments()}

    assert len(reports) == 5
    assert (reports[PROD].project, reports[PROD].name) == ("Client ERP", "production")
    assert (reports[PROD].status, reports[PROD].url) == ("running", "https://erp.client.example")
    shop = reports[EnvironmentId(seeds.WEBSHOP_PRODUCTION)]
    assert (shop.project, shop.name) == ("Client Webshop", "production")
    assert (await client.fetch_environment(PROD)).project == "Client ERP"


async def test_projects_are_read_page_by_page(world: World, client: HostingClient) -> None:
    projects = world.server.hosting.projects
    known = next(iter(projects.values()))
    for _ in range(110):
        project_id = str(uuid4())
        projects[project_id] = replace(known, id=project_id)

    assert len(await client.fetch_environments()) == 5
    assert len(await world.requests()) == 2 + 112


async def test_project_that_goes_away_while_being_listed_has_no_environments(
    world: World, client: HostingClient
) -> None:
    await world.fails("status", status=404, path="/projects/*/environments")

    assert len(await client.fetch_environments()) in (1, 4)


async def test_list_that_cannot_be_read_whole_is_not_read_at_all(world: World, client: HostingClient) -> None:
    await world.fails("status", status=500, path="/projects/*/environments")

    with pytest.raises(HostingUnavailableError):
        await client.fetch_environments()


async def test_key_of_one_project_sees_only_its_environments(world: World) -> None:
    client = world.client(seeds.WEBSHOP_KEY, None)

    assert [report.id for report in await client.fetch_environments()] == [seeds.WEBSHOP_PRODUCTION]


async def test_log_of_a_failed_task_is_fetched(world: World, client: HostingClient) -> None:
    lines = [f"line {number}" for number in range(100)]
    await world.control(
        "next", environment_id=PROD, outcome="failed", error_message="Module sale: boom", log="\n".join(lines)
    )
    task_id = await client.start_action(deploy())
    world.clock.forward(hours=1)

    report = await client.fetch_task(task_id)
    log = await client.fetch_log(PROD, task_id, lines=5)

    assert (report.status, report.error_message) == (TaskStatus.FAILED, "Module sale: boom")
    assert log.truncated
    assert "Module sale: boom" in log.text.splitlines()[-1]
    assert len(log.text.splitlines()) == 5


# what the platform refuses


async def test_busy_environment_is_refused_with_the_task_that_holds_it(
    world: World, client: HostingClient
) -> None:
    task_id = await client.start_action(deploy())

    with pytest.raises(HostingRefusedError) as refused:
        await client.start_action(deploy("key-2"))

    assert (refused.value.status, refused.value.code) == (409, "task_in_progress")
    assert refused.value.task_id == task_id
    assert len(await world.posts()) == 2


@pytest.mark.parametrize(
    ("submission", "status", "code"),
    [
        (act(Action.RESTART, OLD), 409, "environment_not_running"),
        (act(Action.START), 409, "environment_not_stopped"),
        (act(Action.UPDATE, PROD, UpdateMode.UPDATE_SPECIFIC), 400, "modules_required"),
        (deploy("key-1", PROD, "Sale Order"), 422, "validation_error"),
        (deploy("key-1", NOWHERE), 404, "not_found"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_refusal_is_told_with_its_code_and_not_repeated(
    world: World, client: HostingClient, submission: Submission, status: int, code: str
) -> None:
    with pytest.raises(HostingRefusedError) as refused:
        await client.start_action(submission)

    assert (refused.value.status, refused.value.code) == (status, code)
    assert refused.value.text
    assert len(await world.posts()) == 1


async def test_environment_without_a_server_is_refused(world: World, client: HostingClient) -> None:
    await world.control(f"environments/{PROD}", server_id=None)

    with pytest.raises(HostingRefusedError, match="environment_unassigned"):
        await client.start_action(act(Action.UPDATE))


@pytest.mark.parametrize(
    ("status", "code"), [(402, "subscription_blocked"), (403, "plan_feature_required"), (404, "http_404")]
)
async def test_refusal_in_any_shape_is_understood(
    world: World, client: HostingClient, status: int, code: str
) -> None:
    await world.fails("status", status=status, **POST)

    with pytest.raises(HostingRefusedError) as refused:
        await client.start_action(deploy())

    assert (refused.value.status, refused.value.code) == (status, code)


async def test_task_nobody_knows_is_refused(client: HostingClient) -> None:
    with pytest.raises(HostingRefusedError) as refused:
        await client.fetch_task(TaskId(str(NOWHERE)))

    assert refused.value.status == 404


@pytest.mark.parametrize("bad", ["", "prod", f"{PROD}/../../org", f"{PROD}\n", f"{{{PROD}}}"])
async def test_what_is_no_id_never_reaches_a_path(world: World, client: HostingClient, bad: str) -> None:
    for call in (
        client.fetch_task(TaskId(bad)),
        client.fetch_environment(EnvironmentId(bad)),
        client.fetch_log(PROD, TaskId(bad), lines=5),
        client.start_action(deploy("key-1", EnvironmentId(bad))),
    ):
        with pytest.raises(HostingRefusedError, match="invalid_id"):
            await call
    assert await world.requests() == []


# reads that go wrong


async def test_read_is_repeated_once_where_the_connection_broke(world: World, client: HostingClient) -> None:
    await world.fails("drop_before", **GET)
    assert (await client.fetch_environment(PROD)).id == PROD

    await world.fails("drop_before", times=2, **GET)
    with pytest.raises(HostingUnavailableError) as lost:
        await client.fetch_environment(PROD)
    assert not lost.value.may_have_acted


@pytest.mark.parametrize(
    ("status", "code"), [(500, "internal_error"), (502, "server_unreachable"), (504, "docker_timeout")]
)
async def test_read_from_an_unwell_platform_is_unavailable_and_not_repeated(
    world: World, client: HostingClient, status: int, code: str
) -> None:
    await world.fails("status", status=status, **GET)

    with pytest.raises(HostingUnavailableError) as unwell:
        await client.fetch_environment(PROD)

    assert (unwell.value.code, unwell.value.may_have_acted) == (code, False)
    assert len(await world.requests()) == 1


async def test_slow_read_is_given_up(world: World) -> None:
    await world.fails("hang", seconds=30, **GET)

    with pytest.raises(HostingUnavailableError, match="no answer in time"):
        await world.client(timeout=timedelta(seconds=0.5)).fetch_environment(PROD)


async def test_proxy_page_tells_nothing_about_a_task(world: World, client: HostingClient) -> None:
    for status in (200, 403, 404):
        await world.fails("not_json", status=status, **GET)
        with pytest.raises(HostingUnavailableError):
            await client.fetch_task(TaskId(str(NOWHERE)))


async def test_redirect_is_not_followed(world: World, client: HostingClient) -> None:
    headers = {"Location": f"{world.server.api_url}/org"}
    await world.fails("status", status=307, headers=headers, body="moved", times=2, **GET)

    with pytest.raises(HostingUnavailableError, match="redirect: wrong OEC_API_URL or a proxy"):
        await client.fetch_environment(PROD)
    assert len(await world.requests()) == 1
