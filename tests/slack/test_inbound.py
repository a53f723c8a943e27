"""Payloads read as core values: by table where Slack says what comes, by Hypothesis where anything may."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.names import UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Request
from bot.slack.inbound import as_modal_errors, read_home_opened, read_press
from tests.slack.payloads import (
    BOT,
    RESPONSE_URL,
    JsonObject,
    button,
    home_opened,
    mention,
    message_shortcut,
    press,
    slash_command,
    submission,
)
from tests.support.delivery import Delivery, read_delivery

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def read(payload: object) -> Delivery | None:
    return read_delivery(payload, bot_user_id=UserId(BOT), now=NOW)


def read_request(payload: object) -> Request:
    delivery = read(payload)
    assert isinstance(delivery, Request)
    return delivery


def read_button(payload: object) -> ButtonPress:
    delivery = read(payload)
    assert isinstance(delivery, ButtonPress)
    return delivery


def read_modal(payload: object) -> ModalSubmission:
    delivery = read(payload)
    assert isinstance(delivery, ModalSubmission)
    return delivery


# Slash commands


def test_slash_command_becomes_a_request() -> None:
    request = read_request(slash_command())
    assert request.key == "slash:13345224609.738474920.8088930838d88f008e0"
    assert (request.actor.user_id, request.actor.team_id) == ("U0ANA", "T0ACME")
    assert (request.place.channel_id, request.place.thread_ts) == ("C0DEPLOYS", None)
    assert (request.text, request.asked_at) == ("deploy prod", NOW)
    assert request.reply_to.response_url == RESPONSE_URL
    assert (request.reply_to.user_id, request.reply_to.place) == ("U0ANA", request.place)


def test_slash_command_with_escaped_text_keeps_it() -> None:
    text = "can &lt;deploy&gt; <@U0BEN> in <#C0DEPLOYS|deploys>"
    assert read_request(slash_command(text=text)).text == text


def test_slash_command_without_words_asks_with_empty_text() -> None:
    assert read_request(slash_command(text=None)).text == ""


def test_response_address_is_in_no_representation() -> None:
    assert RESPONSE_URL not in repr(read(slash_command()))
    assert RESPONSE_URL not in repr(read(press()))


# Mentions


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"<@{BOT}> restart staging", "restart staging"),
        (f"  <@{BOT}>   restart staging  ", "restart staging"),
        (f"<@{BOT}|oec>: restart staging", "restart staging"),
        (f"<@{BOT}>, restart staging", "restart staging"),
        (f"<@{BOT}>\nrestart staging", "restart staging"),
        (f"<@{BOT}>", ""),
        (f"please <@{BOT}> restart staging", f"please <@{BOT}> restart staging"),
        (f"<@U0BEN> <@{BOT}> restart staging", f"<@U0BEN> <@{BOT}> restart staging"),
        (f"<@{BOT}> can <@{BOT}> deploy prod", f"can <@{BOT}> deploy prod"),
        (f"<@{BOT}> say &lt;b&gt;", "say &lt;b&gt;"),
    ],
)
def test_mention_loses_only_the_mention_it_begins_with(text: str, asked: str) -> None:
    assert read_request(mention(text)).text == asked


def test_mention_is_known_by_its_event_and_answered_without_an_address() -> None:
    request = read_request(mention())
    assert request.key == "event:Ev0MDYGDKJ"
    assert (request.reply_to.user_id, request.reply_to.response_url) == ("U0ANA", None)


@pytest.mark.parametrize(
    ("ts", "late_by"),
    [
        (f"{NOW.timestamp():.6f}", timedelta(0)),
        (f"{NOW.timestamp() - 300:.6f}", timedelta(minutes=5)),
        (f"{NOW.timestamp() + 300:.6f}", timedelta(0)),
        ("soon", timedelta(0)),
        ("99999999999999999.1", timedelta(0)),
        (None, timedelta(0)),
    ],
)
def test_mention_and_press_tell_how_long_they_were_on_their_way(ts: str | None, late_by: timedelta) -> None:
    assert read_request(mention(ts=ts)).late_by == late_by
    pressed = read_press(press(button(action_ts=ts)), now=NOW)
    assert pressed is not None
    assert pressed.late_by == late_by


@pytest.mark.parametrize(
    ("thread_ts", "place"),
    [
        (None, None),
        ("1700000100.000200", None),  # the message that began the thread
        ("1700000000.000100", "1700000000.000100"),
    ],
)
def test_mention_is_in_a_thread_only_where_it_is_a_reply(thread_ts: str | None, place: str | None) -> None:
    assert read_request(mention(thread_ts=thread_ts)).place.thread_ts == place


@pytest.mark.parametrize(
    "changes",
    [
        {"user": BOT},
        {"bot_id": "B0OTHER"},
        {"bot_profile": {"id": "B0OTHER"}},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"edited": {"user": "U0ANA", "ts": "1700000101.000000"}},
        {"type": "message"},
        {"user": None},
        {"channel": None},
    ],
)
def test_mention_by_a_bot_or_by_an_edit_is_nothing(changes: JsonObject) -> None:
    assert read(mention(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "enterprise_id", "team_id"),
    [
        ({}, None, "T0ACME"),
        ({"user_team": "T0CLIENT"}, None, "T0CLIENT"),
        ({"team": "T0CLIENT"}, None, "T0CLIENT"),
        ({"team": None}, None, "T0ACME"),
        ({"user_team": "E0ORG"}, "E0ORG", "T0ACME"),
        ({"user_team": "E0OTHER"}, "E0ORG", "E0OTHER"),
    ],
)
def test_mention_in_a_shared_channel_names_the_authors_own_team(
    changes: JsonObject, enterprise_id: str | None, team_id: str
) -> None:
    payload = mention(**changes) | {"enterprise_id": enterprise_id}
    assert read_request(payload).actor.team_id == team_id


# Presses


def test_press_becomes_a_button_press() -> None:
    pressed = read_button(press())
    assert pressed.key == "press:1700000000.000100:approve:handle-42:U0BEN:1700000200.000300"
    assert (pressed.kind, pressed.button_id) == ("approve", "handle-42")
    assert (pressed.actor.user_id, pressed.actor.team_id) == ("U0BEN", "T0ACME")
    assert (pressed.place.channel_id, pressed.place.thread_ts) == ("C0DEPLOYS", None)
    assert (pressed.trigger_id, pressed.pressed_at) == ("12466734323.1395872398", NOW)
    assert pressed.reply_to.response_url == RESPONSE_URL


@pytest.mark.parametrize(
    ("action", "kind", "button_id"),
    [
        (button(action_id="ask:3", value="ask-id"), "ask", "ask-id"),
        (button(action_id="overflow", value=None, selected_option={"value": "log-id"}), "overflow", "log-id"),
        (
            button(action_id="many", value=None, selected_options=[{"value": "a"}, {"value": "b"}]),
            "many",
            "a,b",
        ),
    ],
)
def test_press_is_of_the_kind_before_the_colon(action: JsonObject, kind: str, button_id: str) -> None:
    pressed = read_button(press(action))
    assert (pressed.kind, pressed.button_id) == (kind, button_id)


@pytest.mark.parametrize(
    "payload",
    [
        press(button(url="https://erp.client.example")),
        press(button(value=None)),
        press(button(action_id=None)),
        press(actions=[]),
        press(actions=None),
        press(user=None),
    ],
)
def test_press_that_asks_nothing_of_us_is_nothing(payload: JsonObject) -> None:
    assert read(payload) is None


def test_two_clicks_on_the_same_button_are_two_deliveries() -> None:
    second = press(button(action_ts="1700000201.000000"))
    assert read_button(press()).key != read_button(second).key


def test_press_within_a_thread_is_in_that_thread() -> None:
    container = {"type": "message", "message_ts": "1700000050.0", "channel_id": "C0DEPLOYS"}
    pressed = read_button(press(container=container | {"thread_ts": "1700000000.000100"}))
    assert pressed.place.thread_ts == "1700000000.000100"


def test_press_on_a_card_that_has_replies_is_in_the_channel() -> None:
    message = {"ts": "1700000000.000100", "thread_ts": "1700000000.000100"}
    assert read_button(press(message=message)).place.thread_ts is None


def test_press_on_an_ephemeral_message_finds_its_place_in_the_container() -> None:
    payload = press()
    del payload["message"], payload["channel"]
    assert read_button(payload).place.channel_id == "C0DEPLOYS"


def test_press_in_the_home_is_in_the_persons_own_messages() -> None:
    payload = press(container={"type": "view", "view_id": "V0HOME"}, view={"id": "V0HOME"})
    del payload["message"], payload["channel"], payload["response_url"]
    pressed = read_button(payload)
    assert pressed.place.channel_id == "U0BEN"
    assert pressed.key.startswith("press:V0HOME:")
    assert pressed.reply_to.response_url is None


def test_press_by_a_stranger_names_the_strangers_team() -> None:
    assert read_button(press(user={"id": "U0STRANGER", "team_id": "T0CLIENT"})).actor.team_id == "T0CLIENT"


def test_press_in_an_organisation_app_without_a_team_names_the_persons() -> None:
    assert read_button(press(team=None)).actor.team_id == "T0ACME"


# Modals and shortcuts


def test_submission_becomes_a_modal_submission() -> None:
    submitted = read_modal(submission())
    assert submitted.key == "submit:V0MODAL:12466734323.submitted"
    assert (submitted.kind, submitted.subject) == ("decline_modal", "handle-42")
    assert dict(submitted.values) == {"reason": "Not on a Friday"}
    assert (submitted.actor.user_id, submitted.submitted_at) == ("U0BEN", NOW)


def test_submission_values_are_flat_by_field_name() -> None:
    values = {
        "a": {"text": {"type": "plain_text_input", "value": "typed"}},
        "b": {"empty": {"type": "plain_text_input", "value": None}},
        "c": {"one": {"type": "static_select", "selected_option": {"value": "chosen"}}},
        "d": {"none": {"type": "static_select", "selected_option": None}},
        "e": {"several": {"type": "checkboxes", "selected_options": [{"value": "x"}, {"value": "y"}]}},
        "f": {"day": {"type": "datepicker", "selected_date": "2026-11-22"}},
    }
    assert dict(read_modal(submission(values)).values) == {
        "text": "typed",
        "empty": "",
        "one": "chosen",
        "none": "",
        "several": "x,y",
        "day": "2026-11-22",
    }


def test_modal_errors_stand_at_the_blocks_of_their_fields() -> None:
    payload = submission({"b1": {"name": {"value": "prdo"}}, "b2": {"reason": {"value": ""}}})
    errors = {"reason": "Say why.", "name": "That is not its name."}
    assert as_modal_errors(payload, errors) == {"b2": "Say why.", "b1": "That is not its name."}


def test_modal_error_of_a_field_that_is_not_there_stands_at_the_first() -> None:
    payload = submission({"b1": {"name": {"value": "prdo"}}})
    assert as_modal_errors(payload, {"elsewhere": "No."}) == {"b1": "No."}


def test_modal_error_in_a_modal_without_fields_stands_nowhere() -> None:
    assert as_modal_errors(submission({}), {"name": "No."}) == {}


def test_message_shortcut_is_in_the_thread_to_be() -> None:
    shortcut = read(message_shortcut())
    assert isinstance(shortcut, MessageShortcut)
    assert shortcut.key == "shortcut:13345224609.shortcut"
    assert (shortcut.place.channel_id, shortcut.place.thread_ts) == ("C0SUPPORT", "1700000300.000400")
    assert shortcut.actor.user_id == "U0CLEO"


def test_message_shortcut_on_a_reply_is_in_its_thread() -> None:
    message = {"ts": "1700000300.000400", "thread_ts": "1700000000.000100"}
    shortcut = read(message_shortcut(message=message))
    assert isinstance(shortcut, MessageShortcut)
    assert shortcut.place.thread_ts == "1700000000.000100"


def test_shortcut_of_another_name_is_nothing() -> None:
    assert read(message_shortcut(callback_id="somebody_elses")) is None


# The App Home


@pytest.mark.parametrize(
    ("payload", "user_id"),
    [
        (home_opened(), "U0ANA"),
        (home_opened(tab="messages"), None),
        (home_opened(user=None), None),
        (mention(), None),
        ({}, None),
    ],
)
def test_home_opened_names_who_opened_it(payload: JsonObject, user_id: str | None) -> None:
    assert read_home_opened(payload) == user_id


# Whatever else may come

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KNOWN = (slash_command(), mention(), press(), submission(), message_shortcut(), home_opened())


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a payload."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, value in inner for found in paths(value, (*path, key)))]


@given(ODD)
def test_any_json_is_read_or_nothing(payload: Any) -> None:
    assert read(payload) is None or isinstance(payload, dict)


@settings(max_examples=300)
@given(st.data())
def test_known_payload_with_odd_parts_is_read_or_nothing(data: st.DataObject) -> None:
    """Whatever stands in any one or two places of a payload, reading it does not raise."""
    payload = copy.deepcopy(data.draw(st.sampled_from(KNOWN)))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(paths(payload)))
        if not path:
            continue
        node = payload
        for key in path[:-1]:
            node = node[key]
        if data.draw(st.booleans()) and isinstance(node, dict):
            del node[path[-1]]
        else:
            node[path[-1]] = data.draw(ODD)
    read(payload)
    read_home_opened(payload)
    assert all(isinstance(text, str) for text in as_modal_errors(payload, {"reason": "no"}).values())
