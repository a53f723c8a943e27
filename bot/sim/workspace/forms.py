"""What people can press, pick or fill in within blocks, and what the app is told they entered."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bot.sim.workspace.entities import JsonObject

_SINGLE = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
}
_MULTIPLE = {
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
_INITIAL = {
    "selected_option": "initial_option",
    "selected_user": "initial_user",
    "selected_conversation": "initial_conversation",
    "selected_channel": "initial_channel",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_options": "initial_options",
    "selected_users": "initial_users",
    "selected_conversations": "initial_conversations",
    "selected_channels": "initial_channels",
}
_OPTION_FIELDS = frozenset({"selected_option", "selected_options"})

Values = dict[str, dict[str, JsonObject]]


class NotOnTheForm(Exception):  # noqa: N818 - told to a person, not a failure of ours
    """Something was entered that the form has no place or no choice for."""


def parts_of(block: JsonObject) -> Iterator[JsonObject]:
    """The elements of one block that a person could use, in the order they are seen."""
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict):
            yield block[name]
    for name in ("elements", "actions"):
        for part in block.get(name) or []:
            if isinstance(part, dict):
                yield from parts_of(part) if part.get("type") == "card" else (part,)
    for child in block.get("child_blocks") or []:
        yield from parts_of(child)


def usable_parts(blocks: Iterable[JsonObject]) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Every (block, element) pair with an action id."""
    for block in blocks:
        for part in parts_of(block):
            if block.get("type") != "rich_text" and part.get("action_id"):
                yield block, part


def fill_ids(blocks: Iterable[JsonObject], next_number: Callable[[], int]) -> tuple[JsonObject, ...]:
    """A copy of the blocks in which every block and every usable element has an id, as Slack fills them in."""
    filled = tuple(copy.deepcopy(block) for block in blocks)
    for block in filled:
        block["block_id"] = block.get("block_id") or f"b{next_number()}"
        if block.get("type") in ("rich_text", "context"):
            continue
        for part in parts_of(block):
            if part.get("type") != "image" and "action_id" not in part:
                part["action_id"] = f"a{next_number()}"
    return filled


def state_of(element: JsonObject, entered: Any = None) -> JsonObject | None:
    """An input's entry in `state.values`, from what was entered or else its initial value; None if it has none.

    Raises NotOnTheForm for a choice that is not offered.
    """
    kind = str(element.get("type"))
    name = _SINGLE.get(kind) or _MULTIPLE.get(kind)
    if name is None:
        return None
    if entered is None:
        initial = element.get(_INITIAL[name])
        return {"type": kind, name: initial if kind in _SINGLE else list(initial or [])}
    if isinstance(entered, dict) and name in entered:
        entered = entered[name]
    if kind in _MULTIPLE:
        chosen = entered if isinstance(entered, list) else [entered]
        return {"type": kind, name: [_picked(element, name, one) for one in chosen]}
    return {"type": kind, name: _picked(element, name, entered)}


def _picked(element: JsonObject, name: str, entered: Any) -> Any:
    if name in _OPTION_FIELDS and entered is not None:
        return find_option(element, entered)
    return None if entered == "" and name == "value" else entered


def options_of(element: JsonObject) -> list[JsonObject]:
    """All options of a menu, groups flattened."""
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    return list(element.get("options") or []) + grouped


def find_option(element: JsonObject, wanted: Any) -> JsonObject:
    """The option with this value or this visible text. Raises NotOnTheForm."""
    if isinstance(wanted, dict):
        wanted = wanted.get("value")
    for option in options_of(element):
        if wanted in (option.get("value"), option["text"]["text"]):
            return option
    raise NotOnTheForm(f"There is no option {wanted!r} in {element.get('action_id')!r}.")


def state_values(blocks: Iterable[JsonObject], entered: Mapping[str, Mapping[str, Any]]) -> Values:
    """`state.values` of a form. Raises NotOnTheForm for entries the form has no place for."""
    values: Values = {}
    for block, element in usable_parts(blocks):
        typed = entered.get(block["block_id"], {}).get(element["action_id"])
        state = state_of(element, typed)
        if state is not None:
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    for block_id, fields in entered.items():
        for action_id in fields:
            if action_id not in values.get(block_id, {}):
                raise NotOnTheForm(f"There is no field {block_id}/{action_id} in this form.")
    return values


def find_entry_errors(blocks: Iterable[JsonObject], values: Values) -> dict[str, str]:
    """What Slack's own client says under a field before it lets anybody submit: required, too short, too long."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        entry = next((value for name, value in state.items() if name != "type"), None)
        words = _entry_error(element, entry, is_optional=bool(block.get("optional")))
        if words:
            errors[block["block_id"]] = words
    return errors


def _entry_error(element: JsonObject, entry: Any, *, is_optional: bool) -> str | None:
    if entry in (None, "", []):
        return None if is_optional else "Please complete this required field."
    if element.get("type") != "plain_text_input":
        return None
    if len(entry) < int(element.get("min_length") or 0):
        return f"Please use at least {element['min_length']} characters."
    if len(entry) > int(element.get("max_length") or 3000):
        return f"Please use no more than {element.get('max_length') or 3000} characters."
    return None
