"""Every error the platform is known to give, each brought about by its own cause.

`CODES` is the whole list. Words in square brackets stand where the API is known, or here assumed, to send only text.
"""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.sim.hosting.limits import Limits
from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    FULL_KEY,
    OLD,
    PRODUCTION,
    READ_KEY,
    SERVER_ID,
    SHARED_SERVER_ID,
    STAGING,
    WEBSHOP_KEY,
)
from tests.sim.hosting.caller import Caller, Json, MovedClock, becomes

STRANGE_KEY = "oec_live_rw_" + "x" * 43
HOOK = {"url": "https://bot.client.com/hook", "events": ["deploy.failed"]}

Cause = Callable[[Caller, MovedClock], Awaitable[httpx.Response]]
CODES: dict[tuple[int, str], Cause] = {}


def code(status: int, name: str) -> Callable[[Cause], Cause]:
    """Put a cause into the list."""

    def put(cause: Cause) -> Cause:
        assert (status, name) not in CODES
        CODES[status, name] = cause
        return cause

    return put


async def with_key(caller: Caller, key: str | None) -> httpx.Response:
    headers = {"Authorization": ""} if key is None else {"Authorization": f"Bearer {key}"}
    return await caller.client.get("/org", headers=headers)


@code(400, "unsupported_mode")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.act(STAGING, "quick-update", {"mode": "restart_only"})


@code(400, "modules_required")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.act(STAGING, "quick-update", {"mode": "update_specific"})


@code(400, "[No storage configuration]")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/organization", backup_storage=False)
    return await full.post(f"/environments/{STAGING}/backups")


@code(400, "[Backup is not completed]")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    backup = (await full.post(f"/environments/{STAGING}/backups")).json()
    return await full.get(f"/backups/{backup['id']}/download")


@code(401, "missing_auth")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await with_key(full, None)


@code(401, "invalid_key_format")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await with_key(full, "nonsense")


@code(401, "invalid_key")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await with_key(full, STRANGE_KEY)


@code(401, "key_expired")
async def _(full: Caller, clock: MovedClock) -> httpx.Response:
    await full.control("/keys", key=READ_KEY, expires_at=clock().isoformat())
    return await with_key(full, READ_KEY)


@code(402, "subscription_blocked")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/organization", subscription_status="past_due")
    assert (await full.get("/org")).status_code == 200, "reading goes on"
    return await full.act(STAGING, "restart")


@code(403, "read_only_key")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.client.post(
        f"/environments/{STAGING}/restart", headers={"Authorization": f"Bearer {READ_KEY}"}
    )


@code(403, "plan_feature_required")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/organization", plan="free")
    return await full.get("/org")


@code(403, "project_scoped_key")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    headers = {"Authorization": f"Bearer {WEBSHOP_KEY}"}
    return await full.client.post("/webhooks", json=HOOK, headers=headers)


@code(403, "org_scope_required")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.client.get("/org/api-keys", headers={"Authorization": f"Bearer {WEBSHOP_KEY}"})


@code(404, "not_found")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.client.get(
        f"/environments/{PRODUCTION}", headers={"Authorization": f"Bearer {WEBSHOP_KEY}"}
    )


@code(404, "not_found (runtime logs of what is stopped)")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.get(f"/environments/{OLD}/runtime-logs")


@code(404, "not_found (a server to a project's key)")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.client.get(f"/servers/{SERVER_ID}", headers={"Authorization": f"Bearer {WEBSHOP_KEY}"})


@code(404, "not_found (a shared server's figures)")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.get(f"/servers/{SHARED_SERVER_ID}/metrics")


@code(409, "task_in_progress")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    task_id = await full.start(STAGING, "restart")
    refused = await full.act(STAGING, "deploy")
    assert refused.json()["detail"]["task_id"] == task_id
    return refused


@code(409, "concurrent_action")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/queue", held=True)
    first = asyncio.create_task(full.act(STAGING, "deploy"))
    await becomes(lambda: full.server.front.queueing)
    refused = await full.act(STAGING, "deploy")
    await full.control("/queue", held=False)
    assert (await first).status_code == 202
    return refused


@code(409, "environment_not_running")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.act(OLD, "restart")


@code(409, "environment_not_stopped")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    return await full.act(STAGING, "start")


@code(409, "environment_unassigned")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control(f"/environments/{STAGING}", server_id=None)
    return await full.act(STAGING, "quick-update", {"mode": "pull_restart"})


@code(409, "[A backup is already running]")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.post(f"/environments/{STAGING}/backups")
    return await full.post(f"/environments/{STAGING}/backups")


@code(409, "[still being processed]")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/queue", held=True)
    first = asyncio.create_task(full.act(STAGING, "deploy", key="k"))
    await becomes(lambda: full.server.front.queueing)
    refused = await full.act(STAGING, "deploy", key="k")
    await full.control("/queue", held=False)
    assert (await first).status_code == 202
    return refused


@code(422, "(a list of findings)")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    refused = await full.act(STAGING, "deploy", {"update_modules": ["Sale"]})
    (finding,) = refused.json()["detail"]
    assert finding["loc"] == ["body", "update_modules", 0]
    return refused


@code(429, "rate_limit_exceeded")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    full.server.front.change_limits(Limits(reads=1))
    await full.get("/org")
    return await full.get("/org")


@code(429, "target_rate_limit")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    for _number in range(6):
        assert (await full.get(f"/environments/{STAGING}/metrics")).status_code == 200
    return await full.get(f"/environments/{STAGING}/metrics")


@code(429, "webhook_mutation_rate_limit")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    for _number in range(10):
        assert (await full.post("/webhooks", HOOK)).status_code == 201
    return await full.post("/webhooks", HOOK)


@code(429, "ip_blocked")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    for _number in range(10):
        assert (await with_key(full, STRANGE_KEY)).status_code == 401
    return await full.get("/org")


@code(500, "internal_error")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/faults", kind="status", status=500)
    return await full.get("/org")


@code(502, "server_unreachable")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control(f"/servers/{SERVER_ID}", condition="unreachable")
    return await full.get(f"/environments/{STAGING}/runtime-logs")


@code(502, "metrics_unavailable")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control(f"/servers/{SERVER_ID}", condition="unreachable")
    return await full.get(f"/servers/{SERVER_ID}/metrics")


@code(503, "enqueue_failed")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control("/queue", held=True)
    full.server.front.patience *= 0
    refused = await full.act(DEVELOPMENT, "deploy", key="k")
    assert refused.headers["Retry-After"] == "5"
    await full.control("/queue", held=False)
    assert (await full.act(DEVELOPMENT, "deploy", key="k")).status_code == 202, "the same key may try again"
    return refused


@code(504, "docker_timeout")
async def _(full: Caller, _: MovedClock) -> httpx.Response:
    await full.control(f"/servers/{SERVER_ID}", condition="docker_stuck")
    return await full.get(f"/environments/{STAGING}/runtime-logs")


def told(body: Json) -> str:
    """The code or text of an error, by the rule a client would follow."""
    detail = body.get("detail")
    if isinstance(detail, str):
        return f"[{detail}]"
    if isinstance(detail, list):
        return "(a list of findings)"
    known = detail if isinstance(detail, dict) else body
    return str(known.get("error") or known.get("reason"))


@pytest.mark.parametrize(("status", "name"), list(CODES))
async def test_code_has_its_cause(full: Caller, clock: MovedClock, status: int, name: str) -> None:
    refused = await CODES[status, name](full, clock)
    assert refused.status_code == status
    if name.startswith("["):
        assert name.strip("[]") in told(refused.json())
    else:
        assert told(refused.json()) == name.partition(" (")[0]
    assert full.key == FULL_KEY


KNOWN = {
    *(400, "unsupported_mode", "modules_required"),
    *(401, "missing_auth", "invalid_key_format", "invalid_key", "key_expired"),
    *(402, "subscription_blocked"),
    *(403, "read_only_key", "plan_feature_required", "project_scoped_key", "org_scope_required"),
    *(404, "not_found"),
    *(409, "task_in_progress", "concurrent_action", "environment_not_running"),
    *("environment_not_stopped", "environment_unassigned"),
    *(422, 429, "rate_limit_exceeded", "target_rate_limit", "webhook_mutation_rate_limit", "ip_blocked"),
    *(500, 502, "server_unreachable", "metrics_unavailable", 503, "enqueue_failed", 504, "docker_timeout"),
}
"""Every status and code the vendor's client and the reference name, 500 without one."""


def test_list_is_whole() -> None:
    plain = {name for _, name in CODES if not name.startswith(("[", "(")) and " (" not in name}
    assert plain | {status for status, _ in CODES} == KNOWN | {"internal_error"}
