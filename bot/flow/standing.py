"""What is known of the messages that stand: what is on its way to each, and what Slack has taken last. Kept in memory.

Of old runs it may be forgotten: they are not drawn again.
"""

from dataclasses import dataclass
from typing import TypeVar

from bot.core.names import MessageTs
from bot.core.runs import Run
from bot.flow.ports import Shown, Slot, Wish
from bot.views.message import Message

STANDING_KEPT = 2_000
"""Of so many messages it is kept in mind what they show, so that an edit that would change nothing is not made."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Sent:
    """What is on its way to a message, and the run that it was drawn from."""

    wish: Wish
    run: Run


class Standing:
    """What each message shows, as far as that is known."""

    def __init__(self) -> None:
        self._sent: dict[Slot, _Sent] = {}
        self._messages: dict[Slot, Message] = {}
        self._runs: dict[Slot, Run] = {}

    def send(self, slot: Slot, wish: Wish, run: Run) -> None:
        """A wish leaves. Until Slack has taken it, nobody knows what stands there: it may be carried out unheard of."""
        self.doubt(slot)
        self._sent[slot] = _Sent(wish, run)

    def take(self, slot: Slot, shown: Shown) -> None:
        """What Slack has taken last stands there now."""
        sent = self._sent.get(slot)
        if sent is None or sent.wish.version != shown.version:
            return  # another wish is on its way already, and may never arrive
        _keep(self._messages, slot, self._sent.pop(slot).wish.message)
        self.note(slot, sent.run)

    def note(self, slot: Slot, run: Run) -> None:
        """The message shows this run, as it is here."""
        _keep(self._runs, slot, run)

    def doubt(self, slot: Slot) -> None:
        """What stands there may be something else by now, or nothing."""
        self._messages.pop(slot, None)

    def forget(self, slot: Slot) -> None:
        """The message is given up."""
        self.doubt(slot)
        self._runs.pop(slot, None)

    def find_run(self, slot: Slot) -> Run | None:
        """The run as the message shows it; None where nobody knows."""
        return self._runs.get(slot)

    def is_there(self, slot: Slot, message: Message) -> bool:
        """Whether surely this is what stands there."""
        return self._messages.get(slot) == message

    def thread_of(self, slot: Slot) -> MessageTs | None:
        """The message that a slot was last to hang under."""
        sent = self._sent.get(slot)
        return sent.wish.place.thread_ts if sent else None


def _keep(kept: dict[Slot, T], slot: Slot, value: T) -> None:
    """Keep the newest, in the place of the oldest where there are many."""
    kept.pop(slot, None)
    kept[slot] = value
    if len(kept) > STANDING_KEPT:
        kept.pop(next(iter(kept)))
