"""What each body of the side door asks for, as values. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args
from uuid import uuid4

from bot.sim.hosting.dialect import BackupWords, Dialect, ErrorShape, PageCountName
from bot.sim.hosting.entities import (
    ApiKey,
    ByHand,
    ByLooks,
    ByTime,
    Ending,
    KeyKind,
    Organization,
    Pace,
    ServerCondition,
    Signing,
    TaskStatus,
    Webhook,
)
from bot.sim.hosting.events import KNOWN_EVENTS
from bot.sim.hosting.faults import Fault, FaultKind
from bot.sim.hosting.lifecycle import Touch
from bot.sim.hosting.limits import Limits, Variant, Window
from bot.sim.hosting.wish import Wish, WishError

_OUTCOMES = ("completed", "failed", "cancelled")
_SIGNATURE = ("signature_header", "signature_prefix", "signature_encoding")
_LIMIT_FIELDS = (
    "reads",
    "writes",
    "variant",
    "window",
    "headers",
    "hint",
    "minute_seconds",
    "per_target",
    "webhook_changes",
    "refused_keys",
)


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
    """How the next task of an environment will end; `duration_seconds` 0 with a bad outcome: it never starts;
    `stuck`: it waits in the queue until moved by hand.
    """
    wish.only("environment_id", "outcome", "error_message", "log", "duration_seconds", "stuck")
    outcome = TaskStatus(wish.choice("outcome", _OUTCOMES, "completed"))
    message = wish.text("error_message")
    if message is not None and outcome is TaskStatus.COMPLETED:
        raise WishError("error_message does not go with outcome completed")
    seconds = None if wish.fields.get("duration_seconds") is None else wish.number("duration_seconds", 0)
    duration = None if seconds is None else timedelta(seconds=seconds)
    return Ending(outcome, message, wish.text("log"), duration, wish.flag("stuck", default=False))


def read_limits(wish: Wish) -> Limits:
    """The limits to put in force; what is not given takes its default."""
    wish.only(*_LIMIT_FIELDS)
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
        per_target=wish.whole("per_target", 6),
        webhook_changes=wish.whole("webhook_changes", 10),
        refused_keys=wish.whole("refused_keys", 10, least=1),
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
    return {name: str(value) for name, value in wish.mapping("headers").items()}


def read_webhook(wish: Wish, *, now: datetime) -> Webhook:
    """A receiver; loopback addresses are welcome here, which the platform's own route refuses."""
    wish.only("url", "secret", "events", *_SIGNATURE)
    url, events = _address(wish, "url"), wish.texts("events")
    if not events:
        raise WishError("events is missing")
    for event in events:
        _refuse_unknown_event(event)
    added = Webhook(str(uuid4()), url, wish.needed_text("secret"), events, now, deliver_to=url)
    return replace(added, signing=read_signing(wish, None))


def read_webhook_change(wish: Wish, webhook: Webhook) -> Webhook:
    """Where a receiver really listens, and how deliveries to it are signed."""
    wish.only("deliver_to", *_SIGNATURE)
    address = _address(wish, "deliver_to") if "deliver_to" in wish.fields else webhook.deliver_to
    return replace(webhook, deliver_to=address, signing=read_signing(wish, webhook.signing))


def _address(wish: Wish, name: str) -> str:
    url = wish.needed_text(name)
    if not url.startswith(("http://", "https://")):
        raise WishError(f"{name} must begin with http:// or https://")
    return url


def read_signing(wish: Wish, before: Signing | None) -> Signing | None:
    """A way of signing; what is not given stays as before, and with nothing given there is nothing new."""
    if not any(name in wish.fields for name in _SIGNATURE):
        return before
    old = before or Signing()
    prefix = wish.text("signature_prefix")
    return Signing(
        wish.text("signature_header") or old.header,
        old.prefix if prefix is None else prefix,
        "base64" if wish.choice("signature_encoding", ("hex", "base64"), old.encoding) == "base64" else "hex",
    )


def _refuse_unknown_event(event: str) -> None:
    if event not in KNOWN_EVENTS:
        raise WishError(f"unknown event {event}; known are {', '.join(sorted(KNOWN_EVENTS))}")


def read_event_name(wish: Wish) -> str:
    """The event to tell about."""
    name = wish.needed_text("event")
    _refuse_unknown_event(name)
    return name


def read_dialect(wish: Wish, before: Dialect) -> Dialect:
    """How the service speaks; what is not given stays as before."""
    wish.only(
        "microseconds", "hides_down", "lock_before_cache", "page_count", "backup_words", "errors", *_SIGNATURE
    )
    counts: dict[str, PageCountName] = {name: name for name in get_args(PageCountName)}
    words: dict[str, BackupWords] = {name: name for name in get_args(BackupWords)}
    shapes: dict[str, ErrorShape] = {name: name for name in get_args(ErrorShape)}
    return Dialect(
        has_microseconds=wish.flag("microseconds", default=before.has_microseconds),
        hides_down=wish.flag("hides_down", default=before.hides_down),
        lock_before_cache=wish.flag("lock_before_cache", default=before.lock_before_cache),
        page_count_name=counts[wish.choice("page_count", tuple(counts), before.page_count_name)],
        backup_words=words[wish.choice("backup_words", tuple(words), before.backup_words)],
        error_shape=shapes[wish.choice("errors", tuple(shapes), before.error_shape)],
        signing=read_signing(wish, before.signing) or before.signing,
    )


def read_organization(wish: Wish, before: Organization) -> Organization:
    """The organization with another plan (`free` has no API), subscription or backup storage."""
    wish.only("plan", "subscription_status", "backup_storage")
    return replace(
        before,
        plan=wish.text("plan") or before.plan,
        subscription_status=wish.text("subscription_status") or before.subscription_status,
        has_backup_storage=wish.flag("backup_storage", default=before.has_backup_storage),
    )


def read_condition(wish: Wish) -> ServerCondition:
    """How a server answers from now on."""
    return ServerCondition(wish.only("condition").choice("condition", tuple(ServerCondition)))


def read_key(wish: Wish, old: ApiKey | None) -> ApiKey:
    """A key to add, or the one that is there with changes; its kind follows its prefix unless given."""
    wish.only("key", "kind", "project_id", "revoked", "expires_at", "name")
    value = wish.needed_text("key")
    by_prefix = KeyKind.READ_ONLY if value.startswith("oec_live_ro_") else KeyKind.FULL
    before = old or ApiKey(value, by_prefix)
    return replace(
        before,
        kind=KeyKind(wish.choice("kind", tuple(KeyKind), before.kind)),
        project_id=wish.text("project_id") if "project_id" in wish.fields else before.project_id,
        expires_at=wish.time("expires_at") if "expires_at" in wish.fields else before.expires_at,
        is_revoked=wish.flag("revoked", default=before.is_revoked),
        name=wish.text("name") or before.name,
    )
