"""What the flow needs of the world, as protocols. Adapters fit them by shape; tests fit them with fakes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from typing import Protocol

from bot.core.approvals import Approval
from bot.core.budget import Budget
from bot.core.entries import Entry, RecordedEntry
from bot.core.errors import Cure
from bot.core.names import (
    ButtonId,
    ChannelId,
    EnvironmentId,
    GroupId,
    MessageTs,
    RequestKey,
    RunId,
    TaskId,
    UserId,
)
from bot.core.pleas import Plea
from bot.core.policy import Person
from bot.core.pre_flight import Backups
from bot.core.request import Place, ReplyTo
from bot.core.runs import Run
from bot.core.tasks import EnvironmentReport, RecentTasks, Submission, TaskLog, TaskReport
from bot.views.message import Home, Message, Modal


class SlotKind(Enum):
    """The messages a run may have: its card, and in its thread progress, end, and calls while nobody decides."""

    CARD = "card"
    PROGRESS = "progress"
    END = "end"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    PLEA = "plea"  # no run's: the number that stands in the place of a run's is the plea's own


@dataclass(frozen=True, slots=True)
class Slot:
    """One message of one run: the place where the newest state is to be shown."""

    run_id: RunId
    kind: SlotKind


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message stands once posted."""

    channel_id: ChannelId
    ts: MessageTs


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """What is known of a slot: where its message stands (None: not posted yet), and which version it shows."""

    slot: Slot
    ref: MessageRef | None
    shown_version: int
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A slot of which a message may stand that nobody knows of, for since this moment posts have left unheard.

    `gone` is where one stood that was given up. While it is fresh, what is not found may arrive: nothing is posted yet.
    """

    slot: Slot
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


@dataclass(frozen=True, slots=True)
class GroupMembers:
    """Who is in a user group. `stale_for` is how long ago that was learned, where Slack told nothing newer though asked."""

    users: frozenset[UserId]
    stale_for: timedelta | None = None


class Chat(Protocol):
    """Slack, as far as the flow needs it. All raise `ChatRefusedError` or `ChatUnavailableError`."""

    async def show(
        self, slot: Slot, urgency: Urgency, render: Render, change: Change = all_changed
    ) -> Shown | None:
        """Show the newest state of a slot: waits its turn, renders then, and outlives Slack's outages.

        What is only progress takes turns by how much has changed, and by how long ago each was shown.
        Asked again for a slot that still waits, it joins that wait (with the more urgent of the two urgencies).
        Where an earlier post may have been carried out unheard, its message is looked for before there is a second.
        Raises `ChatRefusedError` only: what Slack will never take.
        """

    async def find_posted(self, doubt: Doubt, place: Place) -> Sequence[MessageRef]:
        """Our own messages of a slot that stand there and were posted since about then, oldest first.

        Raises `ChatRefusedError` where the bot may not look.
        """

    async def delete(self, ref: MessageRef) -> None:
        """Take one of our own messages away."""

    async def may_post(self, channel_id: ChannelId) -> bool:
        """Whether the bot is in this channel and the channel is open, as of now."""

    async def answer(self, reply_to: ReplyTo, message: Message) -> None:
        """Answer one person privately, within their place."""

    async def post(self, place: Place, message: Message) -> MessageRef:
        """Post a message that is nobody's card, such as one to the operators."""

    async def publish_home(self, user_id: UserId, home: Home) -> None:
        """Show a person their App Home."""

    async def open_modal(self, trigger_id: str, modal: Modal) -> None:
        """Open a modal in answer to a press (3 seconds after it at most)."""

    async def fetch_person(self, user_id: UserId) -> Person:
        """What Slack knows of a person; cached for minutes."""

    async def fetch_group(self, group_id: GroupId) -> GroupMembers:
        """The members of a user group; cached for minutes, and served stale when Slack is unwell."""

    async def fetch_permalink(self, ref: MessageRef) -> str:
        """A link to a message."""


class Hosting(Protocol):
    """oec.sh. All raise `HostingRefusedError` or `HostingUnavailableError`."""

    async def start_action(self, submission: Submission) -> TaskId:
        """Ask for an action; asking again with the same key gives the same task (24 hours)."""

    async def fetch_task(self, task_id: TaskId) -> TaskReport:
        """One look at a task."""

    async def fetch_recent_tasks(self, environment_id: EnvironmentId) -> RecentTasks:
        """The newest tasks of an environment, whoever began them, as far as the platform lists them."""

    async def fetch_open_task(self, environment_id: EnvironmentId) -> TaskReport | None:
        """The task that holds an environment or waits to, whoever began it, if there is one."""

    async def fetch_backups(self, environment_id: EnvironmentId) -> Backups:
        """The newest finished backup of an environment; older services refuse it."""

    async def fetch_environment(self, environment_id: EnvironmentId) -> EnvironmentReport:
        """One environment as it stands."""

    async def fetch_environments(self) -> Sequence[EnvironmentReport]:
        """Every environment the key can see, with its project's name: one read, and one per project."""

    async def fetch_log(self, environment_id: EnvironmentId, task_id: TaskId, *, lines: int) -> TaskLog:
        """The tail of a task's step log."""

    def read_budget(self) -> Budget:
        """What the limits leave for looking, as last told."""


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

    async def find_pleas_of(self, by: UserId, since: datetime) -> Sequence[Plea]:
        """The pleas that somebody has made since, oldest first."""

    async def find_open_pleas(self) -> Sequence[Plea]:
        """Every plea that waits for somebody."""

    async def find_stale_pleas(self) -> Sequence[Plea]:
        """The pleas whose message is behind them."""

    async def find_plea_slot(self, number: int) -> SlotRecord | None:
        """What is known of a plea's message; None while it does not stand."""

    async def record_plea_begun(self, slot: Slot, at: datetime) -> Doubt | None:
        """Remember that a post of a plea is about to leave; tells of an earlier one that was never heard of."""

    async def record_plea_shown(self, slot: Slot, shown: Shown) -> None:
        """Remember where a plea's message stands and what it shows."""

    async def find_slot(self, slot: Slot) -> SlotRecord | None:
        """What is known of a run's message; None while it neither stands nor was given up."""

    async def find_stale_slots(self) -> Sequence[Slot]:
        """Cards and progress messages that show an older version than their run has, and ends not yet posted."""

    async def record_shown(self, slot: Slot, shown: Shown) -> None:
        """Remember where a slot's message stands and what it shows (never an older version than before)."""

    async def record_begun(self, slot: Slot, at: datetime) -> Doubt | None:
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

    async def record_settled(self, slot: Slot, strays: Sequence[MessageRef]) -> None:
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
