"""The panel behind the scenes: both worlds shown, moved and broken, with a real workspace and a real simulator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, Locator, Page, Request, expect

from bot.sim.hosting.seeds import DEVELOPMENT, FULL_KEY, OLD, PRODUCTION, STAGING
from bot.sim.sandbox import Ports, Sandbox
from bot.sim.workspace.seeds import APP_TOKEN, BOT_TOKEN
from tests.sim.workspace.page.conftest import OpenWindow, Stage
from tests.sim.workspace.page.window import PATIENCE, Window
from tests.support.ports import start_again

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PROBES = Path(__file__).resolve().parent / "probes"
_NAMELESS = (_PROBES / "nameless.js").read_text()
_CONTRAST = (_PROBES / "contrast.js").read_text()
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_TOGGLE = "Behind the scenes"
_TABS = ("Environments", "API calls", "Faults")
_TEXTS = {
    "Environments": (
        ".tab[aria-selected=true]",
        ".tab[aria-selected=false]",
        ".place-project",
        ".facts dd",
        ".task-detail",
        ".task-trouble",
        ".task-percent",
        ".deeds .button",
        ".mark",
        ".fold > summary",
    ),
    "API calls": (".call-what", ".call-note", ".call-time", ".mark.is-bad", ".figure"),
    "Faults": (".fault .hint", ".active-faults", ".fault .button"),
}


@dataclass(frozen=True, slots=True)
class Floor:
    """Both stand-ins, their side doors, and a window on the page with the panel open."""

    sandbox: Sandbox
    control: httpx.AsyncClient
    person: httpx.AsyncClient
    window: Window

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("complementary", name=_TOGGLE)

    def card(self, name: str, project: str = "Client ERP") -> Locator:
        title = self.page.get_by_role("heading", name=name, exact=True)
        return self.panel.locator(".place-card").filter(has=title).filter(has_text=project)

    async def opens(self, *, tab: str = "Environments") -> None:
        await self.window.opens("U0ANA/C0DEPLOYS")
        await self.page.get_by_role("button", name=_TOGGLE, exact=True).click()
        await self.page.get_by_role("tab", name=tab).click()

    async def presses(self, name: str) -> None:
        await self.panel.get_by_role("button", name=name, exact=True).click()

    async def says(self, words: str) -> None:
        await expect(self.panel.locator(".beside-told")).to_have_text(words)

    async def state(self) -> Any:
        return (await self.control.get("/state")).json()

    async def task(self, task_id: str) -> Any:
        return next(task for task in (await self.state())["tasks"] if task["id"] == task_id)

    async def starts_elsewhere(self, environment_id: str = STAGING, kind: str = "deploy") -> str:
        """A task begun at the platform, which only moves by hand; its id."""
        await self.control.post("/pace", json={"mode": "manual"})
        started = await self.control.post("/tasks", json={"environment_id": environment_id, "type": kind})
        return str(started.json()["id"])

    async def slack_faults(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = (await self.person.get("/faults")).json()["faults"]
        return told


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A workspace and a simulator that know of each other's page."""
    running = Sandbox(enforce_tiers=False)
    await running.start(Ports(0, 0))
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def floor(wide_page: Page, sandbox: Sandbox) -> AsyncIterator[Floor]:
    """The second floor with its panel open. At the end the browser may not have complained."""
    window = Window(wide_page, sandbox.workspace.url)
    async with (
        httpx.AsyncClient(base_url=f"{sandbox.hosting.url}/control", trust_env=False) as control,
        httpx.AsyncClient(base_url=f"{sandbox.workspace.url}/person", trust_env=False) as person,
    ):
        there = Floor(sandbox, control, person, window)
        await there.opens()
        yield there
        await window.leave()
    assert window.problems == []


async def _narrow(browser: Browser, floor: Floor, **more: Any) -> Floor:
    context = await browser.new_context(**more)
    context.set_default_timeout(PATIENCE)
    window = Window(await context.new_page(), floor.sandbox.workspace.url)
    return Floor(floor.sandbox, floor.control, floor.person, window)


# Environments and tasks


async def test_environments_stand_with_what_the_platform_knows(floor: Floor) -> None:
    card = floor.card("production")
    await expect(card).to_contain_text("running")
    await expect(card).to_contain_text("main at a1b2c3d")
    await expect(card.get_by_role("link", name="erp.client.example")).to_be_visible()
    known = [task for task in (await floor.state())["tasks"] if task["environment_id"] == PRODUCTION]
    await expect(card).to_contain_text(f"{len(known) - 1} earlier tasks")
    await card.locator("summary", has_text="earlier tasks").click()
    earlier = card.get_by_role("list", name="Earlier tasks of production, Client ERP").get_by_role("listitem")
    await expect(earlier).to_have_count(len(known) - 1)
    await expect(earlier.filter(has_text="failed")).to_contain_text("10 of 12 steps done")
    await expect(floor.card("old")).to_contain_text("stopped")
    await expect(floor.card("production", "Client Webshop")).to_contain_text("shop.client.example")


async def test_task_started_elsewhere_is_seen_with_step_and_percent(floor: Floor) -> None:
    task_id = await floor.starts_elsewhere()
    newest = floor.card("staging").get_by_role("list", name="Newest task of staging, Client ERP")
    await expect(newest).to_contain_text("pending")
    await floor.control.post(
        f"/tasks/{task_id}", json={"steps_completed": 6, "current_step": "Run migrations"}
    )
    await expect(newest).to_contain_text("50 %")
    await expect(newest).to_contain_text("step 7 of 12, Run migrations")
    bar = newest.get_by_role("progressbar", name="Progress of the deploy of staging, Client ERP")
    await expect(bar).to_have_attribute("value", "50")
    await expect(floor.card("staging").locator(".place-line")).to_contain_text("deploying")


async def test_finish_completes_the_task_and_leaves_the_focus_on_it(floor: Floor) -> None:
    task_id = await floor.starts_elsewhere()
    await floor.presses("Finish the deploy of staging, Client ERP")
    await floor.says("Finished: the deploy of staging, Client ERP.")
    assert (await floor.task(task_id))["status"] == "completed"
    row = floor.card("staging").locator(".task-row").first
    await expect(row).to_contain_text("completed")
    await expect(row).to_be_focused()


async def test_fail_carries_its_message_and_log_line(floor: Floor) -> None:
    task_id = await floor.starts_elsewhere()
    await floor.control.post(f"/tasks/{task_id}", json={"steps_completed": 7})
    await floor.presses("Fail… the deploy of staging, Client ERP")
    form = floor.panel.get_by_role("form", name="Fail the deploy of staging, Client ERP")
    await expect(form.get_by_label("Error message")).to_be_focused()
    await form.get_by_label("Error message").fill("the disk is full")
    await form.get_by_label("Last line of the log").fill("OSError: No space left on device")
    await form.get_by_role("button", name="Fail it").click()
    await floor.says("Failed: the deploy of staging, Client ERP.")
    failed = await floor.task(task_id)
    assert (failed["status"], failed["error_message"]) == ("failed", "the disk is full")
    async with httpx.AsyncClient(
        headers={"Authorization": f"Bearer {FULL_KEY}"}, trust_env=False
    ) as platform:
        logs = await platform.get(f"{floor.sandbox.hosting.api_url}/environments/{STAGING}/logs")
    assert "No space left on device" in logs.text
    await expect(floor.card("staging").locator(".task-row").first).to_contain_text("the disk is full")
    await expect(floor.card("staging").locator(".place-line")).to_contain_text("error")


async def test_cancel_ends_the_task_as_cancelled(floor: Floor) -> None:
    task_id = await floor.starts_elsewhere(kind="restart")
    await floor.presses("Cancel the restart of staging, Client ERP")
    await floor.says("Cancelled: the restart of staging, Client ERP.")
    assert (await floor.task(task_id))["status"] == "cancelled"


async def test_stalled_task_stands_goes_one_step_on_and_is_let_go(floor: Floor) -> None:
    task_id = await floor.starts_elsewhere()
    await floor.presses("Stall the deploy of staging, Client ERP")
    await floor.says("Held: the deploy of staging, Client ERP.")
    assert (await floor.task(task_id))["by_hand"] is True
    await floor.presses("One step on the deploy of staging, Client ERP")
    await floor.says("One step on: the deploy of staging, Client ERP.")
    assert (await floor.task(task_id))["steps_completed"] == 1
    await floor.presses("Go on the deploy of staging, Client ERP")
    await floor.says("Let go: the deploy of staging, Client ERP.")
    assert (await floor.task(task_id))["by_hand"] is False


async def test_task_is_started_as_the_dashboard_would(floor: Floor) -> None:
    await floor.control.post("/pace", json={"mode": "manual"})
    await floor.card("development").locator("summary", has_text="From the dashboard").click()
    await floor.presses("Start a restart of development, Client ERP from the dashboard")
    await expect(floor.card("development").locator(".task-row").first).to_contain_text("restart")
    started = (await floor.state())["tasks"][-1]
    assert (started["type"], started["environment_id"], started["idempotency_key"]) == (
        "restart",
        DEVELOPMENT,
        None,
    )
    assert floor.window.problems == []
    await floor.presses("Start a deploy of development, Client ERP from the dashboard")
    await expect(floor.panel.locator(".beside-told.is-complaint")).to_contain_text("is pending there")
    assert [problem for problem in floor.window.problems if "409" not in problem] == []
    floor.window.problems.clear()


async def test_next_task_ends_as_planned(floor: Floor) -> None:
    card = floor.card("staging")
    await card.locator("summary", has_text="From the dashboard").click()
    await card.get_by_label("Error message of the next task of staging, Client ERP").fill("out of memory")
    await card.get_by_role("button", name="Plan it").click()
    await expect(card).to_contain_text("Planned: failed.")
    await card.get_by_label("How the next task of staging, Client ERP ends").select_option("cancelled")
    await expect(card.get_by_label("Error message of the next task of staging, Client ERP")).to_be_hidden()
    await card.get_by_role("button", name="Plan it").click()
    await expect(card).to_contain_text("Planned: failed, then cancelled.")
    assert (await floor.state())["endings"] == {STAGING: ["failed", "cancelled"]}


async def test_pace_is_shown_and_set(floor: Floor) -> None:
    pace = floor.panel.get_by_label("Tasks move")
    await expect(pace.locator("option:checked")).to_have_text("As slowly as in life")
    await pace.select_option(label="20 times as fast as in life")
    await floor.says("Tasks move: 20 times as fast as in life.")
    assert (await floor.state())["pace"] == {"mode": "time", "speed": 20}
    await floor.control.post("/pace", json={"mode": "reads", "reads": 7})
    await expect(pace.locator("option:checked")).to_have_text("With every look, done after 7")


async def test_refreshing_touches_nothing_one_is_busy_with(floor: Floor) -> None:
    task_id = await floor.starts_elsewhere()
    await floor.presses("Fail… the deploy of staging, Client ERP")
    field = floor.panel.get_by_role("form", name="Fail the deploy").get_by_label("Error message")
    await field.fill("half a thou")
    await floor.page.evaluate("document.querySelector('.place-card').isTheSame = true")
    await floor.control.post(f"/tasks/{task_id}", json={"progress_percent": 33})
    await expect(floor.card("staging")).to_contain_text("33 %")
    await floor.control.post("/tasks", json={"environment_id": DEVELOPMENT})
    await expect(floor.card("development")).to_contain_text("pending")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("half a thou")
    assert await floor.page.evaluate("document.querySelector('.place-card').isTheSame") is True


# Calls


async def _call_both(floor: Floor) -> None:
    """One call that works and one that fails, to each of the two services."""
    platform = {"Authorization": f"Bearer {FULL_KEY}"}
    slack = {"Authorization": f"Bearer {BOT_TOKEN}"}
    api, web_api = floor.sandbox.hosting.api_url, floor.sandbox.workspace.api_url
    async with httpx.AsyncClient(trust_env=False) as bot:
        key = {"Idempotency-Key": "0f9a7c52-run-42"}
        await bot.post(f"{api}/environments/{STAGING}/restart", headers=platform | key)
        await bot.get(f"{api}/deployments/{DEVELOPMENT}", headers=platform)
        await bot.post(f"{web_api}auth.test", headers=slack)
        await bot.post(f"{web_api}chat.postMessage", headers=slack, data={"channel": "C0NONE", "text": "x"})


async def test_calls_of_both_services_stand_newest_first_with_their_outcome(floor: Floor) -> None:
    await floor.page.get_by_role("tab", name="API calls").click()
    await expect(floor.panel).to_contain_text("The bot has not called anything yet.")
    await _call_both(floor)
    lines = floor.panel.locator(".call summary")
    await expect(lines).to_have_count(4)
    await expect(lines.nth(0)).to_contain_text("chat.postMessage")
    await expect(lines.nth(0)).to_contain_text("✕")
    await expect(lines.nth(0)).to_contain_text("channel_not_found")
    await expect(lines.nth(1)).to_contain_text("auth.test")
    await expect(lines.nth(2)).to_contain_text("404 not found")
    await expect(lines.nth(3)).to_contain_text("POST /environments/0f1c1f6e…/restart")
    await expect(lines.nth(3)).to_contain_text("key 0f9a7c52…")
    await lines.nth(3).click()
    await expect(floor.panel.locator(".whole").nth(3)).to_contain_text('"idempotency_key": "0f9a7c52-run-42"')
    room = floor.panel.get_by_role("region", name="Calls left this minute")
    await expect(room).to_contain_text("20 writes")
    await expect(room).to_contain_text("120 reads")


async def test_filter_leaves_only_what_fits(floor: Floor) -> None:
    await floor.page.get_by_role("tab", name="API calls").click()
    await _call_both(floor)
    lines = floor.panel.locator(".call summary")
    await expect(lines).to_have_count(4)
    await floor.panel.get_by_label("Filter").fill("restart 0f9a")
    await expect(lines).to_have_count(1)
    await floor.panel.get_by_label("Filter").fill("")
    await floor.panel.get_by_label("Failures only").check()
    await expect(lines).to_have_count(2)
    await floor.panel.get_by_label("Service").select_option("Slack")
    await expect(lines).to_have_count(1)
    await floor.panel.get_by_label("Filter").fill("views")
    await expect(floor.panel).to_contain_text("No call fits the filter.")


# Faults


async def test_every_fault_of_the_platform_reaches_it(floor: Floor) -> None:
    await floor.page.get_by_role("tab", name="Faults").click()
    group = floor.panel.get_by_role("region", name="Faults of oec.sh")
    await group.get_by_label("How many calls").fill("3")
    await group.get_by_label("Which calls").select_option("POST")
    for button in await group.get_by_role("button").all():
        await button.click()
    await expect(floor.page.get_by_role("tab", name="Faults (7)")).to_be_visible()
    planned = (await floor.state())["faults"]
    assert [(fault["kind"], fault["status"]) for fault in planned] == [
        ("status", 429),
        ("status", 500),
        ("status", 503),
        ("drop_before", None),
        ("drop_after", None),
        ("hang", None),
        ("not_json", None),
    ]
    assert {(fault["method"], fault["times"]) for fault in planned} == {("POST", 3)}
    active = floor.panel.get_by_role("region", name="What is set to go wrong")
    await expect(active).to_contain_text("oec.sh: Cut after the next 3 calls of actions (POST)")


async def test_every_fault_of_calls_to_slack_reaches_it(floor: Floor) -> None:
    await floor.page.get_by_role("tab", name="Faults").click()
    group = floor.panel.get_by_role("region", name="Faults of Slack")
    await group.get_by_label("Which calls").select_option("chat.update")
    for button in await group.get_by_role("button", name="Set it").all():
        await button.click()
    await expect(floor.page.get_by_role("tab", name="Faults (5)")).to_be_visible()
    planned = [(fault["kind"], fault.get("method"), fault["times"]) for fault in await floor.slack_faults()]
    assert planned == [
        ("ratelimit", "chat.update", 1),
        ("error", "chat.update", 1),
        ("hang", "chat.update", 1),
        ("drop_answer", "chat.update", 1),
        ("refuse_ticket", None, 1),
    ]


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("Refresh the connection", '"reason": "refresh_requested"'),
        ("Warn of a close", '"reason": "warning"'),
        ("Turn the link off", '"reason": "link_disabled"'),
        ("Too many sockets", '"reason": "too_many_websockets"'),
        ("Noise", "Hello, world"),
        ("Cut the socket", None),
    ],
)
async def test_fault_of_the_connection_happens_at_once(floor: Floor, name: str, heard: str | None) -> None:
    await floor.page.get_by_role("tab", name="Faults").click()
    async with ClientSession() as session:
        async with session.post(
            f"{floor.sandbox.workspace.api_url}apps.connections.open",
            headers={"Authorization": f"Bearer {APP_TOKEN}"},
        ) as opened:
            link = (await opened.json())["url"]
        async with session.ws_connect(link) as socket:
            assert "hello" in await socket.receive_str()
            await floor.presses(f"Do it Slack: {name}")
            frames = [message.data async for message in _until(socket, heard)]
    assert heard is None or any(heard in frame for frame in frames)


async def _until(socket: Any, heard: str | None) -> AsyncIterator[Any]:
    """What comes over the socket, up to these words or its end."""
    async for message in socket:
        yield message
        if heard is not None and heard in str(message.data):
            return


async def test_silence_stands_until_all_is_cleared_in_both_worlds(floor: Floor) -> None:
    await floor.page.get_by_role("tab", name="Faults").click()
    async with ClientSession() as session:
        async with session.post(
            f"{floor.sandbox.workspace.api_url}apps.connections.open",
            headers={"Authorization": f"Bearer {APP_TOKEN}"},
        ) as opened:
            link = (await opened.json())["url"]
        async with session.ws_connect(link) as socket:
            await socket.receive_str()
            await floor.presses("Do it Slack: Silence")
            active = floor.panel.get_by_role("region", name="What is set to go wrong")
            await expect(active).to_contain_text("Slack: Silence")
            await floor.presses("Set it oec.sh: Not JSON")
            await expect(active).to_contain_text("oec.sh: Not JSON")
            await floor.presses("Clear all faults")
            await floor.says("Everything goes well again.")
            await expect(active).to_contain_text("Nothing is set to go wrong.")
            assert (await floor.slack_faults(), (await floor.state())["faults"]) == ([], [])


# The panel itself


async def test_panel_opens_by_keyboard_and_gives_the_focus_back(floor: Floor) -> None:
    toggle = floor.page.get_by_role("button", name=_TOGGLE, exact=True)
    await floor.presses("Close Behind the scenes")
    await expect(floor.panel).to_be_hidden()
    await expect(toggle).to_be_focused()
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await floor.page.keyboard.press("Enter")
    await expect(floor.page.get_by_role("tab", name="Environments")).to_be_focused()
    await floor.page.keyboard.press("ArrowRight")
    await expect(floor.page.get_by_role("tab", name="API calls", selected=True)).to_be_focused()
    await expect(floor.page.get_by_role("tabpanel", name="API calls")).to_be_visible()
    await floor.page.keyboard.press("End")
    await expect(floor.page.get_by_role("tab", name="Faults", selected=True)).to_be_focused()
    await floor.page.keyboard.press("Tab")
    await expect(floor.page.get_by_role("button", name="Close Behind the scenes")).to_be_focused()
    await floor.page.keyboard.press("Escape")
    await expect(floor.panel).to_be_hidden()
    await expect(toggle).to_be_focused()


async def test_panel_and_its_tab_survive_a_reload(floor: Floor) -> None:
    await floor.page.get_by_role("tab", name="Faults").click()
    await floor.page.reload()
    await expect(floor.page.get_by_role("tab", name="Faults", selected=True)).to_be_visible()
    await floor.presses("Close Behind the scenes")
    await floor.page.reload()
    await expect(floor.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(floor.panel).to_be_hidden()


async def test_closed_panel_asks_nothing(browser: Browser, floor: Floor) -> None:
    there = await _narrow(browser, floor, viewport={"width": 1280, "height": 800})
    await there.page.clock.install()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/control/" in request.url or "/person/calls" in request.url:
            asked.append(request.url)

    there.page.on("request", note)
    await there.window.opens("U0ANA/C0DEPLOYS")
    await there.page.clock.run_for(5_000)
    assert asked == []
    await there.page.get_by_role("button", name=_TOGGLE, exact=True).click()
    await expect(there.card("staging")).to_be_visible()
    assert asked != []
    await there.presses("Close Behind the scenes")
    await there.page.clock.run_for(1_500)
    asked.clear()
    await there.page.clock.run_for(5_000)
    assert asked == []
    await there.page.context.close()


async def test_platform_that_is_gone_is_told_and_found_again(floor: Floor) -> None:
    await expect(floor.card("staging")).to_be_visible()
    port = int(floor.sandbox.hosting.url.rpartition(":")[2])
    await floor.sandbox.hosting.stop()
    banner = floor.panel.get_by_text("The stand-in of oec.sh is not answering.")
    await expect(banner).to_be_visible()
    await expect(floor.card("staging")).to_be_visible()
    await start_again(floor.sandbox.hosting.start, port)
    await expect(banner).to_be_hidden()
    assert [problem for problem in floor.window.problems if "ERR_CONNECTION_REFUSED" not in problem] == []
    floor.window.problems.clear()


async def test_workspace_that_stands_alone_shows_only_slack(open_window: OpenWindow, stage: Stage) -> None:
    window = await open_window()
    await window.page.get_by_role("button", name=_TOGGLE, exact=True).click()
    await expect(window.page.get_by_role("tab", name="API calls", selected=True)).to_be_visible()
    await expect(window.page.get_by_role("tab", name="Environments")).to_be_hidden()
    await stage.app.client.auth_test()
    await expect(window.page.locator(".call").first).to_contain_text("auth.test")
    await expect(window.page.get_by_role("region", name="Calls left this minute")).to_be_hidden()
    await window.page.get_by_role("tab", name="Faults").click()
    await expect(window.page.get_by_role("region", name="Faults of Slack")).to_be_visible()
    await expect(window.page.get_by_role("region", name="Faults of oec.sh")).to_be_hidden()


async def test_page_from_elsewhere_cannot_reach_the_platform(browser: Browser, floor: Floor) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.route("http://127.0.0.1:1/", lambda route: route.fulfill(body="<h1>elsewhere</h1>"))
    await page.goto("http://127.0.0.1:1/")
    control = str(floor.control.base_url)
    outcome = """async ([url, options]) => fetch(url, options).then(() => "answered", () => "refused")"""
    assert await page.evaluate(outcome, [f"{control}state", {}]) == "refused"
    started = {"method": "POST", "body": f'{{"environment_id": "{STAGING}"}}', "mode": "no-cors"}
    before = len((await floor.state())["tasks"])
    await page.evaluate(outcome, [f"{control}tasks", started])
    assert len((await floor.state())["tasks"]) == before
    await context.close()


# Looks


async def _fill(floor: Floor) -> None:
    """A failed task, an open one that is held, calls that failed, and a fault still to come."""
    failed = await floor.starts_elsewhere(OLD)
    await floor.control.post(f"/tasks/{failed}", json={"status": "failed", "error_message": "e" * 300})
    held = await floor.starts_elsewhere(DEVELOPMENT)
    await floor.control.post(f"/tasks/{held}", json={"current_step": "s" * 200, "progress_percent": 40})
    await floor.control.post(f"/environments/{STAGING}", json={"name": "n" * 120, "branch": "b" * 120})
    await _call_both(floor)
    await floor.control.post("/faults", json={"kind": "hang", "path": "/" + "p" * 200})


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_texts_of_the_panel_stand_out_enough(browser: Browser, floor: Floor, scheme: str) -> None:
    await _fill(floor)
    there = await _narrow(browser, floor, color_scheme=scheme, viewport={"width": 1280, "height": 800})
    weak = {}
    for tab, selectors in _TEXTS.items():
        if tab == "Environments":
            await there.opens(tab=tab)
        await there.page.get_by_role("tab", name=tab).click()
        for selector in selectors:
            text = there.panel.locator(selector).locator("visible=true").first
            contrast = await text.evaluate(_CONTRAST)
            if contrast < 4.5:
                weak[selector] = round(contrast, 2)
    assert weak == {}
    await there.page.context.close()


@pytest.mark.parametrize("width", [360, 800, 1280])
async def test_nothing_scrolls_sideways_and_everything_has_a_name(
    browser: Browser, floor: Floor, width: int
) -> None:
    await _fill(floor)
    there = await _narrow(browser, floor, viewport={"width": width, "height": 740})
    await there.opens()
    for summary in await there.panel.locator("summary", has_text="From the dashboard").all():
        await summary.click()
    await there.presses("Fail… the deploy of development, Client ERP")
    for tab in _TABS:
        await there.page.get_by_role("tab", name=tab).click()
        await expect(there.panel.get_by_role("tabpanel")).to_be_visible()
        assert await there.page.evaluate(_OVERFLOW) <= 0
        body = there.panel.locator(".beside-body:visible")
        assert await body.evaluate("(node) => node.scrollWidth - node.clientWidth") <= 0
        assert await there.page.evaluate(_NAMELESS) == []
    await there.page.context.close()


async def test_phone_begins_with_the_conversation_and_puts_the_panel_over_it(
    browser: Browser, floor: Floor
) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    there = await _narrow(browser, floor, **phone)
    await there.window.opens("U0ANA/C0DEPLOYS")
    await expect(there.panel).to_be_hidden()
    await there.page.get_by_role("button", name=_TOGGLE, exact=True).tap()
    box = await there.panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    assert await there.page.evaluate("document.getElementById('window').inert") is True
    await there.page.get_by_role("button", name=_TOGGLE, exact=True).tap()
    await expect(there.panel).to_be_hidden()
    assert await there.page.evaluate("document.getElementById('window').inert") is False
    await there.page.context.close()


async def test_wide_screen_begins_with_both_worlds(browser: Browser, floor: Floor) -> None:
    there = await _narrow(browser, floor, viewport={"width": 1600, "height": 900})
    await there.window.opens("U0ANA/C0DEPLOYS")
    await expect(there.card("staging")).to_be_visible()
    await expect(there.window.composer).to_be_visible()
    await there.page.context.close()
