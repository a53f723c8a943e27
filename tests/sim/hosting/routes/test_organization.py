"""The organization's API keys, listed and revoked."""

from bot.sim.hosting.seeds import FULL_KEY, READ_KEY, WEBSHOP_KEY, WEBSHOP_PROJECT
from tests.sim.hosting.caller import Caller, error_of


async def test_keys_are_listed_and_none_is_shown_whole(read: Caller) -> None:
    response = await read.get("/org/api-keys")
    listed = {one["name"]: one for one in response.json()}
    assert [(one["kind"], one["scope"]) for one in listed.values()] == [
        ("full", "organization"),
        ("read_only", "organization"),
        ("full", "project"),
    ]
    assert listed["Webshop"]["project_id"] == WEBSHOP_PROJECT
    for key in (FULL_KEY, READ_KEY, WEBSHOP_KEY):
        assert key not in response.text
        assert key[:16] in response.text


async def test_revoked_key_is_refused_from_the_next_call_on(full: Caller, read: Caller) -> None:
    (key_id,) = [one["id"] for one in (await full.get("/org/api-keys")).json() if one["kind"] == "read_only"]
    assert (await full.delete(f"/org/api-keys/{key_id}")).status_code == 204
    assert error_of(await read.get("/org")) == "invalid_key"
    shown = {one["id"]: one["is_active"] for one in (await full.get("/org/api-keys")).json()}
    assert shown[key_id] is False
    assert error_of(await full.delete(f"/org/api-keys/{key_id}")) == "not_found"


async def test_keys_are_for_the_organizations_own_keys(webshop: Caller, read: Caller) -> None:
    assert error_of(await webshop.get("/org/api-keys")) == "org_scope_required"
    key_id = (await read.get("/org/api-keys")).json()[0]["id"]
    assert error_of(await webshop.delete(f"/org/api-keys/{key_id}")) == "org_scope_required"
    assert error_of(await read.delete(f"/org/api-keys/{key_id}")) == "read_only_key"
