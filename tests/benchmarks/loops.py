"""The least that can look at a task, and the least that can edit a message: a loop around the same libraries, and no more.

`python -m tests.benchmarks.loops look|edit --count N --told FILE` with the settings of the stand-ins; FILE says which task,
or which message with which content. Prints the processor time of the loop in seconds.
"""

import argparse
import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from slack_sdk.web.async_client import AsyncWebClient


async def look(told: dict[str, Any], count: int) -> float:
    """Ask for a task again and again."""
    url = f"{os.environ['OEC_API_URL']}/deployments/{told['task_id']}"
    headers = {"Authorization": f"Bearer {os.environ['OEC_READ_KEY']}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        started = time.process_time()
        for _ in range(count):
            (await client.get(url)).raise_for_status().json()
        return time.process_time() - started


async def edit(told: dict[str, Any], count: int) -> float:
    """Edit a message again and again."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session
        )
        client.proxy = None
        posted = await client.chat_postMessage(channel=told["channel"], text=told["text"])
        ts = str(posted["ts"])
        started = time.process_time()
        for number in range(count):
            text = f"{told['text']} {number}"
            await client.chat_update(channel=told["channel"], ts=ts, text=text, blocks=told["blocks"])
        return time.process_time() - started


def main() -> None:
    """Read the command line, loop, say how long."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.loops")
    parser.add_argument("deed", choices=("look", "edit"))
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--told", type=Path, required=True)
    given = parser.parse_args()
    told = json.loads(given.told.read_text(encoding="utf-8"))
    print(json.dumps({"seconds": asyncio.run((look if given.deed == "look" else edit)(told, given.count))}))


if __name__ == "__main__":
    main()
