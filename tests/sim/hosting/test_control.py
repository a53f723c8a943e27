"""The side door: what it changes, what it shows, whom it refuses."""

from typing import Any

import pytest

from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    PRODUCTION,
    READ_KEY,
    SERVER_ID,
    STAGING,
    WEBSHOP_KEY,
    WEBSHOP_PROJECT,
)
from tests.sim.hosting.caller import Caller, MovedClock, error_of, plain_client


async def test_state_shows_everything(full: Caller) -> None:
    await full.act(STAGING, "deploy", {"update_modules": ["sale"]}, key="k")
    state = await full.state()
    assert [one["name"] for one in state["projects"]] == ["Client ERP", "Client Webshop"]
    assert len(state["environments"]) == 5
    assert (state["tasks"][-1]["idempotency_key"], state["tasks"][-1]["modules"]) == ("k", ["sale"])
    keys = {one["key"]: (one["kind"], one["scope"], one["project_id"]) for one in state["keys"]}
    assert keys[READ_KEY] == ("read_only", "organization", None)
    assert keys[WEBSHOP_KEY] == ("full", "project", WEBSHOP_PROJECT)


async def test_pace_by_reads_counts_only_looks_at_the_task(full: Caller) -> None:
    assert await full.control("/pace", mode="reads", reads=3) == {"mode": "reads", "reads": 3}
    task_id = await full.start(STAGING, "deploy")
    await full.environment(STAGING)
    await full.get(f"/environments/{STAGING}/deployments")
    assert [(await full.task(task_id))["status"] for _ in range(3)] == ["running", "running", "completed"]
    assert (await full.environment(STAGING))["status"] == "running"


async def test_pace_by_speed_finishes_sooner(full: Caller, clock: MovedClock) -> None:
    await full.control("/pace", mode="time", speed=100)
    task_id = await full.start(STAGING, "deploy")
    clock.forward(seconds=3)
    assert (await full.task(task_id))["status"] == "completed"


async def test_changed_pace_counts_what_was_done_at_the_old_one(full: Caller, clock: MovedClock) -> None:
    task_id = await full.start(STAGING, "deploy")
    clock.forward(seconds=100)
    await full.control("/pace", mode="manual")
    clock.forward(hours=1)
    halted = await full.task(task_id)
    assert halted["status"] == "running"
    assert 40 < halted["progress_percent"] < 70
    await full.control("/pace", mode="time", speed=1)
    assert (await full.task(task_id))["progress_percent"] == halted["progress_percent"]


async def test_manual_pace_moves_only_by_hand(full: Caller, clock: MovedClock) -> None:
    await full.control("/pace", mode="manual")
    task_id = await full.start(STAGING, "deploy")
    clock.forward(hours=1)
    assert (await full.task(task_id))["status"] == "queued"
    moved = await full.control(f"/tasks/{task_id}", steps_completed=3, current_step="Thinking")
    assert (moved["status"], moved["progress_percent"], moved["current_step"]) == ("running", 25, "Thinking")
    assert (await full.environment(STAGING))["status"] == "deploying"
    await full.control(f"/tasks/{task_id}", status="cancelled")
    assert (await full.environment(STAGING))["status"] == "running"


async def test_task_ended_by_hand_does_not_move_again(full: Caller) -> None:
    task_id = await full.start(STAGING, "deploy")
    await full.control(f"/tasks/{task_id}", status="failed", error_message="broken", log="line one\nline two")
    assert (await full.task(task_id))["error_message"] == "broken"
    assert (await full.get(f"/environments/{STAGING}/logs")).json()["log"] == "line one\nline two"
    refused = await full.door.post(f"/tasks/{task_id}", json={"status": "running"})
    assert refused.status_code == 409
    assert "is over" in refused.json()["error"]


async def test_task_from_elsewhere_holds_the_slot_and_names_its_starter(full: Caller) -> None:
    task = await full.control("/tasks", environment_id=STAGING, type="redeploy", triggered_by="somebody")
    assert (task["status"], task["triggered_by"], task["type"]) == ("pending", "somebody", "redeploy")
    refused = await full.act(STAGING, "deploy")
    assert refused.json()["detail"]["task_id"] == task["id"]
    again = await full.door.post("/tasks", json={"environment_id": STAGING})
    assert (again.status_code, task["id"] in again.json()["error"]) == (409, True)


async def test_environment_takes_new_fields_and_unknown_states(full: Caller) -> None:
    await full.control(f"/environments/{STAGING}", status="hibernating", name="stage", url=None)
    environment = await full.environment(STAGING)
    assert (environment["status"], environment["name"], environment["url"]) == ("hibernating", "stage", None)


async def test_several_endings_are_taken_in_order(full: Caller, clock: MovedClock) -> None:
    await full.control("/next", environment_id=STAGING, outcome="cancelled", duration_seconds=5)
    await full.control("/next", environment_id=STAGING, outcome="failed", error_message="second")
    ends = []
    for _ in range(3):
        task_id = (await full.control("/tasks", environment_id=STAGING, type="backup"))["id"]
        clock.forward(minutes=5)
        task = await full.task(task_id)
        ends.append((task["status"], task["error_message"]))
    assert ends == [("cancelled", None), ("failed", "second"), ("completed", None)]


async def test_next_ending_prints_its_log(full: Caller, clock: MovedClock) -> None:
    await full.control(
        "/next", environment_id=STAGING, outcome="failed", error_message="no", log="Traceback\n  deep"
    )
    await full.start(STAGING, "deploy")
    clock.forward(minutes=10)
    log = (await full.get(f"/environments/{STAGING}/logs")).json()["log"]
    assert "Traceback\n  deep" in log


async def test_next_ending_with_no_time_never_starts(full: Caller, clock: MovedClock) -> None:
    await full.control("/next", environment_id=STAGING, outcome="failed", duration_seconds=0)
    task_id = await full.start(STAGING, "deploy")
    clock.forward(seconds=3)
    task = await full.task(task_id)
    assert (task["status"], task["started_at"], task["duration_seconds"]) == ("failed", None, None)
    assert (await full.environment(STAGING))["status"] == "running"


@pytest.mark.parametrize("pace", [{"mode": "time", "speed": 1000}, {"mode": "reads", "reads": 2}])
async def test_stuck_task_waits_until_it_is_moved_by_hand(
    full: Caller, clock: MovedClock, pace: dict[str, Any]
) -> None:
    await full.control("/pace", **pace)
    await full.control("/next", environment_id=STAGING, stuck=True)
    task_id = await full.start(STAGING, "deploy")
    for _number in range(5):
        clock.forward(hours=5)
        assert (await full.task(task_id))["status"] == "queued"
    assert error_of(await full.act(STAGING, "restart")) == "task_in_progress"
    await full.control(f"/tasks/{task_id}", status="cancelled")
    assert (await full.task(task_id))["started_at"] is None
    assert (await full.act(STAGING, "restart")).status_code == 202


async def test_plan_billing_and_storage_can_be_changed_and_changed_back(full: Caller) -> None:
    changed = await full.control("/organization", plan="free", subscription_status="unpaid")
    assert changed == {"plan": "free", "subscription_status": "unpaid", "backup_storage": True}
    assert (await full.state())["organization"] == changed
    detail = (await full.get("/org")).json()["detail"]
    assert (detail["required_plan"], detail["current_plan"]) == ("starter", "free")
    await full.control("/organization", plan="starter", subscription_status="active")
    assert (await full.act(STAGING, "restart")).status_code == 202


async def test_address_is_blocked_sooner_when_told(full: Caller) -> None:
    await full.control("/limits", refused_keys=2)
    bad = {"Authorization": "Bearer oec_live_rw_" + "x" * 43}
    answers = [(await full.client.get("/org", headers=bad)).status_code for _ in range(3)]
    assert answers == [401, 401, 429]


async def test_requests_are_recorded_with_what_they_brought(full: Caller, read: Caller) -> None:
    await full.act(STAGING, "deploy", {"update_modules": ["sale"]}, key="k")
    await read.get(f"/environments/{STAGING}/logs", lines=5)
    first, second = await full.requests()
    assert first | {"at": None} == {
        "number": 1,
        "at": None,
        "method": "POST",
        "path": f"/api/public/v1/environments/{STAGING}/deploy",
        "query": "",
        "key_kind": "full",
        "status": 202,
        "idempotency_key": "k",
        "body": {"update_modules": ["sale"]},
    }
    assert (second["key_kind"], second["query"], second["body"]) == ("read_only", "lines=5", None)


async def test_requests_since_a_number_or_a_time(full: Caller, clock: MovedClock) -> None:
    await full.get("/org")
    clock.forward(seconds=1)
    await full.get("/org/usage")
    (later,) = await full.requests(since=1)
    assert later["path"].endswith("/org/usage")
    assert await full.requests(since=clock().isoformat()) == [later]
    assert await full.requests(since=later["at"]) == [later]


async def test_webhook_is_registered_and_listed(full: Caller) -> None:
    added = await full.control(
        "/webhooks", url="http://127.0.0.1:9/hook", secret="s", events=["deploy.failed"]
    )
    listed = (await full.door.get("/webhooks")).json()["webhooks"]
    assert listed == [added]
    assert (await full.state())["webhooks"] == [added]


async def test_key_added_works_at_once(full: Caller) -> None:
    key = "oec_live_ro_" + "n" * 43
    assert (await full.control("/keys", key=key, project_id=WEBSHOP_PROJECT))["kind"] == "read_only"
    async with Caller(full.server, key) as newcomer:
        assert (await newcomer.get(f"/environments/{PRODUCTION}")).status_code == 404
        assert error_of(await newcomer.act(STAGING, "deploy")) == "read_only_key"


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/pace", {}, "mode must be one of time, reads, manual"),
        ("/pace", {"mode": "time", "speed": 0}, "speed must be greater than 0"),
        ("/pace", {"mode": "reads", "reads": 0}, "at least 1"),
        ("/pace", {"mode": "time", "pase": 1}, "unknown field pase"),
        ("/next", {"environment_id": STAGING, "outcome": "fine"}, "outcome must be one of"),
        ("/next", {"environment_id": STAGING, "error_message": "x"}, "does not go with"),
        ("/next", {"environment_id": STAGING, "duration_seconds": -1}, "duration_seconds must be"),
        ("/next", {}, "environment_id is missing"),
        ("/limits", {"variant": "none"}, "variant must be one of split, shared"),
        ("/limits", {"reads": -1}, "reads must be"),
        ("/limits", {"headers": 1}, "headers must be true or false"),
        ("/limits", {"minute_seconds": 0}, "minute_seconds must be greater"),
        ("/faults", {"kind": "flood"}, "kind must be one of"),
        ("/faults", {"kind": "status"}, "needs a status"),
        ("/faults", {"kind": "status", "status": 99}, "from 200 to 599"),
        ("/faults", {"kind": "status", "status": 500, "headers": "x"}, "headers must be an object"),
        ("/faults", {"kind": "hang", "times": 0}, "times must be"),
        ("/webhooks", {"url": "ftp://x", "secret": "s", "events": ["ping"]}, "url must begin with"),
        ("/webhooks", {"url": "http://x", "secret": "s"}, "events is missing"),
        ("/webhooks", {"url": "http://x", "secret": "s", "events": [1]}, "list of strings"),
        ("/webhooks", {"url": "http://x", "secret": "s", "events": ["deploy"]}, "unknown event deploy"),
        ("/keys", {"key": "k", "expires_at": "tomorrow"}, "ISO 8601"),
        ("/keys", {"key": "k", "expires_at": "2026-03-02T10:00:00"}, "time zone"),
        (
            "/webhooks",
            {"url": "http://x", "secret": "s", "events": ["ping"], "signature_encoding": "hax"},
            "hex",
        ),
        (f"/webhooks/{STAGING}", {}, "no such webhook"),
        ("/events", {}, "event is missing"),
        ("/events", {"event": "deploy.done"}, "unknown event deploy.done"),
        ("/events", {"event": "ping", "details": []}, "details must be"),
        ("/organization", {"backup_storage": 1}, "true or false"),
        (f"/servers/{SERVER_ID}", {"condition": "tired"}, "condition must be one of"),
        (f"/servers/{STAGING}", {"condition": "fine"}, "no such server"),
        ("/dialect", {"errors": "flat"}, "errors must be one of"),
        ("/dialect", {"pages": 1}, "unknown field pages"),
        (f"/environments/{STAGING}", {"status": None}, "cannot be empty"),
        (f"/environments/{STAGING}", {"colour": "red"}, "unknown field colour"),
        ("/pace", [], "must be a JSON object"),
    ],
)
async def test_mistake_is_told_in_words(full: Caller, path: str, body: Any, words: str) -> None:
    response = await full.door.post(path, json=body)
    assert response.status_code == (404 if words.startswith("no such") else 400)
    assert words in response.json()["error"]


async def test_body_that_is_no_json_is_told(full: Caller) -> None:
    assert (await full.door.post("/pace", content=b"{")).json() == {"error": "the body is not JSON"}


async def test_unknown_places_are_told(full: Caller) -> None:
    for path in (f"/tasks/{STAGING}", "/environments/nowhere", "/nonsense"):
        response = await full.door.post(path, json={})
        assert (response.status_code, list(response.json())) == (404, ["error"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8421"}, 200),
        ({"Host": "[::1]:8421"}, 200),
        ({"Origin": "http://127.0.0.1:8420"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:8421"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "[::1"}, 403),
    ],
)
async def test_side_door_only_opens_to_loopback_names(
    full: Caller, headers: dict[str, str], status: int
) -> None:
    async with plain_client(headers=headers) as client:
        for method, path in (
            ("GET", "/control/state"),
            ("POST", "/control/queue"),
            ("GET", "/control/nonsense"),
        ):
            response = await client.request(method, full.server.url + path)
            assert response.status_code == (404 if status == 200 and "nonsense" in path else status)


async def test_public_api_takes_any_host_name(full: Caller) -> None:
    response = await full.client.get("/org", headers={"Host": "api.oec.example"})
    assert response.status_code == 200


async def test_lock_on_one_environment_leaves_others_alone(full: Caller) -> None:
    await full.control("/locks", environment_id=STAGING)
    assert (await full.act(DEVELOPMENT, "deploy")).status_code == 202
