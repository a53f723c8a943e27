"""The page's pure modules, in Node's own test runner."""

import subprocess
from pathlib import Path

import pytest

from tests.support.needs import node_path

_HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("name", sorted(path.name for path in _HERE.glob("*.test.mjs")))
def test_module_in_node_passes(name: str) -> None:
    done = subprocess.run(
        [node_path(), "--test", str(_HERE / name)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_pure_module_has_a_test() -> None:
    assert {path.name for path in _HERE.glob("*.test.mjs")} == {
        f"{module}.test.mjs"
        for module in (
            "callwords",
            "catalogue",
            "dates",
            "markdown",
            "mrkdwn",
            "richtext",
            "route",
            "unread",
            "words",
        )
    }
