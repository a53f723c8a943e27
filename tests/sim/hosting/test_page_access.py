"""Which pages may use the side door from another origin, as a browser would find out."""

import httpx
import pytest

from tests.sim.hosting.caller import Caller, plain_client

PAGE = "http://127.0.0.1:8420"
_ASKS_LEAVE = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
_GRANT = "Access-Control-Allow-Origin"


@pytest.fixture
def beside(full: Caller) -> Caller:
    """The simulator once it has been told of a page."""
    full.server.page_access.origin = PAGE
    return full


async def _ask(caller: Caller, method: str, path: str, **headers: str) -> httpx.Response:
    async with plain_client(headers=headers) as client:
        return await client.request(method, f"{caller.server.url}/control{path}")


@pytest.mark.parametrize("origin", [PAGE, "http://localhost:8420"])
async def test_page_that_is_named_may_ask_and_read(beside: Caller, origin: str) -> None:
    answer = await _ask(beside, "GET", "/state", Origin=origin)
    assert (answer.status_code, answer.headers[_GRANT], answer.headers["Vary"]) == (200, origin, "Origin")


async def test_refusal_can_be_read_by_the_page(beside: Caller) -> None:
    answer = await _ask(beside, "POST", "/tasks/nowhere", Origin=PAGE)
    assert (answer.status_code, answer.headers[_GRANT]) == (404, PAGE)


async def test_preflight_of_the_page_is_granted(beside: Caller) -> None:
    answer = await _ask(beside, "OPTIONS", "/tasks", Origin=PAGE, **_ASKS_LEAVE)
    assert (answer.status_code, answer.headers[_GRANT]) == (204, PAGE)
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8422", "http://localhost:84200", "https://127.0.0.1:8420", "null"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_page_from_elsewhere_is_refused(beside: Caller, method: str, origin: str) -> None:
    answer = await _ask(beside, method, "/queue", Origin=origin, **_ASKS_LEAVE)
    assert answer.status_code == 403
    assert _GRANT not in answer.headers


async def test_nobody_is_granted_anything_without_a_page(full: Caller) -> None:
    answer = await _ask(full, "OPTIONS", "/tasks", Origin=PAGE, **_ASKS_LEAVE)
    assert answer.status_code == 403
    assert _GRANT not in answer.headers


async def test_public_api_grants_the_page_nothing(beside: Caller) -> None:
    answer = await beside.client.get("/org", headers={"Origin": PAGE})
    assert answer.status_code == 200
    assert _GRANT not in answer.headers


async def test_caller_that_is_no_browser_is_granted_nothing_and_asks_all_the_same(beside: Caller) -> None:
    answer = await _ask(beside, "GET", "/state")
    assert answer.status_code == 200
    assert _GRANT not in answer.headers
