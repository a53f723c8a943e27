"""Whom rules mean, as far as it is known: certain people, and perhaps more of them, whom nobody here knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.names import GroupId, UserId
from bot.core.policy.people import as_escalated, unite
from bot.core.rules import ApprovalRule, People

Members = Mapping[GroupId, frozenset[UserId]]
"""Who is in which user group, as far as it is known; in a group that is not known there may be anybody."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Certain people, or, if `is_open`, more of them than anybody here knows."""

    users: frozenset[UserId]
    is_open: bool = False

    @property
    def is_anybody(self) -> bool:
        """Whether somebody may be meant at all."""
        return self.is_open or bool(self.users)


def meet(peoples: Sequence[People], kept_out: People, members: Members) -> Crowd:
    """Whoever is in all of these and not kept out."""
    if kept_out.everyone:
        return Crowd(frozenset())
    closed = [_known(one, members) for one in peoples if not _is_open(one, kept_out, members)]
    if not closed:
        return Crowd(frozenset(), is_open=True)
    return Crowd(frozenset.intersection(*closed) - _known(kept_out, members))


def find_approvers(rule: ApprovalRule, members: Members) -> Crowd:
    """Whoever could ever press under this rule, once others were called too."""
    return meet((as_escalated(rule).by, *rule.also), unite(rule.barred), members)


def is_safe(rule: ApprovalRule, approvers: Crowd) -> bool:
    """Whether there are enough approvers whoever asks."""
    spare = len(approvers.users) - rule.count
    return approvers.is_open or spare > 0 or (spare == 0 and rule.requester_may_approve)


def could_be_given(rule: ApprovalRule, approvers: Crowd, askers: Crowd) -> bool:
    """Whether at least one of those who ask could find enough people to approve; so too where nobody can ask at all."""
    if is_safe(rule, approvers) or not askers.is_anybody:
        return True
    is_other_asker = askers.is_open or bool(askers.users - approvers.users)
    return is_other_asker and len(approvers.users) == rule.count


def _is_open(people: People, kept_out: People, members: Members) -> bool:
    return people.everyone or any(group not in members for group in people.groups - kept_out.groups)


def _known(people: People, members: Members) -> frozenset[UserId]:
    """The people who surely are meant, besides those of whom nobody knows."""
    return people.users.union(*(members.get(group, frozenset()) for group in people.groups))
