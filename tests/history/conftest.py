"""A history in a fresh file, with a clock that stands at noon."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.history.store import HistoryStore
from tests.history.values import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def store(path: Path) -> Iterator[HistoryStore]:
    store = HistoryStore.open(path, now=lambda: NOON)
    yield store
    store.close()
