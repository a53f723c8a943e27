"""A way to write down which fields JSON must have and of what kind, for payloads as Slack's documents list them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Maybe:
    """A field that may be null."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Each:
    """A list with at least one item, all of one shape."""

    shape: Any


def find_misfits(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Where a value is not as the shape says. Fields of an object that the shape does not name are misfits too.

    A shape is a type, a value that must be there as it is, an object of shapes, `Maybe` or `Each`.
    """
    match shape:
        case Maybe(inner):
            if value is not None:
                yield from find_misfits(inner, value, path)
        case Each(inner):
            if not isinstance(value, list) or not value:
                yield f"{path}: {value!r} is no list with something in it"
                return
            for number, item in enumerate(value):
                yield from find_misfits(inner, item, f"{path}/{number}")
        case dict():
            yield from _find_in_object(shape, value, path)
        case type():
            if type(value) is not shape:
                yield f"{path}: {value!r} is not {shape.__name__}"
        case _:
            if value != shape or type(value) is not type(shape):
                yield f"{path}: {value!r} is not {shape!r}"


def _find_in_object(shape: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    for name in shape.keys() - value.keys():
        yield f"{path}/{name}: is missing"
    for name in value.keys() - shape.keys():
        yield f"{path}/{name}: is not in Slack's documents"
    for name in shape.keys() & value.keys():
        yield from find_misfits(shape[name], value[name], f"{path}/{name}")
