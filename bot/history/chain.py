"""What makes the record show its own changes: every entry carries a hash over itself and the hash before it. Pure.

A hash is the SHA-256, in hex, of a JSON array `[hash before, id, run_id, at, kind, by, facts]` as the columns hold them
(`facts` as one string), without spaces and with `\\uXXXX` for whatever is not ASCII. So anybody can calculate it anew.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What stands for the hash before the first entry."""

COLUMNS = ("id", "run_id", "at", "kind", "by", "facts")
"""What of an entry its hash is over, in this order."""

_WRITE = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def link(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of an entry that follows the one with the hash `previous`. Raises `TypeError` for bytes."""
    return sha256(_WRITE([previous, *(row[name] for name in COLUMNS)]).encode()).hexdigest()
