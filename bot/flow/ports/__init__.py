"""What the flow needs of the world, as protocols. Adapters fit them by shape; tests fit them with fakes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.flow.ports.chat import Chat, GroupMembers, KnownPerson
from bot.flow.ports.history import History
from bot.flow.ports.hosting import Hosting
from bot.flow.ports.messages import (
    Adopt,
    AnySlot,
    Begin,
    Change,
    Doubt,
    MessageRef,
    PleaSlot,
    Render,
    Shown,
    Slot,
    SlotKind,
    SlotRecord,
    Urgency,
    Wish,
    all_changed,
)

__all__ = [
    "Adopt",
    "AnySlot",
    "Begin",
    "Change",
    "Chat",
    "Clock",
    "Doubt",
    "GroupMembers",
    "History",
    "Hosting",
    "KnownPerson",
    "MessageRef",
    "PleaSlot",
    "Render",
    "Shown",
    "Slot",
    "SlotKind",
    "SlotRecord",
    "Timer",
    "Urgency",
    "Wish",
    "all_changed",
]


class Timer(Protocol):
    """Wakes turns."""

    def every(self, interval: timedelta, turn: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Run a turn again and again; a turn that takes longer than the interval is not started twice."""


class Clock(Protocol):
    """The time, and ids nobody can guess."""

    def now(self) -> datetime:
        """Now, aware, UTC."""

    def new_id(self) -> str:
        """A fresh opaque id, URL-safe, 16 characters or more."""
