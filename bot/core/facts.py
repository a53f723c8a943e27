"""The facts that change a run: what people decided, what oec.sh told, what happened to the bot itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.catalog import Environment
from bot.core.names import IdempotencyKey, TaskId, UserId
from bot.core.tasks import EnvironmentReport, Refusal, TaskLog, TaskReport


@dataclass(frozen=True, slots=True)
class ApprovalGranted:
    """As many as have to, approved it: these, in the order of their votes."""

    approvers: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class ApprovalMoved:
    """Its approval still waits and has changed: it is the `version`th now, of this `asking`.

    Whether people are called for this asking, at half-time and after that: not any more where all of them sleep by now.
    """

    version: int
    asking: int = 1
    is_reminded: bool = False
    is_escalated: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentNamedAnew:
    """The rules have changed, and with them what its environment is called, or whether that is protected."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class ApprovalDeclined:
    """Somebody who may, declined it; by the requester this is a withdrawal."""

    by: UserId
    reason: str | None


@dataclass(frozen=True, slots=True)
class ApprovalExpired:
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True)
class SubmissionBegun:
    """The intent and its key are written down; from here on the platform may have been asked."""

    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """The platform has accepted the action as this task; `is_presumed` where it was recognised, not told."""

    task_id: TaskId
    is_presumed: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionRefused:
    """The platform refused the action; nothing was triggered."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Reported:
    """The platform told how the task stands; with `log`, the tail of its log (fetched when it failed).

    `stuck_since` where that is no longer to be expected (`core.stuck`). `before_at` is when it was told the last time.
    """

    report: TaskReport
    log: TaskLog | None = None
    stuck_since: datetime | None = None
    before_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostingSilent:
    """The platform has not answered for a while: `since` the first look that it left without an answer, if known."""

    since: datetime | None = None
    stuck_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Somebody who may ends it here, its outcome unknown: an ask without an answer, or a task that is stuck."""

    by: UserId


@dataclass(frozen=True, slots=True)
class TaskForgotten:
    """The platform no longer knows the task, or the outcome of the submission can no longer be found out."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """It will not be sent: nothing was triggered. `reason` is a code of `views` (`restarted`, `rules_changed` …)."""

    reason: str


@dataclass(frozen=True, slots=True)
class HistoryPutBack:
    """The history was put back to a time when it had not begun: what became of it since nobody here knows."""


@dataclass(frozen=True, slots=True)
class EnvironmentSeen:
    """What the platform says about the environment, for the card."""

    report: EnvironmentReport


@dataclass(frozen=True, slots=True)
class FollowerJoined:
    """Somebody wants to be told of the end."""

    user_id: UserId


@dataclass(frozen=True, slots=True)
class BotReturned:
    """The bot is back after `away`, during which nobody looked."""

    away: timedelta


Fact = (
    ApprovalGranted
    | ApprovalMoved
    | EnvironmentNamedAnew
    | ApprovalDeclined
    | ApprovalExpired
    | SubmissionBegun
    | TaskStarted
    | SubmissionRefused
    | Reported
    | HostingSilent
    | GivenUp
    | TaskForgotten
    | Dropped
    | HistoryPutBack
    | EnvironmentSeen
    | FollowerJoined
    | BotReturned
)
