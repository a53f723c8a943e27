"""The commands for real: the bot, and a check of what it is given."""

import asyncio
import logging
import sys
from pathlib import Path

import click

from bot.cli.ends import EXIT_FOUND, fail, read_configuration, read_environment, run_until_stopped, say
from bot.process import keep_pauses_short, start_logging


@click.command()
@click.option("--rules", type=click.Path(dir_okay=False, path_type=Path), help="The rules file (OEC_RULES).")
@click.option(
    "--database", type=click.Path(dir_okay=False, path_type=Path), help="The history (OEC_DATABASE)."
)
@click.option(
    "--standby/--no-standby",
    default=True,
    show_default=True,
    help="Where another bot has the database: wait, and take over when it ends; or be refused at once.",
)
@click.option("--verbose", is_flag=True, help="Tell operators more.")
def run(rules: Path | None, database: Path | None, standby: bool, verbose: bool) -> None:
    """Run the bot."""
    from bot.adapters import Process
    from bot.app import Bot
    from bot.clock import SystemClock

    redacting = start_logging(logging.INFO if verbose else logging.WARNING)
    settings, rules_file = read_configuration(rules, database)
    redacting.hide(settings.secrets)

    async def serve(stop: asyncio.Event) -> None:
        bot = await Bot.start(settings, rules_file, Process(SystemClock(), say, stands_by=standby), stop=stop)
        if bot is None:
            return
        keep_pauses_short()
        say("Ready.")
        try:
            await stop.wait()
        finally:
            await bot.stop()

    run_until_stopped(serve)


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def check(file: Path | None) -> None:
    """Validate the rules file and the settings, and run the rules' own tests."""
    from bot.rules_file import RulesError, check_cases, load_document
    from bot.settings import SettingsError, read_settings

    environment = read_environment()
    path = file or Path(environment.get("OEC_RULES", "oec.yml"))
    mistakes: list[str] = []
    misses: list[str] = []
    try:
        document = load_document(path)
    except RulesError as error:
        mistakes.extend(error.lines)
    else:
        found = check_cases(document.rules, document.cases)
        misses = [f"{path.name}:{miss.case.source.line}: {miss.sentence}" for miss in found]
        environments = len(document.rules.catalog.environments)
        click.echo(f"{path}: {environments} environments, {len(document.cases)} tests, {len(misses)} missed.")
    if file is None:
        try:
            read_settings(environment)
        except SettingsError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        fail(mistakes)
    for miss in misses:
        say(miss)
    sys.exit(EXIT_FOUND if misses else 0)
