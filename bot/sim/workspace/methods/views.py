"""views.*: opening, stacking, changing modals, and publishing the Home tab."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.sim.workspace.blocks import HOME, MODAL, find_block_faults
from bot.sim.workspace.entities import JsonObject, Trigger, View
from bot.sim.workspace.forms import fill_ids
from bot.sim.workspace.methods.asking import Asked
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.shapes import boolean, fault, one_of, record, string, text
from bot.sim.workspace.store import Workspace
from bot.sim.workspace.wire import view_json

TRIGGER_LIFE = timedelta(seconds=3)
_DEEPEST_STACK = 3
_LARGEST_VIEW = 250_000

_SHARED = {"private_metadata": string(3000), "callback_id": string(255), "external_id": string(255)}
_MODAL_SHAPE = record(
    {"title": text(24, "plain_text")},
    _SHARED
    | {
        "submit": text(24, "plain_text"),
        "close": text(24, "plain_text"),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
    },
)
_HOME_SHAPE = record(None, _SHARED)


def find_view_faults(view: Any) -> list[str]:
    """What Slack would refuse in a modal or Home; an empty list where it would accept it."""
    if not isinstance(view, dict):
        return [fault("must provide an object", "/view")]
    kind = view.get("type")
    if kind not in (MODAL, HOME):
        return list(one_of(MODAL, HOME)(kind, "/view/type"))
    if "blocks" not in view:
        return [fault("missing required field: blocks", "/view")]
    faults = list((_MODAL_SHAPE if kind == MODAL else _HOME_SHAPE)(view, "/view"))
    faults += find_block_faults(view["blocks"], kind, "/view/blocks")
    if kind == MODAL and not view.get("submit") and _has_input(view["blocks"]):
        faults.append(fault("missing required field: submit", "/view"))
    return faults


def _has_input(blocks: Any) -> bool:
    return isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )


def read_view(value: Any, kind: str) -> JsonObject:
    """A view of the expected kind. Refuses with view_too_large or invalid_arguments, naming the place."""
    if isinstance(value, dict) and len(json.dumps(value).encode()) > _LARGEST_VIEW:
        raise SlackRefusal("view_too_large")
    faults = find_view_faults(value)
    if not faults and value["type"] != kind:
        faults = list(one_of(kind)(value["type"], "/view/type"))
    if faults:
        raise SlackRefusal("invalid_arguments", faults)
    return dict(value)


def new_view(workspace: Workspace, user_id: str, content: JsonObject, *, below: View | None = None) -> View:
    """A view with fresh ids, not shown yet; `below` is the modal it is stacked upon."""
    view_id = f"V{workspace.next_number():06d}"
    return View(
        id=view_id,
        user_id=user_id,
        content=_filled(workspace, content),
        hash=_next_hash(workspace),
        root_id=below.root_id if below else view_id,
        previous_id=below.id if below else None,
    )


def changed_view(workspace: Workspace, view: View, content: JsonObject) -> View:
    """The next version of a view: fields that still exist keep what was entered in them."""
    filled = _filled(workspace, content)
    ids = {block["block_id"] for block in filled["blocks"]}
    kept = {block_id: entry for block_id, entry in view.values.items() if block_id in ids}
    return replace(view, content=filled, hash=_next_hash(workspace), values=kept)


def _filled(workspace: Workspace, content: JsonObject) -> JsonObject:
    return content | {"blocks": list(fill_ids(content["blocks"], workspace.next_number))}


def _next_hash(workspace: Workspace) -> str:
    return f"{workspace.next_number():010d}.h"


def open_view(workspace: Workspace, asked: Asked) -> JsonObject:
    """views.open: a modal in answer to something the person just did."""
    content = read_view(asked.structure("view"), MODAL)
    _must_be_new(workspace, content)
    trigger = _redeem(workspace, asked)
    view = new_view(workspace, trigger.user_id, content)
    workspace.set_modals(trigger.user_id, [view])
    return {"ok": True, "view": view_json(workspace, view)}


def push_view(workspace: Workspace, asked: Asked) -> JsonObject:
    """views.push: a modal on top of the one the person just used."""
    content = read_view(asked.structure("view"), MODAL)
    _must_be_new(workspace, content)
    trigger = _redeem(workspace, asked)
    view = stack_view(workspace, trigger.user_id, content)
    return {"ok": True, "view": view_json(workspace, view)}


def stack_view(workspace: Workspace, user_id: str, content: JsonObject) -> View:
    """Put a modal on top of a person's stack. Refuses with not_found or push_limit_reached."""
    stack = workspace.modals_of(user_id)
    if not stack:
        raise SlackRefusal("not_found")
    if len(stack) >= _DEEPEST_STACK:
        raise SlackRefusal("push_limit_reached")
    view = new_view(workspace, user_id, content, below=stack[-1])
    workspace.set_modals(user_id, [*stack, view])
    return view


def update_view(workspace: Workspace, asked: Asked) -> JsonObject:
    """views.update: another content for a view that is still open."""
    view = _find_view(workspace, asked)
    content = read_view(asked.structure("view"), str(view.content["type"]))
    _must_match(view, asked.optional("hash"))
    changed = changed_view(workspace, view, content)
    workspace.replace_view(changed)
    return {"ok": True, "view": view_json(workspace, changed)}


def publish_view(workspace: Workspace, asked: Asked) -> JsonObject:
    """views.publish: a person's Home tab."""
    user_id = asked.required("user_id")
    if user_id not in workspace.users:
        raise SlackRefusal("invalid_arguments", [fault("no such user", "/user_id")])
    if not workspace.app.has_home:
        raise SlackRefusal("not_enabled")
    content = read_view(asked.structure("view"), HOME)
    shown = workspace.home_of(user_id)
    if shown is None:
        view = new_view(workspace, user_id, content)
    else:
        _must_match(shown, asked.optional("hash"))
        view = changed_view(workspace, shown, content)
    workspace.set_home(view)
    return {"ok": True, "view": view_json(workspace, view)}


def _find_view(workspace: Workspace, asked: Asked) -> View:
    view_id, external_id = asked.optional("view_id"), asked.optional("external_id")
    if not view_id and not external_id:
        raise SlackRefusal("invalid_arguments", ["[ERROR] missing required field: view_id"])
    for view in workspace.all_views():
        if (view_id and view.id == view_id) or (not view_id and view.external_id == external_id):
            return view
    raise SlackRefusal("not_found")


def _must_match(view: View, expected: str | None) -> None:
    if expected and expected != view.hash:
        raise SlackRefusal("hash_conflict")


def _must_be_new(workspace: Workspace, content: JsonObject) -> None:
    external_id = content.get("external_id")
    if external_id and any(view.external_id == external_id for view in workspace.all_views()):
        raise SlackRefusal("duplicate_external_id")


def _redeem(workspace: Workspace, asked: Asked) -> Trigger:
    """Use a trigger up. Refuses those that are unknown, used, or older than three seconds."""
    wanted = asked.optional("trigger_id") or asked.optional("interactivity_pointer")
    if not wanted:
        raise SlackRefusal("invalid_arguments", ["[ERROR] missing required field: trigger_id"])
    trigger = workspace.triggers.get(wanted)
    if trigger is None:
        raise SlackRefusal("invalid_trigger_id")
    if trigger.is_used:
        raise SlackRefusal("exchanged_trigger_id")
    if asked.now - trigger.issued_at > TRIGGER_LIFE:
        raise SlackRefusal("expired_trigger_id")
    workspace.triggers[wanted] = replace(trigger, is_used=True)
    return trigger
