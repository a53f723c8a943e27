"""The health check sees a bot that signs its database, and one that no longer does."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.health import LONGEST_QUIET, LONGEST_SILENCE, find_trouble, main
from bot.history.store import HistoryStore

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TICK = timedelta(seconds=1)


async def sign(database: Path, at: datetime) -> None:
    store = HistoryStore.open(database)
    await store.record_alive(at)
    store.close()


async def test_bot_that_signed_just_now_is_well(tmp_path: Path) -> None:
    await sign(tmp_path / "bot.db", NOW - LONGEST_SILENCE)
    assert find_trouble(tmp_path / "bot.db", now=NOW) is None


@pytest.mark.parametrize("away", [LONGEST_SILENCE + TICK, -LONGEST_SILENCE - TICK])
async def test_bot_that_signed_long_ago_or_after_now_is_in_trouble(tmp_path: Path, away: timedelta) -> None:
    await sign(tmp_path / "bot.db", NOW - away)
    trouble = find_trouble(tmp_path / "bot.db", now=NOW)
    assert trouble == f"The bot was last up at {NOW - away:%Y-%m-%d %H:%M:%S} UTC."


async def test_bot_that_has_never_signed_is_in_trouble(tmp_path: Path) -> None:
    store = HistoryStore.open(tmp_path / "bot.db")
    store.close()
    trouble = find_trouble(tmp_path / "bot.db", now=NOW)
    assert trouble is not None
    assert "No bot has been up" in trouble


def test_database_that_is_missing_is_named_and_not_made(tmp_path: Path) -> None:
    trouble = find_trouble(tmp_path / "bot.db", now=NOW)
    assert trouble is not None
    assert str(tmp_path / "bot.db") in trouble
    assert not (tmp_path / "bot.db").exists()


async def test_live_database_is_read_while_the_bot_has_it_open(tmp_path: Path) -> None:
    store = HistoryStore.open(tmp_path / "bot.db")
    try:
        await store.record_alive(NOW)
        assert find_trouble(tmp_path / "bot.db", now=NOW) is None
    finally:
        store.close()


@pytest.mark.parametrize(
    ("heard_before", "words"),
    [
        (None, "The bot is well."),
        (timedelta(0), "The bot is well."),
        (-timedelta(hours=1), "The bot is well."),
        (LONGEST_QUIET, "The bot is well."),
        (
            timedelta(minutes=2),
            "The bot is well, but Slack has been silent for 2 min: it tries to connect.",
        ),
    ],
)
async def test_slack_that_is_silent_is_told_and_no_reason_to_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], heard_before: timedelta | None, words: str
) -> None:
    store = HistoryStore.open(tmp_path / "bot.db")
    await store.record_alive(NOW, heard_at=NOW - timedelta(hours=9))
    await store.record_alive(NOW, heard_at=None if heard_before is None else NOW - heard_before)
    store.close()
    assert main([str(tmp_path / "bot.db")], {}, now=NOW) == 0
    assert capsys.readouterr().out == f"{words}\n"


async def test_file_is_the_one_named_or_the_one_of_the_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await sign(tmp_path / "well.db", NOW)
    settings = {"OEC_DATABASE": str(tmp_path / "other.db")}
    assert main([str(tmp_path / "well.db")], settings, now=NOW) == 0
    assert main([], settings, now=NOW) == 1
    words = capsys.readouterr().out.splitlines()
    assert words[0] == "The bot is well."
    assert "other.db" in words[1]


def test_program_without_database_answers_status_1_and_one_line(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "bot.health"]
    environment = {**os.environ, "OEC_DATABASE": str(tmp_path / "none.db")}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("\n") == 1
    assert "none.db" in done.stdout
