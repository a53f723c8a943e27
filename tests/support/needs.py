"""Programs outside Python that some tests need, and what happens on a machine without them."""

import os
import shutil
from typing import NoReturn

import pytest


def chromium_path() -> str:
    """The browser for tests of the page; skips the test where there is none."""
    return _find("chromium", hint="apt-get install chromium")


def node_path() -> str:
    """Node, for tests of JavaScript modules and clients; skips the test where there is none."""
    return _find("node", hint="apt-get install nodejs")


def curl_path() -> str:
    """curl, for command lines from documents; skips the test where there is none."""
    return _find("curl", hint="apt-get install curl")


def _find(program: str, *, hint: str) -> str:
    return shutil.which(program) or go_without(f"needs {program}: {hint}")


def go_without(reason: str) -> NoReturn:
    """Skip, unless this run promised to leave nothing out."""
    if os.environ.get("OEC_TESTS_MAY_SKIP") == "no":
        pytest.fail(reason)
    pytest.skip(reason)
