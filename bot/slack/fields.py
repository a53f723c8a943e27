"""The fields of what Slack delivers, each read as what it should be: what is of another kind counts as absent.

A payload is the one thing that strangers have a hand in, so nothing here raises. Text loses what can be neither kept
nor sent on (NULs, half characters), and everything past Slack's own limit; an id has to look like one.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.core.foreign import keepable

Payload = Mapping[str, Any]
"""An object that Slack sent, or a part of one."""

NOTHING: Payload = {}

STAMP = re.compile(r"\d{9,10}\.\d{1,6}", re.ASCII)
"""How Slack writes the time of a message, which is its name as well."""

LONGEST_TEXT = 40_000
"""Characters kept of any text: what Slack allows a message."""

_ID = re.compile(r"[A-Z0-9]{2,64}", re.ASCII)


def is_id(value: str) -> bool:
    """Whether this looks like an id of Slack's; nothing else may stand for a person, a team or a channel."""
    return _ID.fullmatch(value) is not None


def as_mapping(value: object) -> Payload:
    """An object's fields; what is no object has none."""
    return value if isinstance(value, Mapping) else NOTHING


def read_text(fields: Payload, name: str) -> str:
    """A text, empty where there is none."""
    value = fields.get(name)
    return as_text(value) if isinstance(value, str) else ""


def read_id(fields: Payload, name: str) -> str:
    """An id, empty where there is none, or something else."""
    value = fields.get(name)
    return value if isinstance(value, str) and is_id(value) else ""


def read_stamp(fields: Payload, name: str) -> str:
    """A message's time stamp, empty where there is none, or something else."""
    value = fields.get(name)
    return value if isinstance(value, str) and STAMP.fullmatch(value) else ""


def as_text(text: str) -> str:
    """The part of a text that can be kept."""
    return keepable(text[:LONGEST_TEXT])
