from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import Environment
from bot.core.intents import (
    ActionIntent,
    Deploy,
    Intent,
    QuickUpdate,
    Restart,
    ShowHelp,
    ShowHistory,
    ShowLog,
    ShowRun,
    ShowStatus,
    Start,
    Stop,
    as_change,
)
from bot.core.names import GroupId, RunId, UpdateMode
from bot.core.policy import (
    Advice,
    Allowed,
    Denied,
    HereYouMay,
    Lacking,
    Membership,
    NeedsApproval,
    Person,
    Power,
    WhoMay,
    advise,
    change_of,
    covers_word,
    decide,
    decide_change,
    here_you_may,
    includes,
    may_vote,
    powers,
    visible_environments,
    who_may,
)
from bot.core.policy.people import as_escalated
from bot.core.policy.words import KINDS_OF_CHANGE, RULE_WORDS, change_with, say_plainly
from bot.core.rules import (
    ACTION_WORDS,
    EVERYTHING,
    UPDATE,
    UPDATE_WORDS,
    ApprovalRule,
    Escalation,
    People,
    Right,
    Rules,
)
from tests.core.samples import (
    ANA,
    BEN,
    CATALOG,
    CLEO,
    DEPLOYS,
    DEV,
    EVERYONE,
    GUS,
    HOME,
    MEMBERSHIP,
    PROD,
    RANDOM,
    RELEASE,
    RELEASERS,
    STAGING,
    STRANGER,
    SUPPORT,
    approval,
    people,
    right,
    rules,
    source,
)

REINIT_DEV = QuickUpdate(DEV, UpdateMode.REINITIALIZE_SPECIFIC, ("sale",))
REINIT_PROD = QuickUpdate(PROD, UpdateMode.REINITIALIZE_SPECIFIC, ("sale",))
UPDATE_ALL_PROD = QuickUpdate(PROD, UpdateMode.UPDATE_ALL)
UPDATE_PROD = QuickUpdate(PROD, UpdateMode.PULL_RESTART)


def judged(intent: Intent, person: Person, given: Rules, membership: Membership = MEMBERSHIP) -> str:
    """The decision in #deploys in a word: allowed, approval, or the reason of the refusal."""
    match decide(intent, person, DEPLOYS, given, membership):
        case Allowed():
            return "allowed"
        case NeedsApproval():
            return "approval"
        case Denied(reason):
            return reason


def as_guest(person: Person) -> Person:
    return replace(person, is_guest=True)


SECTION = source(f"channels.{DEPLOYS}", 7)
OPEN = rules(right(EVERYTHING, on=(PROD, STAGING, DEV)))
ONLY_GUS = rules(right("restart", on=(STAGING,), who=people(GUS)), right(EVERYTHING, on=(DEV,)))


@pytest.mark.parametrize(
    ("words", "intent", "expected"),
    [
        (("deploy",), Deploy(PROD), "allowed"),
        (("deploy",), Restart(PROD), "no_rule"),
        (("restart",), Restart(PROD), "allowed"),
        (("start",), Start(PROD), "allowed"),
        (("stop",), Stop(PROD), "allowed"),
        (("update",), UPDATE_PROD, "allowed"),
        (("update",), QuickUpdate(PROD, UpdateMode.UPDATE_SPECIFIC, ("sale",)), "allowed"),
        (("update",), UPDATE_ALL_PROD, "allowed"),
        (("update_all",), UPDATE_ALL_PROD, "allowed"),
        (("update_all",), UPDATE_PROD, "no_rule"),
        (("update", "update_all"), REINIT_DEV, "no_rule"),
        ((EVERYTHING,), Deploy(PROD), "allowed"),
        ((EVERYTHING,), REINIT_DEV, "approval"),
        ((EVERYTHING,), REINIT_PROD, "protected"),
        (("reinit",), REINIT_PROD, "approval"),
        (("reinit",), UPDATE_PROD, "no_rule"),
        (("deploy",), Deploy(DEV), "no_rule"),
    ],
)
def test_right_covers_its_words_on_its_environments(
    words: tuple[str, ...], intent: Intent, expected: str
) -> None:
    on = (PROD,) if intent == Deploy(DEV) else (PROD, DEV)
    assert judged(intent, ANA, rules(right(*words, on=on))) == expected


@pytest.mark.parametrize(
    ("who", "person", "expected"),
    [
        (EVERYONE, CLEO, "allowed"),
        (RELEASERS, ANA, "allowed"),
        (RELEASERS, CLEO, "no_rule"),
        (people(CLEO), CLEO, "allowed"),
        (people(CLEO), ANA, "no_rule"),
        (EVERYONE, GUS, "guest"),
        (people(GUS), GUS, "allowed"),
        (EVERYONE, replace(CLEO, is_bot=True), "bot"),
        (EVERYONE, replace(CLEO, is_deactivated=True), "deactivated"),
        (people(CLEO), replace(CLEO, is_bot=True), "allowed"),
        (RELEASERS, as_guest(ANA), "guest"),
        (EVERYONE, STRANGER, "foreign_team"),
        (people(STRANGER), STRANGER, "foreign_team"),
    ],
)
def test_right_counts_for_the_people_it_means(who: People, person: Person, expected: str) -> None:
    assert judged(Restart(PROD), person, rules(right("restart", on=(PROD,), who=who))) == expected


@pytest.mark.parametrize("intent", [Deploy(PROD), ShowStatus(), ShowHelp()])
def test_channel_without_rules_gives_nothing_to_anybody(intent: Intent) -> None:
    found = decide(intent, ANA, RANDOM, OPEN, MEMBERSHIP)
    assert isinstance(found, Denied)
    assert found.reason == "channel_without_rules"


def test_no_rules_give_no_rights() -> None:
    assert decide_change(change_of("restart", DEV), ANA, DEPLOYS, rules(), MEMBERSHIP) == Denied(
        "no_rule", SECTION
    )


def test_deny_beats_allow_wherever_it_stands() -> None:
    deny = right("stop", on=(PROD,), who=people(BEN), deny=True, path="channels.C[1]")
    for order in ([right(EVERYTHING, on=(PROD,)), deny], [deny, right(EVERYTHING, on=(PROD,))]):
        given_rules = rules(*order)
        assert judged(Stop(PROD), BEN, given_rules) == "deny_rule"
        assert judged(Stop(PROD), ANA, given_rules) == "allowed"
        assert judged(Restart(PROD), BEN, given_rules) == "allowed"


def test_deny_names_the_rule_behind_it() -> None:
    deny = right("stop", on=(PROD,), deny=True, path="channels.C[1]")
    found = decide(Stop(PROD), ANA, DEPLOYS, rules(right("stop", on=(PROD,)), deny), MEMBERSHIP)
    assert isinstance(found, Denied)
    assert found.rule == source("channels.C[1]")


def test_deny_of_everything_and_of_update_covers_what_the_words_cover() -> None:
    reinit = right("reinit", EVERYTHING, on=(PROD,))
    assert judged(REINIT_PROD, ANA, rules(reinit, right(EVERYTHING, on=(PROD,), deny=True))) == "deny_rule"
    assert judged(UPDATE_ALL_PROD, ANA, rules(reinit, right("update", on=(PROD,), deny=True))) == "deny_rule"
    assert judged(REINIT_PROD, ANA, rules(reinit, right("update", on=(PROD,), deny=True))) == "approval"


def test_deny_for_a_group_whose_members_are_unknown_covers_everybody() -> None:
    group = People("interns", groups=frozenset({GroupId("S0INTERNS")}))
    given_rules = rules(right("stop", on=(PROD,)), right("stop", on=(PROD,), who=group, deny=True))
    assert judged(Stop(PROD), ANA, given_rules) == "deny_rule"
    learned = Membership(HOME, {GroupId("S0INTERNS"): frozenset({CLEO.user_id})})
    assert judged(Stop(PROD), ANA, given_rules, learned) == "allowed"
    assert judged(Stop(PROD), CLEO, given_rules, learned) == "deny_rule"


def test_right_of_a_group_whose_members_are_unknown_covers_nobody() -> None:
    given_rules = rules(right("stop", on=(PROD,), who=RELEASERS))
    assert judged(Stop(PROD), ANA, given_rules, Membership(HOME)) == "no_rule"


def test_first_right_that_covers_is_the_rule_of_the_decision() -> None:
    given_rules = rules(
        right("restart", on=(PROD,), path="channels.C[0]"),
        right("deploy", on=(PROD,), who=RELEASERS, path="channels.C[1]"),
        right(EVERYTHING, on=(PROD,), path="channels.C[2]"),
    )
    assert decide(Deploy(PROD), ANA, DEPLOYS, given_rules, MEMBERSHIP) == Allowed(source("channels.C[1]"))
    assert decide(Deploy(PROD), CLEO, DEPLOYS, given_rules, MEMBERSHIP) == Allowed(source("channels.C[2]"))


def test_guest_listed_for_one_thing_is_told_of_the_missing_rule_for_another() -> None:
    assert decide(Restart(DEV), GUS, DEPLOYS, ONLY_GUS, MEMBERSHIP) == Denied("no_rule", SECTION)
    assert here_you_may(GUS, DEPLOYS, ONLY_GUS, MEMBERSHIP) == (HereYouMay(("restart",), "staging"),)


# approvals


def approval_for(intent: Intent, given_rules: Rules, person: Person = ANA) -> ApprovalRule:
    found = decide(intent, person, DEPLOYS, given_rules, MEMBERSHIP)
    assert isinstance(found, NeedsApproval)
    return found.approval


def test_first_approval_rule_that_covers_counts() -> None:
    first = approval("stop", "update", on=(PROD,))
    second = approval(EVERYTHING, on=(PROD, DEV), by=people(BEN))
    given_rules = rules(right(EVERYTHING, on=(PROD, DEV, STAGING)), approvals=(first, second))
    assert approval_for(Stop(PROD), given_rules) == first
    assert approval_for(UPDATE_ALL_PROD, given_rules) == first
    assert approval_for(Deploy(PROD), given_rules) == second
    assert judged(Deploy(STAGING), ANA, given_rules) == "allowed"


def test_approval_of_update_does_not_speak_of_reinit() -> None:
    given_rules = rules(right(EVERYTHING, on=(DEV,)), approvals=(approval("update", on=(DEV,)),))
    assert approval_for(REINIT_DEV, given_rules).source == source("channels.C[0]")


def test_reinit_is_typed_whatever_the_file_says() -> None:
    given_rules = rules(right("reinit", on=(PROD,)), approvals=(approval("reinit", on=(PROD,)),))
    assert approval_for(REINIT_PROD, given_rules).typed == {"reinit"}


def test_typed_update_is_typed_for_update_all_too() -> None:
    rule = approval("update", on=(PROD,), typed=("update",))
    given_rules = rules(right("update", on=(PROD,)), approvals=(rule,))
    assert UPDATE_ALL_PROD.mode.value in approval_for(UPDATE_ALL_PROD, given_rules).typed


def test_reinit_without_an_approval_rule_is_approved_by_whoever_may_do_it_there() -> None:
    rule = approval_for(
        REINIT_DEV,
        rules(
            right(EVERYTHING, on=(DEV,), who=RELEASERS, path="channels.C[0]"),
            right("reinit", on=(DEV,), who=people(CLEO), path="channels.C[1]"),
            right("deploy", on=(DEV,), who=EVERYONE, path="channels.C[2]"),
        ),
    )
    assert rule.source == source("channels.C[0]")
    assert [may_vote(person, rule, MEMBERSHIP) for person in (ANA, BEN, CLEO)] == [True, True, True]
    assert not may_vote(Person(CLEO.user_id, STRANGER.team_id), rule, MEMBERSHIP)
    assert not may_vote(GUS, rule, MEMBERSHIP)
    assert not rule.requester_may_approve


def test_reinit_on_protected_is_approved_only_by_those_whose_right_says_reinit() -> None:
    rule = approval_for(
        REINIT_PROD, rules(right(EVERYTHING, on=(PROD,)), right("reinit", on=(PROD,), who=people(ANA, BEN)))
    )
    assert [may_vote(person, rule, MEMBERSHIP) for person in (ANA, BEN, CLEO)] == [True, True, False]


def test_reinit_is_not_approved_by_somebody_the_channel_denies_it() -> None:
    given_rules = rules(right(EVERYTHING, on=(DEV,)), right("reinit", on=(DEV,), who=people(BEN), deny=True))
    rule = approval_for(REINIT_DEV, given_rules)
    assert [may_vote(person, rule, MEMBERSHIP) for person in (BEN, CLEO)] == [False, True]


@pytest.mark.parametrize(
    ("person", "by", "expected"),
    [
        (ANA, RELEASERS, True),
        (CLEO, RELEASERS, False),
        (CLEO, EVERYONE, True),
        (GUS, EVERYONE, False),
        (GUS, people(GUS), True),
        (as_guest(ANA), RELEASERS, False),
        (STRANGER, EVERYONE, False),
        (STRANGER, people(STRANGER), False),
        (replace(CLEO, is_bot=True), EVERYONE, False),
        (replace(CLEO, is_deactivated=True), EVERYONE, False),
    ],
)
def test_vote_counts_for_the_people_the_approval_means(person: Person, by: People, expected: bool) -> None:
    assert may_vote(person, approval("deploy", on=(PROD,), by=by), MEMBERSHIP) is expected
    assert includes(by, person, MEMBERSHIP) is expected


# reading


@pytest.mark.parametrize(
    "intent",
    [ShowHelp(), ShowStatus(), ShowStatus(DEV), ShowHistory(DEV), ShowRun(RunId(1)), ShowLog(RunId(1))],
)
def test_reading_is_free_to_the_team_in_listed_channels(intent: Intent) -> None:
    assert decide(intent, CLEO, DEPLOYS, ONLY_GUS, MEMBERSHIP) == Allowed(SECTION)
    assert decide(intent, GUS, DEPLOYS, ONLY_GUS, MEMBERSHIP) == Allowed(SECTION)
    assert judged(intent, GUS, OPEN) == "guest"
    assert judged(intent, STRANGER, OPEN) == "foreign_team"


@pytest.mark.parametrize("intent", [ShowStatus(PROD), ShowHistory(PROD)])
def test_environment_the_channel_does_not_name_is_not_visible_there(intent: Intent) -> None:
    found = decide(intent, CLEO, DEPLOYS, ONLY_GUS, MEMBERSHIP)
    assert found == Denied("not_visible", SECTION)
    told = advise(None, CLEO, DEPLOYS, ONLY_GUS, MEMBERSHIP)
    assert [line.alias for line in told.here_you_may] == ["dev"]


def test_channel_sees_what_its_rights_name_and_nothing_that_is_only_denied() -> None:
    given_rules = rules(
        right("restart", on=(STAGING, DEV)),
        right("stop", on=(PROD,), deny=True),
        support=(right("restart", on=(DEV,)),),
    )
    assert visible_environments(DEPLOYS, given_rules) == {STAGING.id, DEV.id}
    assert visible_environments(SUPPORT, given_rules) == {DEV.id}
    assert visible_environments(RANDOM, given_rules) == frozenset()


# what a refusal and help tell


ADVICE = rules(
    right("deploy", "stop", on=(PROD, STAGING), who=RELEASERS, path="channels.C0DEPLOYS[0]"),
    support=(right("restart", on=(STAGING,), path="channels.C0SUPPORT[0]"),),
    approvals=(approval("deploy", on=(PROD,)),),
)


def test_refusal_says_who_could_and_what_this_person_may_do_here() -> None:
    assert advise(change_of("deploy", PROD), CLEO, SUPPORT, ADVICE, MEMBERSHIP) == Advice(
        who_may=(WhoMay(RELEASERS, DEPLOYS, source("channels.C0DEPLOYS[0]")),),
        here_you_may=(HereYouMay(("restart",), "staging"),),
    )


def test_refusal_tells_outsiders_nothing_about_others() -> None:
    for person in (GUS, STRANGER):
        assert isinstance(decide(Deploy(PROD), person, SUPPORT, ADVICE, MEMBERSHIP), Denied)
        told = advise(change_of("deploy", PROD), person, SUPPORT, ADVICE, MEMBERSHIP)
        assert told == Advice(withheld=person is GUS)


def test_channel_that_denies_everyone_is_not_offered_as_a_way() -> None:
    given_rules = rules(right("deploy", on=(PROD,)), right("deploy", on=(PROD,), deny=True))
    assert who_may(change_of("deploy", PROD), given_rules) == ()


def test_people_of_whom_all_are_denied_are_not_offered_as_a_way() -> None:
    may, kept_out = right("deploy", on=(PROD,), who=RELEASERS), right("deploy", on=(PROD,), deny=True)
    change, members = change_of("deploy", PROD), sorted(MEMBERSHIP.groups[RELEASE])

    def ways(denied: People) -> tuple[WhoMay, ...]:
        lines = rules(may, replace(kept_out, who=denied))
        return advise(change, CLEO, DEPLOYS, lines, MEMBERSHIP).who_may

    assert ways(People("all of them", users=frozenset(members))) == ()
    assert ways(RELEASERS) == ()
    assert [way.people for way in ways(People("but one", users=frozenset(members[1:])))] == [RELEASERS]


def test_reinit_on_protected_is_offered_only_by_rights_that_name_it() -> None:
    named = right("reinit", on=(PROD,), who=RELEASERS, path="channels.C[1]")
    given_rules = rules(right(EVERYTHING, on=(PROD,)), named)
    assert who_may(change_of("reinit", PROD), given_rules) == (WhoMay(RELEASERS, DEPLOYS, named.source),)


def test_powers_tell_words_by_environment_and_whether_they_need_an_approval() -> None:
    assert powers(ANA, DEPLOYS, ADVICE, MEMBERSHIP) == (
        Power(("stop",), "prod", needs_approval=False),
        Power(("deploy",), "prod", needs_approval=True),
        Power(("deploy", "stop"), "staging", needs_approval=False),
    )
    assert here_you_may(ANA, DEPLOYS, ADVICE, MEMBERSHIP) == (
        HereYouMay(("deploy", "stop"), "prod"),
        HereYouMay(("deploy", "stop"), "staging"),
    )


@pytest.mark.parametrize("person", [CLEO, GUS, STRANGER])
def test_people_without_rights_have_no_powers(person: Person) -> None:
    assert powers(person, DEPLOYS, ADVICE, MEMBERSHIP) == ()


def test_words_of_the_rules_are_the_words_decided_on() -> None:
    for word in ACTION_WORDS:
        assert change_of(word, DEV).words == (word,)
        assert covers_word({EVERYTHING}, word)
    assert [word for word in ACTION_WORDS if covers_word({UPDATE}, word)] == [*UPDATE_WORDS]
    assert covers_word({*UPDATE_WORDS}, UPDATE)
    assert not covers_word({"pull_restart"}, UPDATE)


def test_all_modes_of_an_update_are_told_as_update() -> None:
    assert say_plainly({*ACTION_WORDS}) == ("deploy", "restart", "start", "stop", "update", "reinit")
    assert say_plainly(("update_all", "deploy")) == ("deploy", "update_all")


@pytest.mark.parametrize(
    ("words", "mode", "expected"),
    [
        (("pull_restart",), UpdateMode.PULL_RESTART, "allowed"),
        (("pull_restart",), UpdateMode.UPDATE_SPECIFIC, "no_rule"),
        (("update_specific",), UpdateMode.UPDATE_SPECIFIC, "allowed"),
        (("update_specific",), UpdateMode.UPDATE_ALL, "no_rule"),
        (("pull_restart", "update_specific", "update_all"), UpdateMode.REINITIALIZE_SPECIFIC, "no_rule"),
    ],
)
def test_right_to_a_mode_is_to_that_mode_alone(
    words: tuple[str, ...], mode: UpdateMode, expected: str
) -> None:
    assert judged(QuickUpdate(DEV, mode, ("sale",)), ANA, rules(right(*words, on=(DEV,)))) == expected


DEPLOY_ALL = Deploy(DEV, ("all",))
DEPLOY_LINE = right("deploy", on=(DEV,), path="channels.C[0]")
ALL_LINE = right("update_all", on=(DEV,), who=RELEASERS, path="channels.C[1]")


def test_deploy_of_all_modules_takes_a_right_for_both_which_may_stand_on_two_lines() -> None:
    assert judged(DEPLOY_ALL, ANA, rules(DEPLOY_LINE)) == "no_rule"
    assert judged(DEPLOY_ALL, ANA, rules(ALL_LINE)) == "no_rule"
    assert judged(DEPLOY_ALL, ANA, rules(DEPLOY_LINE, ALL_LINE)) == "allowed"
    assert judged(DEPLOY_ALL, CLEO, rules(DEPLOY_LINE, ALL_LINE)) == "no_rule"
    assert who_may(as_change(DEPLOY_ALL), rules(DEPLOY_LINE, ALL_LINE)) == (
        WhoMay(RELEASERS, DEPLOYS, DEPLOY_LINE.source),
    )


def test_deploy_of_all_modules_is_kept_from_by_a_deny_of_either() -> None:
    for word in ("deploy", "update_all", "update"):
        deny = right(word, on=(DEV,), deny=True, path="channels.C[2]")
        found = decide(DEPLOY_ALL, ANA, DEPLOYS, rules(DEPLOY_LINE, ALL_LINE, deny), MEMBERSHIP)
        assert found == Denied("deny_rule", deny.source)


def test_deploy_of_all_modules_is_approved_as_both_a_deploy_and_an_update_of_all() -> None:
    """Or two who have to approve a deploy would be one, for whoever asks for more."""
    of_all = approval("update_all", on=(DEV,), typed=("update_all",))
    of_deploys = replace(
        approval("deploy", on=(DEV,), by=people(BEN, CLEO)), source=source("approvals[1]"), count=2
    )
    for lines in ((of_all, of_deploys), (of_deploys, of_all)):
        rule = approval_for(DEPLOY_ALL, rules(DEPLOY_LINE, ALL_LINE, approvals=lines))
        assert (rule.source.path, rule.count) == (f"{lines[0].source.path} and {lines[1].source.path}", 2)
        assert rule.places == tuple(line.source for line in lines)
        assert rule.typed == {"update_all", "deploy"}
        assert [may_vote(one, rule, MEMBERSHIP) for one in (ANA, BEN, CLEO)] == [False, True, False]
        assert set(rule.by.label.split(", who are also among ")) == {"releasers", "some"}
    assert (
        approval_for(Deploy(DEV, ("sale",)), rules(DEPLOY_LINE, approvals=(of_all, of_deploys))) == of_deploys
    )


def test_change_of_several_kinds_is_approved_by_whoever_may_for_each_and_by_nobody_called_for_one() -> None:
    many = replace(approval("deploy", on=(DEV,), by=EVERYONE), count=3, requester_may_approve=True)
    few = replace(
        approval("update_all", on=(DEV,)), source=source("approvals[1]"), expires=timedelta(minutes=5)
    )
    called = replace(few, escalate=Escalation(people(CLEO), timedelta(minutes=1)))
    rule = approval_for(DEPLOY_ALL, rules(DEPLOY_LINE, ALL_LINE, approvals=(many, called)))
    assert (rule.count, rule.requester_may_approve, rule.expires) == (3, False, few.expires)
    assert (rule.by, rule.also) == (RELEASERS, ())
    assert not may_vote(CLEO, as_escalated(rule), MEMBERSHIP)


def test_one_rule_for_both_kinds_of_a_change_is_taken_as_it_is() -> None:
    one = approval("everything", on=(DEV,))
    assert approval_for(DEPLOY_ALL, rules(DEPLOY_LINE, ALL_LINE, approvals=(one,))) == one


# properties

PERSONS = st.builds(
    Person,
    st.sampled_from([ANA.user_id, BEN.user_id, CLEO.user_id, GUS.user_id]),
    st.sampled_from([HOME, HOME, HOME, STRANGER.team_id]),
    is_guest=st.booleans(),
    is_bot=st.booleans(),
    is_deactivated=st.booleans(),
)
PEOPLES = st.sampled_from([EVERYONE, RELEASERS, people(GUS), people(ANA, CLEO)])
WORD_SETS = st.sets(st.sampled_from(RULE_WORDS), min_size=1)
PLACES = st.sets(st.sampled_from([PROD, STAGING, DEV]), min_size=1)


@st.composite
def any_right(draw: st.DrawFn) -> Right:
    return right(*draw(WORD_SETS), on=tuple(draw(PLACES)), who=draw(PEOPLES), deny=draw(st.booleans()))


@st.composite
def any_approval(draw: st.DrawFn) -> ApprovalRule:
    return approval(*draw(WORD_SETS), on=tuple(draw(PLACES)), by=draw(PEOPLES))


RULES = st.builds(
    lambda rights, approvals: rules(*rights, approvals=tuple(approvals)),
    st.lists(any_right(), max_size=4),
    st.lists(any_approval(), max_size=3),
)


def test_whoever_may_do_a_part_of_a_deploy_of_all_modules_is_told_which_they_may_not() -> None:
    def lacking(*lines: Right) -> Lacking | None:
        return advise(as_change(DEPLOY_ALL), CLEO, DEPLOYS, rules(*lines), MEMBERSHIP).lacking

    both, all_ = ("deploy", "update_all"), right("update_all", on=(DEV,))
    assert lacking(right("deploy", on=(DEV,))) == Lacking(both, ("update_all",))
    assert lacking(all_) == Lacking(both, ("deploy",))
    assert lacking(right("restart", on=(DEV,))) is None
    barred = right("update_all", on=(DEV,), deny=True)
    assert lacking(right("deploy", on=(DEV,)), all_, barred) == Lacking(both, ("update_all",))
    assert advise(change_of("stop", DEV), CLEO, DEPLOYS, rules(), MEMBERSHIP).lacking is None


MODULES = st.lists(st.sampled_from(["sale", "stock", "all"]), max_size=2).map(tuple)
ACTIONS = st.one_of(
    st.builds(Deploy, st.just(PROD), MODULES),
    st.builds(QuickUpdate, st.just(PROD), st.sampled_from(UpdateMode), MODULES),
    st.sampled_from([Restart(PROD), Start(PROD), Stop(PROD)]),
)


@given(ACTIONS)
def test_whatever_can_be_asked_for_is_one_of_the_kinds_of_change(intent: ActionIntent) -> None:
    words = as_change(intent).words
    assert words in KINDS_OF_CHANGE
    assert change_with(words, DEV).words == words


def test_each_action_word_is_a_kind_of_change_and_only_a_deploy_of_all_modules_is_two_at_once() -> None:
    assert {words for words in KINDS_OF_CHANGE if len(words) == 1} == {(word,) for word in ACTION_WORDS}
    assert [words for words in KINDS_OF_CHANGE if len(words) > 1] == [("deploy", "update_all")]


CASES = st.tuples(st.sampled_from(ACTION_WORDS), st.sampled_from(CATALOG.environments), PERSONS, RULES)
Asked = tuple[str, Environment, Person, Rules]


@given(CASES)
def test_nothing_is_allowed_without_a_right_that_covers_it(case: Asked) -> None:
    word, place, person, given_rules = case
    found = decide_change(change_of(word, place), person, DEPLOYS, given_rules, MEMBERSHIP)
    if not isinstance(found, Denied):
        rights = given_rules.channels[DEPLOYS]
        assert any(
            place.id in one.environments
            and covers_word(one.words, word)
            and includes(one.who, person, MEMBERSHIP)
            for one in rights
            if not one.deny
        )


@given(CASES)
def test_reinit_is_never_allowed_without_an_approval_that_is_typed(case: Asked) -> None:
    _, place, person, given_rules = case
    found = decide_change(change_of("reinit", place), person, DEPLOYS, given_rules, MEMBERSHIP)
    assert not isinstance(found, Allowed)
    if isinstance(found, NeedsApproval):
        assert "reinit" in found.approval.typed


@given(CASES)
def test_other_teams_people_never_get_anything(case: Asked) -> None:
    word, place, person, given_rules = case
    stranger = replace(person, team_id=STRANGER.team_id)
    assert decide_change(change_of(word, place), stranger, DEPLOYS, given_rules, MEMBERSHIP) == Denied(
        "foreign_team", SECTION
    )


@given(CASES, any_right())
def test_another_deny_line_never_gives_anybody_more(case: Asked, line: Right) -> None:
    word, place, person, given_rules = case
    change = change_of(word, place)
    stricter = replace(
        given_rules, channels={DEPLOYS: (*given_rules.channels[DEPLOYS], replace(line, deny=True))}
    )
    if isinstance(decide_change(change, person, DEPLOYS, given_rules, MEMBERSHIP), Denied):
        assert isinstance(decide_change(change, person, DEPLOYS, stricter, MEMBERSHIP), Denied)


@given(CASES)
def test_powers_and_decisions_agree(case: Asked) -> None:
    word, place, person, given_rules = case
    told = {
        (told_word, power.alias): power.needs_approval
        for power in powers(person, DEPLOYS, given_rules, MEMBERSHIP)
        for told_word in ACTION_WORDS
        if covers_word(power.words, told_word)
    }
    match decide_change(change_of(word, place), person, DEPLOYS, given_rules, MEMBERSHIP):
        case Allowed():
            assert told[word, place.alias] is False
        case NeedsApproval():
            assert told[word, place.alias] is True
        case Denied():
            here = here_you_may(person, DEPLOYS, given_rules, MEMBERSHIP)
            assert (word, place.alias) not in told
            assert all(not covers_word(line.words, word) for line in here if line.alias == place.alias)


def test_ways_that_a_person_has_too_are_marked_and_come_first() -> None:
    change = as_change(Restart(STAGING))
    of_releasers = Right(
        source("channels.C0DEPLOYS[0]"), frozenset({"restart"}), frozenset({STAGING.id}), RELEASERS
    )
    of_all = replace(of_releasers, source=source("channels.C0SUPPORT[0]"), who=EVERYONE)
    rules = Rules(CATALOG, {DEPLOYS: (of_releasers,), SUPPORT: (of_all,)}, (), operators=None, digest="d1")
    advice = advise(change, CLEO, RANDOM, rules, MEMBERSHIP)
    assert [(way.channel_id, way.is_own) for way in advice.who_may] == [(SUPPORT, True), (DEPLOYS, False)]
    barred = replace(of_all, deny=True, who=people(CLEO))
    kept_out = replace(rules, channels={DEPLOYS: (of_releasers,), SUPPORT: (barred, of_all)})
    assert not any(way.is_own for way in advise(change, CLEO, RANDOM, kept_out, MEMBERSHIP).who_may)
