"""Finds rules that come to nothing: nobody has any right, or an approval is needed that could never be given.

Environments that the rules treat alike are looked at once, so that the time this takes grows with the file and not with
its square.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from bot.core.catalog import Environment
from bot.core.intents import Change, typed_form
from bot.core.names import EnvironmentId
from bot.core.policy import covers_word
from bot.core.policy.judgement import approval_by_peers, is_named_enough
from bot.core.policy.people import unite
from bot.core.policy.words import KINDS_OF_CHANGE, Words, change_of, covers_words, say_plainly
from bot.core.rules import ACTION_WORDS, ApprovalRule, People, Right, Rules, RuleSource
from bot.rules_file.asks import Ask, Consent, Kinds
from bot.rules_file.crowds import Members, could_be_given, find_approvers, is_safe, meet
from bot.rules_file.mistakes import Mistake
from bot.rules_file.nodes import quote


@dataclass(frozen=True, slots=True)
class _Stuck:
    """A change that may be asked for by these lines together, and never approved by this rule of these places."""

    change: Change
    lines: tuple[Right, ...]
    rule: ApprovalRule
    places: tuple[RuleSource, ...]


def find_deadlocks(rules: Rules, members: Members) -> tuple[Mistake, ...]:
    """A mistake for each right whose asks could never be approved, or one where there is no right at all."""
    kinds = Kinds(rules, members)
    rooms = [_Room(rights, kinds, members) for rights in rules.channels.values()]
    if not any(room.lets_anybody() for room in rooms):
        return (
            Mistake(
                rules.section.line,
                "`channels` lets nobody do anything. Give somebody a right, such as "
                "`{may: [restart], on: [staging], who: everyone}`, with people whom no `deny: true` keeps from it.",
            ),
        )
    return tuple(mistake for room in rooms for mistake in room.find_mistakes())


@dataclass(frozen=True, slots=True, eq=False)
class _Corner:
    """Environments of a channel of which its lines say the same: those that deny something there, say who may destroy
    data or speak of a part only of what can be asked for at once. What was found out once is kept in mind."""

    lines: tuple[Right, ...]
    denied: dict[Words, People] = field(default_factory=dict)
    partial: dict[Words, Mapping[str, tuple[Right, ...]]] = field(default_factory=dict)
    by_peers: list[Consent] = field(default_factory=list)

    def find_denied(self, words: Words) -> People:
        """The people whom the channel's deny lines keep from this."""
        if words not in self.denied:
            denies = (line for line in self.lines if line.deny)
            keeping = [line.who for line in denies if any(covers_word(line.words, word) for word in words)]
            self.denied[words] = unite(keeping)
        return self.denied[words]

    def find_peers(self, change: Change, right: Right, members: Members) -> Consent:
        """Who approves what destroys data, where no rule says so."""
        if not self.by_peers:
            rule = approval_by_peers(change, right, self.lines)
            self.by_peers.append(Consent(rule, find_approvers(rule, members)))
        return self.by_peers[0]

    def find_ways(self, right: Right, words: Words) -> Iterable[tuple[Right, ...]]:
        """The lines that let this be asked for: this one, or, where it speaks of a part only, with others for the rest."""
        if covers_words(right.words, words):
            return ((right,),)
        if words not in self.partial:
            self.partial[words] = {word: self._find_partial(word, words) for word in words}
        missing = [word for word in words if not covers_word(right.words, word)]
        return ((right, *rest) for rest in product(*(self.partial[words][word] for word in missing)))

    def _find_partial(self, word: str, words: Words) -> tuple[Right, ...]:
        """The lines that speak of this word and not of all of these, one for the same people."""
        lines = [line for line in self.lines if not line.deny and covers_word(line.words, word)]
        partial = [line for line in lines if not covers_words(line.words, words)]
        return tuple({line.who: line for line in reversed(partial)}.values())


class _Room:
    """A channel, looked at for all that can be asked there."""

    def __init__(self, rights: Sequence[Right], kinds: Kinds, members: Members) -> None:
        self._rights = [right for right in rights if not right.deny]
        self._kinds = kinds
        self._members = members
        apart = [line for line in rights if _sets_apart(line)]
        named = frozenset[EnvironmentId]().union(*(right.environments for right in self._rights))
        self._first: dict[EnvironmentId, Environment] = {}
        self._corner_of: dict[EnvironmentId, _Corner] = {}
        corners: dict[object, _Corner] = {}
        for (said, _), alike in kinds.part(named, apart).items():
            if said not in corners:
                lines = tuple(line for line in apart if alike[0].id in line.environments)
                corners[said] = _Corner(lines)
            for one in alike:
                self._first[one.id] = alike[0]
                self._corner_of[one.id] = corners[said]
        self._known: dict[tuple[object, ...], bool] = {}

    def lets_anybody(self) -> bool:
        """Whether some line lets somebody do something from which no other keeps them."""
        return any(
            meet((right.who,), self._corner_of[one.id].find_denied((word,)), self._members).is_anybody
            for right in self._rights
            for one in self._tell_apart(right)
            for word in ACTION_WORDS
            if covers_word(right.words, word) and is_named_enough(right, change_of(word, one))
        )

    def find_mistakes(self) -> Iterator[Mistake]:
        """For each line by which something could be asked that could never be approved, what that is."""
        for right in self._rights:
            stuck = self._find_stuck(right)
            plain = [one for one in stuck if len(one.change.words) == 1]
            said = {word for one in plain for word in one.change.words}
            combined = [one for one in stuck if not said & {*one.change.words}]
            if plain:
                yield _describe(right, plain)
            if combined:
                yield _describe_combined(combined[0])

    def _find_stuck(self, right: Right) -> list[_Stuck]:
        return [
            stuck
            for environment in self._tell_apart(right)
            for ask in self._kinds.find_asks(environment)
            if covers_word(right.words, ask.words[0]) and is_named_enough(right, ask.change)
            for stuck in self._find_stuck_ways(right, ask)
        ]

    def _tell_apart(self, right: Right) -> Iterable[Environment]:
        """One of each kind of a line's environments."""
        return dict.fromkeys(self._first[id_] for id_ in self._kinds.in_order(right.environments))

    def _find_stuck_ways(self, right: Right, ask: Ask) -> Iterator[_Stuck]:
        """By which lines, this one first, it could be asked for under an approval rule that nobody could fulfil."""
        corner = self._corner_of[ask.change.environment.id]
        consent = ask.consent or corner.find_peers(ask.change, right, self._members)
        if is_safe(consent.rule, consent.approvers):
            return
        denied = corner.find_denied(ask.words)
        for lines in corner.find_ways(right, ask.words):
            known = (consent, denied, *(line.who for line in lines))
            if known not in self._known:
                askers = meet([line.who for line in lines], denied, self._members)
                self._known[known] = could_be_given(consent.rule, consent.approvers, askers)
            if not self._known[known]:
                yield _Stuck(ask.change, lines, consent.rule, consent.places or (right.source,))


def _sets_apart(line: Right) -> bool:
    """Whether what comes of an ask can hang on a line besides the one that allows it."""
    kinds = [words for words in KINDS_OF_CHANGE if any(covers_word(line.words, word) for word in words)]
    is_whole = all(covers_words(line.words, words) for words in kinds)
    return line.deny or covers_word(line.words, "reinit") or not is_whole


def _describe(right: Right, stuck: Sequence[_Stuck]) -> Mistake:
    first = stuck[0]
    words = quote(say_plainly([word for one in stuck for word in one.change.words]))
    return Mistake(
        right.source.line,
        f"`{right.source.path}` lets {right.who.label} ask for {words} on `{first.change.environment.alias}`, but "
        f"{_say_lacking(first)}: nobody approves their own request. Name more people in an approval rule's `by`, set "
        f"`requester_may_approve: true` there, or leave {words} out of `may`.",
    )


def _describe_combined(stuck: _Stuck) -> Mistake:
    """Of a change that is several things at once, each of which by itself could be approved."""
    first, words = stuck.lines[0], quote(stuck.change.words)
    places = " with ".join(f"`{line.source.path}`" for line in stuck.lines)
    return Mistake(
        first.source.line,
        f"{places} lets {first.who.label} ask for `{typed_form(stuck.change)}`, which is {words} at once, but "
        f"{_say_lacking(stuck)}: whoever does has to be among {stuck.rule.by.label}, and nobody approves their own "
        f"request. Name the same people in the `by` for each of {words}, or leave one of these out of `may`.",
    )


def _say_lacking(stuck: _Stuck) -> str:
    count = stuck.rule.count
    lacking = "nobody could" if count == 1 else f"{count} different people could not"
    return f"{lacking} ever approve it ({quote([place.path for place in stuck.places])})"
