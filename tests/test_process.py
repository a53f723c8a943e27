"""What a process says when it breaks: through the log, on lines of its own, and without its secrets."""

import subprocess
import sys

import pytest

SECRET = "0123456789abcdef-signing-secret"
BEGIN = "import logging, threading\nfrom bot.process import start_logging\n"
BEGIN += f"start_logging(logging.WARNING).hide(['{SECRET}'])\n"


def words_of(program: str) -> tuple[int, str]:
    """The exit status and everything that such a program says."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("program", "status"),
    [
        (f"raise RuntimeError('no, {SECRET}')", 1),
        (f"import asyncio\nasync def run(): raise OSError('{SECRET}')\nasyncio.run(run())", 1),
        (f"def run(): raise OSError('{SECRET}')\nthread = threading.Thread(target=run); thread.start()", 0),
        (f"logging.getLogger('x').error('%s', {{'secret': '{SECRET}'}})", 0),
    ],
    ids=["at the top", "in the loop", "in a thread", "on a line"],
)
def test_last_words_hold_no_secret(program: str, status: int) -> None:
    # the program's own text would be quoted by a traceback, were it read from a file
    returned, said = words_of(program)
    assert returned == status
    assert "•••" in said
    assert SECRET not in said


def test_interrupted_process_ends_as_any_other() -> None:
    returned, said = words_of("raise KeyboardInterrupt")
    assert returned != 0
    assert "broke" not in said
