"""The parts of a rules file that use names: channels with their rights, approvals, operators, tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import yaml

from bot.core.names import ChannelId
from bot.core.policy.words import OTHER_NAMES, RULE_WORDS, covers_word
from bot.core.rules import ApprovalRule, Escalation, QuietHours, Right, RuleSource
from bot.rules_file.cases import Case, Expectation
from bot.rules_file.names import Names, read_channel_id, read_group_ids, read_on, read_user_id
from bot.rules_file.nodes import Reader, line_of, shorten, suggest
from bot.rules_file.people import read_who

LEAST_WAIT = timedelta(seconds=10)
MOST_WAIT = timedelta(days=7)
USUAL_WAIT = timedelta(minutes=15)
MOST_APPROVERS = 20

_READING = frozenset({"status", "history", "run", "log", "logs", "help", "can", "why"})
_OF_RIGHT = {
    "may": "the actions, such as `[deploy, restart]`, or `everything`",
    "on": "the environments, such as `[staging]`, or `all`",
    "who": "the people, a name from `people:` or `everyone`",
}
_OF_APPROVAL = {
    "for": "the actions that need it, such as `[deploy]`",
    "on": "the environments, such as `protected`",
    "by": "who may approve, a name from `people:`",
}
_OF_ESCALATION = {
    "to": "who is called besides, a name from `people:`",
    "after": "when, such as `10m`; before the approval expires",
}
_OF_QUIET = {
    "from": "when the quiet begins, such as `21:00`",
    "to": "when it ends, such as `07:00`",
}
_OF_CASE = {
    "person": "who asks, a member id",
    "channel": "where, a channel id",
    "action": "what is typed, such as `deploy prod`, or `deploy` with an `environment`",
    "expect": "`allowed`, `approval` or `denied`",
}


@dataclass(frozen=True, slots=True)
class Channels:
    """The rights of every channel, in the file's order, and where each channel begins."""

    rights: Mapping[ChannelId, tuple[Right, ...]]
    sources: Mapping[ChannelId, RuleSource]


def read_channels(node: yaml.Node | None, names: Names, reader: Reader) -> Channels:
    """The rights of every channel."""
    channels: dict[ChannelId, tuple[Right, ...]] = {}
    sources: dict[ChannelId, RuleSource] = {}
    for text, key, value in reader.pairs(node, "channels"):
        channel_id = read_channel_id(key, "channels", reader)
        where = f"channels.{shorten(text)}"
        items = enumerate(reader.items(value))
        rights = tuple(_read_right(item, f"{where}[{number}]", names, reader) for number, item in items)
        if channel_id is not None:
            channels[channel_id] = rights
            sources[channel_id] = RuleSource(where, line_of(key))
    return Channels(channels, sources)


def _read_right(node: yaml.Node, where: str, names: Names, reader: Reader) -> Right:
    found = reader.record(node, where, needs=_OF_RIGHT, may_have=("deny",))
    return Right(
        source=RuleSource(where, line_of(node)),
        words=_read_words(found.get("may"), f"{where}.may", reader),
        environments=read_on(found.get("on"), f"{where}.on", names, reader),
        who=read_who(found.get("who"), f"{where}.who", names.people, reader),
        deny=reader.flag(found.get("deny"), f"{where}.deny"),
    )


def _read_words(node: yaml.Node | None, where: str, reader: Reader) -> frozenset[str]:
    words: set[str] = set()
    for text, item in reader.texts(node, where):
        written = text.casefold().replace("-", "_")
        word = OTHER_NAMES.get(written, written)
        if word in RULE_WORDS:
            words.add(word)
        elif word in _READING:
            reader.complain(item, f"`{where}`: `{word}` needs no rule; every channel listed here may read.")
        else:
            reader.complain(
                item,
                f"`{where}`: there is no action `{shorten(text)}`.{suggest(word, [*RULE_WORDS, *OTHER_NAMES])}",
            )
    return frozenset(words)


def read_approvals(node: yaml.Node | None, names: Names, reader: Reader) -> tuple[ApprovalRule, ...]:
    """The approval rules, in the file's order: the first that fits an ask is the one that counts."""
    items = enumerate(reader.items(node))
    return tuple(_read_approval(item, f"approvals[{number}]", names, reader) for number, item in items)


def _read_approval(node: yaml.Node, where: str, names: Names, reader: Reader) -> ApprovalRule:
    optional = ("typed", "expires", "requester_may_approve", "count", "escalate")
    found = reader.record(node, where, needs=_OF_APPROVAL, may_have=optional)
    words = _read_words(found.get("for"), f"{where}.for", reader)
    expires = reader.span(
        found.get("expires"), f"{where}.expires", least=LEAST_WAIT, most=MOST_WAIT, default=USUAL_WAIT
    )
    return ApprovalRule(
        source=RuleSource(where, line_of(node)),
        words=words,
        environments=read_on(found.get("on"), f"{where}.on", names, reader),
        by=read_who(found.get("by"), f"{where}.by", names.people, reader),
        typed=_read_typed(found.get("typed"), words, where, reader),
        expires=expires,
        requester_may_approve=reader.flag(
            found.get("requester_may_approve"), f"{where}.requester_may_approve"
        ),
        count=reader.number(found.get("count"), f"{where}.count", most=MOST_APPROVERS, default=1),
        escalate=_read_escalation(found.get("escalate"), f"{where}.escalate", expires, names, reader),
    )


def _read_escalation(
    node: yaml.Node | None, where: str, expires: timedelta, names: Names, reader: Reader
) -> Escalation | None:
    if node is None:
        return None
    found = reader.record(node, where, needs=_OF_ESCALATION)
    to = read_who(found.get("to"), f"{where}.to", names.people, reader)
    after = reader.span(
        found.get("after"), f"{where}.after", least=LEAST_WAIT, most=MOST_WAIT, default=expires / 2
    )
    if after >= expires:
        reader.complain(
            found.get("after", node),
            f"`{where}.after` comes when the approval has expired. Make it shorter, or `expires` longer.",
        )
    return Escalation(to, after)


def _read_typed(node: yaml.Node | None, words: frozenset[str], where: str, reader: Reader) -> frozenset[str]:
    if node is None:
        return frozenset()
    typed = _read_words(node, f"{where}.typed", reader)
    for word in sorted(typed):
        if not covers_word(words, word):
            reader.complain(
                node, f"`{where}.typed` names `{word}`, but `{where}.for` does not. Add it there."
            )
    return typed


def read_operators(node: yaml.Node | None, reader: Reader) -> ChannelId | None:
    """The channel that hears what goes wrong."""
    if node is None:
        return None
    needs = {"channel": "the id of the channel that is told what goes wrong"}
    found = reader.record(node, "operators", needs=needs)
    return read_channel_id(found.get("channel"), "operators.channel", reader)


def read_quiet(node: yaml.Node | None, reader: Reader) -> QuietHours:
    """The hours in which nobody is called; the usual ones where the file does not say."""
    usual = QuietHours()
    if node is None:
        return usual
    found = reader.record(node, "quiet", needs=_OF_QUIET)
    begin = reader.time_of_day(found.get("from"), "quiet.from")
    end = reader.time_of_day(found.get("to"), "quiet.to")
    return usual if begin is None or end is None else QuietHours(begin, end)


def read_cases(node: yaml.Node | None, reader: Reader) -> tuple[Case, ...]:
    """The file's own tests."""
    cases = [_read_case(item, f"tests[{number}]", reader) for number, item in enumerate(reader.items(node))]
    return tuple(case for case in cases if case is not None)


def _read_case(node: yaml.Node, where: str, reader: Reader) -> Case | None:
    found = reader.record(node, where, needs=_OF_CASE, may_have=("environment", "groups", "guest"))
    person = read_user_id(found.get("person"), f"{where}.person", reader)
    channel_id = read_channel_id(found.get("channel"), f"{where}.channel", reader)
    action = reader.text(found.get("action"), f"{where}.action")
    environment = reader.text(found.get("environment"), f"{where}.environment")
    expect = _read_expectation(found.get("expect"), f"{where}.expect", reader)
    groups = read_group_ids(found.get("groups"), f"{where}.groups", reader)
    guest = reader.flag(found.get("guest"), f"{where}.guest")
    if person is None or channel_id is None or action is None or expect is None:
        return None
    source = RuleSource(where, line_of(node))
    asked = action if environment is None else f"{action} env={environment}"
    return Case(source, person, channel_id, asked, expect, groups=groups, is_guest=guest)


def _read_expectation(node: yaml.Node | None, where: str, reader: Reader) -> Expectation | None:
    text = reader.text(node, where)
    known: Sequence[str] = [expectation.value for expectation in Expectation]
    if node is None or text is None:
        return None
    if text.casefold() in known:
        return Expectation(text.casefold())
    reader.complain(node, f"`{where}`: `{shorten(text)}` is none of the answers.{suggest(text, known)}")
    return None
