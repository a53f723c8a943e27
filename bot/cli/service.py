"""The command for real: the bot."""

import asyncio
import logging
from pathlib import Path

import click

from bot.cli.ends import read_configuration, run_until_stopped, say
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
