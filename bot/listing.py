"""The history on the command line: a table for people, CSV and JSON for programs."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.intents import typed_form
from bot.core.names import UserId
from bot.core.runs import Run
from bot.views.marked import clean

Print = Callable[[str], None]
Names = Mapping[UserId, str]
"""What people are called, as far as it is known; everybody else goes by the id."""

COLUMNS = ("run", "asked", "what", "asked by", "approved by", "how it ended", "took")


def print_table(runs: Sequence[Run], names: Names, show: Print) -> None:
    """One line per run, newest first, in columns as wide as they need to be."""
    if not runs:
        show("No runs yet.")
        return
    rows = [COLUMNS, *(_as_row(run, names) for run in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        show("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_csv(runs: Sequence[Run], names: Names, show: Print) -> None:
    """Comma-separated values with a header; times in ISO 8601, UTC; durations in seconds."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(_FIELDS), lineterminator="\n")
    writer.writeheader()
    for run in runs:
        writer.writerow({name: _as_cell(value) for name, value in as_record(run, names).items()})
    show(text.getvalue().rstrip("\n"))


def print_json(runs: Sequence[Run], names: Names, show: Print) -> None:
    """One JSON array; times in ISO 8601, UTC; durations in seconds."""
    show(json.dumps([as_record(run, names) for run in runs], indent=2, ensure_ascii=False))


_FIELDS = (
    "run",
    "asked_at",
    "action",
    "environment",
    "environment_id",
    "modules",
    "state",
    "requester",
    "requester_name",
    "approvers",
    "approver_names",
    "decided_by",
    "decline_reason",
    "rule",
    "channel",
    "task_id",
    "ended_at",
    "duration_seconds",
    "error",
)


def as_record(run: Run, names: Names) -> dict[str, object]:
    """A run as plain JSON values, its keys those of the CSV's header."""
    error = run.report.error_message if run.report else None
    values: tuple[object, ...] = (
        run.id,
        _as_time(run.asked_at),
        run.change.word,
        run.change.environment.alias,
        run.change.environment.id,
        list(run.change.modules),
        run.state.value,
        run.requester,
        names.get(run.requester),
        list(run.approvers),
        [names.get(one, "") for one in run.approvers],
        run.decided_by,
        run.decline_reason,
        run.rule,
        run.place.channel_id,
        run.task_id,
        _as_time(run.ended_at),
        int(run.took.total_seconds()) if run.took is not None else None,
        error or (run.refusal.code if run.refusal else None),
    )
    return dict(zip(_FIELDS, values, strict=True))


def _as_cell(value: object) -> object:
    """A value for a spreadsheet: lists joined, and nothing that a spreadsheet would take for a formula."""
    if isinstance(value, list):
        return _as_cell(" ".join(value))
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")):
        return f"'{value}"
    return value


def _as_row(run: Run, names: Names) -> tuple[str, ...]:
    return (
        f"#{run.id}",
        run.asked_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        typed_form(run.change),
        clean(names.get(run.requester, run.requester)),
        ", ".join(clean(names.get(one, one)) for one in run.approvers) or "-",
        run.state.value,
        _as_span(run.took) if run.took is not None else "-",
    )


def _as_time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _as_span(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
