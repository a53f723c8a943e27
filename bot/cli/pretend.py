"""The commands that need no accounts: the demo, and the stand-ins alone."""

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.ends import fail, run_until_stopped, say, write_text
from bot.process import start_logging

if TYPE_CHECKING:
    from bot.sim.sandbox import Sandbox

PORT = click.IntRange(0, 65_535)
SPEED = click.FloatRange(0.01, 1_000)


@click.command()
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

    def announce(announcement: dict[str, Any]) -> None:
        click.echo(json.dumps(announcement) if as_json else _describe_demo(announcement))
        if not no_browser:
            click.launch(str(announcement["slack_url"]))

    run_until_stopped(lambda stop: run_demo(options, announce=announce, say=say, stop=stop))


@click.command()
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


def _describe_demo(announcement: dict[str, Any]) -> str:
    files = announcement["settings"]
    return "\n".join(
        [
            f"The pretend workspace is at {announcement['slack_url']}",
            f"Its rules are in {files['OEC_RULES']}: change them, and see in #ops what comes of it.",
            f"Its record: oec-bot history verify --database {files['OEC_DATABASE']}",
            "It stops with Ctrl-C.",
        ]
    )


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
