"""The values of a decision: who asks, and what may come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.core.names import GroupId, TeamId, UserId
from bot.core.rules import ApprovalRule, People, RuleSource


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of an actor when a decision is made; `time_zone` is an IANA name, if Slack tells it.

    `name` is for reading only and decides nothing. `learned_at` is when this was learned, where that is longer ago than it
    should be, for Slack told nothing newer.
    """

    user_id: UserId
    team_id: TeamId
    is_guest: bool = False
    is_bot: bool = False
    is_deactivated: bool = False
    time_zone: str | None = None
    name: str | None = None
    learned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """What is known of the moment when a decision is made, in one value: today, who is in which user group.

    A group that could not be learned is absent: nobody is in it. `learned_at` is when the members of a group were
    learned, where that is longer ago than it should be, for Slack told nothing newer. Another fact of the moment (a
    lock, a freeze) joins as a field whose default says that there is none: every caller of the policy goes on as before.
    """

    home_team: TeamId
    groups: Mapping[GroupId, frozenset[UserId]] = field(default_factory=dict)
    learned_at: Mapping[GroupId, datetime] = field(default_factory=dict)

    def has(self, person: Person, people: People) -> bool:
        """Whether these people include this person, by id, by group, or because everyone of the team is meant."""
        if person.user_id in people.users:
            return True
        if any(person.user_id in self.groups.get(group, frozenset()) for group in people.groups):
            return True
        return people.everyone


@dataclass(frozen=True, slots=True)
class Allowed:
    """May be done now, by this rule; for reading it is the place where the channel's rules begin."""

    rule: RuleSource


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """May be asked by `rule`; `approval` says who must press, how, and until when."""

    rule: RuleSource
    approval: ApprovalRule


@dataclass(frozen=True, slots=True)
class WhoMay:
    """One way this could be allowed: these people, from this channel, by this rule.

    `is_own` where the person whom it is about is among them, and may do it from there.
    """

    people: People
    channel_id: str
    rule: RuleSource
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class HereYouMay:
    """What this person may do in this channel instead: `restart` on `staging`. `update` stands for all its modes."""

    words: tuple[str, ...]
    alias: str


@dataclass(frozen=True, slots=True)
class Power:
    """Words this person may use here on one environment, all of them with an approval or all of them without.

    `update` stands for all its modes.
    """

    words: tuple[str, ...]
    alias: str
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class Lacking:
    """A change that is several things at once, and which of these somebody may not do here by themselves."""

    words: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What goes with a refusal: who could do it, and what this person may do in this channel instead.

    `learned_at` is when the members of the groups behind the refusal were learned, where Slack told nothing newer. Who
    could is `withheld` from people outside the team: that nobody is named then says nothing. `lacking` is told where a
    part of what was refused would be allowed.
    """

    who_may: tuple[WhoMay, ...] = ()
    here_you_may: tuple[HereYouMay, ...] = ()
    learned_at: tuple[tuple[GroupId, datetime], ...] = ()
    withheld: bool = False
    lacking: Lacking | None = None


OutsiderReason = Literal["foreign_team", "guest", "bot", "deactivated"]
"""Why somebody does not belong to the team."""

DeniedReason = Literal[
    OutsiderReason, "channel_without_rules", "no_rule", "deny_rule", "protected", "not_visible"
]
"""`protected`: reinit on a protected environment that no rule allows by name; `not_visible`: the environment or run is
none of this channel's."""


@dataclass(frozen=True, slots=True)
class Denied:
    """May not; `rule` is the deny line behind it, else where the channel's rules begin."""

    reason: DeniedReason
    rule: RuleSource


Decision = Allowed | NeedsApproval | Denied
