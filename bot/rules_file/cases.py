"""The tests a rules file brings along: who, where, what, and what the answer must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.core.grammar import parse
from bot.core.misunderstood import Misunderstood
from bot.core.names import ChannelId, GroupId, UserId
from bot.core.policy import Allowed, Denied, NeedsApproval, decide, suppose
from bot.core.policy.supposing import look_behind
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
    """A test that did not come out as expected: what came instead, and because of what.

    `outside` are the user groups in which the person was taken not to be, where that may be why.
    """

    case: Case
    got: str
    because: str
    outside: tuple[GroupId, ...] = ()

    @property
    def sentence(self) -> str:
        """The miss as people read it."""
        case = self.case
        missed = (
            f"`{case.source.path}`: {case.person} in {case.channel_id} asks `{case.action}`: "
            f"expected {case.expect.value}, got {self.got} ({self.because})."
        )
        if not self.outside:
            return missed
        groups = ", ".join(self.outside)
        right = f"groups: [{', '.join(sorted({*case.groups, *self.outside}))}]"
        return f"{missed} They were taken not to be in {groups}; if they are, say `{right}` in the test."


def check_cases(rules: Rules, cases: Sequence[Case]) -> tuple[Miss, ...]:
    """The tests that these rules do not pass, in the file's order."""
    misses = (_check(rules, case) for case in cases)
    return tuple(miss for miss in misses if miss is not None)


def _check(rules: Rules, case: Case) -> Miss | None:
    got, because = _answer(rules, case)
    if got == case.expect.value:
        return None
    named = (right.who.groups for right in rules.channels.get(case.channel_id, ()) if not right.deny)
    outside = frozenset().union(*named) - case.groups if got == Expectation.DENIED.value else frozenset()
    return Miss(case, got, because, tuple(sorted(outside)))


def _answer(rules: Rules, case: Case) -> tuple[str, str]:
    parsed = parse(case.action, rules.catalog)
    if isinstance(parsed, Misunderstood):
        return "not understood", type(parsed).__name__
    intent, user_id = look_behind(parsed, case.person)
    person, membership = suppose(user_id, case.groups, rules, is_guest=case.is_guest)
    match decide(intent, person, case.channel_id, rules, membership):
        case Allowed(rule):
            return Expectation.ALLOWED.value, rule.path
        case NeedsApproval(_, approval):
            return Expectation.APPROVAL.value, approval.source.path
        case Denied("deny_rule", rule):
            return Expectation.DENIED.value, rule.path
        case Denied(reason):
            return Expectation.DENIED.value, describe_reason(reason, case.channel_id)
