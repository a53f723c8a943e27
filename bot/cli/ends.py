"""How a command begins and ends: its settings, what it says to its operator, and with which status it exits."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot.process import describe_os_error
from bot.slack.redaction import make_printable, redact

if TYPE_CHECKING:
    from bot.rules_file import RulesFile
    from bot.settings import Settings

LONGEST_STOP = timedelta(seconds=4.8)
"""What hangs longer is left behind: it is safe at any moment to kill the bot, and whoever stops it waits for 5 s."""

EXIT_FOUND = 1
EXIT_WRONG = 2


def read_environment() -> dict[str, str]:
    """The variables of the process and of the `.env` file where it was started, or the end with what is wrong."""
    from bot.settings import SettingsError
    from bot.settings import read_environment as read

    try:
        return dict(read(Path(".env")))
    except SettingsError as error:
        fail(list(error.mistakes))


def read_configuration(rules: Path | None, database: Path | None) -> "tuple[Settings, RulesFile]":
    """The settings and the rules, or the end with every mistake listed at once."""
    from bot.rules_file import RulesError, RulesFile
    from bot.settings import SettingsError, read_settings

    environment = read_environment()
    if rules is not None:
        environment["OEC_RULES"] = str(rules)
    if database is not None:
        environment["OEC_DATABASE"] = str(database)
    mistakes: list[str] = []
    settings, rules_file = None, None
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        mistakes.extend(error.mistakes)
    try:
        rules_file = RulesFile(Path(environment.get("OEC_RULES", "oec.yml")))
    except RulesError as error:
        mistakes.extend(error.lines)
    if settings is None or rules_file is None:
        fail(mistakes)
    for warning in settings.warnings:
        say(warning)
    return settings, rules_file


def run_until_stopped(serve: Callable[[asyncio.Event], Coroutine[object, object, None]]) -> None:
    """Run until SIGINT or SIGTERM; what goes wrong on purpose ends with one line and status 2."""
    from bot.core.errors import BotError

    async def supervised() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await serve(stop)

    try:
        asyncio.run(supervised())
    except BotError as error:
        fail([str(error)])
    except OSError as error:
        fail([describe_os_error(error)])


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first SIGINT or SIGTERM; end at once at the second, and where the stop hangs. Needs the loop."""

    def take(number: int) -> None:
        if stop.is_set():
            leave(128 + number)
        stop.set()
        # a thread, because what hangs may be the loop
        last_resort = threading.Timer(LONGEST_STOP.total_seconds(), leave_behind)
        last_resort.daemon = True
        last_resort.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, take, number)


def leave_behind() -> NoReturn:
    """End though something still hangs; the next start finds everything as after a kill."""
    say("Something did not end in time and was left behind.")
    leave(0)


def leave(status: int) -> NoReturn:
    """End this process at once: no clean-up, no waiting for threads."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def say(line: str) -> None:
    """Tell the operator something, on standard error: in words that may come from outside, but hold no secret."""
    click.echo("\n".join(map(make_printable, redact(line).split("\n"))), err=True)


def write_text(path: Path, text: str) -> None:
    """Write a file, or end with one line."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail([f"{path} cannot be written: {error.strerror}"])


def fail(mistakes: list[str]) -> NoReturn:
    """End with what is wrong, one line each, and status 2."""
    for mistake in mistakes:
        say(mistake)
    sys.exit(EXIT_WRONG)
