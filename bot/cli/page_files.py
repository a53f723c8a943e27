"""Writes the page of the matrix into a file, in the place of nothing but another such page."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bot.cli.ends import fail

_RULES_FILES = (".yml", ".yaml")


def write_page(pieces: Iterable[str], path: Path) -> None:
    """Put a page there, whole or not at all; the end with one line where something else would be lost by it."""
    _refuse_what_would_be_lost(path)
    place = path.resolve()
    growing = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with growing.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        growing.replace(place)
    except OSError as error:
        with suppress(OSError):
            growing.unlink(missing_ok=True)
        fail([f"{path} cannot be written: {error.strerror or type(error).__name__}."])


def _refuse_what_would_be_lost(path: Path) -> None:
    from bot.matrix.page import BEGINNING

    if path.suffix.casefold() in _RULES_FILES:
        right = f"`oec-bot rules {path} --html {path.with_suffix('.html').name}`"
        fail(
            [
                f"{path} is the name of a rules file, and what follows --html is where the page goes. Say {right}."
            ]
        )
    if path.exists() and not _begins_with(path, BEGINNING.encode()):
        fail([f"{path} exists and is no page of the rules. Choose another name, or take it away first."])


def _begins_with(path: Path, beginning: bytes) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(beginning)) == beginning
    except OSError:
        return False
