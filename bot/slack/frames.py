"""What comes over the socket, before anything else looks at it: a frame that can be taken up, or nonsense.

slack_sdk and Bolt read fields as Slack documents them and break on anything else, with whole tracebacks in the log. So
what they read is looked at here first. Fields that they leave alone, and kinds nobody here knows, are let through.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_FRAME = 1_000_000
"""Characters of a frame. A message of Slack's has 40,000 at most; its blocks and the rest come to a few times that."""

JsonObject = dict[str, Any]

_ENVELOPE_ID = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame to take up: hello, a farewell, or an envelope with a payload."""

    message: JsonObject

    @property
    def payload(self) -> JsonObject | None:
        """What an envelope carries; None for what carries nothing."""
        return self.message.get("payload")


@dataclass(frozen=True, slots=True)
class Nonsense:
    """A frame that nothing here can make sense of. With an id it is still acknowledged, lest it come again and again."""

    reason: str
    envelope_id: str | None = None


def read_frame(raw: str) -> Frame | Nonsense:
    """What a frame is. Never raises."""
    if len(raw) > LONGEST_FRAME:
        return Nonsense("too long")
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return Nonsense("no JSON")
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return Nonsense("no frame of Slack's")
    if "payload" not in message and "envelope_id" not in message:
        return Frame(message)
    given = message.get("envelope_id")
    if not isinstance(given, str) or _ENVELOPE_ID.fullmatch(given) is None:
        return Nonsense("an envelope without an id")
    fits = is_sound(message.get("payload")) and _is_retry_sound(message)
    return Frame(message) if fits else Nonsense("a payload of no known shape", given)


def is_sound(payload: object) -> bool:
    """Whether every field that Slack's framework reads has a shape that it can read."""
    return isinstance(payload, dict) and _has_shapes(payload) and _has_kind(payload)


def _is_retry_sound(message: Mapping[str, Any]) -> bool:
    return message.get("retry_attempt") is None or isinstance(message.get("retry_reason"), str | None)


def _has_shapes(node: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether the fields of an object, and of the objects in it that are read as well, have readable shapes."""
    if not all(is_shaped(node[name]) for name, is_shaped in _SHAPES.items() if name in node):
        return False
    inner = [node[name] for name in _READ_WITHIN if isinstance(node.get(name), dict)]
    return depth > len(_READ_WITHIN) or all(_has_shapes(one, depth + 1) for one in inner)


def _has_kind(payload: Mapping[str, Any]) -> bool:
    """Whether what this kind of payload is about is there."""
    if payload.get("is_ext_shared_channel") is True and not isinstance(payload.get("event", {}), dict):
        return False
    match payload.get("type"):
        case "event_callback":
            return isinstance(_object(payload, "event").get("type"), str)
        case "block_actions":
            return _are_presses(payload.get("actions"))
        case "view_submission" | "view_closed":
            view = _object(payload, "view")
            return all(isinstance(view.get(name), str) for name in ("type", "callback_id"))
        case kind:
            return kind is None or isinstance(kind, str)


def _object(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _are_presses(actions: object) -> bool:
    return (
        isinstance(actions, list)
        and bool(actions)
        and all(isinstance(one, dict) and isinstance(one.get("action_id"), str) for one in actions)
    )


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_named(value: object) -> bool:
    """A person, team or channel: its id, or an object with one."""
    return _is_text(value) or (isinstance(value, dict) and _is_text(value.get("id")))


def _are_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and _has_shapes(one, 1) for one in value)


def _are_objects_or_none(value: object) -> bool:
    return value is None or _are_objects(value)


_SHAPES: Mapping[str, Callable[[object], bool]] = {
    "team": _is_named,
    "user": _is_named,
    "channel": _is_named,
    "enterprise": _is_named,
    "command": _is_text,
    "callback_id": _is_text,
    "action_id": _is_text,
    "authorizations": _are_objects_or_none,
    "response_urls": _are_objects,
}
_READ_WITHIN = ("event", "message", "previous_message", "item", "assistant_thread", "team")


class Counter:
    """Tells operators of what was refused: the first, the tenth, the hundredth … So nobody can fill the log."""

    def __init__(self) -> None:
        self._count = 0
        self._next = 1

    def note(self, nonsense: Nonsense) -> None:
        """Count one frame."""
        self._count += 1
        if self._count >= self._next:
            self._next *= 10
            _log.warning("Slack's socket brought %s; %d such frames so far", nonsense.reason, self._count)
