"""The examples of the platform's own page, run against the simulator as they stand there.

`platform_page/` quotes them from oec.sh's public API documentation, page "Deploy Actions": the Python example at its end and
its curl lines. Nothing is changed but the address, the key and the environment's id; the Python example's indentation, which
the stored text of the page has lost, is put back.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sim.hosting.seeds import FULL_KEY, READ_KEY, STAGING, seeded_hosting
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import Caller, MovedClock
from tests.support.needs import curl_path

PAGE = Path(__file__).parent / "platform_page"
BASE_OF_THE_PAGE = "https://api.oec.sh/api/public/v1"
CURL_LINES = (PAGE / "curl_lines.txt").read_text(encoding="utf-8").strip().split("\n\n")
SHAPE_OF_THE_PAGE = {"task_id", "status", "environment_id", "poll_url"}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def full(clock: MovedClock) -> AsyncIterator[Caller]:
    server = HostingServer(seeded_hosting(clock), now=clock)
    await server.start()
    async with Caller(server, FULL_KEY) as caller:
        yield caller
    await server.stop()


def as_ours(text: str, server: HostingServer, key: str = FULL_KEY) -> str:
    """An example with the three things in place that it leaves to its reader."""
    for theirs, ours in (
        (BASE_OF_THE_PAGE, server.api_url),
        ("YOUR_API_KEY", key),
        ("YOUR_ENV_ID", STAGING),
    ):
        assert theirs in text
        text = text.replace(theirs, ours)
    return text


async def run(*command: str, folder: Path) -> tuple[int, str, str]:
    """A program in a folder of its own, far from its user's settings and proxies."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "NO_PROXY": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def run_example(full: Caller, folder: Path, key: str = FULL_KEY) -> tuple[int, list[str], str]:
    text = (PAGE / "deploy_and_poll.txt").read_text(encoding="utf-8")
    example = folder / "example.py"
    example.write_text(as_ours(text, full.server, key), encoding="utf-8")
    code, output, errors = await run(sys.executable, str(example), folder=folder)
    return code, output.splitlines(), errors


async def test_python_example_follows_a_deploy_to_its_end(full: Caller, tmp_path: Path) -> None:
    await full.control("/pace", mode="reads", reads=2)
    code, told, errors = await run_example(full, tmp_path)
    assert (code, errors) == (0, "")
    task = (await full.state())["tasks"][-1]
    assert told[0] == f"Deploy queued. Task ID: {task['id']}"
    assert told[1].startswith("Status: running (")
    assert told[2:] == ["Status: completed (100%)", "Deploy succeeded!"]
    assert (task["environment_id"], task["status"], task["triggered_by"]) == (STAGING, "completed", None)


async def test_python_example_tells_why_a_deploy_failed(full: Caller, tmp_path: Path) -> None:
    await full.control("/pace", mode="reads", reads=1)
    await full.control("/next", environment_id=STAGING, outcome="failed", error_message="no space left")
    _, told, _ = await run_example(full, tmp_path)
    assert told[-1] == "Deploy failed: no space left"


async def test_python_example_with_a_read_only_key_stops_at_once(full: Caller, tmp_path: Path) -> None:
    code, told, errors = await run_example(full, tmp_path, READ_KEY)
    assert (code, told) == (1, [])
    assert "403 Client Error" in errors


async def curl(line: str, full: Caller, folder: Path) -> Any:
    """What a curl line of the page brings back, run by a shell as one would paste it."""
    curl_path()
    code, output, errors = await run("bash", "-c", as_ours(line, full.server), folder=folder)
    assert code == 0, errors
    return json.loads(output)


@pytest.mark.parametrize("line", CURL_LINES, ids=lambda line: line.split('"')[1].rpartition("/")[2])
async def test_curl_line_of_the_page_starts_a_task(full: Caller, tmp_path: Path, line: str) -> None:
    if "/start" in line:
        await full.control(f"/environments/{STAGING}", status="stopped")
    answer = await curl(line, full, tmp_path)
    assert set(answer) == SHAPE_OF_THE_PAGE
    assert (answer["status"], answer["environment_id"]) == ("queued", STAGING)
    task = (await full.get(answer["poll_url"].removeprefix("/api/public/v1"))).json()
    assert task["id"] == answer["task_id"]


async def test_curl_lines_bring_what_the_page_says_of_them(full: Caller, tmp_path: Path) -> None:
    """The page's headers and bodies arrive as they stand there; a second line meets the first one's task."""
    deploy = next(line for line in CURL_LINES if "/deploy" in line)
    update = next(line for line in CURL_LINES if "update_specific" in line)
    started = await curl(update, full, tmp_path)
    refused = await curl(deploy, full, tmp_path)
    assert refused["detail"]["error"] == "task_in_progress"
    assert refused["detail"]["task_id"] == started["task_id"]
    task = (await full.state())["tasks"][-1]
    assert (task["mode"], task["modules"]) == ("update_specific", ["sale", "stock"])
    assert (await full.requests())[-1]["idempotency_key"].startswith("deploy-")


def test_all_lines_of_the_page_are_here() -> None:
    actions = [line.split('"')[1].rpartition("/")[2] for line in CURL_LINES]
    assert actions == ["deploy", "restart", "start", "quick-update", "quick-update", "stop"]
