"""A browser, a workspace with a toy app in it, and windows to look through."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.sim.workspace.seeds import seeded_workspace
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.page.toy_app import ToyApp
from tests.sim.workspace.page.window import PATIENCE, Window
from tests.support.needs import chromium_path

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WELCOME: dict[str, Any] = {
    "title": "Three things to try",
    "suggestions": [
        {"text": "Ask for a deploy", "user_id": "U0CLEO", "channel_id": "C0DEPLOYS", "input": "/oec card"},
        {"text": "Approve it", "user_id": "U0BEN", "channel_id": "C0DEPLOYS", "input": ""},
        {"text": "Ask elsewhere", "user_id": "U0ANA", "channel_id": "C0SUPPORT", "input": "/oec status"},
    ],
}

OpenWindow = Callable[..., Awaitable[Window]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A running workspace and the toy app in it."""

    server: WorkspaceServer
    app: ToyApp


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of this process."""
    path = chromium_path()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, headless=True, args=list(_FLAGS))
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """A fresh workspace whose app listens. Its patience is short, as some tests wait for its end."""
    server = WorkspaceServer(
        seeded_workspace(), welcome=WELCOME, enforce_tiers=False, ack_within=timedelta(seconds=1)
    )
    await server.start()
    app = ToyApp(server.api_url)
    await app.connect()
    yield Stage(server, app)
    await app.disconnect()
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def open_window(browser: Browser, stage: Stage) -> AsyncIterator[OpenWindow]:
    """Opens windows, each like a browser of its own. At the end none may have complained about anything."""
    windows: list[Window] = []

    async def open_one(
        place: str = "U0ANA/C0DEPLOYS", *, width: int = 1280, height: int = 800, **more: Any
    ) -> Window:
        context = await browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(PATIENCE)
        window = Window(await context.new_page(), stage.server.url)
        windows.append(window)
        await window.opens(place)
        return window

    yield open_one
    for window in windows:
        await window.page.context.close()
    assert [problem for window in windows for problem in window.problems] == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def wide_page(browser: Browser) -> AsyncIterator[Page]:
    """A page for one test after the other: each has a server, hence an origin and storage, of its own."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(wide_page: Page, stage: Stage) -> AsyncIterator[Window]:
    """A wide window in which one is Ana, in #deploys. At the end the browser may not have complained."""
    opened = Window(wide_page, stage.server.url)
    await opened.opens("U0ANA/C0DEPLOYS")
    yield opened
    await opened.leave()
    assert opened.problems == []


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is reached directly, whatever proxy the environment names."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
