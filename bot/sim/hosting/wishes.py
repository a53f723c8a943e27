"""Reads the bodies of the side door: every field checked, and every mistake told in plain words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import uuid4

from bot.sim.hosting.entities import (
    ApiKey,
    ByHand,
    ByLooks,
    ByTime,
    Ending,
    KeyKind,
    Pace,
    TaskStatus,
    Webhook,
)
from bot.sim.hosting.events import KNOWN_EVENTS
from bot.sim.hosting.faults import Fault, FaultKind
from bot.sim.hosting.lifecycle import Touch
from bot.sim.hosting.limits import Limits, Variant, Window

_OUTCOMES = ("completed", "failed", "cancelled")


class WishError(Exception):
    """A body of the side door that cannot be followed; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A JSON object from the side door, read field by field."""

    fields: Mapping[str, object]

    def only(self, *names: str) -> "Wish":
        """Itself, when it has no other fields than these."""
        strange = sorted(set(self.fields) - set(names))
        if strange:
            raise WishError(f"unknown field {', '.join(strange)}; known are {', '.join(names)}")
        return self

    def text(self, name: str) -> str | None:
        """A string, or None when absent or null."""
        given = self.fields.get(name)
        if given is None or isinstance(given, str):
            return given
        raise WishError(f"{name} must be a string")

    def needed_text(self, name: str) -> str:
        """A string that must be there."""
        given = self.text(name)
        if not given:
            raise WishError(f"{name} is missing")
        return given

    def whole(self, name: str, default: int, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        given = self.fields.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int) or given < least:
            raise WishError(f"{name} must be a whole number of at least {least}")
        return given

    def whole_or_none(self, name: str) -> int | None:
        """A whole number, or None when absent."""
        return None if self.fields.get(name) is None else self.whole(name, 0)

    def number(self, name: str, default: float) -> float:
        """A number that is not negative."""
        given = self.fields.get(name, default)
        if isinstance(given, bool) or not isinstance(given, int | float) or given < 0:
            raise WishError(f"{name} must be a number that is not negative")
        return float(given)

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        given = self.fields.get(name, default)
        if not isinstance(given, bool):
            raise WishError(f"{name} must be true or false")
        return given

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        given = self.fields.get(name, default)
        if not isinstance(given, str) or given not in choices:
            raise WishError(f"{name} must be one of {', '.join(choices)}")
        return given

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty when absent."""
        given = self.fields.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise WishError(f"{name} must be a list of strings")
        return tuple(given)

    def time(self, name: str) -> datetime | None:
        """An ISO 8601 time with its zone, or None when absent."""
        given = self.text(name)
        return None if given is None else read_time(given, name)


def read_time(text: str, name: str) -> datetime:
    """An ISO 8601 time as aware UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WishError(f"{name} must be an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise WishError(f"{name} needs a time zone")
    return moment.astimezone(UTC)


def read_pace(wish: Wish) -> Pace:
    """`{"mode": "time", "speed": 10}`, `{"mode": "reads", "reads": 3}` or `{"mode": "manual"}`."""
    wish.only("mode", "speed", "reads")
    match wish.choice("mode", ("time", "reads", "manual")):
        case "time":
            speed = wish.number("speed", 1.0)
            if speed == 0:
                raise WishError("speed must be greater than 0; to stand still use mode manual")
            return ByTime(speed)
        case "reads":
            return ByLooks(wish.whole("reads", 3, least=1))
        case _:
            return ByHand()


def read_touch(wish: Wish) -> Touch:
    """What to set on a task by hand."""
    wish.only(
        "status", "progress_percent", "current_step", "steps_completed", "error_message", "log", "by_hand"
    )
    return Touch(
        status=wish.text("status"),
        progress_percent=wish.whole_or_none("progress_percent"),
        current_step=wish.text("current_step"),
        steps_completed=wish.whole_or_none("steps_completed"),
        error_message=wish.text("error_message"),
        log=wish.text("log"),
        by_hand=wish.flag("by_hand", default=True),
    )


def read_ending(wish: Wish) -> Ending:
    """How the next task of an environment will end; `duration_seconds` 0 with a bad outcome: it never starts."""
    wish.only("environment_id", "outcome", "error_message", "log", "duration_seconds")
    outcome = TaskStatus(wish.choice("outcome", _OUTCOMES, "completed"))
    message = wish.text("error_message")
    if message is not None and outcome is TaskStatus.COMPLETED:
        raise WishError("error_message does not go with outcome completed")
    seconds = None if wish.fields.get("duration_seconds") is None else wish.number("duration_seconds", 0)
    return Ending(outcome, message, wish.text("log"), None if seconds is None else timedelta(seconds=seconds))


def read_limits(wish: Wish) -> Limits:
    """The limits to put in force; what is not given takes its default."""
    wish.only("reads", "writes", "variant", "window", "headers", "hint", "minute_seconds")
    variants: dict[str, Variant] = {name: name for name in get_args(Variant)}
    windows: dict[str, Window] = {name: name for name in get_args(Window)}
    seconds = wish.number("minute_seconds", 60)
    if seconds == 0:
        raise WishError("minute_seconds must be greater than 0")
    return Limits(
        reads=wish.whole("reads", 120),
        writes=wish.whole("writes", 20),
        variant=variants[wish.choice("variant", tuple(variants), "split")],
        window=windows[wish.choice("window", tuple(windows), "minute")],
        has_headers=wish.flag("headers", default=True),
        has_hint=wish.flag("hint", default=True),
        minute=timedelta(seconds=seconds),
    )


def read_fault(wish: Wish) -> Fault:
    """One fault; `path` is a shell-style pattern, `times` counts the calls it strikes."""
    wish.only("method", "path", "kind", "status", "body", "headers", "seconds", "times")
    kinds: dict[str, FaultKind] = {name: name for name in get_args(FaultKind)}
    kind = kinds[wish.choice("kind", tuple(kinds))]
    status = wish.whole_or_none("status")
    if kind == "status" and status is None:
        raise WishError("kind status needs a status")
    if status is not None and not 200 <= status <= 599:
        raise WishError("status goes from 200 to 599")
    return Fault(
        kind=kind,
        method=(wish.text("method") or "*").upper(),
        path=wish.text("path") or "*",
        times=wish.whole("times", 1, least=1),
        status=status,
        body=wish.fields.get("body"),
        headers=_headers(wish),
        seconds=wish.number("seconds", 30),
    )


def _headers(wish: Wish) -> dict[str, str]:
    given = wish.fields.get("headers") or {}
    if not isinstance(given, dict):
        raise WishError("headers must be an object")
    return {str(name): str(value) for name, value in given.items()}


def read_webhook(wish: Wish, *, now: datetime) -> Webhook:
    """A receiver; loopback addresses are welcome here, which the platform's own route refuses."""
    wish.only("url", "secret", "events", "signature_header", "signature_prefix")
    url, events = wish.needed_text("url"), wish.texts("events")
    if not url.startswith(("http://", "https://")):
        raise WishError("url must begin with http:// or https://")
    if not events:
        raise WishError("events is missing")
    unknown = sorted(set(events) - KNOWN_EVENTS)
    if unknown:
        raise WishError(f"unknown event {', '.join(unknown)}; known are {', '.join(sorted(KNOWN_EVENTS))}")
    added = Webhook(str(uuid4()), url, wish.needed_text("secret"), events, now)
    header, prefix = wish.text("signature_header"), wish.text("signature_prefix")
    return replace(
        added,
        signature_header=header or added.signature_header,
        signature_prefix=added.signature_prefix if prefix is None else prefix,
    )


def read_key(wish: Wish, old: ApiKey | None) -> ApiKey:
    """A key to add, or the one that is there with changes; its kind follows its prefix unless given."""
    wish.only("key", "kind", "project_id", "revoked", "expires_at")
    value = wish.needed_text("key")
    by_prefix = KeyKind.READ_ONLY if value.startswith("oec_live_ro_") else KeyKind.FULL
    before = old or ApiKey(value, by_prefix)
    return ApiKey(
        value,
        KeyKind(wish.choice("kind", tuple(KeyKind), before.kind)),
        wish.text("project_id") if "project_id" in wish.fields else before.project_id,
        wish.time("expires_at") if "expires_at" in wish.fields else before.expires_at,
        wish.flag("revoked", default=before.is_revoked),
    )
