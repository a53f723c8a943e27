"""How the edits that are left are shared between the messages of runs under way: pure arithmetic."""

from bot.flow.ports import SlotKind

_ANYTHING = 0.02
"""What the least change is worth: whatever waits long enough comes up in the end."""

_CARD = 2.0
"""A card stands in the channel, a progress message in a thread that few have open."""

LONGEST_UNSEEN = 600.0
"""Seconds after which it matters no more how long ago a message was edited."""


def appraise(kind: SlotKind, *, change: float, unseen: float) -> float:
    """What an edit is worth: the more, the more has changed since the last one (0 to 1), and the longer that is ago.

    The product is how wrong the message is times for how long it has been so, which is what one edit takes away. Of two
    that change as fast, the one that was shown earlier goes first, so that all of them move.
    """
    worth = (max(change, 0.0) + _ANYTHING) * min(max(unseen, 0.0), LONGEST_UNSEEN)
    return worth * _CARD if kind is SlotKind.CARD else worth
