"""The commands of `oec-bot`. This is the only place that exits: 0 well, 1 something found, 2 wrong settings or usage."""

import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bot import __version__
from bot.process import describe_os_error, keep_pauses_short, start_logging

if TYPE_CHECKING:
    from bot.rules_file import RulesFile
    from bot.settings import Settings
    from bot.sim.sandbox import Sandbox

EXIT_FOUND = 1
EXIT_WRONG = 2
PORT = click.IntRange(0, 65_535)
SPEED = click.FloatRange(0.01, 1_000)
COUNT = click.IntRange(1, 1_000_000)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oec-bot")
def main() -> None:
    """Run Odoo environments on oec.sh from Slack."""


@main.command()
@click.option(
    "--port", type=PORT, default=8420, show_default=True, help="Port of the pretend workspace; 0 chooses one."
)
@click.option(
    "--hosting-port", type=PORT, default=8421, show_default=True, help="Port of the pretend oec.sh."
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@click.option(
    "--speed", type=SPEED, default=8.0, show_default=True, help="How many times faster than life tasks run."
)
@click.option("--database", type=click.Path(dir_okay=False, path_type=Path), help="Keep the history here.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object with addresses and settings first."
)
def demo(
    port: int, hosting_port: int, no_browser: bool, speed: float, database: Path | None, as_json: bool
) -> None:
    """Try everything with no accounts: a pretend workspace in the browser, a pretend oec.sh, and the bot."""
    from bot.sim.demo import DemoOptions, run_demo
    from bot.sim.sandbox import Ports

    options = DemoOptions(Ports(port, hosting_port), speed, database)
    start_logging(logging.WARNING)

    def announce(announcement: dict[str, object]) -> None:
        url = str(announcement["slack_url"])
        if as_json:
            click.echo(json.dumps(announcement))
        else:
            click.echo(f"The pretend workspace is at {url}\nIt stops with Ctrl-C.")
        if not no_browser:
            click.launch(url)

    run_until_stopped(lambda stop: run_demo(options, announce=announce, say=say, stop=stop))


@main.command()
@click.option(
    "--slack-port",
    type=PORT,
    default=8420,
    show_default=True,
    help="Port of the Slack stand-in; 0 chooses one.",
)
@click.option(
    "--hosting-port", type=PORT, default=8421, show_default=True, help="Port of the oec.sh simulator."
)
@click.option(
    "--speed", type=SPEED, default=1.0, show_default=True, help="How many times faster than life tasks run."
)
@click.option(
    "--rules-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rules file that fits the pretend people and channels.",
)
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Install this Slack app (its manifest, YAML or JSON) instead of this bot's.",
)
@click.option("--coverage", is_flag=True, help="Say how far both go, and end.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object with addresses and settings first."
)
def sandbox(
    slack_port: int,
    hosting_port: int,
    speed: float,
    rules_out: Path | None,
    manifest: Path | None,
    coverage: bool,
    as_json: bool,
) -> None:
    """The pretend Slack workspace and the pretend oec.sh alone, for a bot of your own."""
    from bot.sim.coverage import render_coverage
    from bot.sim.sandbox import RULES, Ports, Sandbox

    if coverage:
        click.echo(render_coverage(), nl=False)
        return
    start_logging(logging.WARNING)
    stand_ins = Sandbox(speed=speed)
    if manifest is not None:
        install_app(stand_ins, manifest)
    more = {}
    if rules_out is not None:
        write_text(rules_out, RULES)
        more["OEC_RULES"] = str(rules_out.resolve())

    async def serve(stop: asyncio.Event) -> None:
        await stand_ins.start(Ports(slack_port, hosting_port))
        announcement = stand_ins.announcement(**more)
        click.echo(json.dumps(announcement) if as_json else _describe_sandbox(announcement))
        try:
            await stop.wait()
        finally:
            await stand_ins.stop()

    run_until_stopped(serve)


def install_app(stand_ins: "Sandbox", path: Path) -> None:
    """Put another app into the pretend workspace, or end with what is wrong with its manifest."""
    import yaml

    from bot.sim.workspace.manifests import ManifestMisread

    try:
        stand_ins.workspace.install(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ManifestMisread) as error:
        fail([f"{path} is no manifest of a Slack app: {' '.join(str(error).split())}"])


def _describe_sandbox(announcement: dict[str, Any]) -> str:
    lines = [f"{name}={value}" for name, value in announcement["settings"].items()]
    return "\n".join(
        [
            f"# A pretend Slack workspace: {announcement['slack_url']}",
            f"# A pretend oec.sh:          {announcement['hosting_url']}",
            "# Settings that point a bot at them:",
            *lines,
        ]
    )


@main.command()
@click.option("--rules", type=click.Path(dir_okay=False, path_type=Path), help="The rules file (OEC_RULES).")
@click.option(
    "--database", type=click.Path(dir_okay=False, path_type=Path), help="The history (OEC_DATABASE)."
)
@click.option("--verbose", is_flag=True, help="Tell operators more.")
def run(rules: Path | None, database: Path | None, verbose: bool) -> None:
    """Run the bot."""
    from bot.adapters import Process
    from bot.app import Bot
    from bot.clock import SystemClock

    start_logging(logging.INFO if verbose else logging.WARNING)
    settings, rules_file = read_configuration(rules, database)

    async def serve(stop: asyncio.Event) -> None:
        bot = await Bot.start(settings, rules_file, Process(SystemClock(), say), stop=stop)
        if bot is None:
            return
        keep_pauses_short()
        say("Ready.")
        try:
            await stop.wait()
        finally:
            await bot.stop()

    run_until_stopped(serve)


@main.command()
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


@main.command()
@click.option("--environment", help="Only this environment, by its alias, project/environment or id.")
@click.option("--count", type=COUNT, default=50, show_default=True, help="How many runs, newest first.")
@click.option(
    "--database", type=click.Path(dir_okay=False, path_type=Path), help="The history (OEC_DATABASE)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each run.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
def history(environment: str | None, count: int, database: Path | None, as_json: bool, as_csv: bool) -> None:
    """Who asked for what, who approved it, how it ended, how long it took."""
    from bot.core.errors import HistoryError
    from bot.history.reading import read_names, read_runs
    from bot.listing import print_csv, print_json, print_table

    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    path = database or Path(read_environment().get("OEC_DATABASE", "oec-bot.db"))
    try:
        runs, names = read_runs(path, environment=environment, count=count), read_names(path)
    except HistoryError as error:
        fail([str(error)])
    if environment is not None and not runs and not (as_json or as_csv):
        click.echo(f"No run of an environment that goes by {environment}.")
        return
    show = print_json if as_json else print_csv if as_csv else print_table
    show(runs, names, click.echo)


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
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(signal_number, stop.set)
        await serve(stop)

    try:
        asyncio.run(supervised())
    except BotError as error:
        fail([str(error)])
    except OSError as error:
        fail([describe_os_error(error)])


def say(line: str) -> None:
    """Tell the operator something, on standard error."""
    click.echo(line, err=True)


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
