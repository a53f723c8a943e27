"""A small language for stating what JSON must look like, with faults in the words of Slack's own answers.

A check takes a value and its JSON pointer and yields one sentence per fault. Checks are put together from
smaller ones, so that the tables in `elements` and `blocks` read like Slack's reference pages.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]


def fault(words: str, pointer: str) -> str:
    """One line of `response_metadata.messages`."""
    return f"[ERROR] {words} [json-pointer:{pointer}]"


def anything(_value: Any, _pointer: str) -> Iterator[str]:
    """Accept whatever is there."""
    return iter(())


def string(most: int | None = None, *, least: int = 0) -> Check:
    """A bare string of limited length."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield fault("must provide a string", pointer)
        elif len(value) < least:
            yield fault(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            yield fault(f"must be less than {most + 1} characters", pointer)

    return check


def whole_number(least: int, most: int) -> Check:
    """An integer within bounds."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield fault("must provide an integer", pointer)
        elif not least <= value <= most:
            yield fault(f"must be between {least} and {most}", pointer)

    return check


def boolean(value: Any, pointer: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield fault("must provide a boolean", pointer)


def one_of(*words: str) -> Check:
    """One of a few words."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if value not in words:
            yield fault(f"value must be one of: {', '.join(words)}", pointer)

    return check


def items(check_one: Check, most: int | None = None, *, least: int = 1) -> Check:
    """A list of limited length whose items all pass one check."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield fault("must be an array", pointer)
            return
        if len(value) < least:
            yield fault(f"must have at least {least} item" + "s" * (least != 1), pointer)
        if most is not None and len(value) > most:
            yield fault(f"no more than {most} items allowed", pointer)
        for number, item in enumerate(value):
            yield from check_one(item, f"{pointer}/{number}")

    return check


def record(required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None) -> Check:
    """An object with some fields required and some allowed; fields not named are let through."""
    needed = required or {}
    allowed = optional or {}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", pointer)
            return
        for name, check_field in needed.items():
            if value.get(name) is None:
                yield fault(f"missing required field: {name}", pointer)
            else:
                yield from check_field(value[name], f"{pointer}/{name}")
        for name, check_field in allowed.items():
            if value.get(name) is not None:
                yield from check_field(value[name], f"{pointer}/{name}")

    return check


def every(*checks: Check) -> Check:
    """All of several checks."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        for one in checks:
            yield from one(value, pointer)

    return check


def by_type(table: Mapping[str, Check]) -> Check:
    """An object whose `type` says which check of a table it must pass."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", pointer)
        elif not isinstance(value.get("type"), str):
            yield fault("missing required field: type", pointer)
        elif value["type"] not in table:
            yield fault(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            yield from table[value["type"]](value, pointer)

    return check


def any_field(*names: str) -> Check:
    """An object with at least one of some fields."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield fault(f"must define either `{'` or `'.join(names)}`", pointer)

    return check


def text(most: int, *kinds: str, least: int = 1) -> Check:
    """A text object (`plain_text` or `mrkdwn`, unless only some `kinds` are named) of limited length."""
    length = string(most, least=least)
    allowed = kinds or ("plain_text", "mrkdwn")

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", pointer)
        elif value.get("type") not in allowed:
            yield fault(f"unsupported type: {value.get('type')}", f"{pointer}/type")
        elif "text" not in value:
            yield fault("missing required field: text", pointer)
        else:
            yield from length(value["text"], f"{pointer}/text")

    return check
