"""Keys, blocked addresses, and faults on the way."""

import httpx
import pytest

from bot.sim.hosting.seeds import DEVELOPMENT, FULL_KEY, PRODUCTION, READ_KEY, STAGING, WEBSHOP_PRODUCTION
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import Caller, MovedClock, becomes, error_of, plain_client

STRANGE_KEY = "oec_live_rw_" + "x" * 43


async def ask(server: HostingServer, headers: dict[str, str]) -> httpx.Response:
    async with plain_client() as client:
        return await client.get(f"{server.api_url}/org", headers=headers)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_auth"),
        ({"Authorization": "Basic abc"}, "missing_auth"),
        ({"Authorization": "Bearer"}, "missing_auth"),
        ({"Authorization": "Bearer nonsense"}, "invalid_key_format"),
        ({"X-API-Key": "oec_live_xx_" + "x" * 43}, "invalid_key_format"),
        ({"Authorization": "Bearer oec_live_rw_short"}, "invalid_key_format"),
        ({"Authorization": f"Bearer {STRANGE_KEY}"}, "invalid_key"),
        ({"X-API-Key": STRANGE_KEY}, "invalid_key"),
        ({"Authorization": f"Bearer {STRANGE_KEY}", "X-API-Key": FULL_KEY}, "invalid_key"),
    ],
)
async def test_bad_key_is_refused(server: HostingServer, headers: dict[str, str], code: str) -> None:
    response = await ask(server, headers)
    assert (response.status_code, error_of(response)) == (401, code)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {FULL_KEY}"},
        {"X-API-Key": READ_KEY},
        {"Authorization": f"Bearer {READ_KEY}", "X-API-Key": STRANGE_KEY},
    ],
)
async def test_good_key_passes(server: HostingServer, headers: dict[str, str]) -> None:
    assert (await ask(server, headers)).status_code == 200


async def test_expired_key_is_refused_from_that_moment(full: Caller, clock: MovedClock) -> None:
    await full.control("/keys", key=FULL_KEY, expires_at="2026-03-02T10:00:00Z")
    assert (await full.get("/org")).status_code == 200
    clock.forward(hours=1)
    assert error_of(await full.get("/org")) == "key_expired"


async def test_revoked_key_is_invalid(full: Caller) -> None:
    await full.control("/keys", key=FULL_KEY, revoked=True)
    assert error_of(await full.get("/org")) == "invalid_key"


async def test_ten_refused_keys_block_the_address_for_all(
    server: HostingServer, full: Caller, clock: MovedClock
) -> None:
    for _ in range(10):
        assert (await ask(server, {"X-API-Key": STRANGE_KEY})).status_code == 401
        clock.forward(seconds=50)
    clock.forward(seconds=-50)
    blocked = await full.get("/org")
    assert (blocked.status_code, error_of(blocked), blocked.headers["Retry-After"]) == (
        429,
        "ip_blocked",
        "900",
    )
    clock.forward(minutes=15)
    assert (await full.get("/org")).status_code == 200


async def test_refused_keys_a_minute_apart_do_not_block(server: HostingServer, clock: MovedClock) -> None:
    for _ in range(12):
        assert (await ask(server, {"X-API-Key": STRANGE_KEY})).status_code == 401
        clock.forward(seconds=60)


async def test_missing_and_malformed_keys_do_not_block(server: HostingServer) -> None:
    for headers in [{}, {"X-API-Key": "nonsense"}] * 8:
        assert (await ask(server, headers)).status_code == 401


@pytest.mark.parametrize("action", ["deploy", "restart", "start", "stop", "quick-update"])
async def test_read_only_key_may_not_write(read: Caller, action: str) -> None:
    response = await read.act(STAGING, action, {"mode": "pull_restart"})
    assert (response.status_code, error_of(response)) == (403, "read_only_key")


async def test_project_key_does_not_see_other_projects(webshop: Caller, full: Caller) -> None:
    task_id = await full.start(PRODUCTION, "deploy")
    for path in (f"/environments/{PRODUCTION}", f"/deployments/{task_id}"):
        response = await webshop.get(path)
        assert (response.status_code, error_of(response)) == (404, "not_found")
    assert (await webshop.act(PRODUCTION, "restart")).status_code == 404
    assert (await webshop.get(f"/environments/{WEBSHOP_PRODUCTION}")).status_code == 200


async def test_unknown_route_needs_no_key(server: HostingServer) -> None:
    async with plain_client() as client:
        absent = await client.get(f"{server.api_url}/environments/{STAGING}/nonsense")
        wrong_method = await client.delete(f"{server.api_url}/org")
    assert (absent.status_code, absent.json()) == (404, {"detail": "Not Found"})
    assert (wrong_method.status_code, wrong_method.json()) == (405, {"detail": "Method Not Allowed"})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "plan_feature_required"),
        (409, "concurrent_action"),
        (429, "rate_limit_exceeded"),
        (502, "server_unreachable"),
        (503, "enqueue_failed"),
        (504, "docker_timeout"),
    ],
)
async def test_status_fault_answers_as_that_status_would(full: Caller, status: int, code: str) -> None:
    await full.control("/faults", method="POST", path="*/deploy", kind="status", status=status)
    response = await full.act(STAGING, "deploy")
    assert (response.status_code, error_of(response)) == (status, code)
    assert (await full.act(STAGING, "deploy")).status_code == 202


async def test_billing_fault_gives_its_reason(full: Caller) -> None:
    await full.control("/faults", kind="status", status=402)
    detail = (await full.act(STAGING, "deploy")).json()["detail"]
    assert (detail["reason"], detail["subscription_status"]) == ("subscription_blocked", "past_due")


async def test_inner_fault_gives_the_top_level_shape(full: Caller) -> None:
    await full.control("/faults", kind="status", status=500)
    assert set((await full.get("/org")).json()) == {"error", "message", "details"}


async def test_status_fault_without_usual_answer_still_has_a_code(full: Caller) -> None:
    await full.control("/faults", kind="status", status=418)
    assert (await full.get("/org")).json()["error"] == "error"


async def test_status_fault_takes_its_own_body_and_headers(full: Caller) -> None:
    await full.control(
        "/faults", kind="status", status=503, body={"detail": "busy"}, headers={"Retry-After": "7"}, times=2
    )
    first, second, third = [await full.get("/org") for _ in range(3)]
    assert (first.json(), first.headers["Retry-After"]) == ({"detail": "busy"}, "7")
    assert (second.status_code, third.status_code) == (503, 200)


async def test_status_fault_with_text_is_a_proxy_page(full: Caller) -> None:
    await full.control("/faults", kind="status", status=502, body="<h1>Bad gateway</h1>")
    response = await full.get("/org")
    assert (response.status_code, response.text) == (502, "<h1>Bad gateway</h1>")
    assert response.headers["Content-Type"].startswith("text/html")


async def test_drop_before_does_not_act(full: Caller) -> None:
    await full.control("/faults", path="*/deploy", kind="drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        await full.act(STAGING, "deploy")
    assert not full.server.hosting.open_task(STAGING)
    assert (await full.requests())[-1]["status"] is None


async def test_drop_after_acts_and_the_same_key_finds_the_task(full: Caller) -> None:
    await full.control("/faults", path="/environments/*/deploy", kind="drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        await full.act(STAGING, "deploy", key="k1")
    task = full.server.hosting.open_task(STAGING)
    assert task is not None
    assert (await full.act(STAGING, "deploy", key="k1")).json()["task_id"] == task.id


async def test_not_json_acts_and_hides_the_answer(full: Caller) -> None:
    await full.control("/faults", method="post", kind="not_json")
    response = await full.act(STAGING, "deploy")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert full.server.hosting.open_task(STAGING) is not None


SHORT = httpx.Timeout(30, read=0.05)
"""No time at all to wait for an answer."""


async def test_hang_makes_the_client_give_up_first(full: Caller) -> None:
    await full.control("/faults", path="*/deploy", kind="hang", seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        await full.client.post(f"/environments/{DEVELOPMENT}/deploy", timeout=SHORT)
    await becomes(lambda: full.server.hosting.open_task(DEVELOPMENT))


async def test_hang_does_not_hold_up_the_stop(server: HostingServer, full: Caller) -> None:
    await full.control("/faults", kind="hang", seconds=600)
    with pytest.raises(httpx.ReadTimeout):
        await full.client.get("/org", timeout=SHORT)
    await server.stop()


async def test_fault_strikes_only_what_fits_and_can_be_cleared(full: Caller) -> None:
    await full.control("/faults", method="GET", path="/deployments/*", kind="status", status=500, times=9)
    assert (await full.get("/org")).status_code == 200
    assert (await full.act(STAGING, "deploy")).status_code == 202
    assert (await full.get(f"/deployments/{STAGING}")).status_code == 500
    await full.control("/faults", kind="clear")
    assert (await full.get(f"/deployments/{STAGING}")).status_code == 404
