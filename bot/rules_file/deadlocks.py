"""Finds rules that come to nothing: nobody has any right, or an approval is needed that could never be given.

Environments that the rules treat alike are looked at once, so that the time this takes grows with the file and not with
its square.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import EnvironmentId, GroupId, UserId
from bot.core.policy import change_of, covers_word
from bot.core.policy.judgement import approval_by_peers, is_named_enough
from bot.core.policy.people import unite
from bot.core.policy.words import say_plainly
from bot.core.rules import ACTION_WORDS, ApprovalRule, People, Right, Rules, RuleSource
from bot.rules_file.mistakes import Mistake
from bot.rules_file.nodes import quote

Members = Mapping[GroupId, frozenset[UserId]]
"""Who is in which user group, as far as it is known; in a group that is not known there may be anybody."""


Lines = tuple[Right, ...]
"""Lines of a channel."""


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
    kinds = _Kinds(rules, members)
    return tuple(
        mistake
        for rights in rules.channels.values()
        for right in rights
        if not right.deny and (mistake := _check_right(right, rights, kinds, members)) is not None
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
    """The environments, and which approval rule comes first for each of them and each word."""

    def __init__(self, rules: Rules, members: Members) -> None:
        self._open = {rule.source for rule in rules.approvals if _approvers(rule, members).is_open}
        self._places = {one.id: place for place, one in enumerate(rules.catalog.environments)}
        self._environments = rules.catalog.environments
        self._first: dict[tuple[EnvironmentId, str], ApprovalRule] = {}
        for rule in rules.approvals:
            words = [word for word in ACTION_WORDS if covers_word(rule.words, word)]
            for id_ in rule.environments:
                for word in words:
                    self._first.setdefault((id_, word), rule)
        self._kind_of = {one.id: self._find_kind(one) for one in rules.catalog.environments}

    def _find_kind(self, one: Environment) -> tuple[object, ...]:
        firsts = (self._first.get((one.id, word)) for word in ACTION_WORDS)
        return (one.protected, *(None if rule is None else rule.source for rule in firsts))

    def is_open(self, rule: ApprovalRule) -> bool:
        """Whether there may be more approvers than anybody here knows: then it can always be given."""
        return rule.source in self._open

    def first_rule(self, environment: Environment, word: str) -> ApprovalRule | None:
        """The approval rule that counts for this word there."""
        return self._first.get((environment.id, word))

    def of(self, right: Right, rights: Sequence[Right]) -> list[tuple[Environment, Lines]]:
        """Enough of a line's environments to see all that can come of it, in the file's order, each with those lines of
        the channel that deny it something or say who else may destroy its data."""
        apart = [line for line in rights if line.deny or covers_word(line.words, "reinit")]
        alike: dict[tuple[object, ...], int] = {}
        for id_ in right.environments:
            key = (self._kind_of[id_], *(id_ in line.environments for line in apart))
            place = self._places[id_]
            alike[key] = min(place, alike.get(key, place))
        found = [self._environments[place] for place in sorted(alike.values())]
        return [(one, tuple(line for line in apart if one.id in line.environments)) for one in found]


class _Check:
    """One line of a channel, looked at for all that can be asked by it. What was found out once is kept in mind."""

    def __init__(self, right: Right, kinds: _Kinds, members: Members) -> None:
        self._right = right
        self._kinds = kinds
        self._members = members
        self._words = [word for word in ACTION_WORDS if covers_word(right.words, word)]
        self._by_peers: dict[tuple[bool, Lines], ApprovalRule] = {}
        self._known: dict[tuple[RuleSource, bool, Lines], bool] = {}

    def find_stuck(self, rights: Sequence[Right]) -> list[tuple[Change, ApprovalRule]]:
        """What could never be approved, and by which rule."""
        stuck = []
        for environment, lines in self._kinds.of(self._right, rights):
            for word in self._words:
                rule = self._kinds.first_rule(environment, word)
                if word != "reinit" if rule is None else self._kinds.is_open(rule):
                    continue
                change = change_of(word, environment)
                rule = rule or self._find_peers(change, lines)
                if is_named_enough(self._right, change) and not self._could_be_given(rule, change, lines):
                    stuck.append((change, rule))
        return stuck

    def _find_peers(self, change: Change, lines: Lines) -> ApprovalRule:
        key = (change.environment.protected, lines)
        if key not in self._by_peers:
            self._by_peers[key] = approval_by_peers(change, self._right, lines)
        return self._by_peers[key]

    def _could_be_given(self, rule: ApprovalRule, change: Change, lines: Lines) -> bool:
        denies = tuple(line for line in lines if line.deny and covers_word(line.words, change.words[0]))
        is_by_peers = rule.source is self._right.source
        key = (rule.source, change.environment.protected, lines if is_by_peers else denies)
        if key not in self._known:
            denied = unite([line.who for line in denies])
            self._known[key] = _could_be_given(rule, self._right.who, denied, self._members)
        return self._known[key]


def _check_right(right: Right, rights: Sequence[Right], kinds: _Kinds, members: Members) -> Mistake | None:
    stuck = _Check(right, kinds, members).find_stuck(rights)
    return _describe(right, stuck) if stuck else None


def _describe(right: Right, stuck: Sequence[tuple[Change, ApprovalRule]]) -> Mistake:
    change, rule = stuck[0]
    words = quote(say_plainly([word for change, _ in stuck for word in change.words]))
    lacking = "nobody could" if rule.count == 1 else f"{rule.count} different people could not"
    return Mistake(
        right.source.line,
        f"`{right.source.path}` lets {right.who.label} ask for {words} on `{change.environment.alias}`, but {lacking} "
        f"ever approve it (`{rule.source.path}`): nobody approves their own request. Name more people in an approval "
        f"rule's `by`, set `requester_may_approve: true` there, or leave {words} out of `may`.",
    )


def _could_be_given(rule: ApprovalRule, requesters: People, denied: People, members: Members) -> bool:
    """Whether at least one of the requesters could find enough people to approve; so too where nobody can ask at all."""
    asking, barred = _crowd(requesters, members), _known(denied, members)
    askers = asking.users - barred
    if denied.everyone or not (askers or asking.is_open):
        return True
    approving = _approvers(rule, members)
    if approving.is_open:
        return True
    voters = approving.users - frozenset().union(*(_known(people, members) for people in rule.barred))
    if asking.is_open or rule.requester_may_approve:
        return len(voters) >= rule.count
    return any(len(voters - {requester}) >= rule.count for requester in askers)


def _approvers(rule: ApprovalRule, members: Members) -> _Crowd:
    return _crowd(unite([rule.by, rule.escalate.to]) if rule.escalate else rule.by, members)


def _crowd(people: People, members: Members) -> _Crowd:
    is_open = people.everyone or any(group not in members for group in people.groups)
    return _Crowd(_known(people, members), is_open)


def _known(people: People, members: Members) -> frozenset[UserId]:
    """The people who surely are meant, besides those of whom nobody knows."""
    return people.users.union(*(members.get(group, frozenset()) for group in people.groups))
