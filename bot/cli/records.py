"""The commands around what the bot remembers: reading it, keeping a copy, putting one back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.ends import fail, read_environment

if TYPE_CHECKING:
    from bot.history.backup import Contents, Restored

COUNT = click.IntRange(1, 1_000_000)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--environment", help="Only this environment, by its alias, project/environment or id.")
@click.option("--count", type=COUNT, default=50, show_default=True, help="How many runs, newest first.")
@click.option("--database", type=FILE, help="The history (OEC_DATABASE).")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each run.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
def history(environment: str | None, count: int, database: Path | None, as_json: bool, as_csv: bool) -> None:
    """Who asked for what, who approved it, how it ended, how long it took."""
    from bot.core.errors import HistoryError
    from bot.history.reading import read_names, read_runs
    from bot.listing import print_csv, print_json, print_table

    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    path = database or find_database()
    try:
        runs, names = read_runs(path, environment=environment, count=count), read_names(path)
    except HistoryError as error:
        fail([str(error)])
    if environment is not None and not runs and not (as_json or as_csv):
        click.echo(f"No run of an environment that goes by {environment}.")
        return
    show = print_json if as_json else print_csv if as_csv else print_table
    show(runs, names, click.echo)


@click.command()
@click.argument("file", type=FILE)
@click.option("--database", type=FILE, help="The history (OEC_DATABASE).")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def backup(file: Path, database: Path | None, force: bool) -> None:
    """Copy the history into FILE, also while the bot runs; the copy is checked."""
    from bot.core.errors import HistoryError
    from bot.history.backup import write_backup

    try:
        contents = write_backup(database or find_database(), file, overwrite=force)
    except HistoryError as error:
        fail([str(error)])
    click.echo(f"{file}: {_describe(contents)}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--database", type=FILE, help="The history (OEC_DATABASE).")
def restore(file: Path, database: Path | None) -> None:
    """Put the backup FILE in the history's place, while no bot runs; the history before is kept beside it."""
    from bot.core.errors import HistoryError
    from bot.history.backup import restore_backup

    path = database or find_database()
    try:
        restored = restore_backup(file, path, now=datetime.now(UTC))
    except HistoryError as error:
        fail([str(error)])
    for line in _describe_restored(restored, path):
        click.echo(line)


def find_database() -> Path:
    """Where the history is, as the settings say."""
    return Path(read_environment().get("OEC_DATABASE", "oec-bot.db"))


def _describe(contents: "Contents") -> str:
    from bot.views.spans import count

    size = f"{contents.size / 1e6:.1f} MB" if contents.size >= 1e6 else f"{contents.size / 1e3:.0f} kB"
    if contents.asked_at is None:
        return f"{size}, no runs yet."
    newest = f"the newest #{contents.newest}, asked for at {contents.asked_at:%Y-%m-%d %H:%M} UTC"
    return f"{size}, {count(contents.runs, 'run')}, {contents.open_runs} of them open, {newest}."


def _describe_restored(restored: "Restored", path: Path) -> list[str]:
    lines = [f"{path} is restored: {_describe(restored.contents)}"]
    if restored.kept is not None:
        lines.append(f"The history before is kept as {restored.kept}.")
    if restored.ended:
        lines.append(
            f"Runs that had not begun when the backup was made are ended as unknown: {restored.ended}. "
            "They may have been carried out since: look before you ask again."
        )
    if restored.contents.open_runs:
        lines.append("What was under way is looked up at oec.sh when the bot starts.")
    lines.append(
        "What happened after the backup is not known to the bot: buttons of cards from then do nothing. "
        f"The next run is #{restored.next_run}."
    )
    return lines
