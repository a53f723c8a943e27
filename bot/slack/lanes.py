"""What the publisher knows of one slot: its lane, and the wish that waits there."""

import asyncio
from dataclasses import dataclass, field

from bot.core.request import Place
from bot.flow.ports import AnySlot, Change, Render, Shown, Urgency
from bot.slack.gate import Call


@dataclass(eq=False, slots=True)
class Lane:
    """All that concerns one slot: its message, when it was last shown, and the wish that waits.

    It is in doubt while an edit that nobody answered may still be carried out, late. `may_stand` says whether a post
    may stand that nobody has heard of, None where only the history knows; it is doubted from then on until it is
    shown.
    """

    slot: AnySlot
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: "Pending | None" = None
    shown: Shown | None = None
    call: Call | None = None
    shown_at: float | None = None
    next_progress_at: float = 0.0
    retry_at: float = 0.0
    failures: int = 0
    is_in_doubt: bool = False
    place: Place | None = None
    may_stand: bool | None = None
    is_doubted: bool = False
    checking: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits here and nothing is under way."""
        return self.waiting is None and not self.turn.locked()


@dataclass(eq=False, slots=True)
class Pending:
    """A wish that waits: the newest render, the most urgent urgency, and how often it was asked for."""

    lane: Lane
    urgency: Urgency
    render: Render
    change: Change
    asked: int = 1
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[Shown | None] | None" = None

    def join(self, urgency: Urgency, render: Render, change: Change) -> None:
        """One more asks for the same slot: with a newer render, perhaps more urgently."""
        self.asked += 1
        self.render, self.change = render, change
        if urgency < self.urgency:
            self.urgency = urgency
            self.hurry.set()
