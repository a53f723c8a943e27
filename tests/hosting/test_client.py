"""The client against the simulator over HTTP: every refusal, every lost answer, no action twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.names import Action, EnvironmentId, TaskId, UpdateMode
from bot.core.tasks import Submission, TaskStatus
from bot.flow.ports import Hosting
from bot.hosting.client import HostingClient, RetryWaits
from bot.sim.hosting import seeds
from tests.hosting.world import NOWHERE, OLD, PROD, World, act, deploy

POST = {"method": "POST", "path": "*"}
GET = {"method": "GET", "path": "*"}


async def posts(world: World) -> list[Any]:
    return [call for call in await world.requests() if call["method"] == "POST"]


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

    (call,) = await posts(world)
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
    assert len(await posts(world)) == 2


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
    assert len(await posts(world)) == 1


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


# lost answers


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "not_json"])
async def test_lost_answer_is_asked_for_again_and_nothing_is_done_twice(
    world: World, client: HostingClient, kind: str
) -> None:
    await world.fails(kind, **POST)

    task_id = await client.start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]
    assert {call["idempotency_key"] for call in await posts(world)} == {"key-1"}


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_answer_of_an_unwell_platform_is_asked_for_again(
    world: World, client: HostingClient, status: int
) -> None:
    await world.fails("status", status=status, **POST)

    task_id = await client.start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


@pytest.mark.parametrize(("kind", "made"), [("drop_before", 0), ("drop_after", 1), ("not_json", 1)], ids=str)
async def test_answer_lost_twice_says_that_it_may_have_acted(
    world: World, client: HostingClient, kind: str, made: int
) -> None:
    await world.fails(kind, times=2, **POST)

    with pytest.raises(HostingUnavailableError) as lost:
        await client.start_action(deploy())
    assert lost.value.may_have_acted
    assert len(await world.tasks("key-1")) == made

    task_id = await client.start_action(deploy())
    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_action_that_takes_too_long_is_asked_for_again_with_its_key(world: World) -> None:
    await world.fails("hang", seconds=30, **POST)

    task_id = await world.client(timeout=timedelta(milliseconds=200)).start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_conflict_after_a_lost_answer_is_not_taken_for_a_refusal(
    world: World, client: HostingClient
) -> None:
    await client.start_action(deploy("somebody-else"))
    await world.fails("drop_before", **POST)

    with pytest.raises(HostingUnavailableError) as uncertain:
        await client.start_action(deploy())

    assert (uncertain.value.code, uncertain.value.may_have_acted) == ("task_in_progress", True)
    with pytest.raises(HostingRefusedError, match="task_in_progress"):  # asked anew, the answer is plain
        await client.start_action(deploy())


async def test_lock_after_a_lost_answer_leaves_it_uncertain(world: World, client: HostingClient) -> None:
    await world.fails("drop_after", **POST)
    await world.control("locks", environment_id=PROD, seconds=30)

    with pytest.raises(HostingUnavailableError) as uncertain:
        await client.start_action(deploy())
    assert (uncertain.value.code, uncertain.value.may_have_acted) == ("concurrent_action", True)

    world.clock.forward(seconds=31)
    task_id = await client.start_action(deploy())
    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_platform_that_is_not_there_has_not_acted(world: World) -> None:
    await world.server.stop()

    with pytest.raises(HostingUnavailableError) as absent:
        await world.client().start_action(deploy())

    assert (absent.value.code, absent.value.may_have_acted) == ("network_error", False)


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
        await world.client(timeout=timedelta(milliseconds=100)).fetch_environment(PROD)


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


# being queued


async def test_action_that_meets_another_one_is_asked_for_again(world: World, client: HostingClient) -> None:
    await world.fails("status", status=409, **POST)

    task_id = await client.start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_lock_that_stays_is_unavailable_and_nothing_was_done(
    world: World, client: HostingClient
) -> None:
    await world.control("locks", environment_id=PROD, seconds=30)

    with pytest.raises(HostingUnavailableError) as locked:
        await client.start_action(deploy())

    assert (locked.value.code, locked.value.may_have_acted) == ("concurrent_action", False)
    assert len(await posts(world)) == 2


async def test_queue_that_refuses_is_asked_again_after_the_wait_it_named(world: World) -> None:
    waits = RetryWaits(timedelta(0), timedelta(0), timedelta(0), longest=timedelta(seconds=1))
    refusal = {"detail": {"error": "enqueue_failed", "message": "Try again shortly."}}
    await world.fails("status", status=503, body=refusal, headers={"Retry-After": "1"}, **POST)

    task_id = await world.client(waits=waits).start_action(deploy())

    assert [task["id"] for task in await world.tasks("key-1")] == [task_id]


async def test_queue_that_names_a_long_wait_is_left_to_the_caller(
    world: World, client: HostingClient
) -> None:
    await world.fails("status", status=503, **POST)

    with pytest.raises(HostingUnavailableError) as refused:
        await client.start_action(deploy())

    assert (refused.value.code, refused.value.may_have_acted) == ("enqueue_failed", False)
    assert refused.value.retry_after == timedelta(seconds=5)
    assert len(await posts(world)) == 1


async def test_same_ask_twice_at_once_becomes_one_task(world: World, client: HostingClient) -> None:
    await world.control("queue", held=True)
    asks = [asyncio.create_task(client.start_action(deploy())) for _ in range(2)]
    await world.control("queue", held=False)

    answers = await asyncio.gather(*asks, return_exceptions=True)

    tasks = [task["id"] for task in await world.tasks("key-1")]
    assert len(tasks) == 1
    assert {answer for answer in answers if isinstance(answer, str)} == set(tasks)
