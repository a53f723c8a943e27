"""Takes the picture for README from the real thing: `python -m tests.support.picture FILE`.

The demonstration runs in this process; a deploy is asked for, approved and under way when the picture is taken.
"""

import asyncio
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.async_api import async_playwright

from bot.sim.demo import DemoOptions, run_demo
from bot.sim.sandbox import Ports
from tests.support.person import Person
from tests.support.world import DEPLOYS

BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


async def play(url: str) -> str:
    """Ask, approve, and wait for the run to be well under way; the card's ts."""
    async with httpx.AsyncClient(base_url=url) as side_door:
        ana, ben, cleo = (Person(user, side_door, set()) for user in ("U0ANA", "U0BEN", "U0CLEO"))
        await ana.says("/oec deploy prod", DEPLOYS)
        card = await ben.sees("waits for approval", channel=DEPLOYS)
        await cleo.says("/oec reinit dev sale", DEPLOYS)
        await ben.presses("Approve", card)
        await ben.sees("Deploying `prod`", channel=DEPLOYS)
        await ana.sees("step 6 of 12", channel=DEPLOYS, thread=card.ts, patience=60)
        return card.ts


async def take(url: str, ts: str, file: Path) -> None:
    """Open the page as Ana with the run's thread beside the channel, and take its picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=BROWSER_FLAGS
        )
        page = await browser.new_page(viewport={"width": 1180, "height": 760})
        await page.goto(f"{url}/#U0ANA/{DEPLOYS}/{ts}")
        await page.get_by_role("button", name="Put this card away").click()
        await page.mouse.move(590, 90)
        await page.wait_for_timeout(1500)
        await page.screenshot(path=file)
        await browser.close()


async def main(file: Path) -> None:
    """Run the demonstration, play, take the picture."""
    announced: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    with TemporaryDirectory() as folder:
        options = DemoOptions(Ports(0, 0), 8.0, Path(folder) / "history.db")
        demo = asyncio.create_task(
            run_demo(
                options,
                announce=lambda told: announced.set_result(str(told["slack_url"])),
                say=print,
                stop=stop,
            )
        )
        url = await announced
        await take(url, await play(url), file)
        stop.set()
        await demo


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
