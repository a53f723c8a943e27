"""The rules as values: who may do what to which environment from which channel, and what needs approval.

`rules_file` makes them from `oec.yml`; `policy` applies them. No rules, no rights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from bot.core.catalog import Catalog
from bot.core.names import ChannelId, EnvironmentId, GroupId, UserId

EVERYTHING = "everything"
"""The word in `may:` that covers every action."""

UPDATE = "update"
"""The word that covers every mode of a quick update but `reinit`, which destroys data."""

UPDATE_WORDS = ("pull_restart", "update_specific", "update_all")
"""The modes that `update` covers, by oec.sh's own names."""

ACTION_WORDS = ("deploy", "restart", "start", "stop", *UPDATE_WORDS, "reinit")
"""The words that decisions are about, in the order in which people are told of them."""


ALSO_AMONG = ", who are also among "
"""What stands between the labels of people of whom one has to be all at once."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule stands: its path in the file (`channels.C0DEPLOYS[0]`) and its line, counted from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class People:
    """Who is meant: everyone of the team, or these users and members of these user groups. `label` as written."""

    label: str
    users: frozenset[UserId] = frozenset()
    groups: frozenset[GroupId] = frozenset()
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Right:
    """One line of a channel: these people may (or, if `deny`, may not) do these actions on these environments."""

    source: RuleSource
    words: frozenset[str]
    environments: frozenset[EnvironmentId]
    who: People
    deny: bool = False


@dataclass(frozen=True, slots=True)
class Escalation:
    """Where nobody has decided `after` the ask, these people are called and may decide as well."""

    to: People
    after: timedelta


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """These actions on these environments need the press of `count` different people.

    `typed` lists the words for which the approver types the environment's name; `reinit` always is one. `barred` are
    never among the approvers: the people whom the channel's own deny rules keep from the action. Who approves has to be
    among all of `also` too: the approvers of another rule that asks for an approval of the same change. `fulfils` are
    the places of all these rules, where it is several at once.
    """

    source: RuleSource
    words: frozenset[str]
    environments: frozenset[EnvironmentId]
    by: People
    typed: frozenset[str] = frozenset()
    expires: timedelta = timedelta(minutes=15)
    requester_may_approve: bool = False
    barred: tuple[People, ...] = ()
    also: tuple[People, ...] = ()
    count: int = 1
    escalate: Escalation | None = None
    fulfils: tuple[RuleSource, ...] = ()

    @property
    def places(self) -> tuple[RuleSource, ...]:
        """Where the rules stand that ask for it."""
        return self.fulfils or (self.source,)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours in which nobody is called, by the clock where each person lives; `begin` may lie after `end`."""

    begin: time = time(21)
    end: time = time(7)

    def include(self, moment: time) -> bool:
        """Whether nobody is called at this time of day. With `begin` equal to `end` there are no such hours."""
        if self.begin <= self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules file. `digest` names the version (sha256 of the file, hex), `name` the file.

    `section` says where the channels begin, `sources` where each of them does.
    """

    catalog: Catalog
    channels: Mapping[ChannelId, tuple[Right, ...]]
    approvals: tuple[ApprovalRule, ...]
    operators: ChannelId | None
    digest: str
    name: str = "oec.yml"
    section: RuleSource = RuleSource("channels", 1)
    sources: Mapping[ChannelId, RuleSource] = field(default_factory=dict)
    quiet: QuietHours = QuietHours()
    _groups: frozenset[GroupId] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # worked out once: a file may have a thousand lines, and the groups are asked for with each decision that is told
        rights = (right.who.groups for lines in self.channels.values() for right in lines)
        approvers = (rule.by.groups for rule in self.approvals)
        called = (rule.escalate.to.groups for rule in self.approvals if rule.escalate)
        object.__setattr__(self, "_groups", frozenset().union(*rights, *approvers, *called))

    def source_of(self, channel_id: ChannelId) -> RuleSource:
        """Where a channel's rules begin, or, of a channel that the file does not speak of, where they would."""
        return self.sources.get(channel_id, self.section)

    def groups(self) -> frozenset[GroupId]:
        """Every user group that some rule names: the ones whose members must be known."""
        return self._groups
