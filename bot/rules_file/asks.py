"""What can be asked for on an environment that needs an approval of which it is not clear that it could be given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import EnvironmentId
from bot.core.policy import covers_word
from bot.core.policy.judgement import fulfil_all
from bot.core.policy.words import KINDS_OF_CHANGE, Words, change_with
from bot.core.rules import ACTION_WORDS, ApprovalRule, Right, Rules, RuleSource
from bot.rules_file.crowds import Crowd, Members, find_approvers, is_safe


@dataclass(frozen=True, slots=True, eq=False)
class Consent:
    """An approval rule with all who could ever approve; `places` are where the file asks for it, if it does."""

    rule: ApprovalRule
    approvers: Crowd
    places: tuple[RuleSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A change, with its words, whose approval is in doubt; without a `consent` it is for peers to approve it."""

    change: Change
    words: Words
    consent: Consent | None


class Kinds:
    """The environments, and which approval rule comes first for each of them and each word.

    Those of which all these say the same are one kind.
    """

    def __init__(self, rules: Rules, members: Members) -> None:
        self._approvals = rules.approvals
        self._members = members
        self._environments = rules.catalog.environments
        self._places = {one.id: place for place, one in enumerate(self._environments)}
        self._first: dict[tuple[EnvironmentId, str], ApprovalRule] = {}
        for rule in rules.approvals:
            words = [word for word in ACTION_WORDS if covers_word(rule.words, word)]
            for id_ in rule.environments:
                for word in words:
                    self._first.setdefault((id_, word), rule)
        self._kind_of = {one.id: self._find_kind(one) for one in self._environments}
        self._asks: dict[EnvironmentId, tuple[Ask, ...]] = {}
        self._consents: dict[tuple[RuleSource, ...], Consent] = {}

    def _find_kind(self, one: Environment) -> tuple[object, ...]:
        firsts = (self._first.get((one.id, word)) for word in ACTION_WORDS)
        return (one.protected, *(None if rule is None else rule.source for rule in firsts))

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

    def find_asks(self, environment: Environment) -> tuple[Ask, ...]:
        """What can be asked for there that may find too few approvers."""
        if environment.id not in self._asks:
            asks = (self._find_ask(words, environment) for words in KINDS_OF_CHANGE)
            self._asks[environment.id] = tuple(ask for ask in asks if ask is not None)
        return self._asks[environment.id]

    def _find_ask(self, words: Words, environment: Environment) -> Ask | None:
        change = change_with(words, environment)
        firsts = (self._first.get((environment.id, word)) for word in words)
        rules = {rule.source: rule for rule in firsts if rule is not None}
        if not rules:
            return Ask(change, words, None) if change.destroys_data else None
        consent = self._find_consent(rules)
        return None if is_safe(consent.rule, consent.approvers) else Ask(change, words, consent)

    def _find_consent(self, rules: Mapping[RuleSource, ApprovalRule]) -> Consent:
        key = tuple(rules)
        if key not in self._consents:
            rule = fulfil_all([*rules.values()], self._approvals)
            self._consents[key] = Consent(rule, find_approvers(rule, self._members), rule.places)
        return self._consents[key]
