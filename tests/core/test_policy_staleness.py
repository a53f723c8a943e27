"""As of when that was known on which a decision leans."""

from dataclasses import replace
from datetime import timedelta

from bot.core.names import GroupId
from bot.core.policy import advise, change_of, known_as_of, vote_known_as_of
from bot.core.policy.decisions import Membership, Person
from bot.core.rules import Escalation, People
from tests.core.samples import (
    ANA,
    CLEO,
    DEPLOYS,
    EVERYONE,
    GUS,
    HOME,
    MEMBERSHIP,
    NOON_AT,
    PROD,
    RELEASE,
    RELEASERS,
    SUPPORT,
    approval,
    people,
    right,
    rules,
)

LEADS = GroupId("S0LEADS")
EARLIER_AT = NOON_AT - timedelta(minutes=5)
OLD = Membership(HOME, {**MEMBERSHIP.groups, LEADS: frozenset()}, {RELEASE: NOON_AT, LEADS: EARLIER_AT})
DEPLOY = change_of("deploy", PROD)
BY_GROUP = rules(
    right("deploy", on=(PROD,), who=RELEASERS),
    right("stop", on=(PROD,), who=People("l", groups=frozenset({LEADS}))),
)


def known(person: Person, *more: People, membership: Membership = OLD) -> object:
    lines = [right("deploy", on=(PROD,), who=who) for who in (RELEASERS, *more)]
    return known_as_of(DEPLOY, person, DEPLOYS, rules(*lines), membership)


def test_decision_leans_on_the_groups_of_the_lines_that_speak_of_it() -> None:
    assert known_as_of(DEPLOY, ANA, DEPLOYS, BY_GROUP, OLD) == NOON_AT
    assert known_as_of(change_of("stop", PROD), ANA, DEPLOYS, BY_GROUP, OLD) == EARLIER_AT
    assert known_as_of(change_of("start", PROD), ANA, DEPLOYS, BY_GROUP, OLD) is None
    assert known_as_of(DEPLOY, ANA, SUPPORT, BY_GROUP, OLD) is None


def test_oldest_of_several_groups_counts() -> None:
    assert known(ANA, People("leads", groups=frozenset({LEADS}))) == EARLIER_AT


def test_people_meant_by_id_or_as_everyone_lean_on_no_group() -> None:
    only = rules(right("deploy", on=(PROD,), who=replace(RELEASERS, users=people(ANA).users)))
    assert known_as_of(DEPLOY, ANA, DEPLOYS, only, OLD) is None
    assert known_as_of(DEPLOY, CLEO, DEPLOYS, only, OLD) == NOON_AT
    assert known_as_of(DEPLOY, CLEO, DEPLOYS, rules(right("deploy", on=(PROD,), who=EVERYONE)), OLD) is None


def test_members_learned_just_now_are_not_spoken_of() -> None:
    assert known(ANA, membership=MEMBERSHIP) is None


def test_vote_leans_on_the_groups_that_may_decide_and_on_those_barred() -> None:
    rule = approval("deploy", on=(PROD,), by=people(CLEO))
    assert vote_known_as_of(CLEO, rule, OLD) is None
    assert vote_known_as_of(ANA, approval("deploy", on=(PROD,)), OLD) == NOON_AT
    leads = People("leads", groups=frozenset({LEADS}))
    called = replace(rule, escalate=Escalation(leads, timedelta(minutes=5)))
    assert vote_known_as_of(ANA, called, OLD) == EARLIER_AT
    assert vote_known_as_of(CLEO, replace(rule, barred=(leads,)), OLD) == EARLIER_AT


def test_refusal_is_told_of_old_members_and_people_outside_the_team_are_not() -> None:
    assert advise(DEPLOY, CLEO, DEPLOYS, BY_GROUP, OLD).learned_at == ((RELEASE, NOON_AT),)
    assert advise(DEPLOY, GUS, DEPLOYS, BY_GROUP, OLD).learned_at == ()
