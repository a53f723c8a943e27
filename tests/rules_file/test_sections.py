from datetime import time, timedelta

import pytest

from bot.core.rules import ApprovalRule, QuietHours
from tests.support.rules import read_rules
from tests.test_rules_file import SMALL, mistakes_in, with_approval


def approval_rule(extra: str) -> ApprovalRule:
    rules = read_rules(with_approval(f"{{for: deploy, on: prod, by: releasers, {extra}}}"))
    return rules.approvals[0]


def test_approval_says_how_many_and_whom_else_to_call() -> None:
    rule = approval_rule("count: 2, expires: 1h, escalate: {to: U0DORA, after: 10m}")
    assert rule.count == 2
    assert rule.escalate is not None
    assert (rule.escalate.to.label, rule.escalate.after) == ("U0DORA", timedelta(minutes=10))
    plain = approval_rule("expires: 1h")
    assert (plain.count, plain.escalate) == (1, None)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("count: 0", "is a number from 1 to 20, not `0`"),
        ("count: 1.5", "is a number from 1 to 20, not `1.5`"),
        ("count: ²", "is a number from 1 to 20"),
        ("count: [1, 2]", "here belongs one value"),
        ("escalate: leads", "must be a list of `key: value` with `to`, `after`"),
        ("escalate: {to: U0DORA}", "`approvals[0].escalate` needs `after`"),
        ("escalate: {to: leeds, after: 5m}", "there are no people `leeds`"),
        ("escalate: {to: U0DORA, after: soon}", "is a span from"),
        ("escalate: {to: U0DORA, after: 15m}", "comes when the approval has expired"),
        ("escalate: {to: U0DORA, after: 5m, then: 1}", "has no key `then`"),
    ],
)
def test_mistake_in_what_more_an_approval_says_is_told_with_its_line(extra: str, words: str) -> None:
    found = mistakes_in(with_approval(f"{{for: deploy, on: prod, by: releasers, {extra}}}"))
    assert any(mistake.startswith("oec.yml:11: ") and words in mistake for mistake in found)


def test_quiet_hours_are_those_of_the_file_else_the_nights() -> None:
    assert read_rules(SMALL).quiet == QuietHours()
    assert read_rules(SMALL + "quiet: {from: 22:30, to: '6:15'}\n").quiet == QuietHours(
        time(22, 30), time(6, 15)
    )
    never = read_rules(SMALL + "quiet: {from: '00:00', to: '00:00'}\n").quiet
    assert not any(never.include(time(hour)) for hour in range(24))


@pytest.mark.parametrize(
    ("quiet", "words"),
    [
        ("{from: 24:00, to: 7:00}", "`quiet.from` is a time such as `21:00`, not `24:00`"),
        ("{from: 21:00}", "`quiet` needs `to`"),
        ("night", "must be a list of `key: value`"),
    ],
)
def test_mistake_in_the_quiet_hours_is_told_with_its_line(quiet: str, words: str) -> None:
    line = SMALL.count("\n") + 1
    (found,) = mistakes_in(SMALL + f"quiet: {quiet}\n")
    assert found.startswith(f"oec.yml:{line}: ")
    assert words in found
