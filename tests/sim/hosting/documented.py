"""Holds answers against the simulator's own OpenAPI document: status listed there, body of the shape shown there."""

import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from bot.sim.hosting.openapi import document
from bot.sim.hosting.routes.table import ROUTES


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Longest first, so that none stands in for another."""
    paths = sorted({route.path for route in ROUTES}, key=len, reverse=True)
    return tuple((re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths)


@cache
def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, place in _patterns():
        if pattern.fullmatch(path.removeprefix("/api/public/v1")):
            found: dict[str, Any] | None = document()["paths"][place].get(method.lower())
            return found
    return None


@cache
def _validator(method: str, path: str, status: int) -> Draft202012Validator | None:
    operation = _operation(method, path)
    assert operation is not None
    documented = operation["responses"].get(str(status))
    assert documented is not None, f"{method} {path} answered {status}, which its document does not list"
    if "content" not in documented:
        return None
    shown = documented["content"]["application/json"]["schema"]
    return Draft202012Validator({"allOf": [shown], "components": document()["components"]})


def check_answer(response: httpx.Response) -> None:
    """Fail for an answer of a documented route that is not as documented."""
    method, path = response.request.method, response.request.url.path
    if _operation(method, path) is None:
        return
    validator = _validator(method, path, response.status_code)
    if validator is None:
        assert response.content == b""
        return
    wrong = [
        f"{'/'.join(map(str, one.path))}: {one.message}" for one in validator.iter_errors(response.json())
    ]
    assert wrong == [], f"{method} {path} {response.status_code}: {response.text[:300]}"
