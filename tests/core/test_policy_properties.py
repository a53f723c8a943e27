"""What holds of every decision, whatever the rules say."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import Environment
from bot.core.intents import ALL_MODULES, Change, ShowHelp, ShowStatus
from bot.core.names import Action, ChannelId
from bot.core.policy import (
    Allowed,
    Decision,
    Denied,
    NeedsApproval,
    Person,
    advise,
    change_of,
    decide,
    decide_change,
    may_vote,
    who_may,
)
from bot.core.policy.judgement import covers
from bot.core.policy.people import find_outsider_reason, is_barred
from bot.core.rules import ACTION_WORDS, Right, Rules, RuleSource
from tests.core.samples import ANA, BEN, CATALOG, CLEO, DEPLOYS, GUS, MEMBERSHIP, SUPPORT, rules
from tests.core.test_policy import PERSONS, any_approval, any_right

PLACES = st.sampled_from(CATALOG.environments)
CHANGES = st.one_of(
    st.builds(change_of, st.sampled_from(ACTION_WORDS), PLACES),
    st.builds(lambda place: Change(Action.DEPLOY, place, modules=(ALL_MODULES,)), PLACES),
)


@st.composite
def any_rules(draw: st.DrawFn) -> Rules:
    """Rules for two channels, each line with a place of its own."""
    lines = draw(st.lists(any_right(), max_size=5))
    others = draw(st.lists(any_right(), max_size=2))
    approvals = draw(st.lists(any_approval(), max_size=3))
    return rules(
        *_number(lines, DEPLOYS),
        approvals=tuple(
            replace(one, source=RuleSource(f"approvals[{number}]", 50 + number))
            for number, one in enumerate(approvals)
        ),
        support=tuple(_number(others, SUPPORT)),
    )


def _number(lines: list[Right], channel_id: ChannelId) -> list[Right]:
    return [
        replace(line, source=RuleSource(f"channels.{channel_id}[{number}]", 10 + number))
        for number, line in enumerate(lines)
    ]


def strictness(decision: Decision) -> int:
    return [Allowed, NeedsApproval, Denied].index(type(decision))


@given(CHANGES, PERSONS, any_rules())
def test_what_no_line_speaks_of_is_denied(change: Change, person: Person, given_rules: Rules) -> None:
    lines = tuple(line for line in given_rules.channels[DEPLOYS] if not covers(line, change))
    silent = replace(given_rules, channels={DEPLOYS: lines})
    assert isinstance(decide_change(change, person, DEPLOYS, silent, MEMBERSHIP), Denied)


@given(CHANGES, PERSONS, any_rules())
def test_deny_wins_over_every_other_line(change: Change, person: Person, given_rules: Rules) -> None:
    lines = given_rules.channels[DEPLOYS]
    if any(line.deny and covers(line, change) and is_barred(line.who, person, MEMBERSHIP) for line in lines):
        assert isinstance(decide_change(change, person, DEPLOYS, given_rules, MEMBERSHIP), Denied)


@given(CHANGES, PERSONS, any_rules(), any_right(), st.integers(0, 5))
def test_another_line_that_allows_makes_nothing_stricter_for_anybody(
    change: Change, person: Person, given_rules: Rules, line: Right, place: int
) -> None:
    lines = list(given_rules.channels[DEPLOYS])
    lines.insert(place, replace(line, deny=False))
    wider = replace(given_rules, channels={**given_rules.channels, DEPLOYS: tuple(lines)})
    before = decide_change(change, person, DEPLOYS, given_rules, MEMBERSHIP)
    after = decide_change(change, person, DEPLOYS, wider, MEMBERSHIP)
    assert strictness(after) <= strictness(before)
    if isinstance(before, NeedsApproval) and isinstance(after, NeedsApproval):
        for voter in (ANA, BEN, CLEO, GUS):
            if may_vote(voter, before.approval, MEMBERSHIP):
                assert may_vote(voter, after.approval, MEMBERSHIP)


@given(st.sampled_from([ShowHelp(), ShowStatus()]), PERSONS, any_rules(), any_right())
def test_another_line_that_allows_takes_no_reading_away(
    intent: ShowHelp | ShowStatus, person: Person, given_rules: Rules, line: Right
) -> None:
    lines = (*given_rules.channels[DEPLOYS], replace(line, deny=False))
    wider = replace(given_rules, channels={DEPLOYS: lines})
    before = decide(intent, person, DEPLOYS, given_rules, MEMBERSHIP)
    assert strictness(decide(intent, person, DEPLOYS, wider, MEMBERSHIP)) <= strictness(before)


@given(CHANGES, PERSONS, any_rules())
def test_channel_that_is_not_listed_gives_nothing(change: Change, person: Person, given_rules: Rules) -> None:
    nowhere = ChannelId("C0NOWHERE")
    for found in (
        decide_change(change, person, nowhere, given_rules, MEMBERSHIP),
        decide(ShowHelp(), person, nowhere, given_rules, MEMBERSHIP),
    ):
        assert isinstance(found, Denied)
        assert found.rule == given_rules.section


@given(CHANGES, PERSONS, any_rules())
def test_outsiders_get_only_what_a_line_gives_them_by_id(
    change: Change, person: Person, given_rules: Rules
) -> None:
    outsider = find_outsider_reason(person, MEMBERSHIP)
    found = decide_change(change, person, DEPLOYS, given_rules, MEMBERSHIP)
    if outsider is not None and not isinstance(found, Denied):
        assert outsider != "foreign_team"
        allowing = [line for line in given_rules.channels[DEPLOYS] if not line.deny]
        mine = [line for line in allowing if covers(line, change) and person.user_id in line.who.users]
        assert mine


@given(PLACES, PERSONS, any_rules())
def test_deploy_of_all_modules_is_as_strict_as_a_deploy_and_as_an_update_of_all(
    place: Environment, person: Person, given_rules: Rules
) -> None:
    whole = Change(Action.DEPLOY, place, modules=("all",))
    found = decide_change(whole, person, DEPLOYS, given_rules, MEMBERSHIP)
    for word in ("deploy", "update_all"):
        part = decide_change(change_of(word, place), person, DEPLOYS, given_rules, MEMBERSHIP)
        assert strictness(found) >= strictness(part)


@given(CHANGES, PERSONS, any_rules(), st.sampled_from([DEPLOYS, SUPPORT, ChannelId("C0NOWHERE")]))
def test_every_decision_carries_the_place_of_a_rule(
    change: Change, person: Person, given_rules: Rules, channel_id: ChannelId
) -> None:
    lines = given_rules.channels.get(channel_id, ())
    match decide_change(change, person, channel_id, given_rules, MEMBERSHIP):
        case Denied("deny_rule", rule):
            assert rule in {line.source for line in lines if line.deny}
        case Denied(_, rule):
            assert rule == given_rules.source_of(channel_id)
        case Allowed(rule):
            assert rule in {line.source for line in lines if not line.deny}
        case NeedsApproval(rule, approval):
            assert rule in {line.source for line in lines if not line.deny}
            assert {*approval.places} <= {one.source for one in given_rules.approvals} | {rule}
            assert approval.source.path == " and ".join(place.path for place in approval.places)
    for intent in (ShowHelp(), ShowStatus(change.environment)):
        assert decide(intent, person, channel_id, given_rules, MEMBERSHIP).rule == given_rules.source_of(
            channel_id
        )


@given(CHANGES, any_rules())
def test_whoever_is_said_to_may_do_it_may(change: Change, given_rules: Rules) -> None:
    """But for those whom a deny line keeps from it: who that is, the label of a line does not tell."""
    for way in who_may(change, given_rules):
        for person in (ANA, BEN, CLEO):
            found = decide_change(change, person, ChannelId(way.channel_id), given_rules, MEMBERSHIP)
            if MEMBERSHIP.has(person, way.people) and isinstance(found, Denied):
                assert found.reason == "deny_rule"


@given(CHANGES, PERSONS, any_rules())
def test_people_outside_the_team_are_not_told_who_may_do_what(
    change: Change, person: Person, given_rules: Rules
) -> None:
    told = advise(change, person, DEPLOYS, given_rules, MEMBERSHIP)
    if find_outsider_reason(person, MEMBERSHIP) is not None:
        assert told.who_may == ()
        assert told.learned_at == ()
