"""What Slack shows: a message, or a modal. Plain values; `blocks` are Slack's own Block Kit dicts."""

from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered message. `text` is the whole state in one line: phone banners and screen readers get only that."""

    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Modal:
    """A rendered modal; `kind` becomes its callback id, `subject` the opaque id it carries."""

    kind: str
    subject: str
    title: str
    submit: str
    blocks: tuple[Block, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Home:
    """A rendered App Home."""

    blocks: tuple[Block, ...] = ()
