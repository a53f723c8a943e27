"""The matrix for a terminal of a hundred columns."""

import textwrap
from collections.abc import Iterator

from bot.core.rules import Rules
from bot.matrix import Channel
from bot.matrix.rows import Row, find_rows
from bot.views.marked import clean

HEADS = ("environment", "action", "at once", "with approval", "denied")
_WIDTHS = (18, 17, 17, 24, 16)
_GAP = "  "


def to_lines(channel: Channel, rules: Rules) -> Iterator[str]:
    """One channel's rows under its head, and an empty line after them."""
    yield f"{channel.id}  ({clean(rules.name)}:{channel.source.line})"
    rows = find_rows(channel)
    if not rows:
        yield "  nobody may do anything here"
    else:
        yield from _as_lines(HEADS)
    before: tuple[str, ...] | None = None
    for row in rows:
        yield from _as_lines(_cells(row, is_new=row.environments != before))
        before = row.environments
    yield ""


def _cells(row: Row, *, is_new: bool) -> tuple[str, ...]:
    outcome = row.outcome
    return (
        ", ".join(row.environments) if is_new else "",
        ", ".join(row.words),
        outcome.at_once,
        outcome.with_approval,
        outcome.denied,
    )


def _as_lines(cells: tuple[str, ...]) -> Iterator[str]:
    wrapped = [_wrap(clean(cell), width) for cell, width in zip(cells, _WIDTHS, strict=True)]
    for number in range(max(len(lines) for lines in wrapped)):
        parts = [lines[number] if number < len(lines) else "" for lines in wrapped]
        line = _GAP.join(part.ljust(width) for part, width in zip(parts, _WIDTHS, strict=True))
        yield line.rstrip()


def _wrap(text: str, width: int) -> list[str]:
    return [text] if len(text) <= width else textwrap.wrap(text, width, break_on_hyphens=False)
