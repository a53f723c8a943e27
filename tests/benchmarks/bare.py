"""The least that can answer `/oec`: slack-bolt's AsyncApp with one listener that acknowledges and does nothing else.

`python -m tests.benchmarks.bare [--answer-first]`, with the settings that `oec-bot sandbox` prints. What this takes is what
slack-bolt and slack-sdk take; whatever a bot takes beyond it is the bot's own.
"""

import asyncio
import os
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def acknowledge(ack: Any) -> None:
    """The listener."""
    await ack()


async def serve(*, answer_first: bool) -> None:
    """Connect and stay. With `answer_first` Bolt sends what the listener acknowledged at once, instead of polling."""
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client, process_before_response=answer_first)
    app.command("/oec")(acknowledge)
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt left it so
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(answer_first="--answer-first" in sys.argv[1:]))
