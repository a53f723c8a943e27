"""Backups over the API: their states, their data, and what a restore does."""

import pytest

from bot.sim.hosting.seeds import OLD, PRODUCTION, STAGING, WEBSHOP_PRODUCTION
from tests.sim.hosting.caller import Caller, Json, MovedClock, error_of

LIST = f"/environments/{STAGING}/backups"


async def make(full: Caller, **body: Json) -> Json:
    response = await full.post(LIST, {"backup_type": "manual", **body})
    assert response.status_code == 201, response.text
    return response.json()


async def look(full: Caller, backup_id: str) -> Json:
    return (await full.get(f"/backups/{backup_id}")).json()


async def test_backup_goes_through_its_states(full: Caller, clock: MovedClock) -> None:
    backup = await make(full, notes="before the upgrade")
    assert backup["status"] == "pending"
    seen: list[str] = []
    for _number in range(40):
        status = (await look(full, backup["id"]))["status"]
        seen += [status] if status not in seen else []
        clock.forward(seconds=4)
    assert seen == ["pending", "in_progress", "uploading", "completed"]
    done = await look(full, backup["id"])
    assert (done["notes"], done["backup_type"], done["task_id"]) == (
        "before the upgrade",
        "manual",
        backup["task_id"],
    )
    assert done["size_bytes"] == done["database_size_bytes"] + done["filestore_size_bytes"]
    assert done["duration_seconds"] == (await full.task(backup["task_id"]))["duration_seconds"]


async def test_backup_is_verified_later_and_expires_at_last(full: Caller, clock: MovedClock) -> None:
    backup_id = (await make(full))["id"]
    clock.forward(minutes=5)
    assert (await look(full, backup_id))["is_verified"] is False
    clock.forward(minutes=10)
    assert (await look(full, backup_id))["is_verified"] is True
    clock.forward(days=30)
    assert (await look(full, backup_id))["status"] == "expired"
    refused = await full.get(f"/backups/{backup_id}/download")
    assert (refused.status_code, "expired" in refused.json()["detail"]) == (400, True)


async def test_permanent_backup_stays(full: Caller, clock: MovedClock) -> None:
    backup_id = (await make(full, retention_type="permanent"))["id"]
    clock.forward(days=400)
    assert (await look(full, backup_id))["status"] == "completed"


@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
async def test_backup_that_comes_to_nothing_has_no_data(
    full: Caller, clock: MovedClock, outcome: str
) -> None:
    await full.control("/next", environment_id=STAGING, outcome=outcome)
    backup_id = (await make(full))["id"]
    clock.forward(minutes=5)
    backup = await look(full, backup_id)
    assert (backup["status"], backup["size_bytes"]) == (outcome, None)
    assert bool(backup["error_message"]) == (outcome == "failed")
    assert (await full.environment(STAGING))["status"] == "running"


async def test_backup_without_filestore_is_smaller(full: Caller, clock: MovedClock) -> None:
    backup_id = (await make(full, include_filestore=False))["id"]
    clock.forward(minutes=5)
    assert (await look(full, backup_id))["filestore_size_bytes"] == 0
    assert (await full.get(f"/backups/{backup_id}/download")).json()["filestore_url"] is None


async def test_single_backup_shows_the_environment_as_it_was(full: Caller) -> None:
    backup_id = (await make(full))["id"]
    await full.patch(f"/environments/{STAGING}", name="renamed")
    assert (await look(full, backup_id))["environment_snapshot"]["name"] == "staging"
    listed = (await full.get(LIST)).json()["items"]
    assert "environment_snapshot" not in listed[0]


async def test_backups_are_listed_newest_first_and_narrowed(full: Caller) -> None:
    path = f"/environments/{PRODUCTION}/backups"
    listed = (await full.get(path)).json()
    assert (listed["total"], listed["page"], listed["page_size"], listed["pages"]) == (4, 1, 20, 1)
    times = [one["created_at"] for one in listed["items"]]
    assert times == sorted(times, reverse=True)
    assert [one["status"] for one in listed["items"]] == ["completed", "completed", "completed", "expired"]
    assert (await full.get(path, status="expired")).json()["total"] == 1
    assert (await full.get(path, backup_type="manual")).json()["total"] == 0
    assert (await full.get(path, status="lost")).status_code == 422


async def test_backup_holds_the_one_slot(full: Caller) -> None:
    backup = await make(full)
    refused = await full.act(STAGING, "deploy")
    assert refused.json()["detail"]["task_id"] == backup["task_id"]


async def test_backup_waits_for_a_task_of_another_kind(full: Caller) -> None:
    task_id = await full.start(STAGING, "deploy")
    refused = await full.post(LIST)
    assert (refused.status_code, refused.json()["detail"]["task_id"]) == (409, task_id)


async def test_backup_started_elsewhere_is_listed(full: Caller) -> None:
    task = await full.control("/tasks", environment_id=STAGING, type="backup")
    newest = (await full.get(LIST)).json()["items"][0]
    assert (newest["task_id"], newest["backup_type"]) == (task["id"], "scheduled")


@pytest.mark.parametrize("body", [{"backup_type": "scheduled"}, {"include_filestore": "yes"}, {"notes": 1}])
async def test_bad_wish_for_a_backup_is_refused(full: Caller, body: Json) -> None:
    assert (await full.post(LIST, body)).status_code == 422


async def test_download_links_are_good_for_a_while(read: Caller) -> None:
    newest = (await read.get(f"/environments/{PRODUCTION}/backups")).json()["items"][0]
    path = f"/backups/{newest['id']}/download"
    links = (await read.get(path, expires_in=600)).json()
    assert (links["backup_id"], links["expires_in"]) == (newest["id"], 600)
    assert links["expires_at"] == "2026-03-02T09:40:10.250000Z"
    assert links["database_url"].startswith("https://storage.oec.example/")
    for seconds in (299, 3601):
        assert (await read.get(path, expires_in=seconds)).status_code == 422


async def newest_of(full: Caller, environment_id: str) -> str:
    return str((await full.get(f"/environments/{environment_id}/backups")).json()["items"][0]["id"])


async def restore(full: Caller, backup_id: str, **headers: str) -> Json:
    response = await full.post(f"/backups/{backup_id}/restore", X_Confirm_Restore="true", **headers)
    assert response.status_code == 202, response.text
    return response.json()


async def test_restore_takes_a_safety_backup_first(full: Caller, clock: MovedClock) -> None:
    backup_id = await newest_of(full, STAGING)
    accepted = await restore(full, backup_id)
    assert (accepted["status"], accepted["environment_id"], accepted["backup_id"]) == (
        "queued",
        STAGING,
        backup_id,
    )
    safety = (await full.get(LIST)).json()["items"][0]
    assert (safety["backup_type"], safety["status"], safety["task_id"]) == (
        "pre_restore",
        "pending",
        accepted["task_id"],
    )
    clock.forward(seconds=10)
    assert (await look(full, safety["id"]))["status"] == "in_progress"
    clock.forward(minutes=2)
    assert (await look(full, safety["id"]))["status"] == "completed"
    assert (await full.task(accepted["task_id"]))["status"] == "running"
    clock.forward(minutes=10)
    assert (await full.task(accepted["task_id"]))["status"] == "completed"
    assert (await full.environment(STAGING))["status"] == "running"


async def test_failed_restore_leaves_an_error_and_the_safety_backup(full: Caller, clock: MovedClock) -> None:
    await full.control("/next", environment_id=STAGING, outcome="failed")
    await restore(full, await newest_of(full, STAGING))
    clock.forward(minutes=10)
    assert (await full.environment(STAGING))["status"] == "error"
    safety = await newest_of(full, STAGING)
    assert (await look(full, safety))["status"] == "completed"
    assert (await full.get(f"/backups/{safety}/download")).status_code == 200


async def test_restore_needs_its_confirmation(full: Caller) -> None:
    refused = await full.post(f"/backups/{await newest_of(full, STAGING)}/restore")
    assert (refused.status_code, "X-Confirm-Restore" in refused.json()["detail"]) == (400, True)


async def test_restore_retried_with_its_key_is_one(full: Caller) -> None:
    backup_id = await newest_of(full, STAGING)
    first = await restore(full, backup_id, Idempotency_Key="k")
    assert await restore(full, backup_id, Idempotency_Key="k") == first
    refused = await full.post(f"/backups/{backup_id}/restore", X_Confirm_Restore="true")
    assert error_of(refused) == "task_in_progress"


async def test_unfinished_backup_is_not_restored(full: Caller) -> None:
    backup_id = (await make(full))["id"]
    refused = await full.post(f"/backups/{backup_id}/restore", X_Confirm_Restore="true")
    assert (refused.status_code, refused.json()) == (
        400,
        {"detail": "Backup is not completed (status: pending)."},
    )


async def test_backups_are_as_private_as_their_environment(
    full: Caller, webshop: Caller, read: Caller
) -> None:
    backup_id = await newest_of(full, STAGING)
    for path in ("", "/download"):
        refused = await webshop.get(f"/backups/{backup_id}{path}")
        assert (refused.status_code, refused.json()) == (404, {"detail": "Backup not found."})
    assert error_of(await webshop.get(LIST)) == "not_found"
    assert (await webshop.get(f"/environments/{WEBSHOP_PRODUCTION}/backups")).json()["total"] == 0
    assert error_of(await read.post(LIST)) == "read_only_key"
    assert (await full.get(f"/environments/{OLD}/backups")).json()["items"] == []
