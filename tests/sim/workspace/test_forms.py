"""What inputs hold, what Slack's client refuses before anything is sent, and the ids it fills in."""

import itertools
from typing import Any

import pytest

from bot.sim.workspace.forms import (
    NotOnTheForm,
    fill_ids,
    find_entry_errors,
    state_of,
    state_values,
    usable_parts,
)

OPTIONS = [
    {"text": {"type": "plain_text", "text": "One"}, "value": "1"},
    {"text": {"type": "plain_text", "text": "Two"}, "value": "2"},
]


def element(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "a"} | more


@pytest.mark.parametrize(
    ("part", "entered", "state"),
    [
        (element("plain_text_input"), "hi", {"type": "plain_text_input", "value": "hi"}),
        (element("plain_text_input"), "", {"type": "plain_text_input", "value": None}),
        (element("plain_text_input", initial_value="x"), None, {"type": "plain_text_input", "value": "x"}),
        (
            element("static_select", options=OPTIONS),
            "2",
            {"type": "static_select", "selected_option": OPTIONS[1]},
        ),
        (
            element("static_select", options=OPTIONS),
            "Two",
            {"type": "static_select", "selected_option": OPTIONS[1]},
        ),
        (
            element("radio_buttons", options=OPTIONS),
            OPTIONS[0],
            {"type": "radio_buttons", "selected_option": OPTIONS[0]},
        ),
        (
            element("static_select", option_groups=[{"options": OPTIONS}], initial_option=OPTIONS[0]),
            None,
            {"type": "static_select", "selected_option": OPTIONS[0]},
        ),
        (
            element("checkboxes", options=OPTIONS),
            ["1", "2"],
            {"type": "checkboxes", "selected_options": OPTIONS},
        ),
        (element("checkboxes", options=OPTIONS), None, {"type": "checkboxes", "selected_options": []}),
        (element("checkboxes", options=OPTIONS), [], {"type": "checkboxes", "selected_options": []}),
        (element("users_select"), "U0ANA", {"type": "users_select", "selected_user": "U0ANA"}),
        (
            element("plain_text_input"),
            {"type": "plain_text_input", "value": "kept"},
            {"type": "plain_text_input", "value": "kept"},
        ),
        (element("button"), None, None),
    ],
)
def test_entry_becomes_the_state_slack_sends(part: dict[str, Any], entered: Any, state: Any) -> None:
    assert state_of(part, entered) == state


def test_choice_that_is_not_offered_is_refused() -> None:
    with pytest.raises(NotOnTheForm):
        state_of(element("static_select", options=OPTIONS), "3")


def test_entry_for_a_field_that_is_not_there_is_refused() -> None:
    blocks = [{"type": "input", "block_id": "b", "element": element("plain_text_input")}]
    with pytest.raises(NotOnTheForm, match="c/a"):
        state_values(blocks, {"c": {"a": "x"}})


@pytest.mark.parametrize(
    ("entered", "more", "errors"),
    [
        ("", {}, {"b": "Please complete this required field."}),
        ("", {"optional": True}, {}),
        ("x", {}, {"b": "Please use at least 2 characters."}),
        ("xxxx", {}, {"b": "Please use no more than 3 characters."}),
        ("xxx", {}, {}),
    ],
)
def test_entry_is_checked_before_it_is_sent(
    entered: str, more: dict[str, Any], errors: dict[str, str]
) -> None:
    field = element("plain_text_input", min_length=2, max_length=3)
    blocks = [{"type": "input", "block_id": "b", "element": field} | more]
    assert find_entry_errors(blocks, state_values(blocks, {"b": {"a": entered}})) == errors


def test_missing_ids_are_filled_in_and_given_ones_kept() -> None:
    numbers = itertools.count(1)
    sent: list[dict[str, Any]] = [
        {"type": "section", "block_id": "mine", "accessory": {"type": "button"}},
        {"type": "actions", "elements": [{"type": "button", "action_id": "go"}, {"type": "button"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}]},
    ]
    filled = fill_ids(sent, lambda: next(numbers))
    assert [block["block_id"] for block in filled] == ["mine", "b2", "b4"]
    assert [part["action_id"] for _, part in usable_parts(filled)] == ["a1", "go", "a3"]
    assert "action_id" not in filled[2]["elements"][0]
    assert "block_id" not in sent[1], "what the app sent is left alone"


def test_controls_inside_cards_and_containers_are_found() -> None:
    blocks = [
        {"type": "carousel", "block_id": "c", "elements": [{"type": "card", "actions": [element("button")]}]},
        {
            "type": "container",
            "block_id": "d",
            "child_blocks": [{"type": "section", "accessory": element("button")}],
        },
    ]
    assert [block["block_id"] for block, _ in usable_parts(blocks)] == ["c", "d"]
