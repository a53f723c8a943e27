"""The `History` port on SQLite: every method is one transaction (`turns`), and its statements stand with their table."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from sqlite_utils.db import Database

from bot.core.approvals import Approval
from bot.core.entries import Entry, RecordedEntry
from bot.core.errors import Cure
from bot.core.names import ButtonId, ChannelId, EnvironmentId, RequestKey, RunId, TaskId, UserId
from bot.core.pleas import Plea
from bot.core.runs import Run, RunState
from bot.flow.ports import AnySlot, Doubt, MessageRef, Shown, Slot, SlotRecord
from bot.history import instance, message_table, plea_table, record, run_table, slot_table, slots
from bot.history.checkup import Checkup
from bot.history.database import BUSY_TIMEOUT
from bot.history.open_runs import OpenRuns
from bot.history.turns import Turns
from bot.history.writer import Writer

T = TypeVar("T")

CHECKED_AT_ONCE = 16 * 2**20
"""Bytes up to which a database is looked through before anything is done with it, which takes some 50 ms; a larger one
is looked through meanwhile."""

KEPT_TRUE = timedelta(days=7)
"""How long after its end a run's messages are still mended."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class HistoryStore:
    """The durable record. `open` and `close` wait for the disk; everything else is asynchronous."""

    def __init__(self, turns: Turns, now: Callable[[], datetime]) -> None:
        self._turns = turns
        self._now = now
        self._open_runs = OpenRuns()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        now: Callable[[], datetime] = _utc_now,
        busy_timeout: timedelta = BUSY_TIMEOUT,
        lease: Path | None = None,
        checked_at_once: int = CHECKED_AT_ONCE,
    ) -> Self:
        """Open the database, create it where there is none, bring it up to date; raises `HistoryError`.

        `now` dates the entries that come without a time of their own. `lease` is the file of the lease on it. One of
        more than `checked_at_once` bytes is looked through after this has returned.
        """
        turns = Turns.open(
            str(path), now=now, busy_timeout=busy_timeout, lease=lease, checked_at_once=checked_at_once
        )
        return cls(turns, now)

    @property
    def checkup(self) -> Checkup | None:
        """What looks through a large database after the start; None where it was small."""
        return self._turns.checkup

    @property
    def trouble(self) -> str | None:
        """What is wrong with the database, in a sentence for operators; None since the last write that went well."""
        return self._turns.trouble

    def close(self) -> None:
        """Finish what is under way and close the file, without waiting for other programs. May be called twice."""
        self._turns.close()

    async def _write_noted(self, work: Callable[[Database], T], find_run: Callable[[T], Run | None]) -> T:
        """Write a run, and keep in memory what it now is."""
        asked_at = time.monotonic()

        def turn(writer: Writer) -> T:
            with self._open_runs.noting() as note:
                result = writer.write(work, asked_at=asked_at)
                note(find_run(result))
            return result

        return await self._turns.take(turn)

    async def claim_delivery(self, key: RequestKey, at: datetime) -> bool:
        """Whether this delivery is new; False for one that was claimed before (and not purged since)."""
        return await self._turns.write(message_table.claim_delivery, key, at)

    async def record_run(self, run: Run, approval: Approval | None, *entries: Entry) -> Run | None:
        """Write a new run (its id is given here) with its approval and first entries.

        None, and nothing written, where it would hold an environment that another run holds, or where it answers a
        plea that is no longer open. A run that begins waiting for approval holds nothing yet.
        """
        now = self._now()
        return await self._write_noted(
            lambda db: run_table.insert_run(db, run, approval, entries, now), lambda written: written
        )

    async def record_advance(self, before: Run, after: Run, *entries: Entry) -> bool:
        """Write a changed run and its entries if nobody changed it since `before`; else False, nothing written.

        False too where `after` would begin to hold an environment that another run holds.
        """
        now = self._now()
        return await self._write_noted(
            lambda db: run_table.update_run(db, before, after, entries, now),
            lambda is_written: after if is_written else None,
        )

    async def record_approval(self, approval: Approval, before: Run, after: Run, *entries: Entry) -> bool:
        """Write a changed approval with its run, if it still waits, and both are as they were; else False.

        False too where the run would begin to hold an environment that another run holds: nothing is written then.
        """
        now = self._now()
        return await self._write_noted(
            lambda db: run_table.update_approval(db, approval, before, after, entries, now),
            lambda is_written: after if is_written else None,
        )

    async def record_entry(self, run_id: RunId | None, entry: Entry, at: datetime) -> None:
        """Write an entry that changes no run."""
        await self._turns.write(run_table.insert_entry, run_id, entry, at)

    async def load_run(self, run_id: RunId) -> Run:
        """The run, which must exist."""
        return await self._turns.read(run_table.load_run, run_id)

    async def find_run(self, run_id: RunId) -> Run | None:
        """The run of this number, if there is one."""
        return await self._turns.read(run_table.find_run, run_id)

    async def find_run_by_handle(self, handle: ButtonId) -> Run | None:
        """The run whose buttons carry this handle."""
        return await self._turns.read(run_table.find_by_handle, handle)

    async def find_run_by_task(self, task_id: TaskId) -> Run | None:
        """The run of ours behind a task of the platform: the one that started it before any that adopted it."""
        return await self._turns.read(run_table.find_by_task, task_id)

    async def find_open_runs(self) -> Sequence[Run]:
        """Every run that has not ended, oldest first. Kept in memory, for this is asked at every turn."""
        known = self._open_runs.runs
        if known is None:
            return await self._turns.read(lambda db: self._open_runs.put(run_table.find_open(db)))
        return known

    async def find_busy_run(self, environment_id: EnvironmentId) -> Run | None:
        """The run of ours that holds an environment now."""
        return await self._turns.read(run_table.find_busy, environment_id)

    async def find_runs(self, environment_ids: frozenset[EnvironmentId], *, count: int) -> Sequence[Run]:
        """The newest runs on these environments, newest first."""
        return await self._turns.read(run_table.find_newest, environment_ids, count)

    async def find_alike(self, run: Run, *, count: int = 50) -> Sequence[Run]:
        """The newest well-ended runs of the same action and mode on the same environment.

        Where there are hardly any, those on any environment.
        """
        return await self._turns.read(run_table.find_alike, run, count)

    async def find_last(self, run: Run) -> Run | None:
        """The newest ended run of the same action on the same environment that had a task, this one excepted."""
        return await self._turns.read(run_table.find_last, run)

    async def find_last_run_of(self, requester: UserId, channel_id: ChannelId) -> Run | None:
        """The newest run that somebody asked for in a channel."""
        return await self._turns.read(run_table.find_last_run_of, requester, channel_id)

    async def find_last_refusal(self, by: UserId, channel_id: ChannelId) -> RecordedEntry | None:
        """What somebody was refused last in a channel."""
        return await self._turns.read(run_table.find_last_refusal, by, channel_id)

    async def find_approval(self, run_id: RunId) -> Approval | None:
        """The approval of a run, if it needed one."""
        return await self._turns.read(run_table.find_approval, run_id)

    async def find_waiting_approvals(self) -> Sequence[Approval]:
        """Every approval that can still be decided, oldest first. Asked at every turn, so that nothing is read for none."""
        if not any(run.state is RunState.WAITING for run in await self.find_open_runs()):
            return []
        return await self._turns.read(run_table.find_waiting_approvals)

    async def find_entries(self, run_id: RunId | None) -> Sequence[RecordedEntry]:
        """The entries of a run, oldest first; with None those that belong to no run."""
        return await self._turns.read(run_table.find_entries, run_id)

    async def record_plea(self, plea: Plea, entry: Entry) -> Plea:
        """Write a new plea (its number is given here) with its entry."""
        return await self._turns.write(plea_table.insert_plea, plea, entry, self._now())

    async def record_plea_change(self, before: Plea, after: Plea) -> bool:
        """Write a changed plea if nobody changed it since `before`; else False, nothing written."""
        return await self._turns.write(plea_table.update_plea, before, after)

    async def find_plea(self, plea_id: ButtonId) -> Plea | None:
        """The plea whose buttons carry this id."""
        return await self._turns.read(plea_table.find_plea, plea_id)

    async def find_pleas(self, since: datetime) -> Sequence[Plea]:
        """The pleas that anybody has made since, oldest first."""
        return await self._turns.read(plea_table.find_pleas, since)

    async def find_open_pleas(self) -> Sequence[Plea]:
        """Every plea that waits for somebody, oldest first."""
        return await self._turns.read(plea_table.find_open_pleas)

    async def find_stale_pleas(self) -> Sequence[Plea]:
        """The pleas whose message is behind them, oldest first."""
        return await self._turns.read(plea_table.find_stale_pleas)

    async def find_slot(self, slot: AnySlot) -> SlotRecord | None:
        """What is known of a message; None while it neither stands nor was given up."""
        return await self._turns.read(slots.find_slot, slot)

    async def find_stale_slots(self) -> Sequence[Slot]:
        """Cards and progress messages behind their runs, and ends not yet posted; dead ones are left in peace."""
        return await self._turns.read(slot_table.find_stale_slots, self._now() - KEPT_TRUE)

    async def record_begun(self, slot: AnySlot, at: datetime) -> Doubt | None:
        """Remember that a post of this slot is about to leave; tells of earlier ones that were never heard of."""
        return await self._turns.write(slots.record_begun, slot, at)

    async def record_shown(self, slot: AnySlot, shown: Shown) -> None:
        """Remember where a slot's message stands and what it shows (never an older version than before)."""
        await self._turns.write(slots.record_shown, slot, shown)

    async def record_gone(self, slot: Slot, ref: MessageRef) -> bool:
        """Remember that a message can no longer be edited there; whether it is to be posted anew, which it is once."""
        return await self._turns.write(slot_table.record_gone, slot, ref)

    async def record_dead_slot(self, slot: Slot, cure: Cure) -> None:
        """Remember that a slot's message can no longer be shown, and what would help."""
        await self._turns.write(slot_table.record_dead_slot, slot, cure)

    async def find_dead_channels(self, cure: Cure) -> Sequence[ChannelId]:
        """The channels of messages that were given up until this cure, and are still mended."""
        since = self._now() - KEPT_TRUE
        return await self._turns.read(slot_table.find_dead_channels, cure, since)

    async def revive_slots(self, cure: Cure, channel_id: ChannelId | None = None) -> None:
        """Show again what was given up until this cure: in one channel, or wherever it is."""
        await self._turns.write(slot_table.revive_slots, cure, channel_id)

    async def find_doubts(self, before: datetime) -> Sequence[Doubt]:
        """The messages that may stand twice, of which no post has left since this moment."""
        return await self._turns.read(slots.find_doubts, before)

    async def record_settled(self, slot: AnySlot, strays: Sequence[MessageRef]) -> None:
        """Remember that nothing of this slot stands that is not known, but for these, which are to be taken away."""
        await self._turns.write(slots.record_settled, slot, strays)

    async def find_strays(self) -> Sequence[MessageRef]:
        """Our own messages that are to be taken away."""
        return await self._turns.read(slot_table.find_strays)

    async def forget_stray(self, ref: MessageRef) -> None:
        """Remember that this one was taken away, or cannot be."""
        await self._turns.write(slot_table.forget_stray, ref)

    async def record_ask(self, text: str, at: datetime) -> ButtonId:
        """Keep the text that a button will ask when pressed; the opaque id to put on the button."""
        return await self._turns.write(message_table.record_ask, text, at)

    async def find_ask(self, button_id: ButtonId) -> str | None:
        """The text behind such a button."""
        return await self._turns.read(message_table.find_ask, button_id)

    async def load_instance(self) -> str:
        """What this installation is called for good: an opaque word, made with its database and copied with it."""
        return await self._turns.write(instance.load_instance)

    async def record_name(self, user_id: UserId, name: str) -> None:
        """Remember what people call a person, for readers of the history."""
        await self._turns.write(message_table.record_name, user_id, name)

    async def record_workspace(self, url: str) -> None:
        """Remember the address of the workspace, for the links of whoever reads the history."""
        await self._turns.write(message_table.record_workspace, url)

    async def find_rules_digest(self) -> str | None:
        """The version of the rules that came into force last, as far as the record tells."""
        return await self._turns.read(run_table.find_rules_digest)

    async def find_head(self) -> str:
        """The newest entry's hash, which stands for the whole record."""
        return await self._turns.read(lambda db: (record.find_head(db) or record.Head()).hash)

    async def record_alive(self, at: datetime, *, heard_at: datetime | None = None) -> None:
        """Remember that the bot was up at this moment."""
        await self._turns.write(message_table.record_alive, at, heard_at)

    async def find_alive(self) -> datetime | None:
        """When the bot was last up."""
        return await self._turns.read(message_table.find_alive)

    async def purge(self, before: datetime) -> int:
        """Forget deliveries, button texts and pleas that are over, from before this moment; how many there were."""
        return await self._turns.write(
            lambda db: message_table.purge(db, before) + plea_table.purge(db, before)
        )
