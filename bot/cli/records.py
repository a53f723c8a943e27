"""The commands around what the bot remembers: reading it, keeping a copy, putting one back."""

from pathlib import Path

import click

from bot.cli.ends import fail, read_environment

COUNT = click.IntRange(1, 1_000_000)


@click.command()
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
