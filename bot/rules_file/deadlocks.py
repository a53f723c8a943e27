"""Finds rules that come to nothing: nobody has any right, or an approval is needed that could never be given.

Environments that the approval rules, and a channel's deny lines, treat alike are looked at once, so that the time this
takes grows with the file and not with its square.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import EnvironmentId, GroupId, UserId
from bot.core.policy import Allowed, NeedsApproval, change_of, covers_word
from bot.core.policy.judgement import covers, is_named_enough, with_approval
from bot.core.policy.people import unite
from bot.core.policy.words import say_plainly
from bot.core.rules import ACTION_WORDS, ApprovalRule, People, Right, Rules
from bot.rules_file.mistakes import Mistake
from bot.rules_file.nodes import quote

Members = Mapping[GroupId, frozenset[UserId]]
"""Who is in which user group, as far as it is known; in a group that is not known there may be anybody."""


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Certain people; `is_open` where there may be more of them, whom nobody here knows."""

    users: frozenset[UserId]
    is_open: bool = False


def find_deadlocks(rules: Rules, members: Members) -> tuple[Mistake, ...]:
    """One mistake for each right whose asks could never be approved, or one where there is no right at all."""
    if not any(_is_usable(right, rights, members) for rights in rules.channels.values() for right in rights):
        return (
            Mistake(
                rules.section.line,
                "`channels` lets nobody do anything. Give somebody a right, such as "
                "`{may: [restart], on: [staging], who: everyone}`, with people whom no `deny: true` keeps from it.",
            ),
        )
    kinds = _Kinds(rules)
    return tuple(
        mistake
        for rights in rules.channels.values()
        for right in rights
        if not right.deny and (mistake := _check_right(right, rights, rules, kinds, members)) is not None
    )


def _is_usable(right: Right, rights: Sequence[Right], members: Members) -> bool:
    """Whether there is somebody whom this line lets do something that the channel does not deny to everyone."""
    if right.deny or not (_crowd(right.who, members).users or _crowd(right.who, members).is_open):
        return False
    walls = [other for other in rights if other.deny and other.who.everyone]
    words = [word for word in ACTION_WORDS if covers_word(right.words, word)]
    return any(
        not any(id_ in wall.environments and covers_word(wall.words, word) for wall in walls)
        for id_ in right.environments
        for word in words
    )


class _Kinds:
    """One environment for all those that are protected or not, and are named by approval rules, alike."""

    def __init__(self, rules: Rules) -> None:
        named: dict[EnvironmentId, list[int]] = {one.id: [] for one in rules.catalog.environments}
        for number, rule in enumerate(rules.approvals):
            for id_ in rule.environments:
                named[id_].append(number)
        first: dict[tuple[bool, tuple[int, ...]], Environment] = {}
        self._kind_of: dict[EnvironmentId, Environment] = {}
        self._catalog = {one.id: one for one in rules.catalog.environments}
        for one in rules.catalog.environments:
            kind = first.setdefault((one.protected, tuple(named[one.id])), one)
            self._kind_of[one.id] = kind

    def of(self, right: Right, denies: Sequence[Right]) -> list[Environment]:
        """Enough of a line's environments to see all that can come of it, in the file's order."""
        alike: dict[tuple[object, ...], EnvironmentId] = {}
        order = [id_ for id_ in self._catalog if id_ in right.environments]
        for id_ in order:
            denied = tuple(id_ in line.environments for line in denies)
            alike.setdefault((self._kind_of[id_].id, denied), id_)
        return [self._catalog[id_] for id_ in alike.values()]


def _check_right(
    right: Right, rights: Sequence[Right], rules: Rules, kinds: _Kinds, members: Members
) -> Mistake | None:
    denies = [line for line in rights if line.deny]
    stuck = [
        (change, rule)
        for environment in kinds.of(right, denies)
        for change in _changes_of(right, environment)
        if (rule := _find_rule(change, right, rights, rules.approvals)) is not None
        and not _could_be_given(rule, right.who, _denied(change, denies), members)
    ]
    if not stuck:
        return None
    change, rule = stuck[0]
    words = quote(say_plainly([word for change, _ in stuck for word in change.words]))
    lacking = "nobody could" if rule.count == 1 else f"{rule.count} different people could not"
    return Mistake(
        right.source.line,
        f"`{right.source.path}` lets {right.who.label} ask for {words} on `{change.environment.alias}`, but {lacking} "
        f"ever approve it (`{rule.source.path}`): nobody approves their own request. Name more people in an approval "
        f"rule's `by`, set `requester_may_approve: true` there, or leave {words} out of `may`.",
    )


def _changes_of(right: Right, environment: Environment) -> list[Change]:
    changes = [change_of(word, environment) for word in ACTION_WORDS]
    return [change for change in changes if covers(right, change) and is_named_enough(right, change)]


def _find_rule(
    change: Change, right: Right, rights: Sequence[Right], approvals: Sequence[ApprovalRule]
) -> ApprovalRule | None:
    match with_approval(change, right, rights, approvals):
        case Allowed():
            return None
        case NeedsApproval(_, rule):
            return rule


def _denied(change: Change, denies: Sequence[Right]) -> People:
    """The people whom the channel's deny lines keep from this change."""
    return unite([right.who for right in denies if covers(right, change)])


def _could_be_given(rule: ApprovalRule, requesters: People, denied: People, members: Members) -> bool:
    """Whether at least one of the requesters could find enough people to approve; so too where nobody can ask at all."""
    asking, barred = _crowd(requesters, members), _known(denied, members)
    askers = asking.users - barred
    if denied.everyone or not (askers or asking.is_open):
        return True
    by = [rule.by, rule.escalate.to] if rule.escalate else [rule.by]
    approving = _crowd(unite(by), members)
    if approving.is_open:
        return True
    voters = approving.users - frozenset().union(*(_known(people, members) for people in rule.barred))
    if asking.is_open or rule.requester_may_approve:
        return len(voters) >= rule.count
    return any(len(voters - {requester}) >= rule.count for requester in askers)


def _crowd(people: People, members: Members) -> _Crowd:
    is_open = people.everyone or any(group not in members for group in people.groups)
    return _Crowd(_known(people, members), is_open)


def _known(people: People, members: Members) -> frozenset[UserId]:
    """The people who surely are meant, besides those of whom nobody knows."""
    return people.users.union(*(members.get(group, frozenset()) for group in people.groups))
