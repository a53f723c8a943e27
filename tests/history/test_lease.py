"""Two bots never use one history, and a dead one does not keep it."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import HistoryError
from bot.history.lease import Lease
from bot.history.store import HistoryStore
from tests.support.record import read_runs

HOLD = """
import sys
from bot.history.lease import Lease
lease = Lease.take(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_second_bot_is_refused_until_the_first_lets_go(path: Path) -> None:
    first = Lease.take(path)
    with pytest.raises(HistoryError, match="Another oec-bot is running"):
        Lease.take(path)

    first.release()
    first.release()
    Lease.take(path).release()


def test_killed_bot_holds_nothing(path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(HistoryError, match="Another oec-bot is running"):
            Lease.take(path)
        other.kill()

    Lease.take(path).release()


def test_leased_database_can_be_read_and_written(path: Path, store: HistoryStore) -> None:
    lease = Lease.take(path)

    assert read_runs(path) == []
    lease.release()


def test_lease_where_nothing_can_be_written_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be opened"):
        Lease.take(tmp_path / "missing" / "bot.db")
