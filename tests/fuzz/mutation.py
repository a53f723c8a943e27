"""Spoils JSON values: any node of a payload is removed, doubled, or made into something that nobody expects there."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

Json = Any
Path = tuple[str | int, ...]

REMOVED = object()
"""In place of a value: take the node out."""


def nested(depth: int) -> Json:
    """A list in a list in a list …"""
    made: Json = []
    for _ in range(depth):
        made = [made]
    return made


ODDITIES: tuple[Json, ...] = (
    REMOVED,
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    float("nan"),
    "",
    " ",
    "0",
    "x" * 70_000,
    "\ud800",
    "\x00\u202e<!channel>",
    "../../%2e%2e",
    "U0ANA",
    [],
    [None],
    [[]],
    [{}],
    ["x"],
    {},
    {"id": []},
    {"": None},
    nested(60),
)


def paths(node: Json, path: Path = ()) -> Iterator[Path]:
    """Every place within a value."""
    yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from paths(value, (*path, key))


def spoil(payload: Json, path: Path, oddity: Json) -> Json:
    """A copy with something odd at one place."""
    if not path:
        return None if oddity is REMOVED else oddity
    spoilt = copy.deepcopy(payload)
    node = spoilt
    for key in path[:-1]:
        node = node[key]
    if oddity is REMOVED:
        del node[path[-1]]
    else:
        node[path[-1]] = oddity
    return spoilt


def spoilt_by(data: bytes, payloads: Sequence[Json]) -> Json:
    """The payload that these bytes choose, spoilt at the places and in the ways that they choose."""
    if not data:
        return None
    payload = payloads[data[0] % len(payloads)]
    for place, way in zip(data[1:9:2], data[2:10:2], strict=False):
        places = list(paths(payload))
        payload = spoil(payload, places[place % len(places)], ODDITIES[way % len(ODDITIES)])
    return payload
