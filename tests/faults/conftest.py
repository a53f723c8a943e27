"""The world in which faults happen."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from tests.support.life import MortalLoop
from tests.support.world import World, running_world


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], MortalLoop]]:
    """The event loop of these tests: one on which the bot may die."""
    return {"mortal": MortalLoop}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The real bot, the stand-in and the simulator, running."""
    async with running_world(tmp_path) as running:
        yield running
