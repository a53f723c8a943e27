"""The matrix is what the policy decides, told short; and it can be read, by eyes and by programs."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import Environment
from bot.core.names import ChannelId, GroupId, UserId
from bot.core.policy import (
    Decision,
    Membership,
    NeedsApproval,
    Person,
    change_of,
    decide_change,
    visible_environments,
)
from bot.core.rules import ACTION_WORDS, EVERYTHING, ApprovalRule, People, Right, Rules
from bot.matrix import ANYBODY, Cell, Channel, Kind, find_kinds, lay_out
from bot.matrix.page import to_page
from bot.matrix.rows import find_rows, to_records
from bot.matrix.table import HEADS, to_lines
from bot.sim.sandbox import RULES
from tests.core.samples import (
    ANA,
    BEN,
    CLEO,
    DEPLOYS,
    DEV,
    EVERYONE,
    HOME,
    OLD,
    PROD,
    STAGING,
    approval,
    right,
    rules,
    source,
)
from tests.support.rules import read_rules

USERS = (ANA.user_id, BEN.user_id, CLEO.user_id)
GROUPS = (GroupId("S0RELEASE"), GroupId("S0LEADS"))
PEOPLES = st.builds(
    lambda users, groups, everyone: People(
        ", ".join(sorted([*users, *groups])) or "everyone",
        frozenset(users),
        frozenset(groups),
        everyone or not (users or groups),
    ),
    st.sets(st.sampled_from(USERS)),
    st.sets(st.sampled_from(GROUPS)),
    st.booleans(),
)
WORD_SETS = st.sets(st.sampled_from([*ACTION_WORDS, "update", EVERYTHING]), min_size=1)
PLACES = st.sets(st.sampled_from([PROD, STAGING, DEV]), min_size=1)


@st.composite
def any_right(draw: st.DrawFn) -> Right:
    return right(*draw(WORD_SETS), on=tuple(draw(PLACES)), who=draw(PEOPLES), deny=draw(st.booleans()))


@st.composite
def any_approval(draw: st.DrawFn) -> ApprovalRule:
    return approval(*draw(WORD_SETS), on=tuple(draw(PLACES)), by=draw(PEOPLES))


def number_lines(rights: list[Right], approvals: list[ApprovalRule]) -> Rules:
    """Rules of these, each with a place of its own."""
    return rules(
        *(replace(one, source=source(f"channels.C[{number}]")) for number, one in enumerate(rights)),
        approvals=tuple(
            replace(one, source=source(f"approvals[{number}]")) for number, one in enumerate(approvals)
        ),
    )


RULES_OF_ANY_KIND = st.builds(
    number_lines, st.lists(any_right(), max_size=4), st.lists(any_approval(), max_size=2)
)
STRANGER = UserId("U0STRANGER")


def kind_of(user: UserId, group: GroupId | None, given_rules: Rules) -> Kind:
    """The kind that somebody is of, found by the lines that include them."""

    def included(person: UserId, membership: Membership) -> list[bool]:
        return [
            person in line.who.users or any(person in membership.groups[one] for one in line.who.groups)
            for line in given_rules.channels[DEPLOYS]
        ]

    mine = included(user, in_group(user, group, given_rules))
    kinds = find_kinds(DEPLOYS, given_rules)
    found = [kind for kind in kinds if included(kind.person.user_id, kind.membership) == mine]
    assert len(found) == 1
    return found[0]


def in_group(user: UserId, group: GroupId | None, given_rules: Rules) -> Membership:
    return Membership(HOME, {one: frozenset({user} if one == group else ()) for one in given_rules.groups()})


@given(RULES_OF_ANY_KIND)
def test_each_cell_is_what_is_decided_for_anybody_of_that_kind(given_rules: Rules) -> None:
    (channel,) = lay_out(given_rules)
    people = [*((user, None) for user in (*USERS, STRANGER)), *((STRANGER, group) for group in GROUPS)]
    for user, group in people:
        kind = kind_of(user, group, given_rules)
        membership = in_group(user, group, given_rules)
        for cell in channel.cells:
            (found,) = (decision for one, decision in cell.decisions if one == kind)
            for environment in cell.environments:
                change = change_of(cell.word, environment)
                decided = decide_change(change, Person(user, HOME), DEPLOYS, given_rules, membership)
                assert found == as_of(decided, cell.environments[0])


def as_of(decision: Decision, environment: Environment) -> Decision:
    """A decision as it would be there: an approval by peers speaks of the one environment it is about."""
    if isinstance(decision, NeedsApproval) and decision.approval.source == decision.rule:
        by_peers = replace(decision.approval, environments=frozenset({environment.id}))
        return replace(decision, approval=by_peers)
    return decision


@given(RULES_OF_ANY_KIND)
def test_every_visible_environment_has_one_cell_for_each_action(given_rules: Rules) -> None:
    (channel,) = lay_out(given_rules)
    visible = visible_environments(DEPLOYS, given_rules)
    assert [one.id for one in channel.environments] == [
        one.id for one in given_rules.catalog.environments if one.id in visible
    ]
    said = [(one.alias, cell.word) for cell in channel.cells for one in cell.environments]
    assert sorted(said) == sorted((one.alias, word) for one in channel.environments for word in ACTION_WORDS)


def decided_one_by_one(given_rules: Rules) -> Channel:
    """The matrix with each environment and each kind of people decided by itself."""
    kinds = find_kinds(DEPLOYS, given_rules)
    visible = visible_environments(DEPLOYS, given_rules)
    environments = tuple(one for one in given_rules.catalog.environments if one.id in visible)
    cells = []
    for word, one in product(ACTION_WORDS, environments):
        decisions = [
            decide_change(change_of(word, one), kind.person, DEPLOYS, given_rules, kind.membership)
            for kind in kinds
        ]
        cells.append(Cell(word, (one,), tuple(zip(kinds, decisions, strict=True))))
    return Channel(DEPLOYS, given_rules.source_of(DEPLOYS), environments, tuple(cells))


@given(RULES_OF_ANY_KIND)
def test_what_is_shown_is_as_if_each_cell_were_decided_by_itself(given_rules: Rules) -> None:
    (channel,), slowly = lay_out(given_rules), decided_one_by_one(given_rules)
    for width in (80, None):
        assert [*to_lines(channel, given_rules, width=width)] == [*to_lines(slowly, given_rules, width=width)]
    assert [*to_page([channel], given_rules)] == [*to_page([slowly], given_rules)]
    assert [*to_records(channel)] == [*to_records(slowly)]


def test_what_the_rules_do_not_tell_apart_is_decided_once() -> None:
    line = right("deploy", "stop", on=(PROD, STAGING, DEV, OLD), who=People("ana", frozenset({ANA.user_id})))
    more = right("deploy", on=(DEV,), who=People("ben", frozenset({BEN.user_id})))
    given_rules = rules(line, more, approvals=(approval("stop", on=(STAGING,)),))
    (channel,) = lay_out(given_rules)
    parts: dict[str, list[list[str]]] = {cell.word: [] for cell in channel.cells}
    for cell in channel.cells:
        parts[cell.word].append([one.alias for one in cell.environments])
    assert parts["deploy"] == [["prod"], ["staging", "old"], ["dev"]]
    assert parts["stop"] == [["prod"], ["staging"], ["dev", "old"]]
    assert parts["restart"] == [["prod"], ["staging", "dev", "old"]]


@given(RULES_OF_ANY_KIND)
def test_rows_say_every_cell_once_and_what_it_is(given_rules: Rules) -> None:
    (channel,) = lay_out(given_rules)
    rows = find_rows(channel)
    said = [(alias, word) for row in rows for alias in row.environments for word in _single(row.words)]
    assert sorted(said) == sorted((one.alias, word) for one in channel.environments for word in ACTION_WORDS)


def _single(words: tuple[str, ...]) -> list[str]:
    modes = ["pull_restart", "update_specific", "update_all"]
    return [one for word in words for one in (modes if word == "update" else [word])]


def test_kind_is_named_by_the_narrowest_of_the_labels_that_say_who_it_is() -> None:
    ana, ben = (People(one.user_id, frozenset({one.user_id})) for one in (ANA, BEN))
    both = People(f"{ana.label}, {ben.label}", ana.users | ben.users)
    everyone_too = People(f"everyone, {ben.label}", ben.users, everyone=True)
    lines = [right("stop", on=(PROD,), who=who) for who in (ana, both, everyone_too)]
    names = [kind.name for kind in find_kinds(DEPLOYS, rules(*lines))]
    assert names == ["U0ANA", "U0ANA, U0BEN + everyone, U0BEN", "everyone else"]
    ben_too = right("stop", on=(DEV,), who=ben)
    assert [kind.name for kind in find_kinds(DEPLOYS, rules(*lines, ben_too))] == [
        "U0ANA",
        "U0BEN",
        "everyone else",
    ]


@given(RULES_OF_ANY_KIND)
def test_no_two_kinds_have_one_name(given_rules: Rules) -> None:
    names = [kind.name for kind in find_kinds(DEPLOYS, given_rules)]
    assert len({*names}) == len(names)


def test_people_on_the_same_lines_are_one_kind_and_the_rest_is_everyone_else() -> None:
    deny = right("stop", on=(PROD,), who=People("U0BEN", frozenset({BEN.user_id})), deny=True)
    team = People("team", frozenset({ANA.user_id, BEN.user_id}), frozenset({GROUPS[0]}))
    given_rules = rules(right("stop", on=(PROD,), who=team), deny)
    assert [kind.name for kind in find_kinds(DEPLOYS, given_rules)] == [
        "team",
        "team + U0BEN",
        "everyone else",
    ]
    assert [kind.name for kind in find_kinds(DEPLOYS, rules(right("stop", on=(PROD,), who=EVERYONE)))] == [
        "everyone"
    ]
    assert find_kinds(DEPLOYS, given_rules)[-1].person.user_id == ANYBODY


def demo() -> tuple[Rules, list[Channel]]:
    found = read_rules(RULES, name="demo.yml")
    return found, list(lay_out(found))


@pytest.mark.parametrize("width", [63, 80, 100, 160])
def test_table_fits_the_terminal_and_leaves_nothing_out(width: int) -> None:
    found, channels = demo()
    for channel in channels:
        _, heads, *lines = to_lines(channel, found, width=width)
        assert max(len(line) for line in (heads, *lines)) <= width
        starts = [heads.index(head) for head in HEADS]
        columns = [slice(start, end) for start, end in pairwise([*starts, width])]
        shown = ["".join(line[column] for line in lines) for column in columns]
        rows = find_rows(channel)
        aliases = dict.fromkeys(row.environments for row in rows)
        outcomes = [row.outcome for row in rows]
        said = (
            (alias for group in aliases for alias in group),
            (word for row in rows for word in row.words),
            (outcome.at_once for outcome in outcomes),
            (outcome.with_approval for outcome in outcomes),
            (outcome.denied for outcome in outcomes),
        )
        assert [letters(text) for text in shown] == [letters("".join(cells)) for cells in said]


def letters(text: str) -> str:
    return re.sub(r"[\s,]+", "", text)


def test_word_of_ours_is_broken_in_no_terminal() -> None:
    found, channels = demo()
    lines = "\n".join(line for channel in channels for line in to_lines(channel, found, width=20))
    assert "update_specific" in lines
    assert "environment" in lines


def test_table_of_the_demo_says_who_may_in_a_line_for_each_row() -> None:
    found, channels = demo()
    lines = [line for channel in channels for line in to_lines(channel, found)]
    line = found.sources[ChannelId("C0DEPLOYS")].line
    assert lines[0] == f"C0DEPLOYS  (demo.yml:{line})"
    restart = next(one for one in lines if "restart, start" in one)
    assert re.split(r" {2,}", restart) == ["prod", "restart, start", "releasers", "–", "everyone else"]


def test_records_hold_the_place_of_each_rule() -> None:
    _, channels = demo()
    records = [record for channel in channels for record in to_records(channel)]
    assert json.loads(json.dumps(records)) == records
    stop = next(one for one in records if (one["environment"], one["action"]) == ("prod", "stop"))
    decisions = stop["decisions"]
    assert isinstance(decisions, list)
    assert decisions[0]["who"] == "releasers"
    assert decisions[0]["decision"] == "approval"
    assert decisions[0]["count"] == 2
    assert decisions[1] == {
        "who": "everyone else",
        "decision": "denied",
        "reason": "no_rule",
        "rule": "channels.C0DEPLOYS",
        "line": decisions[1]["line"],
    }


class Reader(HTMLParser):
    """Counts what is open, and keeps what could reach out or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.reaching: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.reaching += [
            (name, value)
            for name, value in attrs
            if name.startswith("on") or name in {"src", "href", "style"}
        ]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_stands_alone_and_is_well_formed() -> None:
    found, channels = demo()
    text = "".join(to_page(channels, found))
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert not reader.tags & {"script", "link", "img", "iframe"}
    assert all(name == "href" and str(value).startswith("#") for name, value in reader.reaching)
    assert "url(" not in text
    assert "@import" not in text
    assert text.count('<tr><th scope="row">') == sum(len(find_rows(channel)) for channel in channels)


@given(st.text(max_size=40))
def test_labels_from_the_file_cannot_become_markup(label: str) -> None:
    hostile = f"<script>{label}</script>\"'>"
    who = People(hostile, frozenset({ANA.user_id}))
    given_rules = replace(rules(right("stop", on=(PROD,), who=who)), name=hostile)
    text = "".join(to_page(lay_out(given_rules), given_rules))
    reader = Reader()
    reader.feed(text)
    assert "script" not in reader.tags
    for line in to_lines(next(lay_out(given_rules)), given_rules):
        assert "\n" not in line
