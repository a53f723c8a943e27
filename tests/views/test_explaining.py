"""Answers to `can` and `why`: each exactly, and what every refusal must name."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.core.approvals import VOTE_LOST, VoteRefusal
from bot.core.catalog import Catalog
from bot.core.entries import (
    ApprovalRanOut,
    ApprovalRenewed,
    Asked,
    Claimed,
    Consented,
    DeniedAsk,
    Entry,
    PleaTaken,
    RecordedEntry,
    Sent,
    Voted,
    VoteRefused,
)
from bot.core.explanations import Account, Explanation
from bot.core.intents import Change, Deploy, QuickUpdate, ShowStatus, as_intent
from bot.core.names import Action, ButtonId, ChannelId, GroupId, IdempotencyKey, TeamId, UpdateMode, UserId
from bot.core.policy import (
    Advice,
    Allowed,
    Decision,
    Denied,
    DeniedReason,
    HereYouMay,
    Membership,
    NeedsApproval,
    Person,
    Power,
    WhoMay,
    decide_change,
)
from bot.core.rules import ApprovalRule, Escalation, People, Right, Rules, RuleSource
from bot.views import answers
from bot.views.accounts import render_account, render_nothing_to_explain, render_refusal_account
from bot.views.approvals import render_vote_refused, vote_error
from bot.views.entries import say_entry
from bot.views.explaining import (
    render_may,
    render_nobody_known,
    render_not_about_others,
    render_person_untold,
    render_they_may,
)
from bot.views.message import Message
from bot.views.rules import say_approval_rule, say_consent, say_right
from bot.views.votes import WHY_NOT_COUNTED
from tests.support.reading import read_words
from tests.views.scenes import ANA, APPROVAL, BEN, DEPLOYS, DEV, EVA, NOW, PROD, a_run
from tests.views.snapshots import check_snapshot

SUPPORT = ChannelId("C0SUPPORT")
RELEASERS = People("releasers", groups=frozenset({GroupId("S0RELEASE")}))
EVERYONE = People("everyone", everyone=True)
FIRST = Right(
    RuleSource("channels.C0DEPLOYS[0]", 15),
    frozenset({"deploy", "restart", "update"}),
    frozenset({PROD.id, DEV.id}),
    RELEASERS,
)
SECOND = Right(
    RuleSource("channels.C0DEPLOYS[1]", 16), frozenset({"everything"}), frozenset({DEV.id}), EVERYONE
)
BARRING = Right(
    RuleSource("channels.C0DEPLOYS[2]", 17), frozenset({"stop"}), frozenset({PROD.id}), EVERYONE, deny=True
)
TWO = ApprovalRule(
    RuleSource("approvals[0]", 22),
    frozenset({"deploy"}),
    frozenset({PROD.id}),
    RELEASERS,
    typed=frozenset({"deploy"}),
    expires=timedelta(minutes=10),
    count=2,
    escalate=Escalation(People("leads", groups=frozenset({GroupId("S0LEADS")})), timedelta(minutes=5)),
)
DIGEST, OTHER = "a1b2c3d4e5f60718" * 4, "0f1e2d3c4b5a6978" * 4
RULES = Rules(
    Catalog((PROD, DEV)),
    {DEPLOYS: (FIRST, SECOND, BARRING)},
    (TWO,),
    operators=None,
    digest=DIGEST,
    sources={DEPLOYS: RuleSource("channels.C0DEPLOYS", 14)},
)
WAYS = (WhoMay(RELEASERS, DEPLOYS, FIRST.source),)
HERE = (HereYouMay(("restart",), "staging"),)


def explained(decision: Decision, **fields: object) -> Explanation:
    """What is told of this decision on deploying prod."""
    told = Explanation(Deploy(PROD), None, DEPLOYS, decision, Advice(), RULES)
    return replace(told, **fields)  # type: ignore[arg-type]


NO_LINE = Denied("no_rule", RuleSource("channels.C0SUPPORT", 19))
NO = explained(NO_LINE, channel_id=SUPPORT, advice=Advice(WAYS, HERE))
YES = explained(Allowed(SECOND.source), asks=Deploy(DEV, ("sale", "stock")))

BOTH = Change(Action.DEPLOY, PROD, modules=("all",))
UPDATES = ApprovalRule(
    RuleSource("approvals[1]", 23),
    frozenset({"update_all"}),
    frozenset({PROD.id}),
    People("U0BEN, U0EVA", frozenset({BEN, EVA})),
)
OF_TWO_RULES = replace(RULES, approvals=(TWO, UPDATES))
HOME = TeamId("T0ACME")
RELEASED = Membership(HOME, {GroupId("S0RELEASE"): frozenset({BEN})})

MAY: dict[str, Callable[[], Message]] = {
    "yes": lambda: render_may(YES),
    "yes_for_another": lambda: render_may(replace(YES, who=BEN)),
    "yes_as_known_long_ago": lambda: render_may(replace(YES, known_as_of=NOW - timedelta(hours=1))),
    "reading": lambda: render_may(
        explained(Allowed(RuleSource("channels.C0DEPLOYS", 14)), asks=ShowStatus(DEV))
    ),
    "with_approval": lambda: render_may(explained(NeedsApproval(FIRST.source, TWO))),
    "with_approval_by_two_rules": lambda: render_may(
        explained(
            decide_change(BOTH, Person(BEN, HOME), DEPLOYS, OF_TWO_RULES, RELEASED),
            asks=as_intent(BOTH),
            rules=OF_TWO_RULES,
        )
    ),
    "with_approval_by_peers": lambda: render_may(
        explained(
            NeedsApproval(SECOND.source, ApprovalRule(SECOND.source, frozenset(), frozenset(), EVERYONE)),
            asks=QuickUpdate(DEV, UpdateMode.REINITIALIZE_SPECIFIC, ("sale",)),
        )
    ),
    "no": lambda: render_may(NO, plea=ButtonId("ask-1")),
    "no_for_another": lambda: render_may(replace(NO, who=EVA)),
    "no_by_a_deny_line": lambda: render_may(explained(Denied("deny_rule", BARRING.source))),
    "no_for_a_guest": lambda: render_may(
        replace(NO, who=EVA, decision=Denied("guest", RuleSource("channels.C0DEPLOYS", 14)))
    ),
    "no_with_a_group_unknown": lambda: render_may(replace(NO, unknown_groups=(GroupId("S0RELEASE"),))),
    "all_that_i_may": lambda: render_they_may(
        None, DEPLOYS, [Power(("deploy",), "prod", needs_approval=True)]
    ),
    "all_that_another_may": lambda: render_they_may(
        BEN, DEPLOYS, [Power(("deploy", "restart"), "dev", needs_approval=False)]
    ),
    "i_may_only_look": lambda: render_they_may(None, SUPPORT, []),
    "another_may_only_look": lambda: render_they_may(EVA, SUPPORT, []),
    "nobody_known": lambda: render_nobody_known(UserId("U0GHOST")),
    "person_untold": lambda: render_person_untold(EVA),
    "not_about_others": render_not_about_others,
}

DENIED_ASK = DeniedAsk(ANA, "deploy prod", SUPPORT, "no_rule", "channels.C0SUPPORT", 19, DIGEST)
ASKED = Asked(
    ANA,
    "deploy prod",
    "channels.C0DEPLOYS[0]",
    "needs_approval",
    line=15,
    digest=DIGEST,
    approval_rule="approvals[0]",
)
APPROVALS_RULE = ("approvals[0]", 22, DIGEST)


def recorded(*entries: Entry) -> tuple[RecordedEntry, ...]:
    """These entries, a minute apart."""
    return tuple(
        RecordedEntry(a_run().id, NOW - timedelta(minutes=9 - number), entry)
        for number, entry in enumerate(entries)
    )


def account(*entries: Entry, today: Explanation | None = YES, **fields: object) -> Account:
    """How run 42 came about."""
    approval = replace(APPROVAL, rule_path="approvals[0]", rule_line=22, needed=2)
    told = Account(a_run(), approval, recorded(*entries), RULES, today)
    return replace(told, **fields)  # type: ignore[arg-type]


NEEDS = explained(NeedsApproval(FIRST.source, TWO), who=ANA)
VOTES = (
    Claimed(BEN),
    VoteRefused(ANA, "own_request"),
    Consented(BEN, 1, 2, "approvals[0]", 22, DIGEST, NOW - timedelta(minutes=40)),
    Voted(EVA, "granted", None, "approvals[1]", 30, OTHER),
)
WHY: dict[str, Callable[[], Message]] = {
    "granted": lambda: render_account(
        account(ASKED, *VOTES, Sent(IdempotencyKey("k")), today=NEEDS),
        link_to_card="https://team.slack.example/archives/C0/p1",
    ),
    "for_a_plea": lambda: render_account(
        account(replace(ASKED, decision="allowed", approval_rule=None), PleaTaken(ANA, EVA), approval=None)
    ),
    "rules_changed": lambda: render_account(
        account(
            replace(ASKED, digest=OTHER, known_as_of=NOW - timedelta(hours=2)),
            ApprovalRenewed("approvals[0]", 22, DIGEST, (BEN,)),
            ApprovalRanOut(),
            today=replace(NO, who=ANA),
        )
    ),
    "of_an_earlier_version": lambda: render_account(
        account(Asked(ANA, "deploy prod", "channels.C0DEPLOYS[0]", "allowed"), approval=None, today=None)
    ),
    "adopted": lambda: render_account(
        account(Asked(ANA, "follow", "", "adopted"), approval=None, run=replace(a_run(), adopted=True))
    ),
    "nothing_kept": lambda: render_account(account()),
    "refused": lambda: render_refusal_account(
        recorded(DENIED_ASK)[0], DENIED_ASK, RULES, replace(NO, channel_id=SUPPORT)
    ),
    "refused_but_not_today": lambda: render_refusal_account(
        recorded(DENIED_ASK)[0], replace(DENIED_ASK, digest=OTHER), RULES, YES
    ),
    "refused_something_unclear_today": lambda: render_refusal_account(
        recorded(DENIED_ASK)[0], DENIED_ASK, RULES, None
    ),
    "nothing": render_nothing_to_explain,
}


@pytest.mark.parametrize("name", MAY)
def test_answer_to_can_is_as_kept(name: str) -> None:
    check_snapshot(f"can/{name}", MAY[name]())


@pytest.mark.parametrize("name", WHY)
def test_answer_to_why_is_as_kept(name: str) -> None:
    check_snapshot(f"why/{name}", WHY[name]())


# Every refusal names a rule and a next step

REASONS: tuple[DeniedReason, ...] = get_args(DeniedReason)
PLACE = RuleSource("channels.C0SUPPORT[7]", 4711)
NEXT_STEPS = re.compile(r"\b[Aa]sk\b|may, from|Here you may|/oec |operators keep the rules|pick the person")


def words_of(message: Message) -> str:
    """All that is to be read."""
    return read_words({"text": message.text, "blocks": list(message.blocks)})


@pytest.mark.parametrize("advice", [Advice(), Advice(WAYS), Advice(here_you_may=HERE)])
@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_names_its_rule_and_a_next_step(reason: DeniedReason, advice: Advice) -> None:
    denied = Denied(reason, PLACE)
    shown = words_of(
        answers.render_denied(denied, what="deploy prod", channel_id=SUPPORT, advice=advice, file="rules.yml")
    )
    assert "`rules.yml`, line 4711: `channels.C0SUPPORT[7]`" in shown
    assert NEXT_STEPS.search(shown)


@pytest.mark.parametrize("who", [None, BEN])
@pytest.mark.parametrize("reason", REASONS)
def test_every_no_of_can_names_its_rule_and_gives_a_reason(reason: DeniedReason, who: UserId | None) -> None:
    shown = words_of(render_may(explained(Denied(reason, PLACE), who=who)))
    assert "`oec.yml`, line 4711: `channels.C0SUPPORT[7]`" in shown
    assert ("You " in shown) is (who is None)


@pytest.mark.parametrize("refusal", VoteRefusal)
def test_every_vote_refused_names_its_rule_and_a_next_step(refusal: VoteRefusal) -> None:
    approval = replace(APPROVAL, rule_path="approvals[3]", rule_line=4711)
    shown = words_of(render_vote_refused(refusal, a_run(), approval, voter=EVA, file="rules.yml"))
    assert "Rule: `rules.yml`, line 4711: `approvals[3]`." in shown
    assert re.search(r"/oec |[Nn]eeds|may still|Press|withdraw", shown)
    beside = vote_error(refusal, a_run(), approval, voter=EVA, file="rules.yml")
    assert "(Rule: rules.yml, line 4711: approvals[3].)" in beside


def test_every_vote_that_did_not_count_has_words() -> None:
    assert set(WHY_NOT_COUNTED) == {VOTE_LOST, *(refusal.value for refusal in VoteRefusal)}
    assert not [words for words in WHY_NOT_COUNTED.values() if "_" in words]
    for reason, words in WHY_NOT_COUNTED.items():
        assert words in say_entry(VoteRefused(BEN, reason))
    assert "`of_a_newer_version`" in say_entry(VoteRefused(BEN, "of_a_newer_version"))


def test_way_of_the_reader_comes_before_those_of_others() -> None:
    ways = (replace(WAYS[0], is_own=True), replace(WAYS[0], channel_id="C0OPS"))
    told = words_of(render_may(replace(NO, advice=Advice(ways))))
    assert "You may, from <#C0DEPLOYS> (`oec.yml`, line 15: `channels.C0DEPLOYS[0]`)" in told
    assert "*releasers* may, from <#C0OPS>" in told
    assert "They may, from <#C0DEPLOYS>" in words_of(render_may(replace(NO, who=EVA, advice=Advice(ways))))


# The rules in plain words


def test_line_is_counted_in_words_and_then_in_numbers() -> None:
    many = tuple(replace(SECOND, source=RuleSource("x", number)) for number in range(1, 24))
    rules = replace(RULES, channels={DEPLOYS: many})
    said = {number: str(say_right(rules, DEPLOYS, RuleSource("x", number))) for number in (2, 11, 12, 21, 23)}
    begins = {2: "second", 11: "11th", 12: "12th", 21: "21st", 23: "23rd"}
    assert {number: words.split()[1] for number, words in said.items()} == begins


def test_rule_that_is_no_line_has_no_words() -> None:
    assert say_right(RULES, DEPLOYS, RuleSource("channels.C0DEPLOYS", 14)) is None
    assert say_right(RULES, SUPPORT, FIRST.source) is None


def test_approval_rule_says_how_many_who_and_how_long() -> None:
    said = str(say_consent(TWO))
    assert said == (
        "the approval of 2 different people of *releasers*, not of whoever asks, within 10 min; "
        "after 5 min *leads* may approve too"
    )
    assert "The first approval rule asks for it: `deploy` on `prod`" in str(say_approval_rule(RULES, TWO))
    unseen = say_approval_rule(RULES, TWO, shown=frozenset())
    assert str(unseen) == "The first approval rule asks for it: `deploy` on others"
    assert "whoever asks" not in str(say_consent(replace(TWO, requester_may_approve=True)))


def test_outsider_is_not_told_that_nobody_may() -> None:
    told = words_of(render_may(replace(NO, advice=Advice(withheld=True))))
    assert "nobody" not in told
    assert "No rule lets anybody" not in told
    assert "Who may is told to people of this team only: ask one of them." in told
