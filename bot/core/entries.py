"""The history's entries: one dataclass per kind of thing that is remembered, append only.

Each says who (a Slack user id, or None for the bot itself) in `by`; the store adds when, and to which run. `digest` names
the version of the rules that a decision was made by, `line` where its rule stands in that file, counted from 1; both
are empty in entries of versions that did not write them.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.core.names import ChannelId, IdempotencyKey, RunId, TaskId, UserId


@dataclass(frozen=True, slots=True)
class Asked:
    """A run was asked for, and the rule that let it; `decision` is `allowed`, `needs_approval` or `adopted`.

    `approval_rule` is the path of the rule that asks for an approval, `approval_line` where it stands. `known_as_of` is
    when the oldest of the group memberships that decided was learned, where Slack did not tell anything newer.
    `environment_id` says which environment `text` meant by its name.
    """

    by: UserId
    text: str
    rule: str
    decision: str
    line: int = 0
    digest: str = ""
    approval_rule: str | None = None
    known_as_of: datetime | None = None
    approval_line: int = 0
    environment_id: str = ""


@dataclass(frozen=True, slots=True)
class DeniedAsk:
    """An ask was refused by the rules; it never became a run."""

    by: UserId
    text: str
    channel_id: str
    reason: str
    rule: str | None
    line: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class BlockedAsk:
    """An ask that the rules let through met this run: it holds the environment, or `is_same`, and was asked for before."""

    by: UserId
    text: str
    channel_id: str
    is_same: bool
    rule: str
    line: int = 0
    digest: str = ""
    known_as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Voted:
    """Somebody decided an approval: granted, declined or withdrawn. Who approved before is in `Consented` entries."""

    by: UserId
    outcome: str
    reason: str | None
    rule: str
    line: int = 0
    digest: str = ""
    known_as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consented:
    """Somebody approved, as one of several who have to: the `count`th of `needed`."""

    by: UserId
    count: int
    needed: int
    rule: str
    line: int = 0
    digest: str = ""
    known_as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoteRefused:
    """Somebody pressed and it did not count."""

    by: UserId
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody who may decide claims it: says that they are looking, or (`begins` false) no longer are."""

    by: UserId
    begins: bool = True


@dataclass(frozen=True, slots=True)
class ApproversReminded:
    """Nobody had decided by half-time: these people were called; `asleep` were not, for it was night where they live."""

    called: tuple[UserId, ...]
    asleep: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalEscalated:
    """Nobody had decided in time: `to` may decide as well, and these of them were called."""

    to: str
    called: tuple[UserId, ...]
    asleep: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalRenewed:
    """What was to be approved changed (the rules did): earlier votes count no more, and it is asked anew.

    `ask` is what is asked for, by the name that its environment has now.
    """

    rule: str
    line: int
    digest: str
    votes_lost: tuple[UserId, ...] = ()
    ask: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalRanOut:
    """Nobody decided in time."""


@dataclass(frozen=True, slots=True)
class Pleaded:
    """Somebody who may not, asked those who may to do it."""

    by: UserId
    text: str
    channel_id: ChannelId
    to: str
    rule: str = ""
    line: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PleaTaken:
    """Somebody asked for the run because another person had asked them to."""

    by: UserId
    for_whom: UserId


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Another version of the rules came into force; `before` is the digest of the one until then, if any is known."""

    name: str
    digest: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class RulesRefused:
    """A new version of the rules was refused, and the old ones stayed."""

    name: str
    digest: str
    mistakes: tuple[str, ...]


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


ApprovalEntry = (
    Voted
    | Consented
    | VoteRefused
    | Claimed
    | ApproversReminded
    | ApprovalEscalated
    | ApprovalRenewed
    | ApprovalRanOut
)
"""What happens while an approval waits."""

RulesEntry = RulesChanged | RulesRefused
"""What happens to the rules; these belong to no run."""

RunEntry = (
    Asked | BlockedAsk | Pleaded | PleaTaken | Sent | Started | Refused | Ended | Followed | GaveUp | Resumed
)
"""What happens to a run besides."""

Entry = RunEntry | DeniedAsk | ApprovalEntry | RulesEntry


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry as it stands in the history: when it was written, and of which run (None: it never became one)."""

    run_id: RunId | None
    at: datetime
    entry: Entry
