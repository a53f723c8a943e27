"""How a command begins and ends: its settings, what it says to its operator, and with which status it exits."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot.process import describe_os_error, stop_on_signals
from bot.slack.redaction import make_printable, redact

if TYPE_CHECKING:
    from bot.rules_file import RulesFile
    from bot.settings import Settings

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
