"""What a fuzzer needs to know of a reader: how to give it bytes, what to begin with, and what must hold."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A reader of foreign input. `check_one` raises where the reader breaks what it promises."""

    name: str
    check_one: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def find_texts(value: object) -> Iterator[str]:
    """Every text within a value of ours, however deep it stands."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from find_texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from find_texts(key)
            yield from find_texts(inner)
    elif isinstance(value, tuple | list | frozenset | set):
        for inner in value:
            yield from find_texts(inner)


def check_texts(value: object, *, longest: int) -> None:
    """See that a value's texts can be kept and sent, and are no longer than they may be."""
    for text in find_texts(value):
        text.encode()  # half a character would raise
        assert "\x00" not in text, "a text with a NUL"
        assert len(text) <= longest, f"a text of {len(text)} characters"
