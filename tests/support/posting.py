"""Slack's HTTP mode and webhooks in a scenario: where the bot listens, and what posts to it."""

import re
from collections.abc import Sequence

from tests.support.world import World

LISTENING = {"SLACK_APP_TOKEN": "", "OEC_LISTEN": "127.0.0.1:0"}
"""Settings of a bot that Slack posts to. The signing secret is among the stand-in's own settings."""


def find_port(lines: Sequence[str]) -> int:
    """Where the bot said that it listens."""
    said = (re.search(r"Listening at 127\.0\.0\.1:(\d+): ", line) for line in lines)
    return int(next(found.group(1) for found in said if found))


async def move_app(world: World, port: int) -> None:
    """Have Slack post to this port from now on; it asks first whether that is the app's."""
    url = f"http://127.0.0.1:{port}/slack/events"
    answer = await world.side_door.post("/person/app", json={"request_url": url})
    assert answer.is_success, answer.text
