from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.approvals import (
    Approval,
    ApprovalState,
    Approve,
    Decline,
    Expire,
    Move,
    Vote,
    VoteRefusal,
    advance,
    find_vote_refusal,
    fingerprint,
)
from bot.core.intents import Change
from bot.core.names import Action, ApprovalId, RunId, UpdateMode
from bot.core.policy import Person
from bot.core.rules import ApprovalRule
from tests.core.samples import (
    ANA,
    BEN,
    CLEO,
    DEV,
    EVERYONE,
    GUS,
    MEMBERSHIP,
    NOON_AT,
    PROD,
    STRANGER,
    approval,
    people,
)

DEPLOY_PROD = Change(Action.DEPLOY, PROD)
RULE = approval("deploy", on=(PROD,))
WAITING = Approval(
    id=ApprovalId("a1"),
    run_id=RunId(42),
    requester=ANA.user_id,
    approvers="releasers",
    rule_path="approvals[0]",
    fingerprint=fingerprint(DEPLOY_PROD, "d1"),
    asked_at=NOON_AT,
    expires_at=NOON_AT + timedelta(minutes=15),
)


def yes(voter: Person, typed_name: str | None = None) -> Vote:
    return Vote(voter, approve=True, typed_name=typed_name)


def no(voter: Person) -> Vote:
    return Vote(voter, approve=False, reason="not today")


def refused(
    vote: Vote,
    *,
    approval: Approval = WAITING,
    rule: ApprovalRule | None = RULE,
    change: Change = DEPLOY_PROD,
    digest: str = "d1",
    after: timedelta = timedelta(minutes=1),
) -> VoteRefusal | None:
    return find_vote_refusal(
        approval,
        vote,
        rule=rule,
        change=change,
        rules_digest=digest,
        membership=MEMBERSHIP,
        now=NOON_AT + after,
    )


def test_approver_may_approve_and_decline_what_another_asked() -> None:
    assert refused(yes(BEN)) is None
    assert refused(no(BEN)) is None


@pytest.mark.parametrize("vote", [yes(CLEO), no(CLEO)])
def test_vote_of_somebody_else_does_not_count(vote: Vote) -> None:
    assert refused(vote) is VoteRefusal.NOT_AN_APPROVER


def test_requester_may_withdraw_but_not_approve() -> None:
    assert refused(yes(ANA)) is VoteRefusal.OWN_REQUEST
    assert refused(no(ANA)) is None


def test_requester_may_approve_where_the_rule_says_so() -> None:
    lenient = replace(WAITING, requester_may_approve=True)
    assert refused(yes(ANA), approval=lenient, rule=replace(RULE, requester_may_approve=True)) is None
    assert refused(yes(ANA), rule=replace(RULE, requester_may_approve=True)) is VoteRefusal.OWN_REQUEST


def test_requester_who_is_no_approver_may_still_withdraw() -> None:
    asked_by_cleo = replace(WAITING, requester=CLEO.user_id)
    assert refused(no(CLEO), approval=asked_by_cleo) is None
    assert refused(yes(CLEO), approval=asked_by_cleo) is VoteRefusal.NOT_AN_APPROVER


def test_requester_may_withdraw_even_after_the_rules_changed() -> None:
    assert refused(no(ANA), rule=None, digest="d2") is None


@pytest.mark.parametrize(
    "voter", [GUS, STRANGER, replace(BEN, is_deactivated=True), replace(BEN, is_bot=True)]
)
def test_outsider_does_not_vote(voter: Person) -> None:
    rule = approval("deploy", on=(PROD,), by=EVERYONE)
    assert refused(yes(voter), rule=rule) is VoteRefusal.OUTSIDER
    assert refused(no(voter), rule=rule) is VoteRefusal.OUTSIDER
    assert refused(no(voter), rule=None) is VoteRefusal.OUTSIDER


def test_guest_listed_by_id_votes() -> None:
    assert refused(yes(GUS), rule=approval("deploy", on=(PROD,), by=people(GUS))) is None


def test_somebody_of_another_team_never_votes_and_never_withdraws() -> None:
    assert refused(yes(STRANGER), rule=approval("deploy", on=(PROD,), by=people(ANA))) is VoteRefusal.OUTSIDER
    assert refused(no(STRANGER)) is VoteRefusal.OUTSIDER


@pytest.mark.parametrize(
    "change",
    [
        Change(Action.DEPLOY, DEV),
        Change(Action.RESTART, PROD),
        Change(Action.DEPLOY, PROD, modules=("sale",)),
        Change(Action.UPDATE, PROD, UpdateMode.PULL_RESTART),
    ],
)
def test_anything_changed_since_the_ask_asks_again(change: Change) -> None:
    assert refused(yes(BEN), change=change) is VoteRefusal.CHANGED


def test_changed_rules_ask_again() -> None:
    assert refused(yes(BEN), digest="d2") is VoteRefusal.CHANGED
    assert refused(yes(BEN), rule=None, digest="d2") is VoteRefusal.CHANGED
    assert refused(no(BEN), rule=None, digest="d2") is VoteRefusal.CHANGED


def test_same_rules_by_which_nobody_may_approve_any_more_no_longer_let_the_requester_ask() -> None:
    assert refused(yes(BEN), rule=None) is VoteRefusal.REQUESTER_MAY_NOT
    assert refused(no(BEN), rule=None) is VoteRefusal.REQUESTER_MAY_NOT


@pytest.mark.parametrize("state", [ApprovalState.GRANTED, ApprovalState.DECLINED, ApprovalState.WITHDRAWN])
def test_vote_after_the_decision_is_late(state: ApprovalState) -> None:
    assert refused(yes(BEN), approval=replace(WAITING, state=state)) is VoteRefusal.ALREADY_DECIDED
    assert refused(no(ANA), approval=replace(WAITING, state=state)) is VoteRefusal.ALREADY_DECIDED


def test_vote_at_the_moment_of_expiry_is_too_late() -> None:
    assert refused(yes(BEN), after=timedelta(minutes=14, seconds=59)) is None
    assert refused(yes(BEN), after=timedelta(minutes=15)) is VoteRefusal.EXPIRED
    assert refused(yes(BEN), approval=replace(WAITING, state=ApprovalState.EXPIRED)) is VoteRefusal.EXPIRED


@pytest.mark.parametrize("typed", ["prod", " Prod ", "production", "Client ERP/production"])
def test_environment_typed_by_any_of_its_names_counts(typed: str) -> None:
    assert refused(yes(BEN, typed), approval=replace(WAITING, typed=True)) is None


@pytest.mark.parametrize("typed", [None, "", "  ", "prdo", "dev", "pro"])
def test_environment_not_typed_does_not_count(typed: str | None) -> None:
    assert refused(yes(BEN, typed), approval=replace(WAITING, typed=True)) is VoteRefusal.NAME_MISTYPED


def test_decline_needs_no_typing() -> None:
    assert refused(no(BEN), approval=replace(WAITING, typed=True)) is None


def test_first_reason_in_order_is_the_one_told() -> None:
    reasons = [
        refused(
            yes(STRANGER),
            approval=replace(WAITING, state=ApprovalState.GRANTED),
            rule=None,
            after=timedelta(1),
        ),
        refused(yes(STRANGER), rule=None, after=timedelta(1)),
        refused(yes(STRANGER), rule=None),
        refused(yes(CLEO), rule=None),
        refused(yes(CLEO), approval=replace(WAITING, requester=CLEO.user_id, typed=True)),
        refused(yes(ANA), approval=replace(WAITING, typed=True)),
    ]
    assert reasons == [
        VoteRefusal.ALREADY_DECIDED,
        VoteRefusal.EXPIRED,
        VoteRefusal.OUTSIDER,
        VoteRefusal.REQUESTER_MAY_NOT,
        VoteRefusal.NOT_AN_APPROVER,
        VoteRefusal.OWN_REQUEST,
    ]


def as_move(vote: Vote) -> Move:
    return Approve(vote.voter.user_id) if vote.approve else Decline(vote.voter.user_id, vote.reason)


@pytest.mark.parametrize(
    ("vote", "state"),
    [
        (yes(BEN), ApprovalState.GRANTED),
        (no(BEN), ApprovalState.DECLINED),
        (no(ANA), ApprovalState.WITHDRAWN),
    ],
)
def test_vote_that_counts_decides(vote: Vote, state: ApprovalState) -> None:
    decided = advance(WAITING, as_move(vote), NOON_AT)
    assert (decided.state, decided.decided_by, decided.decided_at) == (state, vote.voter.user_id, NOON_AT)
    assert decided.reason == vote.reason
    assert decided.version == WAITING.version + 1


def test_approval_expires_at_its_time_and_only_while_it_waits() -> None:
    assert advance(WAITING, Expire(), WAITING.expires_at - timedelta(seconds=1)) is WAITING
    expired = advance(WAITING, Expire(), WAITING.expires_at)
    assert expired.state is ApprovalState.EXPIRED
    assert advance(expired, Expire(), WAITING.expires_at) is expired
