"""Runtime logs, figures and servers."""

import pytest

from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    OLD,
    SERVER_ID,
    SHARED_SERVER_ID,
    STAGING,
    WEBSHOP_PRODUCTION,
)
from tests.sim.hosting.caller import Caller, MovedClock, error_of

LOGS = f"/environments/{STAGING}/runtime-logs"
METRICS = f"/environments/{STAGING}/metrics"


@pytest.mark.parametrize("source", ["odoo", "container", "postgres"])
async def test_runtime_log_ends_now(read: Caller, source: str) -> None:
    answer = (await read.get(LOGS, source=source, lines=50)).json()
    lines = answer["log"].splitlines()
    assert (answer["environment_id"], answer["source"], answer["lines"]) == (STAGING, source, 50)
    assert (len(lines), answer["truncated"]) == (50, True)
    assert lines == sorted(lines)
    assert lines[-1].startswith("2026-03-02 09:30:")


async def test_runtime_log_is_of_odoo_unless_told_and_grows(full: Caller, clock: MovedClock) -> None:
    before = (await full.get(LOGS)).json()
    assert (before["source"], before["lines"]) == ("odoo", 200)
    clock.forward(seconds=21)
    after = (await full.get(LOGS)).json()["log"].splitlines()
    assert before["log"].splitlines()[3:] == after[:-3]


async def test_runtime_log_written_by_hand_is_given(full: Caller) -> None:
    await full.control(f"/environments/{STAGING}", runtime_log="one\ntwo <!channel>\nthree")
    answer = (await full.get(LOGS, lines=2)).json()
    assert (answer["log"], answer["lines"], answer["truncated"]) == ("two <!channel>\nthree", 2, True)


@pytest.mark.parametrize("status", ["stopped", "paused", "error"])
async def test_nothing_runs_and_nothing_logs(full: Caller, status: str) -> None:
    await full.control(f"/environments/{STAGING}", status=status)
    response = await full.get(LOGS)
    assert (response.status_code, error_of(response)) == (404, "not_found")
    assert status in response.json()["detail"]["message"]


@pytest.mark.parametrize("query", [{"source": "nginx"}, {"lines": 0}, {"lines": 1001}])
async def test_bad_query_is_refused(full: Caller, query: dict[str, object]) -> None:
    assert (await full.get(LOGS, **query)).status_code == 422


@pytest.mark.parametrize("path", [LOGS, METRICS, f"/servers/{SERVER_ID}/metrics"])
async def test_target_takes_six_calls_a_minute(full: Caller, clock: MovedClock, path: str) -> None:
    for _number in range(6):
        assert (await full.get(path)).status_code == 200
        clock.forward(seconds=8)
    refused = await full.get(path)
    assert (refused.status_code, error_of(refused)) == (429, "target_rate_limit")
    assert (refused.headers["Retry-After"], refused.json()["detail"]["retry_after"]) == ("12", 12)
    clock.forward(seconds=12)
    assert (await full.get(path)).status_code == 200


async def test_targets_and_routes_are_counted_apart_but_keys_together(full: Caller, read: Caller) -> None:
    for caller in (full, read) * 3:
        assert (await caller.get(LOGS)).status_code == 200
    assert (await read.get(LOGS)).status_code == 429
    assert (await read.get(METRICS)).status_code == 200
    assert (await read.get(f"/environments/{DEVELOPMENT}/runtime-logs")).status_code == 200


async def test_figures_fit_together(full: Caller) -> None:
    told = (await full.get(METRICS)).json()
    for service in (told["odoo"], told["postgres"]):
        assert service["status"] == "running"
        assert 0 < service["memory_used_bytes"] < service["memory_limit_bytes"]
        share = 100 * service["memory_used_bytes"] / service["memory_limit_bytes"]
        assert service["memory_percent"] == pytest.approx(share, abs=0.1)
    assert told["disk"]["allocated_gb"] == 40


async def test_figures_are_null_where_only_the_container_is_known(full: Caller) -> None:
    told = (await full.get(f"/environments/{OLD}/metrics")).json()
    assert told["status"] == "stopped"
    assert told["odoo"] == {
        "status": "exited",
        **dict.fromkeys(("cpu_percent", "memory_used_bytes", "memory_limit_bytes", "memory_percent")),
    }
    await full.control(f"/environments/{OLD}", status="pending")
    assert (await full.get(f"/environments/{OLD}/metrics")).json()["odoo"] is None


async def test_server_away_is_told_apart_from_the_api(full: Caller) -> None:
    await full.control(f"/servers/{SERVER_ID}", condition="unreachable")
    assert error_of(await full.get(LOGS)) == "server_unreachable"
    assert error_of(await full.get(METRICS)) == "metrics_unavailable"
    assert (await full.environment(STAGING))["status"] == "running"
    await full.control(f"/servers/{SERVER_ID}", condition="docker_stuck")
    assert (await full.get(METRICS)).status_code == 504
    await full.control(f"/servers/{SERVER_ID}", condition="fine")
    assert (await full.get(METRICS)).status_code == 200


async def test_servers_are_listed_with_what_runs_on_them(read: Caller) -> None:
    listed = (await read.get("/servers")).json()["data"]
    assert {one["id"]: one["environment_count"] for one in listed} == {SERVER_ID: 5, SHARED_SERVER_ID: 0}
    own = (await read.get(f"/servers/{SERVER_ID}")).json()
    assert own in listed
    figures = (await read.get(f"/servers/{SERVER_ID}/metrics")).json()
    assert (figures["container_count"], figures["containers_running"]) == (10, 8)


async def test_project_key_lists_its_server_and_sees_none(webshop: Caller) -> None:
    listed = (await webshop.get("/servers")).json()["data"]
    assert [one["id"] for one in listed] == [SERVER_ID]
    for path in (f"/servers/{SERVER_ID}", f"/servers/{SERVER_ID}/metrics"):
        assert (await webshop.get(path)).status_code == 404
    assert (await webshop.get(f"/environments/{WEBSHOP_PRODUCTION}/metrics")).status_code == 200


async def test_shared_server_is_seen_by_nobody(full: Caller) -> None:
    for path in (f"/servers/{SHARED_SERVER_ID}", f"/servers/{SHARED_SERVER_ID}/metrics"):
        assert (await full.get(path)).status_code == 404
