"""The checker of Slack's limits itself: it finds what it is there to find."""

from typing import Any

import pytest

from tests.support.block_limits import (
    find_message_breaches,
    find_open_marks,
    find_pings,
    find_view_breaches,
)


def a_section(text: str, **more: Any) -> dict[str, Any]:
    """A section as Slack knows it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True} | more}


def a_button(label: str = "Go", action_id: str = "go") -> dict[str, Any]:
    """A button as Slack knows it."""
    return {
        "type": "button",
        "action_id": action_id,
        "value": "v",
        "text": {"type": "plain_text", "text": label},
    }


FAULTY: dict[str, list[dict[str, Any]]] = {
    "no blocks": [],
    "too many blocks": [a_section("x")] * 51,
    "empty section": [a_section("")],
    "long section": [a_section("x" * 3001)],
    "long section of wide characters": [a_section("🚀" * 1501)],
    "section that makes its own links": [a_section("x", verbatim=False)],
    "control character": [a_section("a\x07b")],
    "text turned around": [a_section("a\u202eb")],
    "unknown block": [{"type": "hologram"}],
    "the same id twice": [a_section("x") | {"block_id": "a"}] * 2,
    "long context": [
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x" * 2001, "verbatim": True}]}
    ],
    "crowded context": [
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x", "verbatim": True}] * 11}
    ],
    "long header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "no buttons": [{"type": "actions", "elements": []}],
    "the same button twice": [{"type": "actions", "elements": [a_button(), a_button()]}],
    "long button": [{"type": "actions", "elements": [a_button("x" * 76)]}],
    "long value": [{"type": "actions", "elements": [a_button() | {"value": "x" * 2001}]}],
    "odd style": [{"type": "actions", "elements": [a_button() | {"style": "neon"}]}],
    "long log": [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x" * 3001}]}
            ],
        }
    ],
}


@pytest.mark.parametrize("name", FAULTY)
def test_each_breach_is_found(name: str) -> None:
    assert find_message_breaches("state", FAULTY[name])


def test_sound_message_has_none() -> None:
    sound = [a_section("x" * 3000), {"type": "actions", "elements": [a_button(), a_button(action_id="b")]}]
    assert find_message_breaches("state", sound) == []


@pytest.mark.parametrize("text", ["", "two\nlines", "x" * 4001, "é" * 2001])
def test_text_that_is_no_banner_is_found(text: str) -> None:
    assert find_message_breaches(text, [a_section("x")])


def test_modal_beyond_its_limits_is_found() -> None:
    assert find_view_breaches({"blocks": [a_section("x")], "title": "x" * 25, "submit": "Go", "subject": "s"})
    assert find_view_breaches({"blocks": [a_section("x")] * 101})
    assert find_view_breaches(
        {"blocks": [a_section("x")], "title": "T", "submit": "S", "subject": "s" * 3001}
    )


def test_pings_are_found_in_markup_and_dates_are_none() -> None:
    shown = [a_section("<@U1> <!channel> <#C1|ops> <!subteam^S1> <!date^1^{time}|x> <https://a.example|a>")]
    assert find_pings(shown) == {"@U1", "!channel", "#C1", "!subteam^S1"}


def test_text_shown_as_it_is_holds_no_pings() -> None:
    words = {"type": "rich_text", "elements": [{"type": "text", "text": "<!channel>"}]}
    assert find_pings([words, {"type": "plain_text", "text": "<!here>"}]) == set()


def test_half_a_mark_is_found() -> None:
    assert find_open_marks([a_section("see <@U1")])
    assert find_open_marks([a_section("a > b")])
    assert not find_open_marks([a_section("<@U1> &lt;")])
