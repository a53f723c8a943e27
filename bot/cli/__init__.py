"""The commands of `oec-bot`. Only here the process exits: 0 well, 1 something found, 2 wrong settings or usage."""

import click

from bot import __version__
from bot.cli import pretend, records, rules, service


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oec-bot")
def main() -> None:
    """Run Odoo environments on oec.sh from Slack."""


for command in (
    pretend.demo,
    service.run,
    rules.check,
    rules.explain,
    rules.rules,
    records.history,
    records.backup,
    records.restore,
    pretend.sandbox,
):
    main.add_command(command)
