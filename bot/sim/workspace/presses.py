"""Pressing a button or picking from a menu, in a message, a modal or the Home tab."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.sim.workspace import payloads
from bot.sim.workspace.entities import Channel, JsonObject, Message, User, View
from bot.sim.workspace.envelopes import Delivery, Envelope
from bot.sim.workspace.forms import NotOnTheForm, options_of, state_of, state_values, usable_parts
from bot.sim.workspace.world import PersonRefused, World

Entered = Mapping[str, Mapping[str, Any]]

# What an action repeats of its element, beside the ids and what was chosen.
_REPEATED = ("text", "value", "style", "placeholder")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which control somebody means: by its id, its visible text, its block; and what they choose in it."""

    action_id: str | None = None
    label: str | None = None
    block_id: str | None = None
    choice: Any = None

    def describe(self) -> str:
        """The control in words."""
        named = [f"labelled {self.label!r}" if self.label else "", f"with action_id {self.action_id!r}"]
        chosen = named[0] or named[1]
        return chosen + (f" in block {self.block_id!r}" if self.block_id else "")


async def press_in_message(
    world: World, user: User, channel: Channel, message: Message, wanted: Wanted, entered: Entered
) -> Delivery:
    """Press something in a message this person sees."""
    block, element = find_control(message.content.blocks, user, wanted)
    state = _state_after(element, wanted)
    kept = world.workspace.entered_in(message, user.id)
    _forget_gone(kept, message.content.blocks)
    _merge(kept, entered)
    _keep_choice(kept, block, element, state)
    payload = payloads.message_press(
        world.workspace,
        user,
        channel,
        message,
        action=_action(world, block, element, state),
        values=_values(message.content.blocks, kept),
        trigger_id=world.issue_trigger(user.id),
        response_url=world.issue_reply_url(channel, user, message),
    )
    return await world.deliveries.deliver(Envelope("interactive", payload, accepts_response_payload=True))


async def press_in_view(world: World, user: User, view: View, wanted: Wanted, entered: Entered) -> Delivery:
    """Press something in one's modal or Home."""
    block, element = find_control(view.blocks, user, wanted)
    state = _state_after(element, wanted)
    kept: dict[str, JsonObject] = {block_id: dict(fields) for block_id, fields in view.values.items()}
    _merge(kept, entered)
    _keep_choice(kept, block, element, state)
    filled = replace(view, values=_values(view.blocks, kept))
    world.workspace.replace_view(filled)
    payload = payloads.view_press(
        world.workspace,
        user,
        filled,
        action=_action(world, block, element, state),
        trigger_id=world.issue_trigger(user.id),
    )
    return await world.deliveries.deliver(Envelope("interactive", payload, accepts_response_payload=True))


def find_control(blocks: Iterable[JsonObject], user: User, wanted: Wanted) -> tuple[JsonObject, JsonObject]:
    """The block and element somebody means. Refuses where they see none, or several that fit."""
    shown = [(block, part) for block, part in usable_parts(blocks) if _is_pressable(block, part, user)]
    found = [(block, part) for block, part in shown if _fits(block, part, wanted)]
    if not found:
        there = ", ".join(sorted({_label(part) for _, part in shown})) or "nothing to press"
        raise PersonRefused(404, f"{user.real_name} sees no button {wanted.describe()} there, only: {there}.")
    if len(found) > 1:
        places = ", ".join(str(block["block_id"]) for block, _ in found)
        raise PersonRefused(
            400, f"There are {len(found)} controls {wanted.describe()}: say which block_id ({places})."
        )
    return found[0]


def _is_pressable(block: JsonObject, part: JsonObject, user: User) -> bool:
    """Whether the person sees the control and using it tells the app at once, not only when a form is sent."""
    only = part.get("visible_to_user_ids")
    if only and user.id not in only:
        return False
    return block["type"] != "input" or bool(block.get("dispatch_action"))


def _fits(block: JsonObject, part: JsonObject, wanted: Wanted) -> bool:
    if wanted.block_id and block["block_id"] != wanted.block_id:
        return False
    if wanted.action_id and part["action_id"] != wanted.action_id:
        return False
    return not wanted.label or wanted.label.strip() in (_label(part), *_option_labels(part))


def _label(part: JsonObject) -> str:
    written = part.get("text") or part.get("placeholder") or {}
    return str(written.get("text") or part["action_id"]).strip()


def _option_labels(part: JsonObject) -> list[str]:
    return [str(option["text"]["text"]).strip() for option in options_of(part)]


def _state_after(element: JsonObject, wanted: Wanted) -> JsonObject | None:
    """What the control holds after the press; None for buttons, which hold nothing."""
    choice = wanted.choice
    if choice is None and wanted.label in _option_labels(element):
        choice = wanted.label
    if element["type"] == "overflow":
        # It sends a choice as a select does, though it has no place in `state.values`.
        element = element | {"type": "static_select"}
    if choice is None and state_of(element) is not None:
        raise PersonRefused(400, f"Say what to choose in {_label(element)!r}: `selected_option` or `value`.")
    try:
        return state_of(element, choice)
    except NotOnTheForm as problem:
        raise PersonRefused(404, str(problem)) from None


def _values(blocks: Iterable[JsonObject], entered: Entered) -> dict[str, dict[str, JsonObject]]:
    try:
        return state_values(blocks, entered)
    except NotOnTheForm as problem:
        raise PersonRefused(400, str(problem)) from None


def _forget_gone(kept: dict[str, JsonObject], blocks: Iterable[JsonObject]) -> None:
    """Drop what was entered in fields that an edit of the message took away."""
    there = {(block["block_id"], part["action_id"]) for block, part in usable_parts(blocks)}
    for block_id, fields in list(kept.items()):
        kept[block_id] = {name: entry for name, entry in fields.items() if (block_id, name) in there}


def _keep_choice(
    kept: dict[str, JsonObject], block: JsonObject, element: JsonObject, state: JsonObject | None
) -> None:
    """Remember what a menu holds now; buttons and overflow menus hold nothing once they are used."""
    if state is not None and state_of(element) is not None:
        _merge(kept, {block["block_id"]: {element["action_id"]: state}})


def _merge(kept: dict[str, JsonObject], entered: Entered) -> None:
    for block_id, fields in entered.items():
        kept.setdefault(block_id, {}).update(fields)


def _action(world: World, block: JsonObject, element: JsonObject, state: JsonObject | None) -> JsonObject:
    """The entry in `actions` of a block_actions payload."""
    action = {name: element[name] for name in _REPEATED if name in element}
    action |= {"action_id": element["action_id"], "block_id": block["block_id"]}
    return action | (state or {}) | {"type": element["type"], "action_ts": f"{world.now().timestamp():.6f}"}
