"""A stage for each test: it fails the test if anything of ours was logged as an error that the test did not expect."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A bot in its world."""
    built = Stage.build(tmp_path / "oec-bot.db")
    logging.getLogger().addHandler(built.errors)
    yield built
    logging.getLogger().removeHandler(built.errors)
    await built.close()
    assert not built.errors.lines, "logged as errors:\n" + "\n".join(built.errors.lines)
