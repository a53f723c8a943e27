"""Messages of runs and of pleas alike: each goes to the table that holds it. Each runs inside a transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils.db import Database

from bot.flow.ports import AnySlot, Doubt, MessageRef, PleaSlot, Shown, SlotRecord
from bot.history import plea_table, slot_table


def find_slot(db: Database, slot: AnySlot) -> SlotRecord | None:
    """What is known of a message; None while it neither stands nor was given up."""
    if isinstance(slot, PleaSlot):
        return plea_table.find_slot(db, slot)
    return slot_table.find_slot(db, slot)


def record_begun(db: Database, slot: AnySlot, at: datetime) -> Doubt | None:
    """A post of this message is about to leave; the doubt that is about earlier ones, if they were never heard of."""
    if isinstance(slot, PleaSlot):
        return plea_table.record_begun(db, slot, at)
    return slot_table.record_begun(db, slot, at)


def record_shown(db: Database, slot: AnySlot, shown: Shown) -> None:
    """Where a message stands and what it shows."""
    if isinstance(slot, PleaSlot):
        plea_table.record_shown(db, slot, shown)
    else:
        slot_table.record_shown(db, slot, shown)


def find_doubts(db: Database, before: datetime) -> list[Doubt]:
    """The messages that stand, and may stand twice: those whose last post left before this moment."""
    return [*slot_table.find_doubts(db, before), *plea_table.find_doubts(db, before)]


def record_settled(db: Database, slot: AnySlot, strays: Sequence[MessageRef]) -> None:
    """No other message of this slot stands than the one that is known, these excepted, which are to be taken away."""
    if isinstance(slot, PleaSlot):
        plea_table.record_settled(db, slot, strays)
    else:
        slot_table.record_settled(db, slot, strays)
