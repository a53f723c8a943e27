"""The commands around what the bot remembers: reading it, keeping a copy, putting one back."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot.cli.ends import EXIT_FOUND, fail, read_environment
from bot.cli.verifying import verify

if TYPE_CHECKING:
    from bot.history.backup import Contents, Restored
    from bot.history.reading import RunRecord, Unreadable

T = TypeVar("T")

COUNT = click.IntRange(1, 1_000_000_000)
FEW_RUNS = 50
_NAMED = 20
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
            unreadable = _show_entries(context.obj, count, form)
        else:
            unreadable = _show_runs(context.obj, environment, count or FEW_RUNS, form)
    except HistoryError as error:
        fail([str(error)])
    for line in _describe_unreadable(unreadable):
        click.echo(line, err=True)
    if unreadable:
        context.exit(EXIT_FOUND)


history.add_command(verify)


def _show_runs(path: Path, environment: str | None, count: int, form: str) -> list["Unreadable"]:
    """Print the newest runs; those that cannot be read."""
    from bot.export import RUN_FIELDS, as_run_record
    from bot.history.reading import read_names, read_run_records, read_workspace
    from bot.listing import as_cells, print_csv, print_json, print_table
    from bot.slack.permalinks import permalink

    names, workspace = read_names(path), read_workspace(path)
    select = partial(read_run_records, path, environment=environment, count=count)

    def link(record: "RunRecord") -> str | None:
        if record.card is None or workspace is None:
            return None
        return permalink(workspace, record.card, record.run.place.thread_ts)

    unreadable: list[Unreadable] = []
    records = _readable(select(show=lambda one: as_run_record(one, names, link)), unreadable)
    match form:
        case "json":
            print_json(records, click.echo)
        case "csv":
            print_csv(records, RUN_FIELDS, click.echo)
        case _:
            rows = list(_readable(select(show=lambda one: as_cells(one.run, names)), unreadable))
            if environment is not None and not rows and not unreadable:
                click.echo(f"No run of an environment that goes by {environment}.")
            else:
                print_table(rows, click.echo)
    return unreadable


def _show_entries(path: Path, count: int | None, form: str) -> list["Unreadable"]:
    """Print the newest entries; those that cannot be read."""
    from bot.export import ENTRY_FIELDS, as_entry_record
    from bot.history.reading import EVERY, read_names, read_newest_entries
    from bot.listing import as_entry_cells, print_csv, print_entry_table, print_json

    names = read_names(path)
    select = partial(read_newest_entries, path, count=EVERY if count is None else count)
    unreadable: list[Unreadable] = []
    records = _readable(select(show=lambda one: as_entry_record(one, names)), unreadable)
    match form:
        case "json":
            print_json(records, click.echo)
        case "csv":
            print_csv(records, ENTRY_FIELDS, click.echo)
        case _:
            print_entry_table(
                _readable(select(show=lambda one: as_entry_cells(one, names)), unreadable), click.echo
            )
    return unreadable


def _readable(found: "Iterable[T | Unreadable]", unreadable: "list[Unreadable]") -> Iterator[T]:
    """What could be read; what could not is set aside."""
    from bot.history.reading import Unreadable

    for one in found:
        if isinstance(one, Unreadable):
            unreadable.append(one)
        else:
            yield one


def _describe_unreadable(unreadable: "list[Unreadable]") -> Iterator[str]:
    for one in unreadable[:_NAMED]:
        yield f"{one.what.capitalize()} cannot be read. `oec-bot history verify` tells more."
    if len(unreadable) > _NAMED:
        yield f"… nor can {len(unreadable) - _NAMED} more."


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
