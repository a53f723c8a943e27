"""What moves an approval: each move, and any story of votes, claims, calls and new rules in any order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.core.approvals import (
    CLAIM_HOLDS,
    Approval,
    ApprovalState,
    Approve,
    Claim,
    Decline,
    Escalate,
    Expire,
    Move,
    Remind,
    Renew,
    ShowAgain,
    Unclaim,
    Vote,
    VoteRefusal,
    advance,
    find_claimant,
    find_unfit,
    find_vote_refusal,
    find_votes_lost,
    fingerprint,
    put_to_approvers,
    rule_in_force,
)
from bot.core.entries import Asked, Consented, Entry
from bot.core.intents import Change
from bot.core.names import Action, ApprovalId, GroupId, RunId, TeamId, UpdateMode, UserId
from bot.core.policy import Membership, Person, may_vote
from bot.core.rules import ApprovalRule, Escalation, People, RuleSource
from tests.core.samples import ANA, BEN, CLEO, DEV, GUS, NOON_AT, PROD, STRANGER

DEPLOY_PROD = Change(Action.DEPLOY, PROD)
HOME = ANA.team_id
DORA = Person(UserId("U0DORA"), HOME)
EVA = Person(UserId("U0EVA"), HOME)
RELEASERS, LEADS = GroupId("S0RELEASE"), GroupId("S0LEADS")
LATER = NOON_AT + timedelta(minutes=1)


def a_rule(count: int = 2, *, own: bool = False, escalates: bool = False, line: int = 31) -> ApprovalRule:
    """Releasers approve; where it escalates, leads may too after ten minutes."""
    leads = People("leads", groups=frozenset({LEADS}))
    return ApprovalRule(
        RuleSource("approvals[0]", line),
        frozenset({"deploy"}),
        frozenset({PROD.id}),
        People("releasers", groups=frozenset({RELEASERS})),
        requester_may_approve=own,
        count=count,
        escalate=Escalation(leads, timedelta(minutes=10)) if escalates else None,
    )


def asked(rule: ApprovalRule, digest: str = "d1", change: Change = DEPLOY_PROD) -> Approval:
    """Ana asks under this rule."""
    bare = Approval(
        ApprovalId("a1"), RunId(42), ANA.user_id, "", "", "", asked_at=NOON_AT, expires_at=NOON_AT
    )
    return put_to_approvers(bare, rule, change, fingerprint(change, digest), NOON_AT)


def moved(approval: Approval, *moves: Move) -> Approval:
    """After these moves, a minute later."""
    for move in moves:
        approval = advance(approval, move, LATER)
    return approval


def test_ask_is_put_to_approvers_as_the_rule_wants_it() -> None:
    approval = asked(a_rule(3, escalates=True))
    assert (approval.approvers, approval.rule_path, approval.rule_line) == ("releasers", "approvals[0]", 31)
    assert (approval.needed, approval.missing, approval.typed) == (3, 3, False)
    assert approval.expires_at == NOON_AT + timedelta(minutes=15)
    assert approval.remind_at == NOON_AT + timedelta(minutes=7, seconds=30)
    assert (approval.escalate_to, approval.escalate_at) == ("leads", NOON_AT + timedelta(minutes=10))


def test_destroying_action_is_typed_whatever_the_rule_says() -> None:
    reinit = Change(Action.UPDATE, DEV, UpdateMode.REINITIALIZE_SPECIFIC, ("sale",))
    assert asked(a_rule(), change=reinit).typed


def test_each_of_several_approves_once_and_the_last_grants() -> None:
    approval = moved(asked(a_rule(2)), Approve(BEN.user_id))
    assert (approval.state, approval.consents, approval.missing) == (
        ApprovalState.WAITING,
        (BEN.user_id,),
        1,
    )
    assert moved(approval, Approve(BEN.user_id)) is approval
    granted = moved(approval, Approve(EVA.user_id))
    assert (granted.state, granted.decided_by, granted.decided_at) == (
        ApprovalState.GRANTED,
        EVA.user_id,
        LATER,
    )
    assert granted.consents == (BEN.user_id, EVA.user_id)


def test_vote_that_is_lost_leaves_one_more_to_be_found() -> None:
    approval = moved(asked(a_rule(2)), Approve(BEN.user_id), Approve(EVA.user_id, lost=(BEN.user_id,)))
    assert (approval.state, approval.consents) == (ApprovalState.WAITING, (EVA.user_id,))


def test_requester_approves_only_where_that_is_allowed() -> None:
    assert moved(asked(a_rule(1)), Approve(ANA.user_id)).state is ApprovalState.WAITING
    assert moved(asked(a_rule(1, own=True)), Approve(ANA.user_id)).state is ApprovalState.GRANTED


@pytest.mark.parametrize(("by", "state"), [(BEN, ApprovalState.DECLINED), (ANA, ApprovalState.WITHDRAWN)])
def test_decline_ends_it_whoever_has_approved(by: Person, state: ApprovalState) -> None:
    approval = moved(asked(a_rule(2)), Approve(BEN.user_id), Decline(by.user_id, "no"))
    assert (approval.state, approval.decided_by, approval.reason) == (state, by.user_id, "no")


def test_claim_is_taken_over_given_back_and_ends_with_the_vote() -> None:
    looking = moved(asked(a_rule(2)), Claim(BEN.user_id))
    assert find_claimant(looking, LATER) == BEN.user_id
    assert find_claimant(looking, LATER + CLAIM_HOLDS - timedelta(seconds=1)) == BEN.user_id
    assert find_claimant(looking, LATER + CLAIM_HOLDS) is None
    taken = moved(looking, Claim(EVA.user_id))
    assert find_claimant(taken, LATER) == EVA.user_id
    assert moved(taken, Unclaim(BEN.user_id)) is taken
    assert moved(taken, Unclaim(EVA.user_id)).claimed_by is None
    assert moved(taken, Approve(BEN.user_id)).claimed_by == EVA.user_id
    assert moved(taken, Approve(EVA.user_id)).claimed_by is None
    assert moved(taken, Decline(BEN.user_id)).claimed_at is None


def test_new_rules_ask_anew_with_all_the_time_that_they_give() -> None:
    before = moved(
        asked(a_rule(2, escalates=True)),
        Approve(BEN.user_id),
        Claim(EVA.user_id),
        Remind(),
        Escalate(),
    )
    new = replace(a_rule(3, line=40), expires=timedelta(minutes=30))
    anew = moved(before, Renew(new, DEPLOY_PROD, fingerprint(DEPLOY_PROD, "d2")))
    assert (anew.state, anew.consents, anew.claimed_by) == (ApprovalState.WAITING, (), None)
    assert (anew.needed, anew.rule_line, anew.renewed_at) == (3, 40, LATER)
    assert anew.expires_at == LATER + timedelta(minutes=30)
    assert (anew.asking, anew.reminded_at, anew.remind_at) == (2, None, LATER + timedelta(minutes=15))
    assert (anew.escalated_at, anew.escalate_at, anew.escalate_to) == (None, None, None)
    assert moved(anew, Renew(new, DEPLOY_PROD, fingerprint(DEPLOY_PROD, "d2"))) is anew


def test_people_are_called_once_and_a_call_can_be_put_off() -> None:
    waiting = asked(a_rule(2, escalates=True))
    morning_at = NOON_AT + timedelta(minutes=12)
    put_off = moved(waiting, Remind(morning_at), Escalate(morning_at))
    assert (put_off.remind_at, put_off.reminded_at) == (morning_at, None)
    assert (put_off.escalate_at, put_off.escalated_at) == (morning_at, LATER)
    called = advance(put_off, Escalate(), morning_at)
    assert (called.escalate_at, called.escalated_at) == (None, LATER)
    assert moved(waiting, Remind(), Remind(morning_at)).reminded_at is None


def test_showing_again_changes_nothing_but_the_version() -> None:
    waiting = asked(a_rule())
    assert moved(waiting, ShowAgain()) == replace(waiting, version=2)


ALL_MOVES: tuple[Move, ...] = (
    Approve(BEN.user_id),
    Decline(BEN.user_id),
    Claim(BEN.user_id),
    Unclaim(EVA.user_id),
    Remind(),
    Escalate(),
    Renew(a_rule(1), DEPLOY_PROD, "other"),
    ShowAgain(),
    Expire(),
)


@pytest.mark.parametrize("move", ALL_MOVES, ids=lambda move: type(move).__name__)
def test_nothing_moves_what_is_decided_and_only_its_end_what_is_out_of_time(move: Move) -> None:
    waiting = replace(asked(a_rule(1)), claimed_by=EVA.user_id, claimed_at=NOON_AT)
    for state in set(ApprovalState) - {ApprovalState.WAITING}:
        decided = replace(waiting, state=state)
        assert advance(decided, move, LATER) is decided
        assert advance(decided, move, waiting.expires_at) is decided
    in_time, late = advance(waiting, move, LATER), advance(waiting, move, waiting.expires_at)
    is_end = isinstance(move, Expire)
    assert (in_time is waiting, late is waiting) == (is_end, not is_end)
    assert max(in_time.version, late.version) == waiting.version + 1


def test_votes_lost_are_those_that_were_given_and_count_no_longer() -> None:
    approval = moved(asked(a_rule(3)), Approve(EVA.user_id))
    told: list[Entry] = [
        Asked(ANA.user_id, "deploy prod", "channels.C[0]", "needs_approval"),
        Consented(BEN.user_id, 1, 3, "approvals[0]"),
        Consented(EVA.user_id, 2, 3, "approvals[0]"),
        Consented(BEN.user_id, 2, 3, "approvals[0]"),
    ]
    assert find_votes_lost(approval, told) == (BEN.user_id,)
    assert find_votes_lost(moved(approval, Approve(BEN.user_id)), told) == ()


def test_leads_vote_once_it_is_escalated_and_not_before() -> None:
    rule, membership = a_rule(1, escalates=True), members({BEN}, {DORA})
    waiting = asked(rule)
    assert judge(waiting, DORA, rule, membership) is VoteRefusal.NOT_AN_APPROVER
    assert judge(moved(waiting, Escalate()), DORA, rule, membership) is None
    assert judge(moved(waiting, Escalate()), BEN, rule, membership) is None


def test_second_vote_of_the_same_person_does_not_count_but_they_may_decline() -> None:
    rule, membership = a_rule(2), members({BEN, EVA}, set())
    once = moved(asked(rule), Approve(BEN.user_id))
    assert judge(once, BEN, rule, membership) is VoteRefusal.ALREADY_APPROVED
    assert judge(once, BEN, rule, membership, approve=False) is None


def test_guest_may_always_withdraw_what_they_asked_for() -> None:
    rule, membership = a_rule(), members({BEN}, set())
    of_gus = replace(asked(rule), requester=GUS.user_id)
    assert judge(of_gus, GUS, rule, membership, approve=False) is None
    assert judge(of_gus, GUS, rule, membership) is VoteRefusal.OUTSIDER
    impostor = replace(GUS, team_id=TeamId("T0OTHER"))
    assert judge(of_gus, impostor, rule, membership, approve=False) is VoteRefusal.OUTSIDER


def members(releasers: set[Person], leads: set[Person]) -> Membership:
    """Who is in which group."""
    groups = {RELEASERS: releasers, LEADS: leads}
    return Membership(HOME, {group: frozenset(one.user_id for one in who) for group, who in groups.items()})


def judge(
    approval: Approval, voter: Person, rule: ApprovalRule, membership: Membership, *, approve: bool = True
) -> VoteRefusal | None:
    """What comes of a vote under unchanged rules, a minute later."""
    return find_vote_refusal(
        approval,
        Vote(voter, approve=approve),
        rule=rule,
        change=DEPLOY_PROD,
        rules_digest="d1",
        membership=membership,
        now=LATER,
    )


TEAM = (ANA, BEN, CLEO, DORA, EVA)
ANYBODY = (*TEAM, GUS, STRANGER)
people = st.sampled_from(ANYBODY)


class AnyStory(RuleBasedStateMachine):
    """People vote, look, come and go; rules change; time goes by. Judged and moved as the bot does it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON_AT
        self.number = 1
        self.rule = a_rule()
        self.groups: tuple[set[Person], set[Person]] = ({BEN, CLEO, EVA}, {DORA})
        self.approval = asked(self.rule)
        self.decided: Approval | None = None

    @initialize(count=st.integers(1, 4), own=st.booleans(), escalates=st.booleans())
    def begin(self, count: int, own: bool, escalates: bool) -> None:
        self.rule = a_rule(count, own=own, escalates=escalates)
        self.approval = asked(self.rule, self.digest)

    @property
    def digest(self) -> str:
        return f"d{self.number}"

    @property
    def membership(self) -> Membership:
        return members(*self.groups)

    def move(self, move: Move) -> None:
        before, self.approval = self.approval, advance(self.approval, move, self.now)
        assert (self.approval.version == before.version) == (self.approval is before)

    def find_refusal(self, vote: Vote) -> VoteRefusal | None:
        return find_vote_refusal(
            self.approval,
            vote,
            rule=self.rule,
            change=DEPLOY_PROD,
            rules_digest=self.digest,
            membership=self.membership,
            now=self.now,
        )

    @rule(voter=st.sampled_from([BEN, EVA, ANA, DORA]))
    def approve_as_who_often_may(self, voter: Person) -> None:
        self.approve(voter)

    @rule(voter=people)
    def approve(self, voter: Person) -> None:
        refusal = self.find_refusal(Vote(voter, approve=True))
        if refusal is VoteRefusal.CHANGED:
            self.move(Renew(self.rule, DEPLOY_PROD, fingerprint(DEPLOY_PROD, self.digest)))
            assert self.approval.consents == ()
        elif refusal is None:
            is_last = self.approval.missing == 1
            before = self.approval
            lost = find_unfit(before, TEAM, self.rule, self.membership) if is_last else ()
            self.move(Approve(voter.user_id, lost))
            assert self.approval is not before, "a vote that counts moves it"
            self.check_grant()

    def check_grant(self) -> None:
        """Granted only by as many different people as have to, each of whom may at this moment."""
        approval = self.approval
        if approval.state is not ApprovalState.GRANTED:
            return
        holding = rule_in_force(approval, self.rule)
        assert holding is not None
        by_id = {one.user_id: one for one in (*TEAM, GUS)}
        assert len(approval.consents) == len(set(approval.consents)) >= self.rule.count
        assert all(may_vote(by_id[one], holding, self.membership) for one in approval.consents)
        assert self.rule.requester_may_approve or approval.requester not in approval.consents
        assert self.now < approval.expires_at
        assert approval.fingerprint == fingerprint(DEPLOY_PROD, self.digest)

    @rule(voter=people, insists=st.integers(0, 5))
    def decline(self, voter: Person, insists: int) -> None:
        if insists:
            return  # or hardly any story would be long
        if self.find_refusal(Vote(voter, approve=False)) is None:
            self.move(Decline(voter.user_id))
            assert self.approval.state in {ApprovalState.DECLINED, ApprovalState.WITHDRAWN}

    @rule(who=people)
    def look(self, who: Person) -> None:
        looking = find_claimant(self.approval, self.now)
        self.move(Unclaim(who.user_id) if looking == who.user_id else Claim(who.user_id))

    @rule(move=st.sampled_from([Remind(), Escalate(), ShowAgain()]))
    def call(self, move: Move) -> None:
        if not isinstance(move, Escalate) or self.rule.escalate:
            self.move(move)

    @rule(who=st.sampled_from(TEAM), group=st.integers(0, 1))
    def come_or_go(self, who: Person, group: int) -> None:
        self.groups[group].symmetric_difference_update({who})

    @rule()
    def leave_after_approving(self) -> None:
        for group in self.groups:
            group.difference_update({one for one in TEAM if one.user_id in self.approval.consents[:1]})

    @rule(count=st.integers(1, 4), own=st.booleans(), escalates=st.booleans(), insists=st.integers(0, 3))
    def change_rules(self, count: int, own: bool, escalates: bool, insists: int) -> None:
        if insists:
            return
        self.rule, self.number = a_rule(count, own=own, escalates=escalates), self.number + 1

    @rule(seconds=st.integers(1, 300))
    def let_time_go_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def expire(self) -> None:
        self.move(Expire())
        if self.approval.state is ApprovalState.EXPIRED:
            assert self.now >= self.approval.expires_at

    @invariant()
    def what_is_decided_stays_so(self) -> None:
        if self.decided is not None:
            assert self.approval is self.decided
        elif self.approval.state is not ApprovalState.WAITING:
            self.decided = self.approval
            assert self.approval.claimed_by is None

    @invariant()
    def nobody_counts_twice(self) -> None:
        assert len(set(self.approval.consents)) == len(self.approval.consents)
        is_granted = self.approval.state is ApprovalState.GRANTED
        assert is_granted == (len(self.approval.consents) >= self.approval.needed)


TestAnyStory = AnyStory.TestCase
TestAnyStory.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
