"""Holds what a call brings against the schema its route is documented with. Pure.

The schemas are the same values that the OpenAPI document shows, so what is documented and what is accepted cannot part.
Only the words the routes use are understood: type (one or several), enum, minimum, maximum, minLength, maxLength,
pattern, format uuid, items, minItems, maxItems, properties, required. Findings are worded as the platform words them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sim.hosting.errors import Answer, RefusedError, invalid

Schema = Mapping[str, Any]
Loc = tuple[str | int, ...]
CHECKED_LATER = "x-other-values"
"""Marks choices and patterns that the route itself refuses to leave, in words of its own; the mark tells which."""

_INTEGER = re.compile(r"[+-]?\d{1,15}")
_OBJECT_EXPECTED = "Input should be a valid dictionary or object to extract fields from"
_WRONG_TYPE = {
    "string": ("Input should be a valid string", "string_type"),
    "integer": ("Input should be a valid integer", "int_type"),
    "boolean": ("Input should be a valid boolean", "bool_type"),
    "array": ("Input should be a valid list", "list_type"),
    "object": (_OBJECT_EXPECTED, "model_attributes_type"),
}


@dataclass(slots=True)
class Findings:
    """What was found wrong so far."""

    listed: list[dict[str, object]] = field(default_factory=list)

    def add(self, loc: Loc, msg: str, kind: str, given: object) -> None:
        """One more."""
        self.listed.append({"type": kind, "loc": list(loc), "msg": msg, "input": given})

    def refuse(self) -> None:
        """Raise 422 with all findings, if there are any."""
        if self.listed:
            raise RefusedError(Answer(422, {"detail": self.listed}))


def read_json(raw: bytes) -> object:
    """A body's JSON, None for no body at all. Raises 422."""
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise RefusedError(invalid(("body", 0), "JSON decode error", "json_invalid")) from None


def check_text(schema: Schema, text: str, loc: Loc, found: Findings) -> Any:
    """A value from a path, query or header: text that may stand for a number."""
    if schema["type"] != "integer":
        return check(schema, text, loc, found)
    if _INTEGER.fullmatch(text):
        return check(schema, int(text), loc, found)
    message = "Input should be a valid integer, unable to parse string as an integer"
    found.add(loc, message, "int_parsing", text)
    return None


def check(schema: Schema, value: object, loc: Loc, found: Findings) -> Any:
    """The value as the route may use it; what is wrong with it goes to `found`."""
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if value is None and "null" in kinds:
        return None
    kind = kinds[0]
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not _is_of(kind, value):
        found.add(loc, *_WRONG_TYPE[kind], value)
        return None
    return _CHECKS[kind](schema, value, loc, found)


def _is_of(kind: str, value: object) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    types: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict}
    return isinstance(value, types[kind])


def _check_string(schema: Schema, text: str, loc: Loc, found: Findings) -> str:
    if schema.get("format") == "uuid":
        return _check_uuid(schema, text, loc, found)
    if len(text) < schema.get("minLength", 0):
        unit = "character" if schema["minLength"] == 1 else "characters"
        found.add(loc, f"String should have at least {schema['minLength']} {unit}", "string_too_short", text)
    elif len(text) > schema.get("maxLength", len(text)):
        found.add(
            loc, f"String should have at most {schema['maxLength']} characters", "string_too_long", text
        )
    elif "pattern" in schema and CHECKED_LATER not in schema and not re.fullmatch(schema["pattern"], text):
        found.add(loc, f"String should match pattern '{schema['pattern']}'", "string_pattern_mismatch", text)
    elif "enum" in schema and CHECKED_LATER not in schema and text not in schema["enum"]:
        found.add(loc, f"Input should be {_listed(schema['enum'])}", "enum", text)
    return text


def _check_uuid(schema: Schema, text: str, loc: Loc, found: Findings) -> str:
    if not re.fullmatch(schema["pattern"], text):
        found.add(loc, "Input should be a valid UUID", "uuid_parsing", text)
    return text.lower()


def _listed(choices: Sequence[str]) -> str:
    quoted = [f"'{choice}'" for choice in choices]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _check_integer(schema: Schema, number: int, loc: Loc, found: Findings) -> int:
    if number < schema.get("minimum", number):
        found.add(
            loc,
            f"Input should be greater than or equal to {schema['minimum']}",
            "greater_than_equal",
            number,
        )
    elif number > schema.get("maximum", number):
        found.add(
            loc, f"Input should be less than or equal to {schema['maximum']}", "less_than_equal", number
        )
    return number


def _check_boolean(_: Schema, flag: bool, __: Loc, ___: Findings) -> bool:
    return flag


def _check_array(schema: Schema, items: list[object], loc: Loc, found: Findings) -> tuple[Any, ...]:
    count = f"after validation, not {len(items)}"
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(items))
    if len(items) < least:
        unit = "item" if least == 1 else "items"
        found.add(loc, f"List should have at least {least} {unit} {count}", "too_short", items)
    elif len(items) > most:
        found.add(loc, f"List should have at most {most} items {count}", "too_long", items)
    else:
        return tuple(check(schema["items"], item, (*loc, place), found) for place, item in enumerate(items))
    return ()


def _check_object(schema: Schema, fields: dict[str, object], loc: Loc, found: Findings) -> dict[str, Any]:
    """Fields that the schema does not name are let be, as the platform is assumed to do."""
    for name in schema.get("required", ()):
        if name not in fields:
            found.add((*loc, name), "Field required", "missing", fields)
    properties: Mapping[str, Schema] = schema["properties"]
    return {
        name: check(properties[name], value, (*loc, name), found)
        for name, value in fields.items()
        if name in properties
    }


_CHECKS: dict[str, Any] = {
    "string": _check_string,
    "integer": _check_integer,
    "boolean": _check_boolean,
    "array": _check_array,
    "object": _check_object,
}
