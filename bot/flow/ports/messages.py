"""Messages as the flow knows them: which there are, what one is to show, and what became of showing it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum

from bot.core.names import ChannelId, MessageTs, PleaNumber, RunId
from bot.core.request import Place
from bot.views.message import Message


class SlotKind(Enum):
    """The messages a run may have: its card, and in its thread progress, end, and calls while nobody decides."""

    CARD = "card"
    PROGRESS = "progress"
    END = "end"
    REMINDER = "reminder"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Slot:
    """One message of one run: the place where the newest state is to be shown.

    Calls to approvers are one each for every `asking`: what was asked anew calls by messages of its own.
    """

    run_id: RunId
    kind: SlotKind
    asking: int = 1

    @classmethod
    def named(cls, run_id: RunId, name: str) -> "Slot":
        """The slot of a run that has this name; `ValueError` where there is no such name."""
        kind, _, asking = name.partition(" ")
        return cls(run_id, SlotKind(kind), int(asking or 1))

    @property
    def name(self) -> str:
        """What it is called among its run's messages, by which they are told apart: `card`, `reminder`, `reminder 2`."""
        return self.kind.value if self.asking == 1 else f"{self.kind.value} {self.asking}"

    def __str__(self) -> str:
        return f"the {self.name} of run {self.run_id}"


@dataclass(frozen=True, slots=True)
class PleaSlot:
    """The one message of a plea."""

    number: PleaNumber

    def __str__(self) -> str:
        return f"the message of plea {self.number}"


AnySlot = Slot | PleaSlot
"""A message that is kept true to what it is of."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message stands once posted."""

    channel_id: ChannelId
    ts: MessageTs


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """What is known of a slot: where its message stands (None: not posted yet), and which version it shows."""

    slot: AnySlot
    ref: MessageRef | None
    shown_version: int
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A slot of which a message may stand that nobody knows of, for since this moment posts have left unheard.

    `gone` is where one stood that was given up. While it is fresh, what is not found may arrive: nothing is posted yet.
    """

    slot: AnySlot
    since: datetime
    gone: MessageTs | None = None
    is_fresh: bool = False


class Urgency(IntEnum):
    """Which wish goes first when Slack's limits leave room for one: the smaller number."""

    END = 0
    FIRST_SIGHT = 1
    CARD = 2
    PROGRESS = 3


Begin = Callable[[], Awaitable[Doubt | None]]
"""Writes down that a post is about to leave; tells of earlier ones of which nobody knows what became."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a slot should show now: `ref` of the message to edit, or None to post it at `place`.

    `begin` is awaited before each post, and before anything of it leaves; `adopt` when a message of earlier ones was
    found, and before it is edited. `gone` is where a message was given up: it must not be edited again, even if it was
    shown a moment ago.
    """

    message: Message
    place: Place
    ref: MessageRef | None
    version: int
    begin: Begin | None = None
    adopt: "Adopt | None" = None
    gone: MessageTs | None = None


Change = Callable[[], float]
"""How much has changed on a message since it was shown, as of now: 0 for nothing, 1 for everything."""


def all_changed() -> float:
    """The change of a message of which nobody knows what it shows."""
    return 1.0


Render = Callable[[], Awaitable[Wish | None]]
"""Renders the newest state of a slot at the moment its turn has come; None when there is nothing (more) to show."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A wish that Slack has taken.

    It is in doubt where another post than the one that stands may still be carried out, late. `strays` are messages
    of this slot that were found beside it, and are to be taken away.
    """

    ref: MessageRef
    version: int
    is_in_doubt: bool = False
    strays: tuple[MessageRef, ...] = ()


Adopt = Callable[[Shown], Awaitable[None]]
"""Writes down where a message stands that was found, whatever it shows."""
