"""The check of what calls bring agrees with a JSON Schema validator that nobody here wrote."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.sim.hosting import schemas
from bot.sim.hosting.checks import CHECKED_LATER, Findings, check, check_text, read_json
from bot.sim.hosting.errors import RefusedError
from bot.sim.hosting.routes.table import ROUTES

BODIES = [route.body for route in ROUTES if route.body is not None]
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just(2.0) | st.just(0.5)
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
sensible = st.sampled_from(
    [
        "main",
        "sale",
        ["sale"],
        ["sale", "stock"],
        [],
        None,
        True,
        4,
        8192,
        "manual",
        "raw",
        ["deploy.failed"],
        "5a296461-9222-40da-91f5-9e912890dc1b",
        "review.client.com",
        "",
        "https://bot.client.com/hook",
        "pull_restart",
        "update_all",
        "staging",
        "16",
    ]
)


def without_marks(schema: Any) -> Any:
    """A schema as far as `check` looks: what the route itself judges is left out, and so is what hangs on other fields."""
    if not isinstance(schema, dict):
        return schema
    later = {"enum", "pattern"} if CHECKED_LATER in schema else set()
    return {
        name: [without_marks(one) for one in part] if isinstance(part, list) else without_marks(part)
        for name, part in schema.items()
        if name not in {"if", "then", CHECKED_LATER, *later}
    }


@given(st.data())
def test_findings_are_those_of_a_json_schema_validator(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(BODIES))
    names = st.sampled_from([*schema["properties"], "strange"])
    body = data.draw(st.dictionaries(names, sensible | anything, max_size=5) | anything)
    found = Findings()
    check(schema, body, ("body",), found)
    assert bool(found.listed) is not Draft202012Validator(without_marks(schema)).is_valid(body)


@given(st.text(max_size=12))
def test_text_stands_for_a_number_or_is_refused(text: str) -> None:
    found = Findings()
    value = check_text(schemas.LIMIT, text, ("query", "limit"), found)
    if not found.listed:
        assert value == int(text)
        assert 1 <= value <= 100


@given(st.binary(max_size=20))
def test_any_body_is_json_or_refused(raw: bytes) -> None:
    try:
        read_json(raw)
        status = 200
    except RefusedError as refused:
        status = refused.answer.status
    assert status in {200, 422}


@pytest.mark.parametrize("raw", [b" ", b"\t", b"{", b"nonsense", b"\xff"])
def test_body_that_is_there_must_be_json(raw: bytes) -> None:
    with pytest.raises(RefusedError):
        read_json(raw)


def test_no_body_is_nothing() -> None:
    assert read_json(b"") is None


def test_body_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(RefusedError):
        read_json(b"[" * 100_000)


def test_strange_fields_are_dropped_and_whole_floats_are_numbers() -> None:
    found = Findings()
    body = check(schemas.CHANGED_ENVIRONMENT, {"cpu_cores": 4.0, "colour": "red"}, ("body",), found)
    assert (body, found.listed) == ({"cpu_cores": 4}, [])
