"""The matrix as a table: wrapped into the columns of a terminal, or a line for each row where programs read it."""

import textwrap
from collections.abc import Iterator, Sequence

from bot.core.rules import Rules
from bot.matrix import Channel
from bot.matrix.rows import Row, find_rows
from bot.views.marked import clean

HEADS = ("environment", "action", "at once", "with approval", "denied")
_GAP = "  "
_LEAST = (11, 15, 8, 13, 8)
"""How narrow each column may become: no word of ours is broken then."""
_SHARES = (7, 2, 9, 11, 8)
"""How what is left of the width is shared."""
_USUAL = 100


def to_lines(channel: Channel, rules: Rules, *, width: int | None = None) -> Iterator[str]:
    """One channel's rows under its head, and an empty line after them; within this width, or a line for each row."""
    yield f"{channel.id}  ({clean(rules.name)}:{channel.source.line})"
    rows = find_rows(channel)
    widths = None if width is None else _share(width)
    if not rows:
        yield "  nobody may do anything here"
    else:
        yield from _as_lines(HEADS, widths)
    before: tuple[str, ...] | None = None
    for row in rows:
        is_new = widths is None or row.environments != before
        yield from _as_lines(_cells(row, is_new=is_new), widths)
        before = row.environments
    yield ""


def _share(width: int) -> tuple[int, ...]:
    """How wide each column is in a table of this width."""
    spare = max(0, width - len(_GAP) * (len(_LEAST) - 1) - sum(_LEAST))
    return tuple(least + share * spare // sum(_SHARES) for least, share in zip(_LEAST, _SHARES, strict=True))


def _cells(row: Row, *, is_new: bool) -> tuple[str, ...]:
    outcome = row.outcome
    return (
        ", ".join(row.environments) if is_new else "",
        ", ".join(row.words),
        outcome.at_once,
        outcome.with_approval,
        outcome.denied,
    )


def _as_lines(cells: Sequence[str], widths: Sequence[int] | None) -> Iterator[str]:
    """A row; without widths its columns are where they would be, as far as nothing before them is longer."""
    if widths is None:
        usual = zip(cells, _share(_USUAL), strict=True)
        yield _GAP.join(clean(cell).ljust(width) for cell, width in usual).rstrip()
        return
    wrapped = [_wrap(clean(cell), width) for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(len(lines) for lines in wrapped)):
        parts = [lines[number] if number < len(lines) else "" for lines in wrapped]
        line = _GAP.join(part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield line.rstrip()


def _wrap(text: str, width: int) -> list[str]:
    return [text] if len(text) <= width else textwrap.wrap(text, width, break_on_hyphens=False)
