"""Webhooks over the API: registered, changed, tried, looked at."""

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sim.hosting.routes.webhooks import fault_of_url, is_private
from bot.sim.hosting.seeds import ERP_PROJECT, STAGING, WEBSHOP_PROJECT
from tests.sim.hosting.caller import Caller, Json, MovedClock, becomes, error_of
from tests.sim.hosting.receiver import Receiver

HOOK = {"url": "https://bot.client.com/hook", "events": ["deploy.completed", "environment.status_changed"]}


async def register(caller: Caller, **body: Json) -> Json:
    response = await caller.post("/webhooks", {**HOOK, **body})
    assert response.status_code == 201, response.text
    return response.json()


async def test_secret_is_shown_once(full: Caller, read: Caller) -> None:
    made = await register(full, description="the bot")
    assert made["secret"].startswith("whsec_")
    for caller in (full, read):
        shown = (await caller.get(f"/webhooks/{made['id']}")).json()
        assert {**shown, "secret": made["secret"]} == made
    assert (made["description"], made["format"], made["is_active"], made["failure_count"]) == (
        "the bot",
        "raw",
        True,
        0,
    )


async def test_retried_creation_shows_the_same_secret(full: Caller) -> None:
    first = await full.post("/webhooks", HOOK, key="k")
    again = await full.post("/webhooks", HOOK, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await full.get("/webhooks")).json()["total"] == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://bot.client.com/hook", "must use HTTPS"),
        ("ftp://bot.client.com", "must use HTTPS"),
        ("bot.client.com", "must use HTTPS"),
        ("https://localhost/hook", "private"),
        ("https://LOCALHOST./hook", "private"),
        ("https://bot.localhost", "private"),
        ("https://127.0.0.1:8080/hook", "private"),
        ("https://10.1.2.3", "private"),
        ("https://172.16.0.1", "private"),
        ("https://192.168.1.1", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://0.0.0.0", "private"),
        ("https://[::1]/hook", "private"),
        ("https://[fd00::1]", "private"),
        ("https://[fe80::1]", "private"),
        ("https://[::ffff:127.0.0.1]", "private"),
        ("https://2130706433/", "private"),
        ("https://0x7f.1/", "private"),
        ("https://127.1/", "private"),
        ("https://intranet/hook", "private"),
        ("https://printer.local", "private"),
        ("https://db.internal", "private"),
        ("https://user@bot.client.com", "not valid"),
        ("https://bot.client.com\\@10.0.0.1", "not valid"),
        ("https://bot.client.com/a b", "not valid"),
        ("https://bot.client.com:99999/", "not valid"),
        ("https://[::1/", "not valid"),
        ("https:///hook", "not valid"),
    ],
)
async def test_address_the_platform_would_not_call_is_refused(full: Caller, url: str, words: str) -> None:
    refused = await full.post("/webhooks", {**HOOK, "url": url})
    (finding,) = refused.json()["detail"]
    assert (refused.status_code, finding["loc"], words in finding["msg"]) == (422, ["body", "url"], True)
    made = await register(full)
    assert (await full.patch(f"/webhooks/{made['id']}", url=url)).status_code == 422


@given(st.ip_addresses())
def test_private_is_what_is_not_global(address: IPv4Address | IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None) or address
    assert is_private(str(address)) is not mapped.is_global


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert fault_of_url(text) is None or "Webhook URL" in str(fault_of_url(text))


@pytest.mark.parametrize(
    "url", ["https://bot.client.com", "https://8.8.8.8/x?y=1", "https://a.b.client.com:8443/"]
)
async def test_public_address_is_taken(full: Caller, url: str) -> None:
    assert (await register(full, url=url))["url"] == url


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"events": []}, "too_short"),
        ({"events": ["deploy.done"]}, "enum"),
        ({"events": ["ping"]}, "enum"),
        ({"events": ["deploy.failed"] * 11}, "too_long"),
        ({"description": "x" * 501}, "string_too_long"),
        ({"format": "xml"}, "enum"),
        ({"is_active": 1}, "bool_type"),
        ({"url": "https://bot.client.com/" + "x" * 2048}, "string_too_long"),
        ({"project_id": "Client ERP"}, "uuid_parsing"),
    ],
)
async def test_bad_wish_for_a_webhook_is_located(full: Caller, body: Json, kind: str) -> None:
    refused = await full.post("/webhooks", {**HOOK, **body})
    assert (refused.status_code, refused.json()["detail"][0]["type"]) == (422, kind)


async def test_change_keeps_what_is_not_given_and_never_the_project(full: Caller) -> None:
    made = await register(full, project_id=ERP_PROJECT)
    changed = await full.patch(
        f"/webhooks/{made['id']}", is_active=False, events=["deploy.failed"] * 2, project_id=WEBSHOP_PROJECT
    )
    del made["secret"]
    assert changed.json() == {**made, "is_active": False, "events": ["deploy.failed"]}


async def test_webhooks_are_listed_by_offset(full: Caller) -> None:
    made = [(await register(full))["id"] for _ in range(3)]
    first = (await full.get("/webhooks", limit=2)).json()
    assert [one["id"] for one in first["items"]] == made[:2]
    assert (first["total"], first["limit"], first["offset"], first["has_more"]) == (3, 2, 0, True)
    second = (await full.get("/webhooks", limit=2, offset=2)).json()
    assert ([one["id"] for one in second["items"]], second["has_more"]) == (made[2:], False)
    assert (await full.get("/webhooks")).json()["limit"] == 50


async def test_project_key_has_webhooks_of_its_own(full: Caller, webshop: Caller) -> None:
    theirs = await register(full)
    assert error_of(await webshop.post("/webhooks", HOOK)) == "project_scoped_key"
    assert error_of(await webshop.post("/webhooks", {**HOOK, "project_id": ERP_PROJECT})) == "not_found"
    mine = await register(webshop, project_id=WEBSHOP_PROJECT)
    assert [one["id"] for one in (await webshop.get("/webhooks")).json()["items"]] == [mine["id"]]
    assert (await webshop.get(f"/webhooks/{theirs['id']}")).status_code == 404
    assert (await full.get("/webhooks")).json()["total"] == 2


async def test_ten_changes_a_minute_and_no_more(full: Caller, read: Caller, clock: MovedClock) -> None:
    made = await register(full)
    for number in range(9):
        assert (await full.patch(f"/webhooks/{made['id']}", description=str(number))).status_code == 200
        clock.forward(seconds=5)
    for refused in (
        await full.post("/webhooks", HOOK),
        await full.patch(f"/webhooks/{made['id']}", description="x"),
        await full.delete(f"/webhooks/{made['id']}"),
    ):
        assert (refused.status_code, error_of(refused)) == (429, "webhook_mutation_rate_limit")
        assert refused.headers["Retry-After"] == "15"
    assert (await full.post(f"/webhooks/{made['id']}/test")).status_code == 200, "trying is no change"
    assert (await read.get("/webhooks")).status_code == 200
    clock.forward(seconds=15)
    assert (await full.delete(f"/webhooks/{made['id']}")).status_code == 204


async def test_ping_is_sent_now_signed_and_leaves_no_record(full: Caller, receiver: Receiver) -> None:
    made = await register(full)
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    told = (await full.post(f"/webhooks/{made['id']}/test")).json()
    assert (told["success"], told["status_code"]) == (True, 204)
    headers, body = receiver.received[0]
    signed = hmac.new(made["secret"].encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Webhook-Signature"] == f"sha256={signed}"
    assert receiver.names() == ["ping"]
    assert (await full.get(f"/webhooks/{made['id']}/deliveries")).json() == []


async def test_ping_that_fails_says_how(full: Caller, receiver: Receiver) -> None:
    made = await register(full)
    alone = (await full.post(f"/webhooks/{made['id']}/test")).json()
    assert (alone["success"], alone["status_code"]) == (False, None)
    receiver.answers = [500]
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    refused = (await full.post(f"/webhooks/{made['id']}/test")).json()
    assert (refused["success"], refused["status_code"], refused["message"]) == (
        False,
        500,
        "The receiver answered 500.",
    )


async def test_old_secret_is_good_for_nothing_at_once(full: Caller, receiver: Receiver) -> None:
    made = await register(full)
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    rotated = (await full.post(f"/webhooks/{made['id']}/rotate-secret")).json()
    assert rotated["secret"] != made["secret"]
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: receiver.received)
    headers, body = receiver.received[0]
    signed = hmac.new(rotated["secret"].encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Webhook-Signature"] == f"sha256={signed}"


async def test_deliveries_tell_each_try(full: Caller, receiver: Receiver) -> None:
    made = await register(full)
    receiver.answers = [503]
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: full.server.front.courier.deliveries)
    await becomes(lambda: full.server.front.courier.deliveries[0].attempt_count == 1)
    (shown,) = (await full.get(f"/webhooks/{made['id']}/deliveries")).json()
    assert (shown["event"], shown["status"], shown["attempt_count"]) == (
        "environment.status_changed",
        "pending",
        1,
    )
    assert (shown["response_status"], shown["response_body"]) == (503, "answered 503")
    hook = (await full.get(f"/webhooks/{made['id']}")).json()
    assert (hook["failure_count"], hook["last_triggered_at"] is not None) == (1, True)


async def test_only_the_fifty_newest_deliveries_are_shown(full: Caller, receiver: Receiver) -> None:
    made = await register(full)
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    for number in range(60):
        status = "paused" if number % 2 == 0 else "running"
        await full.control(f"/environments/{STAGING}", status=status)
    await becomes(lambda: len(receiver.received) == 60)
    shown = (await full.get(f"/webhooks/{made['id']}/deliveries")).json()
    assert [one["id"] for one in shown] == [body["id"] for body in receiver.bodies()[:9:-1]]


async def test_inactive_webhook_hears_nothing(full: Caller, receiver: Receiver) -> None:
    made = await register(full, is_active=False)
    await full.control(f"/webhooks/{made['id']}", deliver_to=receiver.url)
    await full.control("/webhooks", url=receiver.url, secret="s", events=["environment.status_changed"])
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: receiver.received)
    assert (await full.get(f"/webhooks/{made['id']}/deliveries")).json() == []


async def test_deleted_webhook_takes_its_deliveries_with_it(full: Caller) -> None:
    made = await register(full)
    await full.control(f"/environments/{STAGING}", status="paused")
    await becomes(lambda: full.server.front.courier.deliveries)
    gone = await full.delete(f"/webhooks/{made['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert full.server.front.courier.deliveries == []
    for path in ("", "/deliveries"):
        assert error_of(await full.get(f"/webhooks/{made['id']}{path}")) == "not_found"


async def test_read_only_key_looks_and_changes_nothing(full: Caller, read: Caller) -> None:
    made = await register(full)
    for refused in (
        await read.post("/webhooks", HOOK),
        await read.patch(f"/webhooks/{made['id']}", description="x"),
        await read.delete(f"/webhooks/{made['id']}"),
        await read.post(f"/webhooks/{made['id']}/test"),
        await read.post(f"/webhooks/{made['id']}/rotate-secret"),
    ):
        assert error_of(refused) == "read_only_key"
