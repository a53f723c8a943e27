"""Environments made, changed and deleted over the API."""

import pytest

from bot.sim.hosting.seeds import (
    ERP_PROJECT,
    OLD,
    PRODUCTION,
    SHARED_SERVER_ID,
    STAGING,
    WEBSHOP_PROJECT,
)
from tests.sim.hosting.caller import Caller, Json, MovedClock, error_of

PATH = f"/projects/{ERP_PROJECT}/environments"


async def made(full: Caller, **body: Json) -> Json:
    response = await full.post(PATH, {"name": "review", **body})
    assert response.status_code == 201, response.text
    return response.json()


async def test_new_environment_is_deploying_and_names_no_task(full: Caller) -> None:
    environment = await made(full, branch="feature/x", cpu_cores=4, domain="review.client.com")
    assert (environment["name"], environment["status"]) == ("review", "deploying")
    assert (environment["branch"], environment["cpu_cores"]) == ("feature/x", 4)
    assert (environment["custom_domain"], environment["custom_domain_verified"]) == (
        "review.client.com",
        False,
    )
    assert "task_id" not in environment


async def test_first_deploy_is_found_through_the_status(full: Caller, clock: MovedClock) -> None:
    environment = await made(full)
    status = (await full.get(f"/environments/{environment['id']}/status")).json()
    task = await full.task(status["last_deploy"]["id"])
    assert (task["type"], task["status"]) == ("deploy", "queued")
    clock.forward(minutes=10)
    assert (await full.environment(environment["id"]))["status"] == "running"


@pytest.mark.parametrize(("outcome", "status"), [("failed", "error"), ("cancelled", "pending")])
async def test_first_deploy_that_comes_to_nothing(full: Caller, outcome: str, status: str) -> None:
    environment = await made(full)
    found = (await full.get(f"/environments/{environment['id']}/status")).json()["last_deploy"]["id"]
    await full.control(f"/tasks/{found}", status="running")
    await full.control(f"/tasks/{found}", status=outcome)
    assert (await full.environment(environment["id"]))["status"] == status


async def test_new_environment_is_listed_last_and_may_share_a_name(full: Caller, clock: MovedClock) -> None:
    clock.forward(seconds=1)
    environment = await made(full, name="production")
    listed = (await full.get(PATH)).json()
    assert [one["name"] for one in listed] == ["old", "production", "staging", "development", "production"]
    assert listed[-1]["id"] == environment["id"]


async def test_same_key_makes_one_environment(full: Caller) -> None:
    first = await full.post(PATH, {"name": "review"}, key="k")
    again = await full.post(PATH, {"name": "review"}, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len((await full.get(PATH)).json()) == 5


async def test_header_of_actions_makes_no_creation_safe(full: Caller) -> None:
    for _number in range(2):
        await full.client.post(PATH, json={"name": "review"}, headers={"Idempotency-Key": "k"})
    assert len((await full.get(PATH)).json()) == 6


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "name"], "missing"),
        ({"name": ""}, ["body", "name"], "string_too_short"),
        ({"name": "x", "environment_type": "prod"}, ["body", "environment_type"], "enum"),
        ({"name": "x", "cpu_cores": 0}, ["body", "cpu_cores"], "greater_than_equal"),
        ({"name": "x", "cpu_cores": True}, ["body", "cpu_cores"], "int_type"),
        ({"name": "x", "branch": "-x"}, ["body", "branch"], "string_pattern_mismatch"),
        ({"name": "x", "vm_id": "erp-1"}, ["body", "vm_id"], "uuid_parsing"),
        ({"name": 1}, ["body", "name"], "string_type"),
    ],
)
async def test_bad_wish_for_an_environment_is_located(full: Caller, body: Json, loc: Json, kind: str) -> None:
    response = await full.post(PATH, body)
    (finding,) = response.json()["detail"]
    assert (response.status_code, finding["loc"], finding["type"]) == (422, loc, kind)


async def test_every_mistake_is_told_at_once(full: Caller) -> None:
    response = await full.post(PATH, {"name": "", "cpu_cores": 0, "branch": "-"})
    assert len(response.json()["detail"]) == 3


async def test_server_is_named_as_vm(full: Caller) -> None:
    environment = await made(full, vm_id=SHARED_SERVER_ID, server_id="ignored")
    assert environment["server_id"] == SHARED_SERVER_ID
    unknown = await full.post(PATH, {"name": "x", "vm_id": STAGING})
    assert error_of(unknown) == "not_found"


async def test_changes_show_at_once(full: Caller) -> None:
    response = await full.patch(f"/environments/{STAGING}", name="stage", branch="17.0", ram_mb=8192)
    assert response.status_code == 200
    environment = await full.environment(STAGING)
    assert response.json() == environment
    assert (environment["name"], environment["branch"], environment["ram_mb"]) == ("stage", "17.0", 8192)
    assert environment["custom_domain"] == "staging.client.example", "what is not given stays"


async def test_empty_domain_removes_it(full: Caller) -> None:
    changed = (await full.patch(f"/environments/{STAGING}", domain="")).json()
    assert (changed["custom_domain"], changed["custom_domain_verified"]) == (None, None)
    changed = (await full.patch(f"/environments/{STAGING}", domain="new.client.com")).json()
    assert (changed["custom_domain"], changed["custom_domain_verified"]) == ("new.client.com", False)


async def test_deletion_needs_its_confirmation(full: Caller) -> None:
    refused = await full.delete(f"/environments/{STAGING}")
    assert (refused.status_code, refused.json()) == (
        400,
        {"detail": "Send X-Confirm-Delete: true to confirm."},
    )
    assert (await full.environment(STAGING))["status"] == "running"


async def test_deleted_environment_goes_through_destroying(full: Caller, clock: MovedClock) -> None:
    accepted = await full.delete(f"/environments/{STAGING}", X_Confirm_Delete="true")
    assert accepted.status_code == 202
    clock.forward(seconds=5)
    assert (await full.environment(STAGING))["status"] == "destroying"
    clock.forward(minutes=1)
    assert error_of(await full.get(f"/environments/{STAGING}")) == "not_found"
    task = await full.task(accepted.json()["task_id"])
    assert (task["type"], task["status"]) == ("destroy", "completed")


async def test_deletion_that_fails_leaves_it_as_it_was(full: Caller, clock: MovedClock) -> None:
    await full.control("/next", environment_id=OLD, outcome="failed")
    await full.delete(f"/environments/{OLD}", X_Confirm_Delete="true")
    clock.forward(minutes=5)
    assert (await full.environment(OLD))["status"] == "stopped"


async def test_deletion_waits_for_the_one_slot(full: Caller) -> None:
    task_id = await full.start(PRODUCTION, "deploy")
    refused = await full.delete(f"/environments/{PRODUCTION}", X_Confirm_Delete="true")
    assert (refused.status_code, refused.json()["detail"]["task_id"]) == (409, task_id)


async def test_reading_and_foreign_keys_change_nothing(read: Caller, webshop: Caller) -> None:
    for refused in (
        await read.post(PATH, {"name": "x"}),
        await read.patch(f"/environments/{STAGING}", name="x"),
        await read.delete(f"/environments/{STAGING}", X_Confirm_Delete="true"),
    ):
        assert (refused.status_code, error_of(refused)) == (403, "read_only_key")
    assert (await webshop.patch(f"/environments/{STAGING}", name="x")).status_code == 404
    assert (await webshop.post(PATH, {"name": "x"})).status_code == 404
    assert (await webshop.post(f"/projects/{WEBSHOP_PROJECT}/environments", {"name": "x"})).status_code == 201
