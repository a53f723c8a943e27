"""What a column holds: times, JSON, and text that a database takes."""

import json
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

Row = dict[str, Any]
T = TypeVar("T")

UNREADABLE = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a row may raise that holds what no version of the bot has written."""


def time_to_text(at: datetime) -> str:
    """A time as the database keeps it. Refuses a naive one: it could mean any zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be remembered")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_from_text(text: str) -> datetime:
    """A time the database kept."""
    return datetime.fromisoformat(text)


def to_json(adapter: TypeAdapter[T], value: T) -> str | None:
    """A value as JSON; None stays None."""
    return None if value is None else write_json(adapter.dump_python(value, mode="json"))


def write_json(value: object) -> str:
    """JSON as the database keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def storable(row: Row) -> Row:
    """The row without half characters: foreign JSON may carry lone surrogates, which no database takes."""
    return {name: whole(value) if isinstance(value, str) else value for name, value in row.items()}


def whole(text: str) -> str:
    """A text without half characters."""
    return text.encode("utf-8", "replace").decode("utf-8")
