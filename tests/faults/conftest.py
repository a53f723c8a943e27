"""The world in which faults happen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.world import World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The real bot, the stand-in and the simulator, running."""
    async with running_world(tmp_path) as running:
        yield running
