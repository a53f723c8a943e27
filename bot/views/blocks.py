"""The only writer of Block Kit. Whatever is put in, what comes out is within Slack's limits (Block Kit reference).

Lengths are counted in UTF-16 units, the longest way in which Slack might count. Texts are `Marked` or made so;
plain-text places (buttons, titles, labels) get foreign text without anything that could be taken for markup.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.views.buttons import NAME_FIELD
from bot.views.marked import Marked, clean, cut, cut_marked, lines, plain, units
from bot.views.message import Block, Home, Message, Modal

_TEXT = 1000
"""A banner's one line; Slack's own limit of 4,000 bytes for private answers is far away, in any script."""
_SECTION = 2900
_CONTEXT = 2000
_CONTEXT_ELEMENTS = 10
_BUTTONS = 25
_BUTTON_TEXT = 75
_VALUE = 2000
_MODAL_TITLE = 24
_SUBJECT = 3000
_LABEL = 500
_FIELD_ERROR = 300
_PREFORMATTED = 2900
_MESSAGE_BLOCKS = 50
_VIEW_BLOCKS = 100
LONGEST_TYPED = 500
"""So many characters may be typed into a field."""


def _mrkdwn(text: str, limit: int) -> dict[str, Any]:
    shown = text if isinstance(text, Marked) else plain(text)
    return {"type": "mrkdwn", "text": cut_marked(shown, limit) or "–", "verbatim": True}


def _plain_text(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": plain_words(text, limit) or "–", "emoji": False}


def plain_words(text: str, limit: int = _FIELD_ERROR) -> str:
    """Text for a place that Slack shows as it is, such as an error beside a field."""
    return cut(clean(text[: limit * 4]).replace("<", "‹").replace(">", "›"), limit)


def section(text: Marked) -> Block:
    """A paragraph."""
    return {"type": "section", "text": _mrkdwn(text, _SECTION)}


def paragraphs(parts: Iterable[Marked], *, separator: str = "\n\n") -> tuple[Block, ...]:
    """Any number of paragraphs in as few blocks as they fit in, none torn in two."""
    packed: list[Marked] = []
    for part in parts:
        joint = Marked(packed[-1] + separator + part) if packed else part
        if packed and units(joint) <= _SECTION:
            packed[-1] = joint
        else:
            packed.append(part)
    return tuple(section(one) for one in packed)


def context(*texts: Marked | None) -> Block | None:
    """Small print: each text a line of its own; None where there is nothing to print."""
    shown = lines(*texts[:_CONTEXT_ELEMENTS])
    return {"type": "context", "elements": [_mrkdwn(shown, _CONTEXT)]} if shown else None


def header(text: str) -> Block:
    """A title over a message or a part of it."""
    return {"type": "header", "text": _plain_text(text, 150)}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(kind: str, value: str, label: str, *, style: str | None = None, nth: int | None = None) -> Block:
    """A button of this kind; `nth` tells several of one kind in one message apart.

    An id too long to be ours is cut: a button that finds nothing says so, a message that is refused says nothing.
    """
    made: Block = {
        "type": "button",
        "action_id": kind if nth is None else f"{kind}:{nth}",
        "text": _plain_text(label, _BUTTON_TEXT),
        "value": value[:_VALUE],
    }
    return made | {"style": style} if style else made


def actions(*buttons: Block) -> Block | None:
    """A row of buttons; None for no buttons."""
    return {"type": "actions", "elements": list(buttons[:_BUTTONS])} if buttons else None


def preformatted(text: str, *, parts: int = 1) -> tuple[Block, ...]:
    """Foreign lines as they are, the end of them in so many parts. Nothing in them means anything to Slack."""
    rest = clean(text, multiline=True) or "–"
    made: list[Block] = []
    while rest and len(made) < parts:
        shown = _end_of(rest)
        rest = rest[: len(rest) - len(shown)].rstrip("\n")
        made.insert(0, _preformatted(shown if len(made) + 1 < parts or not rest else _marked_as_cut(shown)))
    return tuple(made)


def _end_of(text: str) -> str:
    """As many whole lines of the end as fit in a part; of a line that is too long itself, its end."""
    if units(text) <= _PREFORMATTED:
        return text
    end = text[-_PREFORMATTED:]
    while units(end) > _PREFORMATTED:
        end = end[1:]
    _, newline, whole_lines = end.partition("\n")
    return whole_lines if newline and whole_lines else end


def _marked_as_cut(text: str) -> str:
    return "…\n" + text


def _preformatted(text: str) -> Block:
    words = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [words]}


def text_input(
    field: str, label: str, *, hint: str | None = None, multiline: bool = False, optional: bool = False
) -> Block:
    """A field to type in. It is found by `field`, as block and as action: errors name the block, values the action."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": field,
        "multiline": multiline,
        "max_length": LONGEST_TYPED,
    }
    if field == NAME_FIELD:
        element["focus_on_load"] = True
    made: Block = {
        "type": "input",
        "block_id": field,
        "label": _plain_text(label, _LABEL),
        "element": element,
        "optional": optional,
    }
    return made | {"hint": _plain_text(hint, _LABEL)} if hint else made


def message(text: Marked, *blocks: Block | None) -> Message:
    """A message whose `text` is its whole state in one line; without blocks, that line is the message."""
    line = cut_marked(Marked(" ".join(text.split())), _TEXT)
    given = [block for block in blocks if block is not None] or [section(line)]
    return Message(line, _first(given, _MESSAGE_BLOCKS))


def modal(kind: str, subject: str, *, title: str, submit: str, blocks: Sequence[Block]) -> Modal:
    """A modal about one thing, named by the opaque id that comes back with what was typed."""
    return Modal(
        kind=kind,
        subject=subject[:_SUBJECT],
        title=plain_words(title, _MODAL_TITLE),
        submit=plain_words(submit, _MODAL_TITLE),
        blocks=_first(blocks, _VIEW_BLOCKS),
    )


def home(*blocks: Block | None) -> Home:
    """An App Home."""
    return Home(_first([block for block in blocks if block is not None], _VIEW_BLOCKS))


def _first(blocks: Sequence[Block], limit: int) -> tuple[Block, ...]:
    if len(blocks) <= limit:
        return tuple(blocks)
    left_out = Marked(f"… and {len(blocks) - limit + 1} more parts that do not fit here")
    return (*blocks[: limit - 1], section(left_out))
