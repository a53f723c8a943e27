"""Sending a modal off, and closing one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sim.workspace import payloads
from bot.sim.workspace.blocks import MODAL
from bot.sim.workspace.entities import JsonObject, User, View
from bot.sim.workspace.envelopes import Delivery, Envelope
from bot.sim.workspace.forms import NotOnTheForm, find_entry_errors, state_values
from bot.sim.workspace.methods.views import changed_view, read_view, stack_view
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.world import PersonRefused, World


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a modal sent off. `delivery` is None where Slack's own client already refused it."""

    delivery: Delivery | None
    response_action: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


def find_view(world: World, user: User, view_id: object) -> View:
    """A view this person has in front of them: the modal on top, or the Home tab."""
    home = world.workspace.home_of(user.id)
    if home is not None and home.id == view_id:
        return home
    stack = world.workspace.modals_of(user.id)
    if stack and stack[-1].id == view_id:
        return stack[-1]
    if any(view.id == view_id for view in stack):
        raise PersonRefused(409, f"Another modal lies on top of {view_id}.")
    raise PersonRefused(404, f"{user.real_name} has no view {view_id} open.")


async def submit(world: World, user: User, view: View, entered: Mapping[str, Mapping[str, Any]]) -> Submitted:
    """Send a modal off with what was entered, and do what the app's acknowledgement says."""
    if view.content["type"] != MODAL or not view.content.get("submit"):
        raise PersonRefused(400, f"The view {view.id} has no submit button.")
    filled = _fill(view, entered)
    world.workspace.replace_view(filled)
    missing = find_entry_errors(filled.blocks, {key: dict(fields) for key, fields in filled.values.items()})
    if missing:
        return Submitted(None, "errors", missing)
    payload = payloads.view_submission(world.workspace, user, filled, trigger_id=world.issue_trigger(user.id))
    delivery = await world.deliveries.deliver(Envelope("interactive", payload, accepts_response_payload=True))
    if not delivery.is_acked:
        return Submitted(delivery)
    return _obey(world, user, filled, delivery)


def _fill(view: View, entered: Mapping[str, Mapping[str, Any]]) -> View:
    merged = {block_id: dict(fields) for block_id, fields in view.values.items()}
    for block_id, fields in entered.items():
        merged.setdefault(block_id, {}).update(fields)
    try:
        return replace(view, values=state_values(view.blocks, merged))
    except NotOnTheForm as problem:
        raise PersonRefused(400, str(problem)) from None


def _obey(world: World, user: User, view: View, delivery: Delivery) -> Submitted:
    """Carry out the `response_action`; an answer Slack could not follow leaves the modal as it is."""
    answer = delivery.payload or {}
    try:
        errors = _follow(world, user, view, answer)
    except SlackRefusal as refusal:
        world.note_answer("acknowledgement", answer, refusal.code)
        problem = " ".join(["Slack cannot follow the app's answer:", refusal.code, *refusal.faults])
        return Submitted(delivery, problem=problem)
    if answer:
        world.note_answer("acknowledgement", answer)
    return Submitted(delivery, answer.get("response_action"), errors)


def _follow(world: World, user: User, view: View, answer: JsonObject) -> dict[str, str]:
    match answer.get("response_action"):
        case None:
            _take_away(world, user, view)
        case "clear":
            world.workspace.set_modals(user.id, [])
        case "errors":
            return _read_errors(view, answer.get("errors"))
        case "update":
            content = read_view(answer.get("view"), MODAL)
            world.workspace.replace_view(changed_view(world.workspace, view, content))
        case "push":
            stack_view(world.workspace, user.id, read_view(answer.get("view"), MODAL))
        case other:
            raise SlackRefusal("invalid_arguments", [f"unknown response_action: {other}"])
    return {}


def _read_errors(view: View, errors: object) -> dict[str, str]:
    known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= known:
        raise SlackRefusal("invalid_arguments", [f"errors must name input blocks: {sorted(known)}"])
    return {str(block_id): str(words) for block_id, words in errors.items()}


def _take_away(world: World, user: User, view: View) -> None:
    stack = [other for other in world.workspace.modals_of(user.id) if other.id != view.id]
    world.workspace.set_modals(user.id, stack)


async def close(world: World, user: User, view: View) -> list[Delivery]:
    """Close a modal without sending it, or the whole stack where it says so; tells an app that asked to know."""
    if view.content["type"] != MODAL:
        raise PersonRefused(400, "The Home tab cannot be closed.")
    is_cleared = bool(view.content.get("clear_on_close"))
    closing = list(reversed(world.workspace.modals_of(user.id))) if is_cleared else [view]
    if is_cleared:
        world.workspace.set_modals(user.id, [])
    else:
        _take_away(world, user, view)
    told = [one for one in closing if one.content.get("notify_on_close")]
    return [await _tell_closed(world, user, one, is_cleared=is_cleared) for one in told]


async def _tell_closed(world: World, user: User, view: View, *, is_cleared: bool) -> Delivery:
    payload: JsonObject = payloads.view_closed(world.workspace, user, view, is_cleared=is_cleared)
    return await world.deliveries.deliver(Envelope("interactive", payload, accepts_response_payload=False))
