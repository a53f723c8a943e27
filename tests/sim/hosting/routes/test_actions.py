"""Every row of the platform page's error tables, and what an accepted action does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.sim.hosting.seeds import DEVELOPMENT, OLD, PRODUCTION, STAGING, WEBSHOP_PRODUCTION
from tests.sim.hosting.caller import Caller, MovedClock, becomes, error_of

PULL = {"mode": "pull_restart"}
MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("environment_id", "action", "body", "status", "code"),
    [
        (OLD, "restart", None, 409, "environment_not_running"),
        (OLD, "stop", None, 409, "environment_not_running"),
        (OLD, "quick-update", PULL, 409, "environment_not_running"),
        (STAGING, "start", None, 409, "environment_not_stopped"),
        (STAGING, "quick-update", {"mode": "restart_only"}, 400, "unsupported_mode"),
        (STAGING, "quick-update", {"mode": "PULL_RESTART"}, 400, "unsupported_mode"),
        (STAGING, "quick-update", {"mode": "update_specific"}, 400, "modules_required"),
        (STAGING, "quick-update", {"mode": "update_specific", "modules": []}, 400, "modules_required"),
        (STAGING, "quick-update", {"mode": "reinitialize_specific"}, 400, "modules_required"),
        (MISSING, "deploy", None, 404, "not_found"),
    ],
)
async def test_refused_action_tells_its_code(
    full: Caller, environment_id: str, action: str, body: Any, status: int, code: str
) -> None:
    response = await full.act(environment_id, action, body)
    assert (response.status_code, error_of(response)) == (status, code)
    assert response.json()["detail"]["message"]
    assert not full.server.hosting.open_task(environment_id)


@pytest.mark.parametrize(
    ("environment_id", "action", "body"),
    [
        (STAGING, "deploy", None),
        (STAGING, "restart", None),
        (STAGING, "start", None),
        (STAGING, "stop", None),
        (STAGING, "quick-update", PULL),
    ],
)
async def test_running_task_blocks_every_action(
    full: Caller, environment_id: str, action: str, body: Any
) -> None:
    task_id = await full.start(environment_id, "restart")
    response = await full.act(environment_id, action, body)
    assert (response.status_code, error_of(response)) == (409, "task_in_progress")
    assert response.json()["detail"]["task_id"] == task_id


async def test_unassigned_environment_refuses_a_quick_update(full: Caller) -> None:
    await full.control(f"/environments/{STAGING}", server_id=None)
    response = await full.act(STAGING, "quick-update", PULL)
    assert (response.status_code, error_of(response)) == (409, "environment_unassigned")


@pytest.mark.parametrize(
    ("action", "body", "loc", "kind"),
    [
        ("deploy", {"update_modules": []}, ["body", "update_modules"], "too_short"),
        ("deploy", {"update_modules": ["a"] * 51}, ["body", "update_modules"], "too_long"),
        ("deploy", {"update_modules": "sale"}, ["body", "update_modules"], "list_type"),
        (
            "deploy",
            {"update_modules": ["sale", "Stock"]},
            ["body", "update_modules", 1],
            "string_pattern_mismatch",
        ),
        ("deploy", [], ["body"], "model_attributes_type"),
        ("quick-update", None, ["body"], "missing"),
        ("quick-update", {}, ["body", "mode"], "missing"),
        ("quick-update", {"mode": 3}, ["body", "mode"], "string_type"),
        (
            "quick-update",
            {"mode": "update_specific", "modules": ["sale", 3]},
            ["body", "modules", 1],
            "string_type",
        ),
        ("quick-update", PULL | {"modules": ["x" * 65]}, ["body", "modules", 0], "string_pattern_mismatch"),
        ("quick-update", PULL | {"modules": ["a-b"]}, ["body", "modules", 0], "string_pattern_mismatch"),
    ],
)
async def test_body_that_does_not_validate_is_located(
    full: Caller, action: str, body: Any, loc: list[str | int], kind: str
) -> None:
    response = await full.act(STAGING, action, body)
    (finding,) = response.json()["detail"]
    assert (response.status_code, finding["loc"], finding["type"]) == (422, loc, kind)
    assert finding["msg"]


async def test_body_that_is_no_json_is_refused(full: Caller) -> None:
    response = await full.client.post(f"/environments/{STAGING}/deploy", content=b"{nonsense")
    assert (response.status_code, response.json()["detail"][0]["type"]) == (422, "json_invalid")


async def test_bad_environment_id_is_located(full: Caller) -> None:
    response = await full.act("prod", "deploy")
    (finding,) = response.json()["detail"]
    assert (response.status_code, finding["loc"], finding["type"]) == (
        422,
        ["path", "env_id"],
        "uuid_parsing",
    )


@pytest.mark.parametrize(
    ("environment_id", "action", "body", "during", "after", "steps"),
    [
        (STAGING, "deploy", {"update_modules": ["sale", "all"]}, "deploying", "running", 12),
        (OLD, "deploy", None, "deploying", "running", 12),
        (STAGING, "restart", None, "running", "running", 3),
        (OLD, "start", None, "stopped", "running", 3),
        (STAGING, "stop", None, "running", "stopped", 2),
        (STAGING, "quick-update", PULL, "deploying", "running", 3),
        (STAGING, "quick-update", {"mode": "update_all"}, "deploying", "running", 6),
        (
            STAGING,
            "quick-update",
            {"mode": "update_specific", "modules": ["sale"]},
            "deploying",
            "running",
            4,
        ),
        (
            STAGING,
            "quick-update",
            {"mode": "reinitialize_specific", "modules": ["a_1"]},
            "deploying",
            "running",
            5,
        ),
    ],
)
async def test_accepted_action_runs_to_its_end(
    full: Caller,
    clock: MovedClock,
    environment_id: str,
    action: str,
    body: Any,
    during: str,
    after: str,
    steps: int,
) -> None:
    task_id = await full.start(environment_id, action, body)
    clock.forward(seconds=5)
    assert (await full.task(task_id))["status"] == "running"
    assert (await full.environment(environment_id))["status"] == during
    clock.forward(minutes=10)
    task = await full.task(task_id)
    assert (task["status"], task["total_steps"], task["triggered_by"]) == ("completed", steps, None)
    assert (await full.environment(environment_id))["status"] == after


async def test_environments_have_slots_of_their_own(full: Caller) -> None:
    for environment_id in (PRODUCTION, STAGING, DEVELOPMENT, WEBSHOP_PRODUCTION):
        await full.start(environment_id, "deploy")


async def test_slot_is_free_again_after_the_end(full: Caller, clock: MovedClock) -> None:
    await full.start(STAGING, "restart")
    clock.forward(minutes=1)
    await full.start(STAGING, "restart")


async def test_failed_deploy_leaves_an_environment_that_can_only_be_deployed(
    full: Caller, clock: MovedClock
) -> None:
    await full.control(
        "/next", environment_id=STAGING, outcome="failed", error_message="no", duration_seconds=30
    )
    task_id = await full.start(STAGING, "deploy")
    clock.forward(minutes=1)
    task = await full.task(task_id)
    assert (task["status"], task["error_message"], task["duration_seconds"]) == ("failed", "no", 30)
    assert (await full.environment(STAGING))["status"] == "error"
    assert error_of(await full.act(STAGING, "restart")) == "environment_not_running"
    await full.start(STAGING, "deploy")


async def test_held_lock_answers_concurrent_action_until_it_passes(full: Caller, clock: MovedClock) -> None:
    await full.control("/locks", environment_id=STAGING, seconds=5)
    assert error_of(await full.act(STAGING, "deploy")) == "concurrent_action"
    await full.start(DEVELOPMENT, "deploy")
    clock.forward(seconds=5)
    await full.start(STAGING, "deploy")


async def test_second_action_while_one_is_queued_is_concurrent(full: Caller) -> None:
    await full.control("/queue", held=True)
    first = asyncio.create_task(full.act(STAGING, "deploy", key="one"))
    await becomes(lambda: full.server.front.queueing)
    assert (await full.state())["queue"]["waiting"] == [STAGING]
    assert error_of(await full.act(STAGING, "deploy", key="two")) == "concurrent_action"
    await full.control("/queue", held=False)
    assert (await first).status_code == 202
    assert error_of(await full.act(STAGING, "deploy", key="two")) == "task_in_progress"


async def test_queue_that_stays_stuck_fails_and_frees_lock_and_key(full: Caller) -> None:
    full.server.front.patience = timedelta(milliseconds=20)
    await full.control("/queue", held=True)
    refused = await full.act(STAGING, "deploy", key="k")
    assert (refused.status_code, error_of(refused), refused.headers["Retry-After"]) == (
        503,
        "enqueue_failed",
        "5",
    )
    await full.control("/queue", held=False)
    assert (await full.act(STAGING, "deploy", key="k")).status_code == 202


async def test_task_from_elsewhere_during_the_wait_takes_the_slot(full: Caller) -> None:
    await full.control("/queue", held=True)
    first = asyncio.create_task(full.act(STAGING, "deploy"))
    await becomes(lambda: full.server.front.queueing)
    await full.control("/tasks", environment_id=STAGING, type="backup")
    await full.control("/queue", held=False)
    assert error_of(await first) == "task_in_progress"


async def test_two_actions_at_once_start_one_task(full: Caller) -> None:
    answers = await asyncio.gather(*(full.act(STAGING, "deploy", key=f"k{number}") for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
