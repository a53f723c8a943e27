"""A decision with all that it is explained by: what was asked about, for whom, where, and under which rules."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.approvals import Approval
from bot.core.entries import RecordedEntry
from bot.core.intents import Intent
from bot.core.names import ChannelId, EnvironmentId, GroupId, UserId
from bot.core.policy import Advice, Decision
from bot.core.rules import Rules
from bot.core.runs import Run


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would be decided at this moment. `who` is None where it is about whoever asks.

    `unknown_groups` are those whose members Slack did not tell; `known_as_of` is how old the oldest membership is that
    the decision leans on, where Slack told nothing newer. Of the environments that a rule names, only those in `shown`
    are told by name: whoever reads this may not be among those who see the others. None: all may be.
    """

    asks: Intent
    who: UserId | None
    channel_id: ChannelId
    decision: Decision
    advice: Advice
    rules: Rules
    unknown_groups: tuple[GroupId, ...] = ()
    known_as_of: datetime | None = None
    shown: frozenset[EnvironmentId] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """How a run came about: the run, its approval and its entries, and what would be decided `today`.

    `today` is None where Slack does not tell who its requester is.
    """

    run: Run
    approval: Approval | None
    entries: tuple[RecordedEntry, ...]
    rules: Rules
    today: Explanation | None
