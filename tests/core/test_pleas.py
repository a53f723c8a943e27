"""Pleas: whom they may be made to, and what may become of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.intents import Change
from bot.core.names import Action, ButtonId, ChannelId, GroupId, RequestKey, RunId, TeamId, UserId
from bot.core.pleas import (
    MOST_CALLED,
    MOST_PLEAS,
    Opening,
    Plea,
    PleaState,
    expire,
    find_openings,
    find_plea_id,
    is_one_too_many,
    key_of,
    may_plead,
    move_on,
    take,
    withdraw,
)
from bot.core.policy import Denied, Membership, Person
from bot.core.policy.judgement import decide_change
from bot.core.rules import People, Right, Rules, RuleSource
from tests.core.samples import CATALOG, PROD

HOME = TeamId("T0HOME")
ANA, BEN, CLEO, DAN, GUS = (UserId(f"U0{name}") for name in ("ANA", "BEN", "CLEO", "DAN", "GUS"))
DEPLOYS, SUPPORT, OPS = (ChannelId(name) for name in ("C0DEPLOYS", "C0SUPPORT", "C0OPS"))
RELEASE, LEADS = GroupId("S0RELEASE"), GroupId("S0LEADS")
MEMBERSHIP = Membership(HOME, {RELEASE: frozenset({ANA, BEN}), LEADS: frozenset({CLEO})})
EVERYONE = People("everyone", everyone=True)
RELEASERS = People("releasers", groups=frozenset({RELEASE}))
DEPLOY = Change(Action.DEPLOY, PROD)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def right(who: People, *, deny: bool = False, line: int = 1, words: str = "deploy") -> Right:
    """A line about deploying prod."""
    source = RuleSource(f"channels.C0[{line}]", line)
    return Right(source, frozenset({words}), frozenset({PROD.id}), who, deny=deny)


def rules(**channels: tuple[Right, ...]) -> Rules:
    """Rules with these lines, by channel."""
    lines = {ChannelId(name): found for name, found in channels.items()}
    return Rules(CATALOG, lines, (), operators=None, digest="d1")


def openings(given_rules: Rules, by: UserId = CLEO, asked_in: ChannelId = DEPLOYS) -> tuple[Opening, ...]:
    """Where somebody may ask for it."""
    return find_openings(DEPLOY, by, asked_in, given_rules, MEMBERSHIP)


def a_plea(**fields: object) -> Plea:
    """An open plea of Cleo's."""
    first = Opening(DEPLOYS, "releasers", RuleSource("channels.C0[1]", 1), groups=(RELEASE,))
    plea = Plea(
        ButtonId("p1"),
        CLEO,
        HOME,
        DEPLOY,
        SUPPORT,
        (first, replace(first, channel_id=OPS)),
        NOON,
        NOON + timedelta(hours=1),
    )
    return replace(plea, **fields)  # type: ignore[arg-type]


def test_channel_it_was_asked_in_comes_first_then_the_files_order() -> None:
    lines = (right(RELEASERS),)
    found = openings(rules(C0OPS=lines, C0SUPPORT=lines, C0DEPLOYS=lines))
    assert [one.channel_id for one in found] == [DEPLOYS, OPS, SUPPORT]


def test_groups_are_called_by_the_group_and_people_by_their_ids() -> None:
    people = People("both", users=frozenset({BEN, GUS}), groups=frozenset({RELEASE}))
    [found] = openings(rules(C0DEPLOYS=(right(people),)))
    assert (found.users, found.groups, found.to) == ((BEN, GUS), (RELEASE,), "both")


def test_everyone_is_called_by_nobodys_name() -> None:
    both = (right(RELEASERS), right(EVERYONE, line=2))
    [found] = openings(rules(C0DEPLOYS=both))
    assert (found.to, found.users, found.groups) == ("everyone", (), ())


def test_asker_is_not_among_those_who_are_asked() -> None:
    themselves = People("cleo", users=frozenset({CLEO}), groups=frozenset({LEADS}))
    assert openings(rules(C0DEPLOYS=(right(themselves),))) == ()


def test_group_that_slack_does_not_tell_of_is_asked_all_the_same() -> None:
    unknown = People("strangers", groups=frozenset({GroupId("S0UNKNOWN")}))
    [found] = openings(rules(C0DEPLOYS=(right(unknown),)))
    assert found.groups == ("S0UNKNOWN",)


def test_people_whom_a_deny_line_bars_are_not_asked() -> None:
    barred = right(People("ben", users=frozenset({BEN})), deny=True, line=2)
    [found] = openings(rules(C0DEPLOYS=(right(RELEASERS), barred)))
    assert found.groups == (RELEASE,)
    all_barred = right(RELEASERS, deny=True, line=2)
    assert openings(rules(C0DEPLOYS=(right(RELEASERS), all_barred))) == ()


def test_very_many_are_not_all_called() -> None:
    crowd = People("crowd", users=frozenset(UserId(f"U0{number:03}") for number in range(40)))
    [found] = openings(rules(C0DEPLOYS=(right(crowd), right(RELEASERS, line=2))))
    assert len(found.users) == MOST_CALLED
    assert found.to == "crowd, releasers"


@pytest.mark.parametrize(
    "person",
    [
        Person(GUS, HOME, is_guest=True),
        Person(GUS, HOME, is_bot=True),
        Person(GUS, HOME, is_deactivated=True),
        Person(GUS, TeamId("T0OTHER")),
    ],
)
def test_people_outside_the_team_ask_nobody(person: Person) -> None:
    given_rules = rules(C0DEPLOYS=(right(RELEASERS),))
    assert not may_plead(DEPLOY, person, DEPLOYS, given_rules, MEMBERSHIP)
    assert may_plead(DEPLOY, Person(CLEO, HOME), DEPLOYS, given_rules, MEMBERSHIP)


def test_where_nobody_may_nobody_is_asked() -> None:
    given_rules = rules(C0DEPLOYS=(right(RELEASERS, words="restart"),))
    assert not may_plead(DEPLOY, Person(CLEO, HOME), DEPLOYS, given_rules, MEMBERSHIP)


LINES = st.builds(
    right,
    st.builds(
        People,
        st.just("some"),
        users=st.frozensets(st.sampled_from([ANA, BEN, CLEO])),
        groups=st.frozensets(st.sampled_from([RELEASE, LEADS, GroupId("S0UNKNOWN")])),
        everyone=st.booleans(),
    ),
    deny=st.booleans(),
    line=st.integers(1, 9),
)


@given(st.lists(LINES, max_size=5), st.sampled_from([ANA, BEN, CLEO]))
def test_whoever_is_called_may_do_it_there_and_somebody_always_can(lines: list[Right], by: UserId) -> None:
    given_rules = rules(C0DEPLOYS=tuple(lines))
    for found in openings(given_rules, by):
        may = [user for user in (ANA, BEN, CLEO, DAN) if user != by and _may(user, given_rules)]
        assert may or any(group not in MEMBERSHIP.groups for group in found.groups)
        assert set(found.users) <= set(may)
        for group in found.groups:
            assert group not in MEMBERSHIP.groups or MEMBERSHIP.groups[group] & set(may)


def _may(user: UserId, given_rules: Rules) -> bool:
    decision = decide_change(DEPLOY, Person(user, HOME), DEPLOYS, given_rules, MEMBERSHIP)
    return not isinstance(decision, Denied)


def test_key_tells_the_plea_and_no_other_ask_does() -> None:
    assert find_plea_id(key_of(ButtonId("p1"))) == "p1"
    for key in ("slash:plea:p1", "event:1", "press:plea:p1", "submit:1"):
        assert find_plea_id(RequestKey(key)) is None


def test_plea_that_was_taken_says_by_whom_and_as_which_run() -> None:
    taken = take(a_plea(), ANA, RunId(43))
    assert (taken.state, taken.taken_by, taken.run_id, taken.version) == (PleaState.TAKEN, ANA, 43, 2)


def test_plea_expires_at_its_time_and_only_while_it_is_open() -> None:
    plea = a_plea()
    assert expire(plea, plea.expires_at - timedelta(seconds=1)) is None
    expired = expire(plea, plea.expires_at)
    assert expired is not None
    assert (expired.state, expired.version) == (PleaState.EXPIRED, 2)
    for over in (expired, withdraw(plea), take(plea, ANA, RunId(1))):
        assert expire(over, plea.expires_at) is None


def test_plea_moves_on_through_its_channels_and_then_ends() -> None:
    moved = move_on(a_plea())
    assert (moved.opening.channel_id, moved.state) == (OPS, PleaState.OPEN)
    assert move_on(moved).state is PleaState.WITHDRAWN


def test_only_pleas_that_nobody_took_count_against_the_flood() -> None:
    taken = [take(a_plea(), ANA, RunId(1))] * 9
    few = [a_plea(), withdraw(a_plea())]
    assert not is_one_too_many([*taken, *few])
    assert is_one_too_many([*few, *[a_plea()] * (MOST_PLEAS - len(few))])
