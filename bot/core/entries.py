"""The history's entries: one dataclass per kind of thing that is remembered, append only.

Each says who (a Slack user id, or None for the bot itself) in `by`; the store adds when, and to which run.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.core.names import IdempotencyKey, RunId, TaskId, UserId


@dataclass(frozen=True, slots=True)
class Asked:
    """A run was asked for, and the rule that let it."""

    by: UserId
    text: str
    rule: str
    decision: str


@dataclass(frozen=True, slots=True)
class DeniedAsk:
    """An ask was refused by the rules; it never became a run."""

    by: UserId
    text: str
    channel_id: str
    reason: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Voted:
    """Somebody decided an approval: granted, declined or withdrawn."""

    by: UserId
    outcome: str
    reason: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class VoteRefused:
    """Somebody pressed and it did not count."""

    by: UserId
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalRanOut:
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The intent to trigger the action, written before the platform was asked, with its idempotency key."""

    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Started:
    """The platform accepted it as this task; `is_presumed` where the answer was lost and the task was recognised."""

    task_id: TaskId
    is_presumed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform refused it; nothing was triggered."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """It ended; `outcome` is the run's last state."""

    outcome: str
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody asked to be told of the end."""

    by: UserId


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Somebody ended it here without knowing its outcome."""

    by: UserId


@dataclass(frozen=True, slots=True)
class Resumed:
    """The bot came back after being away, and went on with it."""

    away_seconds: int


Entry = (
    Asked
    | DeniedAsk
    | Voted
    | VoteRefused
    | ApprovalRanOut
    | Sent
    | Started
    | Refused
    | Ended
    | Followed
    | GaveUp
    | Resumed
)


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry as it stands in the history: when it was written, and of which run (None: it never became one)."""

    run_id: RunId | None
    at: datetime
    entry: Entry
