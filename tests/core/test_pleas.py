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
    MOST_CANDIDATES,
    MOST_IN_CHANNEL,
    MOST_PLEAS,
    OPEN_FOR,
    ChannelAskedOften,
    Opening,
    PersonAskedOften,
    Plea,
    PleaState,
    SamePlea,
    call,
    expire,
    find_full_channels,
    find_obstacle,
    find_openings,
    find_plea_id,
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
LEADS_ONLY = People("leads", groups=frozenset({LEADS}))
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
    first = Opening(DEPLOYS, "releasers", RuleSource("channels.C0[1]", 1), users=(ANA, BEN))
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


def test_members_of_groups_can_be_called_as_people_are_by_their_ids() -> None:
    people = People("both", users=frozenset({BEN, GUS}), groups=frozenset({RELEASE}))
    [found] = openings(rules(C0DEPLOYS=(right(people),)))
    assert (found.users, found.to) == ((ANA, BEN, GUS), "both")


def test_everyone_is_called_by_nobodys_name() -> None:
    both = (right(RELEASERS), right(EVERYONE, line=2))
    [found] = openings(rules(C0DEPLOYS=both))
    assert (found.to, found.users) == ("everyone", ())


def test_asker_is_not_among_those_who_are_asked() -> None:
    themselves = People("cleo", users=frozenset({CLEO}), groups=frozenset({LEADS}))
    assert openings(rules(C0DEPLOYS=(right(themselves),))) == ()


def test_group_that_slack_does_not_tell_of_is_asked_all_the_same() -> None:
    unknown = People("strangers", groups=frozenset({GroupId("S0UNKNOWN")}))
    [found] = openings(rules(C0DEPLOYS=(right(unknown),)))
    assert (found.to, found.users) == ("strangers", ())


def test_people_whom_a_deny_line_bars_are_not_asked() -> None:
    barred = right(People("ben", users=frozenset({BEN})), deny=True, line=2)
    [found] = openings(rules(C0DEPLOYS=(right(RELEASERS), barred)))
    assert found.users == (ANA,)
    all_barred = right(RELEASERS, deny=True, line=2)
    assert openings(rules(C0DEPLOYS=(right(RELEASERS), all_barred))) == ()


def test_very_many_are_not_all_called() -> None:
    crowd = People("crowd", users=frozenset(UserId(f"U0{number:03}") for number in range(40)))
    given_rules = rules(C0DEPLOYS=(right(crowd), right(RELEASERS, line=2)))
    [found] = openings(given_rules)
    assert len(found.users) == MOST_CANDIDATES
    assert found.to == "crowd, releasers"
    assert (
        called(found, given_rules, *(Person(user, HOME) for user in found.users)).users
        == found.users[:MOST_CALLED]
    )


def called(opening: Opening, given_rules: Rules, *persons: Person) -> Opening:
    """Whom it calls at noon, UTC."""
    return call(opening, persons, DEPLOY, given_rules, MEMBERSHIP, NOON)


def test_who_is_asleep_or_may_not_do_it_is_not_called() -> None:
    everybody = People("some", users=frozenset({ANA, BEN, CLEO, DAN, GUS}))
    given_rules = rules(C0DEPLOYS=(right(everybody), right(LEADS_ONLY, deny=True, line=2)))
    [found] = openings(given_rules, by=DAN)
    persons = (
        Person(ANA, HOME, time_zone="Europe/Madrid"),
        Person(BEN, HOME, time_zone="Pacific/Auckland"),
        Person(CLEO, HOME),
        Person(GUS, HOME, is_deactivated=True),
    )
    now = called(found, given_rules, *persons)
    assert (now.users, now.is_night) == ((ANA,), False)


def test_where_all_are_asleep_nobody_is_called() -> None:
    given_rules = rules(C0DEPLOYS=(right(RELEASERS),))
    [found] = openings(given_rules)
    asleep = [Person(user, HOME, time_zone="Pacific/Auckland") for user in found.users]
    assert called(found, given_rules, *asleep) == replace(found, users=(), is_night=True)
    assert called(found, given_rules) == replace(found, users=()), "of nobody it is known that they sleep"


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
        may = {user for user in (ANA, BEN, CLEO, DAN) if user != by and _may(user, given_rules)}
        unknown = {group for line in lines for group in line.who.groups} - MEMBERSHIP.groups.keys()
        assert may or unknown
        now = called(found, given_rules, *(Person(user, HOME) for user in found.users))
        assert set(now.users) <= may
        assert now.users or unknown or any(line.who.everyone for line in lines)


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


def some_pleas(*minutes: int, **fields: object) -> list[Plea]:
    """Pleas of others, each made so many minutes after noon."""
    return [
        a_plea(by=UserId(f"U0{minute}"), asked_at=NOON + timedelta(minutes=minute), **fields)
        for minute in minutes
    ]


def test_next_channel_that_is_full_is_passed_over() -> None:
    first = a_plea().opening
    plea = a_plea(openings=(first, replace(first, channel_id=OPS), replace(first, channel_id=SUPPORT)))
    assert move_on(plea, {OPS}).opening.channel_id == SUPPORT
    assert move_on(plea, {OPS, SUPPORT}).state is PleaState.WITHDRAWN


@pytest.mark.parametrize(
    "change",
    [
        DEPLOY,
        replace(
            DEPLOY, environment=replace(PROD, alias="live", project="Renamed", protected=not PROD.protected)
        ),
    ],
    ids=["word for word", "of an environment that is called otherwise by now"],
)
def test_same_wish_that_is_still_open_stands_in_the_way(change: Change) -> None:
    standing = a_plea(id=ButtonId("standing"), change=change)
    assert find_obstacle(a_plea(), [standing]) == SamePlea(standing)


def test_same_wish_that_was_taken_on_stands_in_the_way_until_its_run_has_ended() -> None:
    taken = take(a_plea(), ANA, RunId(4))
    assert find_obstacle(a_plea(), [taken], {RunId(4)}) == SamePlea(taken)
    assert find_obstacle(a_plea(), [taken], {RunId(5)}) is None


def test_order_of_modules_makes_no_other_wish() -> None:
    both = replace(DEPLOY, modules=("sale", "stock"))
    standing = a_plea(change=replace(both, modules=("stock", "sale")))
    assert find_obstacle(a_plea(change=both), [standing]) == SamePlea(standing)


def test_other_wishes_and_those_that_are_over_or_of_others_stand_in_nobodys_way() -> None:
    recent = [
        withdraw(a_plea()),
        take(a_plea(), ANA, RunId(1)),
        a_plea(by=BEN),
        a_plea(change=replace(DEPLOY, modules=("sale",))),
    ]
    assert find_obstacle(a_plea(), recent) is None


def test_person_may_ask_again_when_the_oldest_that_counts_is_an_hour_old() -> None:
    taken = [take(a_plea(), ANA, RunId(1))] * 9
    own = [withdraw(a_plea(asked_at=NOON + timedelta(minutes=nth))) for nth in range(MOST_PLEAS)]
    assert find_obstacle(a_plea(), [*taken, *own[1:]]) is None
    assert find_obstacle(a_plea(), [*taken, *own]) == PersonAskedOften(NOON + OPEN_FOR)
    assert find_obstacle(a_plea(by=GUS), [*taken, *own]) is None


def test_channel_is_asked_again_when_the_oldest_that_counts_is_an_hour_old() -> None:
    minutes = range(MOST_IN_CHANNEL)
    taken = [take(plea, ANA, RunId(1)) for plea in some_pleas(*range(40, 50))]
    recent = [*some_pleas(*minutes), *taken]
    assert find_obstacle(a_plea(), recent[1:]) is None
    assert find_obstacle(a_plea(), recent) == ChannelAskedOften(DEPLOYS, NOON + OPEN_FOR)
    elsewhere = a_plea(openings=a_plea().openings[1:])
    assert find_obstacle(elsewhere, recent) is None
    assert find_full_channels(recent) == {DEPLOYS}
    assert find_full_channels(recent[1:]) == frozenset()


def test_where_more_were_made_than_there_may_be_the_newest_count() -> None:
    recent = some_pleas(*range(MOST_IN_CHANNEL + 2))
    assert find_obstacle(a_plea(), recent) == ChannelAskedOften(
        DEPLOYS, NOON + timedelta(minutes=2) + OPEN_FOR
    )
