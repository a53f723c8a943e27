"""Takes the picture for README from the real thing: `python -m tests.support.picture FILE`.

The demonstration runs in this process; a deploy is asked for, approved and under way when the picture is taken. Once it
is well under way the pretend oec.sh stands still: however long the browser takes to start, the picture is the same.
"""

import asyncio
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.async_api import async_playwright

from bot.sim.demo import DemoOptions, run_demo
from bot.sim.sandbox import Ports
from tests.support.person import Person
from tests.support.world import DEPLOYS

BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demonstration answers: the pretend workspace, and the pretend oec.sh."""

    slack_url: str
    hosting_url: str


async def play(place: Place) -> str:
    """Ask, approve, and let time stand still at oec.sh when the run is well under way; the card's ts."""
    async with (
        httpx.AsyncClient(base_url=place.slack_url) as side_door,
        httpx.AsyncClient(base_url=place.hosting_url) as hosting,
    ):
        ana, ben, cleo = (Person(user, side_door, set()) for user in ("U0ANA", "U0BEN", "U0CLEO"))
        await ana.says("/oec deploy prod", DEPLOYS)
        card = await ben.sees("waits for approval", channel=DEPLOYS)
        await cleo.says("/oec reinit dev sale", DEPLOYS)
        await ben.presses("Approve", card)
        await ben.sees("Deploying `prod`", channel=DEPLOYS)
        step = await stand_still(hosting)
        await ana.sees(f"step {step} of 12", channel=DEPLOYS, thread=card.ts, patience=60)
        return card.ts


async def stand_still(hosting: httpx.AsyncClient) -> int:
    """Let time stand still at oec.sh once the deploy has done five of its steps; the step under way then."""
    deadline = time.monotonic() + 60
    while await count_steps(hosting) < 5:
        assert time.monotonic() < deadline, "the deploy does not get on"
        await asyncio.sleep(0.05)
    (await hosting.post("/control/pace", json={"mode": "manual"})).raise_for_status()
    return await count_steps(hosting) + 1


async def count_steps(hosting: httpx.AsyncClient) -> int:
    """How many steps the deploy has done that the bot asked for."""
    tasks = (await hosting.get("/control/state")).raise_for_status().json()["tasks"]
    return next((int(task["steps_completed"]) for task in tasks if task["idempotency_key"]), 0)


async def take(place: Place, ts: str, file: Path) -> None:
    """Open the page as Ana with the run's thread beside the channel, and take its picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=BROWSER_FLAGS
        )
        page = await browser.new_page(viewport={"width": 1180, "height": 860})
        await page.goto(f"{place.slack_url}/#U0ANA/{DEPLOYS}/{ts}")
        await page.get_by_role("button", name="Put this card away").click()
        await page.mouse.move(590, 90)
        await page.wait_for_timeout(1500)
        await page.screenshot(path=file)
        await browser.close()


async def main(file: Path) -> None:
    """Run the demonstration, play, take the picture."""
    announced: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    with TemporaryDirectory() as folder:
        options = DemoOptions(Ports(0, 0), 8.0, Path(folder) / "history.db")
        demo = asyncio.create_task(
            run_demo(
                options,
                announce=lambda told: announced.set_result(
                    Place(str(told["slack_url"]), str(told["hosting_url"]))
                ),
                say=print,
                stop=stop,
            )
        )
        place = await announced
        await take(place, await play(place), file)
        stop.set()
        await demo


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
