"""Long answers in parts: a limit, and a cursor to go on from."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from bot.sim.workspace.entities import JsonObject
from bot.sim.workspace.methods.asking import Asked
from bot.sim.workspace.refusals import SlackRefusal

_LARGEST_PAGE = 999
_Item = TypeVar("_Item")


def cut_page(asked: Asked, found: Sequence[_Item], *, usual: int = 100) -> tuple[Sequence[_Item], JsonObject]:
    """The part that was asked for, and the fields that say where the next one begins.

    Refuses with invalid_limit or invalid_cursor.
    """
    limit, start = _read_limit(asked, usual), _read_cursor(asked)
    end = start + limit
    cursor = _write_cursor(end) if end < len(found) else ""
    return found[start:end], {"response_metadata": {"next_cursor": cursor}}


def _read_limit(asked: Asked, usual: int) -> int:
    given = asked.args.get("limit")
    if given in (None, "", 0, "0"):
        return usual
    try:
        limit = int(str(given))
    except ValueError:
        raise SlackRefusal("invalid_limit") from None
    if not 1 <= limit <= _LARGEST_PAGE + 1:
        raise SlackRefusal("invalid_limit")
    return limit


def _write_cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"next:{place}".encode()).decode()


def _read_cursor(asked: Asked) -> int:
    given = asked.optional("cursor")
    if not given:
        return 0
    try:
        kind, _, place = base64.urlsafe_b64decode(given.encode()).decode().partition(":")
        if kind == "next":
            return int(place)
    except (ValueError, binascii.Error):
        pass
    raise SlackRefusal("invalid_cursor")
