"""Older and newer ways of speaking, each switched on by the side door."""

import re

import pytest

from bot.sim.hosting.seeds import ERP_PROJECT, OLD, PRODUCTION, READ_KEY, STAGING
from tests.sim.hosting.caller import Caller, MovedClock, error_of

MICROSECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
SECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


async def test_times_carry_microseconds_or_do_not(full: Caller) -> None:
    for flag, pattern in ((True, MICROSECONDS), (False, SECONDS)):
        await full.control("/dialect", microseconds=flag)
        environment = await full.environment(STAGING)
        assert re.fullmatch(pattern, environment["created_at"])
        assert re.fullmatch(pattern, environment["updated_at"])


@pytest.mark.parametrize("status", ["stopped", "paused", "error"])
async def test_older_service_hides_what_is_down(full: Caller, status: str) -> None:
    await full.control(f"/environments/{STAGING}", status=status)
    await full.control("/dialect", hides_down=True)
    listed = (await full.get(f"/projects/{ERP_PROJECT}/environments")).json()
    assert [one["name"] for one in listed] == ["production", "development"]
    assert (await full.get(f"/projects/{ERP_PROJECT}")).json()["environment_count"] == 2
    for path in ("", "/status", "/logs", "/deployments", "/metrics"):
        assert error_of(await full.get(f"/environments/{STAGING}{path}")) == "not_found"
    await full.control("/dialect", hides_down=False)
    assert (await full.environment(STAGING))["status"] == status


async def test_older_service_still_starts_what_it_hides(full: Caller, clock: MovedClock) -> None:
    await full.control("/dialect", hides_down=True)
    await full.start(OLD, "start")
    clock.forward(minutes=1)
    assert (await full.environment(OLD))["status"] == "running"


async def test_number_of_pages_has_two_names(full: Caller) -> None:
    path = f"/environments/{PRODUCTION}/backups"
    assert (await full.get(path, page_size=3)).json()["pages"] == 2
    await full.control("/dialect", page_count="total_pages")
    answer = (await full.get(path, page_size=3)).json()
    assert (answer["total_pages"], "pages" in answer) == (2, False)


async def test_backups_in_the_words_of_the_reference(full: Caller, clock: MovedClock) -> None:
    await full.control("/dialect", backup_words="docs")
    made = (await full.post(f"/environments/{STAGING}/backups")).json()
    clock.forward(seconds=20)
    assert (await full.get(f"/backups/{made['id']}")).json()["status"] == "running"
    listed = (await full.get(f"/environments/{PRODUCTION}/backups")).json()["items"]
    assert {one["status"] for one in listed} == {"completed"}, "nothing expires"
    assert {one["expires_at"] for one in listed} == {None}


async def test_errors_as_the_reference_shows_them(full: Caller) -> None:
    await full.control("/dialect", errors="top")
    coded = (await full.act(OLD, "restart")).json()
    assert (coded["error"], coded["details"]) == ("environment_not_running", {})
    task_id = await full.start(STAGING, "restart")
    assert (await full.act(STAGING, "restart")).json()["details"] == {"task_id": task_id}
    await full.control("/organization", subscription_status="past_due")
    billing = (await full.act(STAGING, "restart")).json()
    assert (billing["error"], billing["details"]) == (
        "subscription_blocked",
        {"subscription_status": "past_due"},
    )


async def test_findings_as_the_reference_shows_them(full: Caller) -> None:
    await full.control("/dialect", errors="top")
    refused = await full.client.post(f"/environments/{STAGING}/deploy", json={"update_modules": ["Sale", 1]})
    body = refused.json()
    assert (refused.status_code, body["error"]) == (422, "validation_error")
    assert [one["field"] for one in body["detail"]] == ["update_modules.0", "update_modules.1"]


async def test_text_only_errors_as_the_reference_shows_them(full: Caller) -> None:
    await full.control("/dialect", errors="top")
    backup = (await full.post(f"/environments/{STAGING}/backups")).json()
    refused = (await full.get(f"/backups/{backup['id']}/download")).json()
    assert (refused["error"], "not completed" in refused["message"]) == ("error", True)


async def test_dialect_keeps_what_is_not_given(full: Caller) -> None:
    await full.control("/dialect", hides_down=True)
    changed = await full.control("/dialect", signature_encoding="base64")
    assert (changed["hides_down"], changed["signature_encoding"]) == (True, "base64")
    assert (await full.state())["dialect"] == changed


async def test_dialect_speaks_to_every_key(full: Caller) -> None:
    await full.control("/dialect", microseconds=False)
    async with Caller(full.server, READ_KEY) as reader:
        assert re.fullmatch(SECONDS, (await reader.environment(STAGING))["created_at"])
