"""Servers that come back where they were."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.support.person import PATIENCE

Where = TypeVar("Where")


async def start_again(start: Callable[[Where], Awaitable[None]], where: Where) -> None:
    """Start a server at a port that it has left; a connection of somebody else's may have it for a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await start(where)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
