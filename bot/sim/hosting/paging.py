"""The platform's four ways of giving a list: by cursor, by page, by offset, or whole. Pure."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any, Protocol, TypeVar

from bot.sim.hosting import errors
from bot.sim.hosting.dialect import PageCountName
from bot.sim.hosting.errors import RefusedError


class HasId(Protocol):
    """Anything that can stand in a list with a cursor."""

    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=HasId)
Query = Mapping[str, Any]
Write = Callable[[Item], dict[str, object]]


def cut_by_cursor(items: Sequence[Item], query: Query) -> tuple[list[Item], dict[str, object]]:
    """One page of a cursor list, and its `pagination`. The cursor names the last item given, so items that
    appear in front meanwhile neither shift nor repeat what follows. Raises 422 for a cursor not given here.
    """
    limit: int = query["limit"]
    begin = _place_after(items, query["cursor"])
    page = list(items[begin : begin + limit])
    has_more = begin + limit < len(items)
    next_cursor = _to_cursor(page[-1].id) if has_more else None
    return page, {"has_more": has_more, "next_cursor": next_cursor, "total": len(items)}


def _to_cursor(item_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{item_id}".encode()).decode()


def _place_after(items: Sequence[Item], cursor: str | None) -> int:
    if not cursor:
        return 0
    refusal = RefusedError(errors.invalid(("query", "cursor"), "Invalid cursor", "value_error", cursor))
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError):
        raise refusal from None
    for place, item in enumerate(items):
        if text == f"after:{item.id}":
            return place + 1
    raise refusal


def cut_by_page(
    items: Sequence[Item], query: Query, write: Write[Item], *, count_name: PageCountName
) -> dict[str, object]:
    """One numbered page; a page past the last is empty."""
    page, page_size = query["page"], query["page_size"]
    begin = (page - 1) * page_size
    return {
        "items": [write(one) for one in items[begin : begin + page_size]],
        "total": len(items),
        "page": page,
        "page_size": page_size,
        count_name: ceil(len(items) / page_size),
    }


def cut_by_offset(items: Sequence[Item], query: Query, write: Write[Item]) -> dict[str, object]:
    """`limit` items from number `offset` on."""
    limit, offset = query["limit"], query["offset"]
    return {
        "items": [write(one) for one in items[offset : offset + limit]],
        "total": len(items),
        "limit": limit,
        "offset": offset,
        "has_more": offset + limit < len(items),
    }
