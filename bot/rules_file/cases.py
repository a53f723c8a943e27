"""The tests a rules file brings along: who, where, what, and what the answer must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.core.grammar import parse
from bot.core.misunderstood import Misunderstood
from bot.core.names import ChannelId, GroupId, UserId
from bot.core.policy import Allowed, Denied, NeedsApproval, decide, suppose
from bot.core.rules import Rules, RuleSource
from bot.views.denials import describe_reason


class Expectation(Enum):
    """What a test may expect."""

    ALLOWED = "allowed"
    APPROVAL = "approval"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Case:
    """One test: this person (a member of these user groups) asks this in this channel."""

    source: RuleSource
    person: UserId
    channel_id: ChannelId
    action: str
    expect: Expectation
    groups: frozenset[GroupId] = frozenset()
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """A test that did not come out as expected: what came instead, and because of what."""

    case: Case
    got: str
    because: str

    @property
    def sentence(self) -> str:
        """The miss as people read it."""
        case = self.case
        return (
            f"`{case.source.path}`: {case.person} in {case.channel_id} asks `{case.action}`: "
            f"expected {case.expect.value}, got {self.got} ({self.because})."
        )


def check_cases(rules: Rules, cases: Sequence[Case]) -> tuple[Miss, ...]:
    """The tests that these rules do not pass, in the file's order."""
    misses = (_check(rules, case) for case in cases)
    return tuple(miss for miss in misses if miss is not None)


def _check(rules: Rules, case: Case) -> Miss | None:
    got, because = _answer(rules, case)
    return None if got == case.expect.value else Miss(case, got, because)


def _answer(rules: Rules, case: Case) -> tuple[str, str]:
    intent = parse(case.action, rules.catalog)
    if isinstance(intent, Misunderstood):
        return "not understood", type(intent).__name__
    person, membership = suppose(case.person, case.groups, rules, is_guest=case.is_guest)
    match decide(intent, person, case.channel_id, rules, membership):
        case Allowed(rule):
            return Expectation.ALLOWED.value, rule.path
        case NeedsApproval(_, approval):
            return Expectation.APPROVAL.value, approval.source.path
        case Denied("deny_rule", rule):
            return Expectation.DENIED.value, rule.path
        case Denied(reason):
            return Expectation.DENIED.value, describe_reason(reason, case.channel_id)
