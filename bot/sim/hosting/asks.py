"""Reads what a call asks for: ids in paths, paging, and the bodies of actions. Pure; refuses with the API's own errors."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from bot.sim.hosting import errors
from bot.sim.hosting.errors import RefusedError
from bot.sim.hosting.store import Order

QUICK_UPDATE_MODES = ("pull_restart", "update_all", "update_specific", "reinitialize_specific")
_NEEDS_MODULES = frozenset({"update_specific", "reinitialize_specific"})
_MODULE = re.compile(r"[a-z0-9_]{1,64}")
_MOST_MODULES = 50


class HasId(Protocol):
    """Anything that can stand in a list with a cursor."""

    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=HasId)


def read_uuid(text: str, *loc: str) -> str:
    """An id from a path or query, in its canonical form. Raises 422."""
    try:
        return str(UUID(text))
    except ValueError:
        message = "Input should be a valid UUID"
        raise RefusedError(errors.invalid(loc, message, "uuid_parsing", text)) from None


def read_int(query: Mapping[str, str], name: str, *, default: int, least: int = 1, most: int) -> int:
    """A whole number from the query within its bounds. Raises 422."""
    text = query.get(name)
    if text is None:
        return default
    loc = ("query", name)
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise RefusedError(errors.invalid(loc, message, "int_parsing", text))
    number = int(text)
    if number < least:
        message = f"Input should be greater than or equal to {least}"
        raise RefusedError(errors.invalid(loc, message, "greater_than_equal", text))
    if number > most:
        message = f"Input should be less than or equal to {most}"
        raise RefusedError(errors.invalid(loc, message, "less_than_equal", text))
    return number


def cut_page(items: Sequence[Item], query: Mapping[str, str]) -> tuple[list[Item], dict[str, object]]:
    """One page of a cursor list, and its `pagination`. The cursor names the last item given, so items that
    appear in front meanwhile neither shift nor repeat what follows. Raises 422.
    """
    limit = read_int(query, "limit", default=20, most=100)
    begin = _place_after(items, query.get("cursor"))
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


def read_order(action: str, raw: bytes) -> Order:
    """What an action asks for. Raises 422 for a body that does not validate, 400 for a mode that cannot be."""
    if action == "quick-update":
        return _read_quick_update(_read_object(raw))
    if action == "deploy":
        return Order("deploy", modules=_read_modules(_read_object(raw) or {}, "update_modules", least=1))
    return Order(action)


def _read_object(raw: bytes) -> dict[str, object] | None:
    if not raw.strip():
        return None
    try:
        body = json.loads(raw)
    except ValueError:
        raise RefusedError(errors.invalid(("body", 0), "JSON decode error", "json_invalid")) from None
    if body is None:
        return None
    if not isinstance(body, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise RefusedError(errors.invalid(("body",), message, "model_attributes_type", body))
    return body


def _read_quick_update(body: dict[str, object] | None) -> Order:
    if body is None:
        raise RefusedError(errors.invalid(("body",), "Field required", "missing"))
    if "mode" not in body:
        raise RefusedError(errors.invalid(("body", "mode"), "Field required", "missing", body))
    mode = body["mode"]
    if not isinstance(mode, str):
        raise RefusedError(
            errors.invalid(("body", "mode"), "Input should be a valid string", "string_type", mode)
        )
    modules = _read_modules(body, "modules", least=0)
    if mode not in QUICK_UPDATE_MODES:
        raise RefusedError(errors.unsupported_mode(mode, QUICK_UPDATE_MODES))
    if mode in _NEEDS_MODULES and not modules:
        raise RefusedError(errors.modules_required(mode))
    return Order("quick_update", mode, modules if mode in _NEEDS_MODULES else ())


def _read_modules(body: dict[str, object], name: str, *, least: int) -> tuple[str, ...]:
    given = body.get(name)
    if given is None:
        return ()
    loc = ("body", name)
    if not isinstance(given, list):
        raise RefusedError(errors.invalid(loc, "Input should be a valid list", "list_type", given))
    if len(given) < least:
        message = f"List should have at least {least} item after validation, not {len(given)}"
        raise RefusedError(errors.invalid(loc, message, "too_short", given))
    if len(given) > _MOST_MODULES:
        message = f"List should have at most {_MOST_MODULES} items after validation, not {len(given)}"
        raise RefusedError(errors.invalid(loc, message, "too_long", given))
    return tuple(_read_module(one, name, place) for place, one in enumerate(given))


def _read_module(given: object, name: str, place: int) -> str:
    loc = ("body", name, place)
    if not isinstance(given, str):
        raise RefusedError(errors.invalid(loc, "Input should be a valid string", "string_type", given))
    if not _MODULE.fullmatch(given):
        message = "String should match pattern '^[a-z0-9_]{1,64}$'"
        raise RefusedError(errors.invalid(loc, message, "string_pattern_mismatch", given))
    return given
