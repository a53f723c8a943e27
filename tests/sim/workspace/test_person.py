"""The side door itself: what it tells, what it keeps, whom it refuses."""

import json
from typing import Any

import pytest

from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from tests.sim.workspace.door import ANA, DEPLOYS, Door, RefusedError
from tests.sim.workspace.wire_app import WireApp, answered


async def test_workspace_is_described_as_the_contract_says(door: Door) -> None:
    seen = await door.get("workspace")
    assert seen["team"] == {"id": "T0ACME", "name": "Acme Odoo", "domain": "acme-odoo"}
    people = {user["id"]: user for user in seen["users"]}
    assert set(people) == {"U0ANA", "U0BEN", "U0CLEO", "U0DORA", "U0ELI", "U0GUS"}
    assert people["U0GUS"]["is_guest"] is True
    assert people["U0ANA"]["groups"] == ["S0RELEASE"]
    assert people["U0ANA"]["tz"] == "Europe/Madrid"
    assert seen["groups"] == [
        {"id": "S0RELEASE", "handle": "releasers", "name": "Releasers", "users": ["U0ANA", "U0BEN"]},
        {"id": "S0LEADS", "handle": "leads", "name": "Leads", "users": ["U0DORA", "U0ELI"]},
    ]
    channels = {channel["id"]: set(channel["members"]) for channel in seen["channels"]}
    assert channels == {
        "C0DEPLOYS": {"U0ANA", "U0BEN", "U0CLEO", "U0DORA", "U0ELI", "U0GUS", "U0OECBOT"},
        "C0SUPPORT": {"U0ANA", "U0BEN", "U0CLEO", "U0ELI", "U0OECBOT"},
        "C0RANDOM": {"U0ANA", "U0BEN", "U0CLEO", "U0DORA", "U0ELI", "U0GUS"},
        "C0OPS": {"U0ANA", "U0BEN", "U0DORA", "U0ELI", "U0OECBOT"},
    }
    assert (seen["bot"]["user_id"], seen["bot"]["connections"]) == ("U0OECBOT", 0)
    assert seen["commands"] == [
        {
            "command": "/oec",
            "usage_hint": "deploy prod · can stop prod · why 42 · status · help",
            "description": "Deploy and look after Odoo environments",
            "should_escape": True,
        }
    ]
    assert seen["shortcuts"] == [
        {"callback_id": "oec_message", "name": "Ask oec about this", "type": "message"}
    ]
    assert seen["welcome"] is None


async def test_tokens_never_leave_by_the_side_door(door: Door, app: WireApp) -> None:
    await answered(door.slash("status"), app, {"text": "x"})
    told = [await door.get("workspace"), await door.get("calls"), await door.messages()]
    for token in (BOT_TOKEN, APP_TOKEN):
        assert token not in json.dumps(told)


async def test_channel_is_read_by_its_members_only(door: Door) -> None:
    with pytest.raises(RefusedError) as refused:
        await door.messages(user="U0GUS", channel="C0OPS")
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "own"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:8420"}, 403),
        ({"Host": "localhost:8420"}, 200),
        ({"Host": "[::1]:8420"}, 200),
        ({"Host": "localhost"}, 200),
    ],
)
async def test_pages_from_elsewhere_are_refused(door: Door, headers: dict[str, str], status: int) -> None:
    headers = {name: door.url if value == "own" else value for name, value in headers.items()}
    async with door.http.get(f"{door.url}/person/workspace", headers=headers) as response:
        assert response.status == status
    body = {"user_id": ANA, "channel_id": DEPLOYS, "text": "x"}
    async with door.http.post(f"{door.url}/person/say", headers=headers, json=body) as response:
        assert response.status == status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null"])
async def test_body_that_is_no_object_is_refused(door: Door, body: bytes) -> None:
    async with door.http.post(f"{door.url}/person/slash", data=body) as response:
        assert response.status == 400
        assert (await response.json())["error"] == "The body must be a JSON object."


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "gremlin"}, "There is no fault 'gremlin'"),
        ({}, "There is no fault"),
        ({"kind": "error"}, "Say which method"),
        ({"kind": "hang", "method": "auth.test", "seconds": "long"}, "are numbers"),
        ({"kind": "error", "method": "auth.test", "times": 0}, "at least 1"),
        ({"kind": "refuse_ticket", "times": "many"}, "at least 1"),
        ({"kind": "disconnect", "reason": "boredom"}, "There is no reason 'boredom'"),
    ],
)
async def test_fault_nobody_can_carry_out_is_refused(door: Door, fault: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        await door.post("faults", **fault)
    assert refused.value.status == 400


async def test_time_that_is_none_is_refused(door: Door) -> None:
    with pytest.raises(RefusedError, match="is not a time"):
        await door.get("calls", since="yesterday")
    assert (await door.get("calls", since="1700000000.5"))["calls"] == []
