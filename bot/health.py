"""Whether the bot is alive, asked from outside: `python -m bot.health [FILE]`, which a container calls as its health check.

A running bot signs its database every few seconds. A signature that is missing or old means that the process is gone,
or that it hangs, or that the disk does. Slack or oec.sh being away is no illness of the bot. It is told, but with status 0:
all that a restart could mend (a new ticket, a new socket) the bot does by itself, and a restart would only interrupt what
it follows meanwhile.

It stands beside the command line because it runs twice a minute for ever: it reads one row and loads nothing else.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.errors import HistoryError
from bot.history.database import open_for_reading
from bot.history.message_table import find_alive, find_heard
from bot.views.spans import say_span

LONGEST_SILENCE = timedelta(seconds=60)
"""Several times what lies between two signatures, so that one slow write is no alarm."""


LONGEST_QUIET = timedelta(seconds=30)
"""Slack answers a ping every few seconds."""


def find_trouble(database: Path, *, now: datetime) -> str | None:
    """What is wrong with the bot that uses this database, in one sentence; None while it is well."""
    try:
        with open_for_reading(str(database)) as db:
            alive_at = find_alive(db)
    except HistoryError as error:
        return str(error)
    if alive_at is None:
        return f"No bot has been up with the database {database}."
    # a signature from the future is as bad as an old one: the clock was set back and nobody has signed since
    if abs(now - alive_at) > LONGEST_SILENCE:
        return f"The bot was last up at {alive_at:%Y-%m-%d %H:%M:%S} UTC."
    return None


def find_quiet(database: Path, *, now: datetime) -> timedelta | None:
    """How long Slack has been silent, of a bot that is well; None while it is heard, or where the bot cannot tell."""
    with open_for_reading(str(database)) as db:
        heard_at = find_heard(db)
    quiet = None if heard_at is None else now - heard_at
    return quiet if quiet is not None and quiet > LONGEST_QUIET else None


def describe_health(database: Path, *, now: datetime) -> str:
    """How a bot fares that is well itself."""
    quiet = find_quiet(database, now=now)
    if quiet is None:
        return "The bot is well."
    return f"The bot is well, but Slack has been silent for {say_span(quiet)}: it tries to connect."


def main(arguments: list[str], environment: dict[str, str], *, now: datetime) -> int:
    """Answer on standard output; the exit status: 0 well, 1 not."""
    named = arguments[0] if arguments else environment.get("OEC_DATABASE") or "oec-bot.db"
    trouble = find_trouble(Path(named), now=now)
    sys.stdout.write(f"{trouble or describe_health(Path(named), now=now)}\n")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ), now=datetime.now(UTC)))
