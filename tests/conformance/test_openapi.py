"""The simulator's own document, and Schemathesis holding the simulator to it: a judge that nobody here wrote.

Schemathesis makes up calls from the document, good and bad ones, one by one and in chains, and judges every answer: the
status, the shape, the headers, whether bad calls are refused, good ones accepted, and keys asked for.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator

from bot.sim.hosting.limits import Limits
from bot.sim.hosting.objects import OBJECTS
from bot.sim.hosting.openapi import document, page
from bot.sim.hosting.routes.table import ROUTES
from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    ERP_PROJECT,
    FULL_KEY,
    SERVER_ID,
    STAGING,
    WEBSHOP_KEY,
    seeded_hosting,
)
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import MovedClock, plain_client

ROOT = Path(__file__).parent.parent.parent
MANY = 1_000_000
UNBOUND = Limits(reads=MANY, writes=MANY, per_target=MANY, webhook_changes=MANY, refused_keys=MANY)
"""Schemathesis calls as fast as it can, and tries bad keys too."""


@pytest.fixture
async def server() -> AsyncIterator[HostingServer]:
    clock = MovedClock()
    server = HostingServer(seeded_hosting(clock), now=clock)
    server.front.change_limits(UNBOUND)
    await server.start()
    yield server
    await server.stop()


def settings_for(server: HostingServer) -> str:
    """Real ids in place of made-up ones; what deletes gets ids that nothing else needs."""
    spare_key = server.hosting.keys[WEBSHOP_KEY].id
    return f"""
[parameters]
"path.env_id" = "{STAGING}"
"path.project_id" = "{ERP_PROJECT}"
"path.server_id" = "{SERVER_ID}"
"path.key_id" = "{spare_key}"

[[operations]]
include-method = "DELETE"
include-path = "/environments/{{env_id}}"
[operations.parameters]
"path.env_id" = "{DEVELOPMENT}"
"""


async def test_schemathesis_finds_nothing(server: HostingServer, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(settings_for(server))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.api_url}/openapi.json"),
        *("--header", f"Authorization: Bearer {FULL_KEY}", "--checks", "all"),
        *("--max-examples", "5", "--generation-deterministic"),
        cwd=tmp_path,
        env=os.environ
        | {"SCHEMATHESIS_HOOKS": "tests.conformance.schemathesis_hooks", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    told = output.decode()
    assert process.returncode == 0, told
    assert f"Tested: {len(ROUTES)}" in told
    assert "Authentication failed" not in told, "it has only met closed doors"
    assert "Rate limited" not in told, "it has only met closed doors"


def test_document_has_every_route_under_a_name_of_its_own() -> None:
    operations = {
        (method.upper(), path): one["operationId"]
        for path, methods in document()["paths"].items()
        for method, one in methods.items()
    }
    assert set(operations) == {(route.method, route.path) for route in ROUTES}
    assert len(set(operations.values())) == len(ROUTES)


def test_document_holds_schemas_that_are_schemas() -> None:
    for one in OBJECTS.values():
        Draft202012Validator.check_schema(one)
    for route in ROUTES:
        Draft202012Validator.check_schema(route.body or {})


def test_document_refers_only_to_what_it_holds() -> None:
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(document())))
    assert named == set(OBJECTS)


def test_page_shows_every_route_and_loads_nothing() -> None:
    assert re.findall(r"""(?:src|href|action)\s*=\s*["']?([^"'>\s]*)""", page()) == ["openapi.json"]
    assert "@import" not in page()
    assert "<script" not in page()
    assert "url(" not in page()
    for route in ROUTES:
        assert f"{route.method} {route.path}</code>" in page()


async def test_document_and_page_need_no_key(server: HostingServer) -> None:
    async with plain_client(base_url=server.api_url) as client:
        shown: httpx.Response = await client.get("/openapi.json")
        assert (shown.status_code, shown.json()["openapi"]) == (200, "3.1.0")
        looked = await client.get("/docs")
        assert (looked.status_code, looked.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
