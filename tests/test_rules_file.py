import os
import textwrap
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.rules_file
from bot.core.names import ChannelId, GroupId, UserId
from bot.core.rules import People, Rules, RuleSource
from bot.rules_file import (
    Expectation,
    RulesError,
    RulesFile,
    check_cases,
    load_document,
    load_rules,
    read_document,
    refuse_misses,
)
from bot.rules_file.nodes import LONGEST_FILE, MOST_MISTAKES
from tests.support.rules import read_rules

PROD = "5a296461-9222-40da-91f5-9e912890dc1b"
STAGING = "0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f"
DEV = "7d0c8c1e-3c52-4b06-9f0e-0d7f4f2f9b11"
HEAD = f"""\
environments:
  prod: {{id: {PROD}, protected: true, aliases: [production]}}
  staging: {{id: {STAGING}}}
  dev: {{id: {DEV}}}
people:
  releasers: [U0ANA, U0BEN, S0RELEASE]
"""
SMALL = HEAD + "channels: {C0DEPLOYS: [{may: deploy, on: prod, who: releasers}]}\n"


def with_right(right: str, *more: str) -> str:
    """A file whose only channel has this line (on line 9)."""
    return "\n".join([HEAD + "channels:", "  C0DEPLOYS:", f"    - {right}", *more])


def with_approval(approval: str) -> str:
    """A file with this approval rule (on line 11)."""
    return with_right("{may: everything, on: all, who: everyone}", "approvals:", f"  - {approval}")


def read(text: str) -> Rules | RulesError:
    """The rules, or why there are none."""
    try:
        return read_rules(text)
    except RulesError as error:
        return error


def mistakes_in(text: str) -> tuple[str, ...]:
    with pytest.raises(RulesError) as caught:
        read_rules(text)
    return caught.value.lines


def example() -> str:
    """The file in the docstring."""
    doc = bot.rules_file.__doc__ or ""
    indented = [line for line in doc.splitlines() if line.startswith("    ") or not line]
    return textwrap.dedent("\n".join(indented))


# what a file says


def test_example_of_the_docstring_is_right_and_passes_its_own_tests() -> None:
    document = read_document(example())
    assert len(document.cases) == 4
    assert refuse_misses(document) is document.rules
    assert check_cases(document.rules, document.cases) == ()


def test_file_becomes_rules() -> None:
    rules = read_rules(example())
    assert [one.alias for one in rules.catalog.environments] == ["prod", "staging", "dev"]
    prod = rules.catalog.environments[0]
    assert (prod.id, prod.aliases, prod.protected) == (PROD, ("production", "live"), True)
    assert list(rules.channels) == ["C0DEPLOYS", "C0SUPPORT"]
    first, second, deny = rules.channels[ChannelId("C0DEPLOYS")]
    assert first.words == {"deploy", "restart", "start", "stop", "update"}
    assert first.environments == {PROD, STAGING}
    assert first.who == People(
        "releasers", frozenset({UserId("U0ANA"), UserId("U0BEN")}), frozenset({GroupId("S0RELEASE")})
    )
    assert second.words == {"everything"}
    assert second.environments == {STAGING, DEV}
    assert second.who == People("everyone", everyone=True)
    assert (deny.deny, deny.who) == (True, People("U0BEN", frozenset({UserId("U0BEN")})))
    assert rules.channels[ChannelId("C0SUPPORT")][0].environments == {STAGING, DEV}
    assert rules.operators == "C0OPS"
    assert rules.groups() == {"S0RELEASE"}


def test_approvals_keep_their_order_and_their_details() -> None:
    first, second, third = read_rules(example()).approvals
    assert first.words == {"reinit", "update_all", "stop"}
    assert first.environments == {PROD}
    assert first.typed == {"reinit"}
    assert first.expires == timedelta(hours=1)
    assert (second.expires, second.typed, second.requester_may_approve) == (
        timedelta(minutes=15),
        frozenset(),
        False,
    )
    assert third.requester_may_approve


def test_rule_knows_where_it_stands() -> None:
    rules = read_rules(
        with_right(
            "{may: deploy, on: prod, who: releasers}", "approvals: [{for: stop, on: all, by: everyone}]"
        )
    )
    assert rules.channels[ChannelId("C0DEPLOYS")][0].source == RuleSource("channels.C0DEPLOYS[0]", 9)
    assert rules.approvals[0].source == RuleSource("approvals[0]", 10)


def test_digest_names_the_version() -> None:
    assert read_rules(SMALL).digest == sha256(SMALL.encode()).hexdigest()
    assert read_rules(SMALL + "# later\n").digest != read_rules(SMALL).digest


@pytest.mark.parametrize(
    ("on", "meant"),
    [
        ("prod", {PROD}),
        ("PRODUCTION", {PROD}),
        ("[staging, dev]", {STAGING, DEV}),
        ("protected", {PROD}),
        ("unprotected", {STAGING, DEV}),
        ("all", {PROD, STAGING, DEV}),
        ("[protected, dev]", {PROD, DEV}),
        ("test", {STAGING, DEV}),
    ],
)
def test_on_names_environments_in_many_ways(on: str, meant: set[str]) -> None:
    text = with_right(f"{{may: deploy, on: {on}, who: everyone}}", "groups: {test: [staging, dev]}")
    assert read_rules(text).channels[ChannelId("C0DEPLOYS")][0].environments == meant


@pytest.mark.parametrize(
    ("who", "people"),
    [
        ("everyone", People("everyone", everyone=True)),
        ("U0CLEO", People("U0CLEO", frozenset({UserId("U0CLEO")}))),
        (
            "[U0CLEO, S0HELP]",
            People("U0CLEO, S0HELP", frozenset({UserId("U0CLEO")}), frozenset({GroupId("S0HELP")})),
        ),
        ("W0GRID", People("W0GRID", frozenset({UserId("W0GRID")}))),
    ],
)
def test_who_names_people_in_many_ways(who: str, people: People) -> None:
    text = with_right(f"{{may: deploy, on: prod, who: {who}}}")
    assert read_rules(text).channels[ChannelId("C0DEPLOYS")][0].who == people


@pytest.mark.parametrize(
    ("span", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("2 h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
    ],
)
def test_span_is_read_with_its_unit(span: str, meant: timedelta) -> None:
    assert (
        read_rules(with_approval(f"{{for: deploy, on: prod, by: releasers, expires: {span}}}"))
        .approvals[0]
        .expires
        == meant
    )


def test_words_that_yaml_reads_as_true_or_false_are_names_like_any_other() -> None:
    text = f"environments: {{no: {{id: {PROD}}}, yes: {{id: {STAGING}, protected: off}}}}\n"
    rules = read_rules(text + "channels: {C0X: [{may: deploy, on: [no, yes], who: everyone}]}")
    assert [one.alias for one in rules.catalog.environments] == ["no", "yes"]


def test_channel_without_lines_may_only_read_nothing() -> None:
    some = "C0Y: [{may: deploy, on: prod, who: releasers}]"
    assert read_rules(HEAD + f"channels: {{C0X: , {some}}}\n").channels[ChannelId("C0X")] == ()


def test_byte_order_mark_is_no_mistake() -> None:
    assert read_rules("\ufeff" + SMALL).catalog == read_rules(SMALL).catalog


# what is wrong with a file


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "the file is empty"),
        ("# nothing\n", 1, "the file is empty"),
        ("- a\n", 1, "`oec.yml` must be a list of `key: value`"),
        ("environments: {prod\n", 2, "this is not YAML"),
        ("a: b: c\n", 1, "this is not YAML"),
        ("a: 1\n--- \nb: 2\n", 2, "this is not YAML"),
        ("a: \x07\n", 1, "does not allow"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("a: [[[[[[[[[1]]]]]]]]]\n", 1, "nested deeper"),
        ("[" * 50_000, 1, "nested deeper"),
        ("a: " + "x" * LONGEST_FILE, 1, "larger than 512 KiB"),
        ("channels: {}\n", 1, "needs `environments`"),
        (HEAD, 1, "needs `channels`"),
        ("environments:\nchannels:\n", 1, "`environments` names none"),
        (SMALL + "chanels: {}\n", 8, "Did you mean `channels`?"),
        (SMALL + "channels: {}\n", 8, "twice (first on line 7)"),
    ],
)
def test_file_that_is_no_rules_file_says_so(text: str, line: int, words: str) -> None:
    found = mistakes_in(text)
    assert any(mistake.startswith(f"oec.yml:{line}: ") and words in mistake for mistake in found)


@pytest.mark.parametrize(
    ("environments", "words"),
    [
        ("prod: {id: 42}", "must be a UUID"),
        ("prod: {}", "`environments.prod` needs `id`"),
        ("prod: ", "must be a list of `key: value` with `id`"),
        (f"prod: {{id: {PROD}, proteced: true}}", "Did you mean `protected`?"),
        (f"prod: {{id: {PROD}, protected: maybe}}", "is `true` or `false`, not `maybe`"),
        (f"prod: {{id: {PROD}, aliases: []}}", "names nothing"),
        (f"all: {{id: {PROD}}}", "`all` cannot name an environment"),
        (f"20: {{id: {PROD}}}", "`20` cannot name an environment"),
        (f"two words: {{id: {PROD}}}", "cannot name an environment"),
        (f"a: {{id: {PROD}}}, b: {{id: {PROD}}}", "same id as `a`"),
        (f"a: {{id: {PROD}}}, b: {{id: {PROD.upper()}}}", "same id as `a`"),
        (f"a: {{id: {PROD}}}, A: {{id: {DEV}}}", "`A` already names `a`"),
        (f"a: {{id: {PROD}, aliases: [b]}}, b: {{id: {DEV}}}", "`b` already names `a`"),
        (f"a: {{id: {PROD}}}, a: {{id: {DEV}}}", "`environments` has `a` twice"),
        (f"[a]: {{id: {PROD}}}", "here belongs one value"),
    ],
)
def test_mistake_in_an_environment_says_what_to_do(environments: str, words: str) -> None:
    found = mistakes_in(f"environments: {{{environments}}}\nchannels: {{}}\n")
    assert any(mistake.startswith("oec.yml:1: ") and words in mistake for mistake in found)


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("{may: deploi, on: prod, who: everyone}", "there is no action `deploi`. Did you mean `deploy`?"),
        ("{may: status, on: prod, who: everyone}", "`status` needs no rule"),
        ("{may: [], on: prod, who: everyone}", "`channels.C0DEPLOYS[0].may` names nothing"),
        ("{may: deploy, on: prdo, who: everyone}", "there is no environment `prdo`. Did you mean `prod`?"),
        (
            "{may: deploy, on: prod, who: relesers}",
            "there are no people `relesers`. Did you mean `releasers`?",
        ),
        ("{may: deploy, on: prod, who: ana}", "there are no people `ana`"),
        ("{may: deploy, on: prod}", "needs `who`"),
        ("{may: deploy, who: everyone}", "needs `on`"),
        ("{on: prod, who: everyone}", "needs `may`"),
        ("{may: deploy, on: prod, who: everyone, whoo: x}", "has no key `whoo`"),
        ("{may: deploy, on: prod, who: everyone, deny: nope}", "is `true` or `false`"),
        ("{may: [[deploy]], on: prod, who: everyone}", "here belongs one value"),
        ("deploy", "must be a list of `key: value`"),
    ],
)
def test_mistake_in_a_right_says_what_to_do(right: str, words: str) -> None:
    assert any(
        mistake.startswith("oec.yml:9: ") and words in mistake for mistake in mistakes_in(with_right(right))
    )


@pytest.mark.parametrize(
    ("approval", "words"),
    [
        ("{for: deploy, on: prod}", "needs `by`"),
        ("{for: deploy, on: prod, by: relesers}", "Did you mean `releasers`?"),
        ("{for: deploy, on: prod, by: releasers, typed: reinit}", "`approvals[0].for` does not"),
        ("{for: deploy, on: prod, by: releasers, expires: 5}", "such as `90s`, `15m` or `1h`, not `5`"),
        ("{for: deploy, on: prod, by: releasers, expires: 1s}", "a span from 10s to 7d"),
        ("{for: deploy, on: prod, by: releasers, expires: 30d}", "a span from 10s to 7d"),
        ("{for: deploy, on: prod, by: releasers, expire: 5m}", "Did you mean `expires`?"),
    ],
)
def test_mistake_in_an_approval_says_what_to_do(approval: str, words: str) -> None:
    found = mistakes_in(with_approval(approval))
    assert any(mistake.startswith("oec.yml:11: ") and words in mistake for mistake in found)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("people: {everyone: [U0ANA]}", "choose another name"),
        ("people: {U0ANA: [U0ANA]}", "choose another name"),
        ("people: {us: []}", "names nothing"),
        ("people: {us: [ana]}", "`ana` is no Slack id"),
        ("people: {us: ['@ana']}", "`@ana` is no Slack id"),
        ("people: {leads: [U0ANA], us: [laeds]}", "Did you mean `leads`?"),
        ("people: {us: [us]}", "`us` would stand for itself (`us` → `us`)"),
        ("people: {us: [we, U0ANA], we: [they], they: [us]}", "for itself (`us` → `we` → `they` → `us`)"),
        ("groups: {prod: [dev]}", "taken"),
        ("groups: {all: [dev]}", "taken"),
        ("groups: {test: [prdo]}", "Did you mean `prod`?"),
        ("operators: C0OPS", "must be a list of `key: value` with `channel`"),
        ("operators: {channel: ops}", "`ops` is no channel id"),
        ("tests: [{person: U0ANA, channel: C0DEPLOYS, action: deploy prod}]", "needs `expect`"),
        (
            "tests: [{person: ana, channel: C0X, action: deploy prod, expect: denied}]",
            "`ana` is no member id",
        ),
        ("tests: [{person: U0ANA, channel: x, action: deploy prod, expect: denied}]", "`x` is no channel id"),
        ("tests: [{person: U0ANA, channel: C0X, action: a, expect: alowed}]", "Did you mean `allowed`?"),
        ("tests: [{person: U0ANA, channel: C0X, action: a, expect: denied, groups: x}]", "no user group id"),
    ],
)
def test_mistake_in_another_section_says_what_to_do(section: str, words: str) -> None:
    text = HEAD.split("people:", maxsplit=1)[0] + "channels: {}\n" + section
    assert any(mistake.startswith("oec.yml:6: ") and words in mistake for mistake in mistakes_in(text))


def test_channel_by_its_name_is_refused() -> None:
    assert "`deploys` is no channel id" in mistakes_in(HEAD + "channels: {deploys: []}\n")[0]


@pytest.mark.parametrize("word", ["protected", "unprotected"])
def test_rule_for_a_kind_of_environment_that_is_none_is_a_mistake(word: str) -> None:
    kind = "true" if word == "unprotected" else "false"
    text = f"environments: {{a: {{id: {PROD}, protected: {kind}}}}}\n"
    assert (
        f"no environment is {word}"
        in mistakes_in(text + f"channels: {{C0X: [{{may: deploy, on: {word}, who: everyone}}]}}")[0]
    )


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = f"""\
environments:
  prod: {{id: nonsense}}
  dev: {{id: {DEV}, protect: true}}
people:
  releasers: [ana]
channels:
  C0DEPLOYS:
    - {{may: deploi, on: prod, who: releasers}}
    - {{may: deploy, on: dve, who: nobody}}
approvals:
  - {{for: deploy, on: prod}}
operators: {{channel: ops}}
"""
    lines = [int(mistake.split(":")[1]) for mistake in mistakes_in(text)]
    assert lines == [2, 3, 5, 8, 9, 9, 11, 12]


def test_wrong_environment_is_told_once_and_not_wherever_it_is_used() -> None:
    text = f"environments: {{prod: {{id: x}}, dev: {{id: {DEV}}}}}\n"
    assert len(mistakes_in(text + "channels: {C0X: [{may: stop, on: prod, who: everyone}]}")) == 1


def test_file_of_nothing_but_mistakes_is_not_read_to_its_end() -> None:
    lines = [f"    - {{may: deploy, on: nowhere{number}, who: everyone}}" for number in range(5_000)]
    found = mistakes_in("\n".join([HEAD + "channels:", "  C0X:", *lines]))
    assert len(found) == MOST_MISTAKES + 1
    assert found[-1].endswith(f"these are the first {MOST_MISTAKES} mistakes.")


def test_mistakes_name_the_file_they_are_in() -> None:
    with pytest.raises(RulesError, match=r"^acme\.yml:1: the file is empty"):
        read_rules("", name="acme.yml")


def test_long_foreign_words_are_cut_and_stay_on_one_line() -> None:
    found = mistakes_in(with_right(f'{{may: "de\\n{"x" * 500}", on: prod, who: everyone}}'))
    assert all(len(mistake) < 300 and "\n" not in mistake for mistake in found)


def people_of(lines: list[str], name: str) -> People:
    """Whom a name means in a file with these lines among its people."""
    people = "\n".join(["people:", *(f"  {line}" for line in lines)])
    right = f"{{may: stop, on: dev, who: {name}}}"
    rules = read_rules(HEAD.replace("people:", people) + f"channels: {{C0X: [{right}]}}\n")
    return rules.channels[ChannelId("C0X")][0].who


@pytest.mark.parametrize("order", [1, -1])
def test_name_of_people_may_stand_for_other_names_in_any_order(order: int) -> None:
    lines = ["all_of_us: [releasers, leads, U0EVA]", "leads: [U0DORA, U0ANA]"]
    found = people_of(lines[::order], "all_of_us")
    assert found.label == "all_of_us"
    assert found.users == {"U0ANA", "U0BEN", "U0DORA", "U0EVA"}
    assert found.groups == {"S0RELEASE"}


def test_id_for_which_a_name_stands_alone_goes_by_that_name() -> None:
    lines = ["lead: U0DORA", "support: [S0HELP]", "boss: [lead]"]
    assert people_of(lines, "[U0DORA, S0HELP, U0ANA]").label == "lead, support, U0ANA"
    assert people_of(lines, "U0BEN").label == "U0BEN"


@pytest.mark.parametrize("order", [1, -1])
def test_names_inside_names_have_an_end(order: int) -> None:
    def chain(length: int) -> list[str]:
        lines = [f"n{number}: [n{number + 1}]" for number in range(1, length)]
        return [*lines, f"n{length}: [U0EVA]"][::order]

    assert people_of(chain(8), "n1").users == {"U0EVA"}
    for length in (9, 5_000):
        with pytest.raises(RulesError, match="more than 8 names inside each other"):
            people_of(chain(length), "n1")


def test_lists_of_many_people_that_name_each_other_do_not_grow_without_end() -> None:
    many = ", ".join(f"U0{number:06}" for number in range(10_000))
    lines = [f"big: [{many}]", *(f"n{number}: [big, U0EVA]" for number in range(3_000))]
    with pytest.raises(RulesError, match=r"too many to list them\. Name user groups instead"):
        people_of(lines, "n1")


# rights that nobody could ever be granted


def nobody_could(right: str, approval: str | None = None) -> bool:
    outcome = read(with_right(right, *(("approvals:", f"  - {approval}") if approval else ())))
    return isinstance(outcome, RulesError) and "nobody could ever approve" in str(outcome)


@pytest.mark.parametrize(
    ("right", "approval", "stuck"),
    [
        ("{may: deploy, on: prod, who: U0ANA}", "{for: deploy, on: prod, by: U0ANA}", True),
        ("{may: deploy, on: prod, who: U0ANA}", "{for: deploy, on: prod, by: [U0ANA, U0BEN]}", False),
        ("{may: deploy, on: prod, who: [U0ANA, U0BEN]}", "{for: deploy, on: prod, by: U0ANA}", False),
        ("{may: deploy, on: prod, who: everyone}", "{for: deploy, on: prod, by: U0ANA}", False),
        ("{may: deploy, on: prod, who: U0ANA}", "{for: deploy, on: prod, by: S0RELEASE}", False),
        ("{may: deploy, on: prod, who: U0ANA}", "{for: deploy, on: prod, by: everyone}", False),
        ("{may: restart, on: prod, who: U0ANA}", "{for: deploy, on: prod, by: U0ANA}", False),
        ("{may: deploy, on: dev, who: U0ANA}", "{for: deploy, on: prod, by: U0ANA}", False),
        (
            "{may: deploy, on: prod, who: U0ANA}",
            "{for: deploy, on: prod, by: U0ANA, requester_may_approve: true}",
            False,
        ),
        ("{may: update, on: prod, who: U0ANA}", "{for: update_all, on: prod, by: U0ANA}", True),
        ("{may: deploy, on: prod, who: U0ANA, deny: true}", "{for: deploy, on: prod, by: U0ANA}", False),
        (
            "{may: deploy, on: prod, who: U0ANA}\n    - {may: deploy, on: prod, who: everyone, deny: true}",
            "{for: deploy, on: prod, by: U0ANA}",
            False,
        ),
        ("{may: reinit, on: prod, who: U0ANA}", None, True),
        ("{may: everything, on: dev, who: U0ANA}", None, True),
        ("{may: everything, on: prod, who: U0ANA}", None, False),
        ("{may: reinit, on: dev, who: releasers}", None, False),
        ("{may: reinit, on: dev, who: U0ANA}", "{for: reinit, on: dev, by: U0BEN}", False),
    ],
)
def test_approval_that_nobody_could_give_is_a_mistake(right: str, approval: str | None, stuck: bool) -> None:
    assert nobody_could(right, approval) is stuck


def test_reinit_that_everybody_else_is_denied_is_a_mistake() -> None:
    lines = [
        "{may: reinit, on: dev, who: [U0ANA, U0BEN]}",
        "    - {may: reinit, on: dev, who: U0BEN, deny: true}",
    ]
    found = mistakes_in(with_right("\n".join(lines)))
    assert found[0].startswith(
        "oec.yml:9: `channels.C0DEPLOYS[0]` lets U0ANA, U0BEN ask for `reinit` on `dev`"
    )


# the file's own tests


def cases(*lines: str) -> str:
    return "\n".join([example().split("tests:")[0], "tests:", *(f"  - {line}" for line in lines)])


@pytest.mark.parametrize(
    ("case", "got", "because"),
    [
        (
            "{person: U0CLEO, channel: C0DEPLOYS, action: deploy prod, expect: allowed}",
            "denied",
            "no line of C0DEPLOYS lets them",
        ),
        (
            "{person: U0CLEO, channel: C0DEPLOYS, action: can deploy prod, expect: allowed}",
            "denied",
            "no line of C0DEPLOYS lets them",
        ),
        (
            "{person: U0BEN, channel: C0DEPLOYS, action: stop prod, expect: approval}",
            "denied",
            "channels.C0DEPLOYS[2]",
        ),
        (
            "{person: U0ANA, channel: C0DEPLOYS, action: deploy prod, expect: denied}",
            "approval",
            "approvals[1]",
        ),
        (
            "{person: U0ANA, channel: C0DEPLOYS, action: restart prod, expect: denied}",
            "allowed",
            "channels.C0DEPLOYS[0]",
        ),
        (
            "{person: U0ANA, channel: C0OTHER, action: status, expect: allowed}",
            "denied",
            "no rule speaks of C0OTHER, so nothing can be asked for there",
        ),
        (
            "{person: U0ANA, channel: C0DEPLOYS, action: status, expect: denied}",
            "allowed",
            "channels.C0DEPLOYS",
        ),
        (
            "{person: U0ANA, channel: C0DEPLOYS, action: deploy prdo, expect: denied}",
            "not understood",
            "UnknownEnvironment",
        ),
    ],
)
def test_case_that_comes_out_otherwise_is_a_miss(case: str, got: str, because: str) -> None:
    document = read_document(cases(case))
    (miss,) = check_cases(document.rules, document.cases)
    assert (miss.got, miss.because) == (got, because)
    assert miss.sentence.startswith("`tests[0]`: ")


def test_miss_says_in_which_groups_the_person_was_taken_not_to_be() -> None:
    asked = "person: U0CLEO, channel: C0DEPLOYS, action: restart prod"
    document = read_document(
        cases(f"{{{asked}, expect: allowed}}", f"{{{asked}, groups: S0RELEASE, expect: denied}}")
    )
    denied, allowed = check_cases(document.rules, document.cases)
    assert denied.sentence.endswith(
        "expected allowed, got denied (no line of C0DEPLOYS lets them). They were taken not to be in S0RELEASE; "
        "if they are, say `groups: [S0RELEASE]` in the test."
    )
    assert allowed.sentence.endswith("expected denied, got allowed (channels.C0DEPLOYS[0]).")


def test_case_may_say_in_which_groups_the_person_is() -> None:
    asked = "channel: C0DEPLOYS, action: restart prod"
    document = read_document(
        cases(
            f"{{person: U0CLEO, groups: S0RELEASE, {asked}, expect: allowed}}",
            f"{{person: U0CLEO, {asked}, expect: denied}}",
        )
    )
    assert [case.expect for case in document.cases] == [Expectation.ALLOWED, Expectation.DENIED]
    assert check_cases(document.rules, document.cases) == ()


# files


def test_file_is_loaded_with_its_name_in_the_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(SMALL, encoding="utf-8")
    assert load_rules(path) == read_rules(SMALL, name="rules.yml")
    path.write_text("", encoding="utf-8")
    with pytest.raises(RulesError, match=r"^rules\.yml:1: "):
        load_document(path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.mkdir(), "/oec.yml cannot be read: Is a directory"),
        (lambda path: path.symlink_to(path), "cannot be read"),
        (lambda path: path.write_bytes(b"# ok\n\xff\xfe"), "oec.yml:2: this is no UTF-8"),
        (lambda path: path.write_bytes(b"#" * (LONGEST_FILE + 5)), "larger than"),
    ],
)
def test_file_that_cannot_be_read_is_a_mistake(
    tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "oec.yml"
    spoil(path)
    with pytest.raises(RulesError, match=words):
        load_rules(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "oec.yml"
    file.write_text(SMALL, encoding="utf-8")
    return file


def rewrite(path: Path, text: str) -> None:
    """Write as an editor does: a new file under the old name."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def test_unchanged_file_is_not_read_again(path: Path) -> None:
    file = RulesFile(path)
    assert file.reload_if_changed() is None
    assert file.current == read_rules(SMALL)


def test_changed_file_becomes_the_current_rules_once(path: Path) -> None:
    file = RulesFile(path)
    rewrite(path, SMALL.replace("deploy", "restart"))
    changed = file.reload_if_changed()
    assert isinstance(changed, Rules)
    assert file.current is changed
    assert file.reload_if_changed() is None


def test_file_touched_without_a_change_is_no_new_version(path: Path) -> None:
    file = RulesFile(path)
    before = file.current
    os.utime(path, (1, 1))
    assert file.reload_if_changed() is None
    assert file.current is before


def test_wrong_version_is_refused_once_and_the_old_rules_stay(path: Path) -> None:
    file = RulesFile(path)
    rewrite(path, SMALL + "chanels: {}\n")
    refused = file.reload_if_changed()
    assert isinstance(refused, RulesError)
    assert file.reload_if_changed() is None
    assert file.current == read_rules(SMALL)


def test_each_wrong_version_is_told_though_its_mistakes_are_the_same(path: Path) -> None:
    file = RulesFile(path)
    rewrite(path, "")
    assert isinstance(file.reload_if_changed(), RulesError)
    rewrite(path, "\n")
    assert isinstance(file.reload_if_changed(), RulesError)
    rewrite(path, "\n")
    assert file.reload_if_changed() is None


def test_wrong_version_taken_back_leaves_what_is_in_force_and_says_so_once(path: Path) -> None:
    file = RulesFile(path)
    before = file.current
    rewrite(path, "")
    assert isinstance(file.reload_if_changed(), RulesError)
    rewrite(path, SMALL)
    assert file.reload_if_changed() is before
    rewrite(path, SMALL)
    assert file.reload_if_changed() is None
    rewrite(path, "")
    assert isinstance(file.reload_if_changed(), RulesError)


def test_pipe_in_the_place_of_the_file_is_refused_without_waiting_for_it(path: Path) -> None:
    file = RulesFile(path)
    path.unlink()
    os.mkfifo(path)
    refused = file.reload_if_changed()
    assert isinstance(refused, RulesError)
    assert "a pipe or a device" in str(refused)
    path.unlink()
    rewrite(path, SMALL.replace("deploy", "restart"))
    assert isinstance(file.reload_if_changed(), Rules)


def test_file_that_vanishes_is_told_and_its_return_is_read(path: Path) -> None:
    file = RulesFile(path)
    path.unlink()
    assert isinstance(file.reload_if_changed(), RulesError)
    assert file.reload_if_changed() is None
    rewrite(path, SMALL.replace("deploy", "restart"))
    assert isinstance(file.reload_if_changed(), Rules)


def test_wrong_file_at_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesError):
        RulesFile(tmp_path / "oec.yml")


# anything at all

MARKS = [
    *"{}[]:~@%|>'`\"\t",
    "\n",
    "\n  ",
    "- ",
    "&a ",
    "*a",
    "? ",
    "<<: ",
    "!!python/name:os",
    "\ufeff",
    "0x1",
    "1:30",
]
PIECES = st.lists(st.sampled_from([*example().split(" "), *MARKS]), max_size=40).map(" ".join)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=100), PIECES))
def test_any_text_is_rules_or_mistakes_with_lines(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, RulesError):
        assert outcome.mistakes
        assert all(1 <= mistake.line <= len(text.splitlines()) + 1 for mistake in outcome.mistakes)


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_example_with_one_line_lost_or_spoilt_is_rules_or_mistakes(data: st.DataObject) -> None:
    lines = example().splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    again = data.draw(st.sampled_from([[], [lines[place], lines[place]], [lines[place].replace(":", "", 1)]]))
    outcome = read("\n".join([*lines[:place], *again, *lines[place + 1 :]]))
    assert isinstance(outcome, Rules) or outcome.mistakes


def test_rules_know_their_file_and_where_each_channel_begins() -> None:
    found = read_rules(SMALL, name="rules.yml")
    lines = SMALL.splitlines()
    assert found.name == "rules.yml"
    assert lines[found.section.line - 1].startswith("channels:")
    for channel_id, place in found.sources.items():
        assert place.path == f"channels.{channel_id}"
        assert channel_id in lines[place.line - 1]
    assert found.source_of(ChannelId("C0NOWHERE")) == found.section


# tests that fail


def test_rules_that_fail_their_own_test_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    failing = "{person: U0CLEO, channel: C0DEPLOYS, action: deploy, environment: prod, expect: allowed}"
    path.write_text(SMALL + f"tests:\n  - {failing}\n", encoding="utf-8")
    line = SMALL.count("\n") + 2
    said = (
        rf"^rules\.yml:{line}: a test fails\. `tests\[0\]`: U0CLEO in C0DEPLOYS asks "
        "`deploy env=prod`: expected allowed, got denied"
    )
    with pytest.raises(RulesError, match=said):
        load_rules(path)
    assert len(load_document(path).cases) == 1
    with pytest.raises(RulesError, match=said):
        RulesFile(path)


def test_changed_file_that_fails_its_own_test_leaves_the_old_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(SMALL, encoding="utf-8")
    file = RulesFile(path)
    before = file.current
    failing = "{person: U0CLEO, channel: C0DEPLOYS, action: deploy prod, expect: allowed}"
    path.write_text(SMALL + f"tests: [{failing}]\n", encoding="utf-8")
    assert isinstance(file.reload_if_changed(), RulesError)
    assert file.current is before
