from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.approvals import (
    Approval,
    ApprovalState,
    Approve,
    Escalate,
    Vote,
    advance,
    find_vote_refusal,
    fingerprint,
    put_to_approvers,
)
from bot.core.catalog import Catalog
from bot.core.intents import Change
from bot.core.names import ApprovalId, GroupId, RunId, UserId
from bot.core.policy import Denied, Membership, NeedsApproval, Person, decide_change
from bot.core.policy.words import KINDS_OF_CHANGE, change_with
from bot.core.rules import ApprovalRule, Escalation, People, Rules
from bot.rules_file import RulesError, read_document
from bot.rules_file.deadlocks import find_deadlocks
from tests.core.samples import (
    DEPLOYS,
    EVERYONE,
    HOME,
    NOON_AT,
    PROD,
    STAGING,
    approval,
    right,
    rules,
    source,
)
from tests.test_rules_file import HEAD, mistakes_in, read, with_right

ONE_BY_ONE = (
    "{C0X: [{may: [deploy, stop], on: prod, who: [U0A, U0B]}, {may: deploy, on: all, who: U0A, deny: true}, "
    "{may: stop, on: prod, who: [U0C, U0A], deny: true}, {may: everything, on: prod, who: U0B, deny: true}]}"
)
ALL_BUT_REINIT = (
    "{C0X: [{may: everything, on: prod, who: U0A}, "
    "{may: [deploy, restart, start, stop, update], on: prod, who: U0A, deny: true}]}"
)


@pytest.mark.parametrize(
    "channels",
    [
        "{}",
        "{C0X: }",
        "{C0X: [{may: deploy, on: prod, who: everyone, deny: true}]}",
        "{C0X: [{may: deploy, on: prod, who: U0ANA}, {may: everything, on: all, who: everyone, deny: true}]}",
        "{C0X: [{may: deploy, on: prod, who: S0RELEASE}, {may: everything, on: all, who: S0RELEASE, deny: true}]}",
        "{C0X: [{may: deploy, on: prod, who: [U0A, U0B]}, {may: deploy, on: all, who: [U0A, U0B, U0C], deny: true}]}",
        ONE_BY_ONE,
        ALL_BUT_REINIT,
    ],
)
def test_rules_that_let_nobody_do_anything_are_a_mistake(channels: str) -> None:
    (found,) = mistakes_in(HEAD + f"channels: {channels}\n")
    assert found.startswith(f"oec.yml:{HEAD.count(chr(10)) + 1}: `channels` lets nobody do anything.")


@pytest.mark.parametrize(
    "deny",
    [
        "{may: everything, on: all, who: U0ANA, deny: true}",
        "{may: everything, on: all, who: S0LEADS, deny: true}",
        "{may: restart, on: all, who: [U0ANA, U0BEN, S0RELEASE], deny: true}",
        "{may: everything, on: staging, who: [U0ANA, U0BEN, S0RELEASE], deny: true}",
    ],
)
def test_rules_that_leave_somebody_something_are_none(deny: str) -> None:
    right = "{may: deploy, on: prod, who: [U0ANA, U0BEN, S0RELEASE]}"
    assert not isinstance(read(HEAD + f"channels: {{C0X: [{right}, {deny}]}}\n"), RulesError)


@pytest.mark.parametrize(
    ("right", "approval", "stuck"),
    [
        ("who: U0CLEO", "by: [U0ANA, U0BEN], count: 2", False),
        ("who: U0CLEO", "by: [U0ANA, U0BEN], count: 3", True),
        ("who: U0ANA", "by: [U0ANA, U0BEN], count: 2", True),
        ("who: U0ANA", "by: [U0ANA, U0BEN], count: 2, requester_may_approve: true", False),
        ("who: everyone", "by: [U0ANA, U0BEN], count: 2", False),
        ("who: everyone", "by: [U0ANA, U0BEN], count: 3", True),
        ("who: U0ANA", "by: S0RELEASE, count: 9", False),
        ("who: U0ANA", "by: U0BEN, count: 2, escalate: {to: U0CLEO, after: 5m}", False),
    ],
)
def test_approval_of_several_that_too_few_could_give_is_a_mistake(
    right: str, approval: str, stuck: bool
) -> None:
    outcome = read(
        with_right(
            f"{{may: deploy, on: prod, {right}}}", "approvals:", f"  - {{for: deploy, on: prod, {approval}}}"
        )
    )
    assert isinstance(outcome, RulesError) is stuck
    if stuck:
        assert "different people could not ever approve it" in str(outcome)


def test_approval_that_nobody_in_a_known_group_could_give_is_a_mistake() -> None:
    group, ana, ben = GroupId("S0RELEASE"), UserId("U0ANA"), UserId("U0BEN")
    text = with_right(
        "{may: deploy, on: prod, who: U0ANA}", "approvals:", "  - {for: deploy, on: prod, by: S0RELEASE}"
    )
    for known in (frozenset[UserId](), frozenset({ana})):
        with pytest.raises(RulesError, match="nobody could ever approve it"):
            read_document(text, members={group: known})
    assert read_document(text, members={group: frozenset({ana, ben})}).cases == ()
    assert read_document(text, members={}).cases == ()


def test_rules_whose_groups_are_known_to_be_empty_let_nobody_do_anything() -> None:
    text = with_right("{may: restart, on: prod, who: S0RELEASE}")
    assert read_document(text).cases == ()
    with pytest.raises(RulesError, match="lets nobody do anything"):
        read_document(text, members={GroupId("S0RELEASE"): frozenset()})


OLD = "00000000-0000-4000-8000-000000000001"


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(["prod", "staging", "dev"]), min_size=1),
            st.sets(st.sampled_from(["deploy", "stop", "reinit", "everything"]), min_size=1),
            st.sampled_from(["U0ANA", "U0BEN", "[U0ANA, U0BEN]", "everyone"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(["prod", "staging", "dev"]), min_size=1),
            st.sampled_from(["deploy", "stop", "reinit", "everything"]),
            st.sampled_from(["U0ANA", "[U0ANA, U0BEN]", "everyone"]),
            st.integers(1, 3),
        ),
        max_size=3,
    ),
)
def test_right_is_refused_exactly_where_each_of_its_environments_by_itself_would_be(
    rights: list[tuple[set[str], set[str], str, bool]], approvals: list[tuple[set[str], str, str, int]]
) -> None:
    """Environments are looked at by kinds; what comes out must be what looking at each would say."""

    def written(only: str | None) -> str:
        head = HEAD.replace("people:", f"  old: {{id: {OLD}}}\npeople:")
        lines = [head + "channels:", "  C0DEPLOYS:", "    - {may: start, on: old, who: everyone}"]
        for on, may, who, deny in rights:
            places = on if only is None else on & {only}
            if places:
                line = f"may: {list(may)}, on: {list(places)}, who: {who}, deny: {str(deny).lower()}"
                lines.append(f"    - {{{line}}}".replace("'", ""))
        if approvals:
            lines.append("approvals:")
        for places, word, by, count in approvals:
            line = f"for: {word}, on: {list(places)}, by: {by}, count: {count}"
            lines.append(f"  - {{{line}}}".replace("'", ""))
        return "\n".join(lines)

    def is_refused(only: str | None) -> bool:
        return "ever approve it" in str(read(written(only)))

    assert is_refused(None) == any(is_refused(alias) for alias in ("prod", "staging", "dev"))


def test_reinit_without_peers_on_one_of_two_environments_is_a_mistake() -> None:
    both = "{may: reinit, on: [dev, staging], who: U0ANA}\n    - {may: reinit, on: dev, who: U0BEN}"
    (found,) = mistakes_in(with_right(both))
    assert "lets U0ANA ask for `reinit` on `staging`" in found


BOTH = "{may: [deploy, update_all], on: staging, who: U0DORA}"
BY_ANA, BY_BEN = "{for: deploy, on: all, by: U0ANA}", "{for: update_all, on: all, by: U0BEN}"
BY_EITHER = "{for: update_all, on: staging, by: [U0ANA, U0BEN]}"


@pytest.mark.parametrize(
    ("lines", "approvals", "stuck"),
    [
        ([BOTH], [BY_ANA], False),
        ([BOTH], [BY_ANA, BY_EITHER], False),
        ([BOTH], [BY_ANA, BY_BEN], True),
        ([BOTH], [BY_BEN, BY_ANA], True),
        ([BOTH], [BY_ANA, "{for: update_all, on: all, by: everyone}"], False),
        ([BOTH], [BY_ANA, "{for: update_all, on: all, by: [U0ANA, U0BEN], count: 2}"], True),
        ([BOTH], [BY_ANA, "{for: update_all, on: all, by: S0RELEASE, count: 2}"], True),
        ([BOTH], ["{for: deploy, on: all, by: S0LEADS}", "{for: update_all, on: all, by: S0RELEASE}"], False),
        ([BOTH], [BY_ANA, "{for: update_all, on: dev, by: U0BEN}"], False),
        (["{may: everything, on: all, who: [U0DORA, U0CLEO]}"], [BY_ANA, BY_BEN], True),
        (["{may: [deploy, pull_restart], on: all, who: everyone}"], [BY_ANA, BY_BEN], False),
        ([BOTH.replace("U0DORA", "U0ANA")], [BY_ANA.replace("U0ANA", "[U0ANA, U0BEN]"), BY_EITHER], False),
        ([BOTH.replace("U0DORA", "U0ANA")], [BY_ANA.replace("U0ANA", "[U0ANA, U0CLEO]"), BY_EITHER], True),
        ([BOTH, "{may: deploy, on: staging, who: everyone, deny: true}"], [BY_ANA, BY_BEN], False),
        # two lines, each for a part
        (
            ["{may: deploy, on: all, who: U0DORA}", "{may: update, on: staging, who: everyone}"],
            [BY_ANA, BY_BEN],
            True,
        ),
        (
            ["{may: deploy, on: prod, who: U0DORA}", "{may: update, on: staging, who: everyone}"],
            [BY_ANA, BY_BEN],
            False,
        ),
        (
            ["{may: deploy, on: all, who: U0DORA}", "{may: update, on: all, who: U0CLEO}"],
            [BY_ANA, BY_BEN],
            False,
        ),
        # one rule is enough where only its approver may ask for both
        (
            ["{may: deploy, on: dev, who: [U0ANA, U0BEN]}", "{may: update_all, on: dev, who: U0ANA}"],
            [BY_ANA],
            True,
        ),
        (
            ["{may: deploy, on: dev, who: [U0ANA, U0BEN]}", "{may: update_all, on: dev, who: U0BEN}"],
            [BY_ANA],
            False,
        ),
    ],
)
def test_deploy_of_all_modules_that_nobody_could_approve_is_a_mistake(
    lines: list[str], approvals: list[str], stuck: bool
) -> None:
    more = (f"    - {line}" for line in lines[1:])
    outcome = read(with_right(lines[0], *more, "approvals:", *(f"  - {one}" for one in approvals)))
    assert isinstance(outcome, RulesError) is stuck
    if stuck:
        assert "modules=all`, which is `deploy`, `update_all` at once, but" in str(outcome)


def test_mistake_about_a_deploy_of_all_modules_names_each_rule_and_what_to_do() -> None:
    lines = "{may: deploy, on: all, who: U0DORA}\n    - {may: update, on: staging, who: everyone}"
    (found,) = mistakes_in(with_right(lines, "approvals:", f"  - {BY_BEN}", f"  - {BY_ANA}"))
    assert found == (
        "oec.yml:9: `channels.C0DEPLOYS[0]` with `channels.C0DEPLOYS[1]` lets U0DORA ask for "
        "`deploy staging modules=all`, which is `deploy`, `update_all` at once, but nobody could ever approve it "
        "(`approvals[0]`, `approvals[1]`): whoever does has to be among U0BEN, who are also among U0ANA, and nobody "
        "approves their own request. Name the same people in the `by` for each of `deploy`, `update_all`, or leave one "
        "of these out of `may`."
    )


def test_deploy_of_all_modules_is_not_told_besides_the_deploy_itself() -> None:
    right = "{may: [deploy, update_all], on: prod, who: U0ANA}"
    (found,) = mistakes_in(with_right(right, "approvals:", f"  - {BY_ANA}", f"  - {BY_EITHER}"))
    assert "lets U0ANA ask for `deploy` on `prod`" in found


# what is found and what the policy does are the same

USERS = (["ANA"], ["BEN"], ["ANA", "BEN"], ["BEN", "CLEO"])
RELEASE, LEADS = GroupId("S0RELEASE"), GroupId("S0LEADS")
MEMBERS = {RELEASE: frozenset({UserId("U0ANA"), UserId("U0BEN")}), LEADS: frozenset({UserId("U0BEN")})}
MEMBERSHIP = Membership(HOME, MEMBERS)
TEAM = [Person(UserId(f"U0{name}"), HOME) for name in ("ANA", "BEN", "CLEO", "S1", "S2", "S3", "S4")]

WHO = st.sampled_from(
    [
        *(People(", ".join(ids), frozenset(UserId(f"U0{one}") for one in ids)) for ids in USERS),
        *(People(group, groups=frozenset({group})) for group in MEMBERS),
        EVERYONE,
    ]
)
ON = st.sets(st.sampled_from([PROD, STAGING]), min_size=1).map(tuple)
MAY = st.sets(st.sampled_from(["deploy", "update_all", "update", "stop", "reinit", "everything"]), min_size=1)
LINES = st.lists(st.tuples(MAY, ON, WHO, st.sampled_from([False, False, True])), min_size=1, max_size=4)
CALLED = st.none() | st.builds(Escalation, WHO, st.just(timedelta(minutes=1)))
APPROVALS = st.lists(st.tuples(MAY, ON, WHO, st.integers(1, 3), st.booleans(), CALLED), max_size=3)


@st.composite
def any_rules(draw: st.DrawFn) -> Rules:
    """Rules for one channel, each line with a place of its own."""
    return rules(
        *(
            right(*may, on=on, who=who, deny=deny, path=f"channels.C0DEPLOYS[{number}]")
            for number, (may, on, who, deny) in enumerate(draw(LINES))
        ),
        approvals=tuple(
            replace(
                approval(*asked, on=on, by=by),
                source=source(f"approvals[{number}]"),
                count=count,
                requester_may_approve=own,
                escalate=called,
            )
            for number, (asked, on, by, count, own, called) in enumerate(draw(APPROVALS))
        ),
        catalog=Catalog((PROD, STAGING)),
    )


def could_be_approved(change: Change, rule: ApprovalRule, asker: Person, digest: str) -> bool:
    """Whether it is granted once all who may have pressed, after others were called."""
    terms = fingerprint(change, digest)
    asked = Approval(ApprovalId("a1"), RunId(1), asker.user_id, "", "", terms, NOON_AT, NOON_AT)
    approval = put_to_approvers(asked, rule, change, terms, NOON_AT)
    now = NOON_AT + timedelta(minutes=2)
    if rule.escalate is not None:
        approval = advance(approval, Escalate(), now)
    for voter in TEAM:
        vote = Vote(voter, approve=True, typed_name=change.environment.alias)
        refusal = find_vote_refusal(
            approval, vote, rule=rule, change=change, rules_digest=digest, membership=MEMBERSHIP, now=now
        )
        if refusal is None:
            approval = advance(approval, Approve(voter.user_id), now)
    return approval.state is ApprovalState.GRANTED


def find_fates(given_rules: Rules) -> list[list[bool]]:
    """Of every change that somebody may ask for, for each of them, whether it could come to be done."""
    fates = []
    for environment in given_rules.catalog.environments:
        for words in KINDS_OF_CHANGE:
            change = change_with(words, environment)
            decisions = [(one, decide_change(change, one, DEPLOYS, given_rules, MEMBERSHIP)) for one in TEAM]
            fates.append(
                [
                    not isinstance(decision, NeedsApproval)
                    or could_be_approved(change, decision.approval, asker, given_rules.digest)
                    for asker, decision in decisions
                    if not isinstance(decision, Denied)
                ]
            )
    return [fate for fate in fates if fate]


@settings(max_examples=150)
@given(any_rules())
def test_rules_are_refused_where_something_could_be_asked_and_never_approved(given_rules: Rules) -> None:
    fates = find_fates(given_rules)
    found = find_deadlocks(given_rules, MEMBERS)
    if any("lets nobody do anything" in mistake.text for mistake in found):
        assert fates == []
    elif found:
        assert not all(all(fate) for fate in fates)
    else:
        assert fates
        assert all(any(fate) for fate in fates)
