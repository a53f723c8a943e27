"""The README of this folder names tests that exist."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMED = re.findall(r"`([\w/]+\.py)(?:::(test_\w+))?", (HERE / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_named_test_exists(file: str, name: str) -> None:
    text = (HERE.parent / file).read_text(encoding="utf-8")
    assert f"def {name}" in text


def test_every_way_of_failing_has_a_row() -> None:
    numbers = re.findall(r"^\| (\d+) \|", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, 29))
