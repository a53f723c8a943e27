"""Finds rules that come to nothing: nobody has any right, or an approval is needed that could never be given.

Environments that the rules treat alike are looked at once, so that the time this takes grows with the file and not with
its square.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import EnvironmentId, GroupId, UserId
from bot.core.policy import change_of, covers_word
from bot.core.policy.judgement import approval_by_peers, is_named_enough
from bot.core.policy.people import as_escalated, unite
from bot.core.policy.words import say_plainly
from bot.core.rules import ACTION_WORDS, ApprovalRule, People, Right, Rules, RuleSource
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
    if not any(_has_right(rights, members) for rights in rules.channels.values()):
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
        for mistake in _Room(rights, kinds, members).find_mistakes()
    )


def _has_right(rights: Sequence[Right], members: Members) -> bool:
    """Whether a channel lets somebody do something that it does not deny to all of whom it lets."""
    denies = [right for right in rights if right.deny]
    denied = unite([line.who for line in denies])
    lines = [right for right in rights if not right.deny and _is_anybody(right.who, members)]
    if any(_is_anybody_left(line.who, denied, members) for line in lines):
        return True
    numbers_of: dict[EnvironmentId, list[int]] = {}
    for number, deny in enumerate(denies):
        for id_ in deny.environments:
            numbers_of.setdefault(id_, []).append(number)
    return any(
        _has_ask_left(line, [denies[number] for number in numbers], members)
        for line in lines
        for numbers in {tuple(numbers_of.get(id_, ())) for id_ in line.environments}
    )


def _has_ask_left(right: Right, denies: Sequence[Right], members: Members) -> bool:
    """Whether there is something that a line lets somebody do and that none of these keep them all from."""
    words = [word for word in ACTION_WORDS if covers_word(right.words, word)]
    keeping = ([line.who for line in denies if covers_word(line.words, word)] for word in words)
    return any(_is_anybody_left(right.who, unite(peoples), members) for peoples in keeping)


def _is_anybody_left(people: People, denied: People, members: Members) -> bool:
    """Whether some of these people are not, as far as anybody knows, among those who are kept from it."""
    if denied.everyone or people.everyone:
        return not denied.everyone
    if _known(people, members) - _known(denied, members):
        return True
    return any(group not in members for group in people.groups - denied.groups)


def _is_anybody(people: People, members: Members) -> bool:
    crowd = _crowd(people, members)
    return crowd.is_open or bool(crowd.users)


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

    def in_order(self, ids: Iterable[EnvironmentId]) -> list[EnvironmentId]:
        """These environments in the file's order."""
        return sorted(ids, key=self._places.__getitem__)

    def part(
        self, ids: Iterable[EnvironmentId], lines: Sequence[Right]
    ) -> dict[tuple[object, ...], list[Environment]]:
        """These environments, in the file's order, by what the approval rules and, first of all, these lines say."""
        alike: dict[tuple[object, ...], list[Environment]] = {}
        for id_ in self.in_order(ids):
            one = self._environments[self._places[id_]]
            said = (one.protected, *(one.id in line.environments for line in lines))
            alike.setdefault((said, self._kind_of[one.id]), []).append(one)
        return alike


@dataclass(frozen=True, slots=True, eq=False)
class _Corner:
    """Environments of a channel of which its lines say the same: those that deny something there or say who may destroy
    data, for who approves that may hang on them. What was found out once is kept in mind."""

    lines: tuple[Right, ...]
    denied: dict[str, People] = field(default_factory=dict)
    peers: list[ApprovalRule] = field(default_factory=list)

    def find_denied(self, word: str) -> People:
        """The people whom the channel's deny lines keep from this."""
        if word not in self.denied:
            denies = [line.who for line in self.lines if line.deny and covers_word(line.words, word)]
            self.denied[word] = unite(denies)
        return self.denied[word]

    def find_peers(self, change: Change, right: Right) -> ApprovalRule:
        """Who approves what destroys data, where no rule says so."""
        if not self.peers:
            self.peers.append(approval_by_peers(change, right, self.lines))
        return self.peers[0]


class _Room:
    """A channel, looked at for all that can be asked there."""

    def __init__(self, rights: Sequence[Right], kinds: _Kinds, members: Members) -> None:
        self._rights = [right for right in rights if not right.deny]
        self._kinds = kinds
        self._members = members
        apart = [line for line in rights if line.deny or covers_word(line.words, "reinit")]
        named = frozenset[EnvironmentId]().union(*(right.environments for right in self._rights))
        self._corners: dict[object, _Corner] = {}
        self._first: dict[EnvironmentId, Environment] = {}
        self._corner_of: dict[EnvironmentId, _Corner] = {}
        for (said, _), alike in kinds.part(named, apart).items():
            if said not in self._corners:
                lines = tuple(line for line in apart if alike[0].id in line.environments)
                self._corners[said] = _Corner(lines)
            for one in alike:
                self._first[one.id] = alike[0]
                self._corner_of[one.id] = self._corners[said]
        self._known: dict[tuple[People, RuleSource | _Corner, People], bool] = {}

    def find_mistakes(self) -> list[Mistake]:
        """One for each line by which something could be asked that could never be approved."""
        found = ((right, self._find_stuck(right)) for right in self._rights)
        return [_describe(right, stuck) for right, stuck in found if stuck]

    def _find_stuck(self, right: Right) -> list[tuple[Change, ApprovalRule]]:
        words = [word for word in ACTION_WORDS if covers_word(right.words, word)]
        alike = dict.fromkeys(self._first[id_] for id_ in self._kinds.in_order(right.environments))
        return [
            (change_of(word, environment), rule)
            for environment in alike
            for word in words
            if (rule := self._find_stuck_rule(right, environment, word)) is not None
        ]

    def _find_stuck_rule(self, right: Right, environment: Environment, word: str) -> ApprovalRule | None:
        """The approval rule that nobody could fulfil here, if there is one."""
        rule = self._kinds.first_rule(environment, word)
        if word != "reinit" if rule is None else self._kinds.is_open(rule):
            return None
        change = change_of(word, environment)
        if not is_named_enough(right, change):
            return None
        corner = self._corner_of[environment.id]
        denied = corner.find_denied(word)
        key = (right.who, corner if rule is None else rule.source, denied)
        found = rule or corner.find_peers(change, right)
        if key not in self._known:
            self._known[key] = _could_be_given(found, right.who, denied, self._members)
        return None if self._known[key] else found if rule else replace(found, source=right.source)


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
    return any(len(voters) - (requester in voters) >= rule.count for requester in askers)


def _approvers(rule: ApprovalRule, members: Members) -> _Crowd:
    return _crowd(as_escalated(rule).by, members)


def _crowd(people: People, members: Members) -> _Crowd:
    is_open = people.everyone or any(group not in members for group in people.groups)
    return _Crowd(_known(people, members), is_open)


def _known(people: People, members: Members) -> frozenset[UserId]:
    """The people who surely are meant, besides those of whom nobody knows."""
    return people.users.union(*(members.get(group, frozenset()) for group in people.groups))
