"""The durable record, as far as the flow needs it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.core.approvals import Approval
from bot.core.entries import Entry, RecordedEntry
from bot.core.errors import Cure
from bot.core.names import ButtonId, ChannelId, EnvironmentId, RequestKey, RunId, TaskId, UserId
from bot.core.pleas import Plea
from bot.core.runs import Run
from bot.flow.ports.messages import AnySlot, Doubt, MessageRef, Shown, Slot, SlotRecord


class History(Protocol):
    """The durable record. Every method is one transaction; raises `HistoryError`."""

    async def claim_delivery(self, key: RequestKey, at: datetime) -> bool:
        """Whether this delivery is new; False for one that was claimed before, ever since."""

    async def record_run(self, run: Run, approval: Approval | None, *entries: Entry) -> Run | None:
        """Write a new run (its id is given here: pass 0) with its approval and first entries; a plea it answers is taken.

        None, and nothing written, where another run of ours holds the environment, or that plea is no longer open.
        """

    async def record_advance(self, before: Run, after: Run, *entries: Entry) -> bool:
        """Write a changed run and its entries if nobody changed it since `before`; else False, nothing written."""

    async def record_approval(self, approval: Approval, before: Run, after: Run, *entries: Entry) -> bool:
        """Write a changed approval, one version on, with its run, if it still waits and both are as they were."""

    async def record_entry(self, run_id: RunId | None, entry: Entry, at: datetime) -> None:
        """Write an entry that changes no run."""

    async def find_entries(self, run_id: RunId | None) -> Sequence[RecordedEntry]:
        """The entries of a run, oldest first; with None those that belong to no run."""

    async def load_run(self, run_id: RunId) -> Run:
        """The run, which must exist."""

    async def find_run(self, run_id: RunId) -> Run | None:
        """The run of this number, if there is one."""

    async def find_run_by_handle(self, handle: ButtonId) -> Run | None:
        """The run whose buttons carry this handle."""

    async def find_run_by_task(self, task_id: TaskId) -> Run | None:
        """The run of ours behind a task of the platform."""

    async def find_open_runs(self) -> Sequence[Run]:
        """Every run that has not ended, oldest first."""

    async def find_busy_run(self, environment_id: EnvironmentId) -> Run | None:
        """The run of ours that holds an environment now."""

    async def find_runs(self, environment_ids: frozenset[EnvironmentId], *, count: int) -> Sequence[Run]:
        """The newest runs on these environments, newest first."""

    async def find_alike(self, run: Run, *, count: int = 50) -> Sequence[Run]:
        """The newest well-ended runs of the same kind on the same environment, or on any where there are hardly any."""

    async def find_last(self, run: Run) -> Run | None:
        """The newest ended run of the same action on the same environment that had a task, this one excepted."""

    async def find_last_run_of(self, requester: UserId, channel_id: ChannelId) -> Run | None:
        """The newest run that somebody asked for in a channel."""

    async def find_last_refusal(self, by: UserId, channel_id: ChannelId) -> RecordedEntry | None:
        """What somebody was refused last in a channel."""

    async def find_approval(self, run_id: RunId) -> Approval | None:
        """The approval of a run, if it needed one."""

    async def find_waiting_approvals(self) -> Sequence[Approval]:
        """Every approval that is still waiting."""

    async def record_plea(self, plea: Plea, entry: Entry) -> Plea:
        """Write a new plea (its number is given here: pass 0) with its entry."""

    async def record_plea_change(self, before: Plea, after: Plea) -> bool:
        """Write a changed plea if nobody changed it since `before`; else False, nothing written."""

    async def find_plea(self, plea_id: ButtonId) -> Plea | None:
        """The plea whose buttons carry this id."""

    async def find_pleas(self, since: datetime) -> Sequence[Plea]:
        """The pleas that anybody has made since, oldest first."""

    async def find_open_pleas(self) -> Sequence[Plea]:
        """Every plea that waits for somebody."""

    async def find_stale_pleas(self) -> Sequence[Plea]:
        """The pleas whose message is behind them."""

    async def find_slot(self, slot: AnySlot) -> SlotRecord | None:
        """What is known of a message; None while it neither stands nor was given up."""

    async def find_stale_slots(self) -> Sequence[Slot]:
        """Cards and progress messages that show an older version than their run has, and ends not yet posted."""

    async def record_shown(self, slot: AnySlot, shown: Shown) -> None:
        """Remember where a slot's message stands and what it shows (never an older version than before)."""

    async def record_begun(self, slot: AnySlot, at: datetime) -> Doubt | None:
        """Remember that a post of this slot is about to leave; tells of earlier ones that were never heard of."""

    async def record_gone(self, slot: Slot, ref: MessageRef) -> bool:
        """Remember that a message can no longer be edited there; whether it is to be posted anew, which it is once.

        Should the old one still be seen, it is to be taken away.
        """

    async def record_dead_slot(self, slot: Slot, cure: Cure) -> None:
        """Remember that a slot's message can no longer be shown, and what would help."""

    async def find_dead_channels(self, cure: Cure) -> Sequence[ChannelId]:
        """The channels of messages that were given up until this cure, and are still mended."""

    async def revive_slots(self, cure: Cure, channel_id: ChannelId | None = None) -> None:
        """Show again what was given up until this cure: in one channel, or wherever it is."""

    async def find_doubts(self, before: datetime) -> Sequence[Doubt]:
        """The messages that may stand twice, of which no post has left since this moment."""

    async def record_settled(self, slot: AnySlot, strays: Sequence[MessageRef]) -> None:
        """Remember that nothing of this slot stands that is not known, but for these, which are to be taken away."""

    async def find_strays(self) -> Sequence[MessageRef]:
        """Our own messages that are to be taken away."""

    async def forget_stray(self, ref: MessageRef) -> None:
        """Remember that this one was taken away, or cannot be."""

    async def record_ask(self, text: str, at: datetime) -> ButtonId:
        """Keep the text that a button will ask when pressed; the opaque id to put on the button."""

    async def find_ask(self, button_id: ButtonId) -> str | None:
        """The text behind such a button."""

    async def record_name(self, user_id: UserId, name: str) -> None:
        """Remember what people call a person, for readers of the history."""

    async def find_rules_digest(self) -> str | None:
        """The version of the rules that came into force last, as far as the record tells."""

    async def find_head(self) -> str:
        """The newest entry's hash, which stands for the whole record."""

    async def record_alive(self, at: datetime, *, heard_at: datetime | None = None) -> None:
        """Remember that the bot was up at this moment, and when it had last heard of Slack, if it can tell."""

    async def find_alive(self) -> datetime | None:
        """When the bot was last up."""
