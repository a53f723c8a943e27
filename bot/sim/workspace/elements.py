"""What Slack accepts as block elements: buttons, selects, inputs, and the small objects inside them."""

from collections.abc import Iterator
from typing import Any

from bot.sim.workspace.shapes import (
    Check,
    any_field,
    anything,
    boolean,
    by_type,
    every,
    fault,
    items,
    one_of,
    record,
    string,
    text,
    whole_number,
)

_ACTION_ID = string(255, least=1)
_PLAIN = "plain_text"

OPTION = record(
    {"text": text(75), "value": string(150, least=1)},
    {"description": text(75), "url": string(3000)},
)
_OPTION_GROUP = record({"label": text(75, _PLAIN), "options": items(OPTION, 100)})
CONFIRM = record(
    {"title": text(100, _PLAIN), "text": text(300)},
    {"confirm": text(30, _PLAIN), "deny": text(30, _PLAIN), "style": one_of("primary", "danger")},
)


def _element(required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    shared: dict[str, Check] = {"action_id": _ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean}
    return record(required, shared | (optional or {}))


def _choice(*, most_groups: int = 100, initial: str = "initial_option") -> Check:
    """A static menu: options or groups of options, never neither."""
    first: Check = OPTION if initial == "initial_option" else items(OPTION, least=1)
    optional: dict[str, Check] = {
        "placeholder": text(150, _PLAIN),
        "options": items(OPTION, 100),
        "option_groups": items(_OPTION_GROUP, most_groups),
        "max_selected_items": whole_number(1, 100),
        initial: first,
    }
    return every(_element(None, optional), any_field("options", "option_groups"), _initial_is_offered)


def _initial_is_offered(value: Any, pointer: str) -> Iterator[str]:
    """What is chosen at first must be one of the choices."""
    if not isinstance(value, dict):
        return
    groups = [value, *_objects(value.get("option_groups"))]
    offered = [option.get("value") for group in groups for option in _objects(group.get("options"))]
    for option in _objects([value.get("initial_option")]) + _objects(value.get("initial_options")):
        if option.get("value") not in offered:
            yield fault("initial option must match one of the options", pointer)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _menu(**optional: Check) -> Check:
    return _element(None, {"placeholder": text(150, _PLAIN)} | optional)


def _typed(**optional: Check) -> Check:
    return _menu(initial_value=string(3000), **optional)


BUTTON = _element(
    {"text": text(75, _PLAIN)},
    {
        "value": string(2000),
        "url": string(3000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
        "agent_prompt": string(4000),
        "visible_to_user_ids": items(string(least=1), least=1),
    },
)
IMAGE = every(
    record(
        {"alt_text": string(2000)},
        {"image_url": string(3000, least=1), "slack_file": record(), "title": text(2000, _PLAIN)},
    ),
    any_field("image_url", "slack_file"),
)
_FEEDBACK = record({"text": text(75, _PLAIN), "value": string(2000)}, {"accessibility_label": string(75)})

_BUTTONS: dict[str, Check] = {"button": BUTTON, "workflow_button": _element({"text": text(75, _PLAIN)})}
_MENUS: dict[str, Check] = {
    "static_select": _choice(),
    "multi_static_select": _choice(initial="initial_options"),
    "external_select": _menu(initial_option=OPTION),
    "multi_external_select": _menu(initial_options=items(OPTION)),
    "users_select": _menu(initial_user=string(least=1)),
    "multi_users_select": _menu(initial_users=items(string(least=1))),
    "conversations_select": _menu(initial_conversation=string(least=1)),
    "multi_conversations_select": _menu(initial_conversations=items(string(least=1))),
    "channels_select": _menu(initial_channel=string(least=1)),
    "multi_channels_select": _menu(initial_channels=items(string(least=1))),
}
_PICKS: dict[str, Check] = {
    "radio_buttons": every(
        _element({"options": items(OPTION, 10)}, {"initial_option": OPTION}), _initial_is_offered
    ),
    "checkboxes": every(
        _element({"options": items(OPTION, 10)}, {"initial_options": items(OPTION)}), _initial_is_offered
    ),
    "datepicker": _menu(initial_date=string(10)),
    "timepicker": _menu(initial_time=string(5)),
    "datetimepicker": _element(None, {"initial_date_time": anything}),
}
_OVERFLOW: dict[str, Check] = {"overflow": _element({"options": items(OPTION, 5)})}
_RICH_INPUT: dict[str, Check] = {"rich_text_input": _menu(initial_value=record())}
_TYPED: dict[str, Check] = {
    "plain_text_input": _typed(
        multiline=boolean, min_length=whole_number(0, 3000), max_length=whole_number(1, 3000)
    ),
    "number_input": _menu(),
    "email_text_input": _typed(),
    "url_text_input": _typed(),
    "file_input": _element(),
}

IN_ACTIONS = by_type(_BUTTONS | _MENUS | _PICKS | _OVERFLOW | _RICH_INPUT)
ACCESSORY = by_type(_BUTTONS | _MENUS | _PICKS | _OVERFLOW | {"image": IMAGE})
IN_INPUT = by_type(_TYPED | _MENUS | _PICKS | _RICH_INPUT)
IN_CONTEXT = by_type({"image": IMAGE, "plain_text": text(3000), "mrkdwn": text(3000)})
IN_CONTEXT_ACTIONS = by_type(
    {
        "feedback_buttons": _element({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}),
        "icon_button": _element(
            {"icon": string(least=1), "text": text(75, _PLAIN)},
            {"value": string(2000), "visible_to_user_ids": items(string(least=1), 10)},
        ),
    }
)
