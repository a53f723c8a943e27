"""README's first screen, in a real browser: start the demonstration, ask as Ana, approve as Ben, watch it end."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.sim.workspace.page.window import Window
from tests.support.needs import chromium_path
from tests.support.process import run_to_end

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
FREE_PORTS = ("--port", "0", "--hosting-port", "0", "--no-browser", "--json")


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """The running demonstration's address."""
    command = [sys.executable, "-m", "bot", "demo", *FREE_PORTS, "--speed", "20"]
    command += ["--database", str(tmp_path / "history.db")]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env={"PATH": os.environ["PATH"]}, cwd=tmp_path
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        announcement = json.loads(await process.stdout.readline())
    assert announcement["settings"]["SLACK_API_URL"] == announcement["slack_api_url"]
    yield announcement["slack_url"]
    process.terminate()
    async with asyncio.timeout(30):
        assert await process.wait() == 0


async def test_newcomer_has_an_approved_deploy_by_following_readme(url: str, tmp_path: Path) -> None:
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page()
        window = Window(page, url)
        await window.opens()
        await page.get_by_role("button", name="Deploy production as Ana").click()
        await expect(window.composer).to_have_value("/oec deploy prod")
        await window.composer.press("Enter")
        await window.sees("waits for approval")
        await window.sees("last backup")  # the pre-flight's edit; a click amid it would be lost
        await window.acts_as("Ben")
        await window.presses("Approve")
        await window.sees("approved by @Ben")
        await page.get_by_role("button", name="1 reply").or_(page.get_by_role("link", name="1 reply")).click()
        await expect(window.thread).to_contain_text("of 12", timeout=60_000)
        await expect(window.thread).to_contain_text("is deployed", timeout=60_000)
        await window.sees("is deployed")
        assert window.problems == []
        await browser.close()
    database = str(tmp_path / "history.db")
    status, out, _ = await run_to_end(
        "history", "--json", "--database", database, settings={}, folder=tmp_path
    )
    [run] = json.loads(out)
    assert status == 0
    assert (run["requester_name"], run["approver_names"], run["state"]) == ("Ana", ["Ben"], "done")
    assert run["duration_seconds"] > 0
