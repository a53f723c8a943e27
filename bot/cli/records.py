"""The commands around what the bot remembers: reading it, keeping a copy, putting one back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.ends import fail, read_environment
from bot.cli.verifying import verify

if TYPE_CHECKING:
    from bot.history.backup import Contents, Restored
    from bot.history.reading import RunRecord

COUNT = click.IntRange(1, 1_000_000_000)
FEW_RUNS = 50
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.option("--environment", help="Only this environment, by its alias, project/environment or id.")
@click.option("--count", type=COUNT, help="How many, newest first: 50 runs, or every entry.")
@click.option("--database", type=FILE, help="The history (OEC_DATABASE).")
@click.option("--entries", is_flag=True, help="The record itself: every entry, also those of no run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each run or entry.")
@click.option(
    "--csv",
    "as_csv",
    is_flag=True,
    help="Comma-separated values with a header, for spreadsheets: control characters are written out (\\x1b), "
    "and what looks like a formula gets a ' before it. --json holds what the history holds.",
)
@click.pass_context
def history(
    context: click.Context,
    environment: str | None,
    count: int | None,
    database: Path | None,
    entries: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Who asked for what, who approved it, how it ended, how long it took."""
    from bot.core.errors import HistoryError

    context.obj = database or find_database()
    if context.invoked_subcommand is not None:
        return
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    if entries and environment is not None:
        raise click.UsageError("--entries tells of every environment: leave --environment out.")
    form = "json" if as_json else "csv" if as_csv else "table"
    try:
        if entries:
            _show_entries(context.obj, count, form)
        else:
            _show_runs(context.obj, environment, count or FEW_RUNS, form)
    except HistoryError as error:
        fail([str(error)])


history.add_command(verify)


def _show_runs(path: Path, environment: str | None, count: int, form: str) -> None:
    from bot.export import RUN_FIELDS, as_run_record
    from bot.history.reading import read_names, read_run_records, read_runs, read_workspace
    from bot.listing import print_csv, print_json, print_table
    from bot.slack.permalinks import permalink

    names = read_names(path)
    if form == "table":
        runs = read_runs(path, environment=environment, count=count)
        if environment is not None and not runs:
            click.echo(f"No run of an environment that goes by {environment}.")
            return
        print_table(runs, names, click.echo)
        return
    workspace = read_workspace(path)

    def link(record: "RunRecord") -> str | None:
        if record.card is None or workspace is None:
            return None
        return permalink(workspace, record.card, record.run.place.thread_ts)

    records = (
        as_run_record(one, names, link)
        for one in read_run_records(path, environment=environment, count=count)
    )
    if form == "json":
        print_json(records, click.echo)
    else:
        print_csv(records, RUN_FIELDS, click.echo)


def _show_entries(path: Path, count: int | None, form: str) -> None:
    from bot.export import ENTRY_FIELDS, as_entry_record
    from bot.history.reading import EVERY, read_names, read_newest_entries
    from bot.listing import print_csv, print_entry_table, print_json

    names = read_names(path)
    entries = read_newest_entries(path, count=EVERY if count is None else count)
    if form == "table":
        print_entry_table(entries, names, click.echo)
        return
    records = (as_entry_record(one, names) for one in entries)
    if form == "json":
        print_json(records, click.echo)
    else:
        print_csv(records, ENTRY_FIELDS, click.echo)


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
