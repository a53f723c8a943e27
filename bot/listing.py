"""The history on the command line: a table for people, CSV and JSON for programs, a line or an object at a time."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from bot.core.intents import typed_form
from bot.core.names import UserId
from bot.core.runs import Run
from bot.export import Names, Record
from bot.history.reading import NumberedEntry
from bot.slack.redaction import make_printable
from bot.views.marked import clean

Print = Callable[[str], None]
Cells = tuple[str, ...]

COLUMNS = ("run", "asked", "what", "asked by", "approved by", "how it ended", "took")
ENTRY_COLUMNS = ("entry", "when", "run", "what", "by", "facts")
_ENTRY_WIDTHS = (7, 16, 7, 18, 16, 5)
_LONGEST_FACTS = 100
_LINE_END = "\r\n"  # both are signs that a cell with one of them has to be quoted for
_FORMULA = frozenset("=+-@")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Categories of signs that a spreadsheet may skip before what it takes for a formula."""

_STEERING = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal may obey though JSON lets it stand."""


def print_table(runs: Sequence[Cells], show: Print) -> None:
    """One line per run, newest first, in columns as wide as they need to be."""
    if not runs:
        show("No runs yet.")
        return
    rows = [COLUMNS, *runs]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        show(_as_line(row, widths))


def print_entry_table(entries: Iterable[Cells], show: Print) -> None:
    """One line per entry, newest first: as many as there are, so that the columns have to be wide enough beforehand."""
    is_empty = True
    for entry in entries:
        if is_empty:
            show(_as_line(ENTRY_COLUMNS, _ENTRY_WIDTHS))
        is_empty = False
        show(_as_line(entry, _ENTRY_WIDTHS))
    if is_empty:
        show("No entries yet.")


def _as_line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def print_csv(records: Iterable[Record], fields: Sequence[str], show: Print) -> None:
    """Comma-separated values with a header; times in ISO 8601, UTC; durations in seconds.

    For spreadsheets: what could steer a terminal is written out, and what looks like a formula is marked as text.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=_LINE_END)
    for cells in _as_lines(records, fields):
        writer.writerow(cells)
        show(text.getvalue().removesuffix(_LINE_END))
        text.seek(0)
        text.truncate()


def _as_lines(records: Iterable[Record], fields: Sequence[str]) -> Iterable[Iterable[object]]:
    yield fields
    for record in records:
        yield (_as_cell(record[name]) for name in fields)


def print_json(records: Iterable[Record], show: Print) -> None:
    """One JSON array; times in ISO 8601, UTC; durations in seconds. It holds what the history holds, sign by sign."""
    waiting: str | None = None
    for record in records:
        show("[" if waiting is None else f"{waiting},")
        text = _STEERING.sub(_escape, json.dumps(record, indent=2, ensure_ascii=False))
        waiting = "  " + text.replace("\n", "\n  ")
    show("[]" if waiting is None else f"{waiting}\n]")


def _as_cell(value: object) -> object:
    """A value for a spreadsheet: all in one cell, and nothing that a spreadsheet would take for a formula."""
    text = _as_text(value)
    if not isinstance(text, str):
        return text
    printable = "\n".join(map(make_printable, text.split("\n")))
    return f"'{printable}" if _begins_like_a_formula(text) else printable


def _begins_like_a_formula(text: str) -> bool:
    """Also behind signs that nobody sees, and in another width."""
    seen = (sign for sign in text if unicodedata.category(sign) not in _UNSEEN)
    return unicodedata.normalize("NFKC", next(seen, "")) in _FORMULA


def _escape(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04x}"


def _as_text(value: object) -> object:
    match value:
        case list():
            between = "; " if any(isinstance(one, dict) for one in value) else " "
            return between.join(str(_as_text(one)) for one in value)
        case {"at": at, "by": by, "vote": vote, "reason": reason}:
            return f"{at} {by} {vote}" + (f": {reason}" if reason else "")
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return value


def as_cells(run: Run, names: Names) -> Cells:
    """A run in the table."""
    return (
        f"#{run.id}",
        _as_local(run.asked_at),
        typed_form(run.change),
        clean(names.get(run.requester, run.requester)),
        ", ".join(clean(names.get(one, one)) for one in run.approvers) or "-",
        run.state.value,
        _as_span(run.took) if run.took is not None else "-",
    )


def as_entry_cells(entry: NumberedEntry, names: Names) -> Cells:
    """An entry in the table."""
    facts = json.dumps({name: fact for name, fact in entry.facts.items() if name != "by"}, ensure_ascii=False)
    return (
        str(entry.id),
        _as_local(datetime.fromisoformat(entry.at)),
        "-" if entry.run_id is None else f"#{entry.run_id}",
        clean(entry.kind),
        clean(names.get(UserId(entry.by), entry.by)) if entry.by else "-",
        clean(facts[:_LONGEST_FACTS]) + ("…" if len(facts) > _LONGEST_FACTS else ""),
    )


def _as_local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _as_span(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
