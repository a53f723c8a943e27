"""The matrix of the rules: who may do what to which environment from which channel, at once or with whose approval.

Every cell is what the policy decides for one kind of people: those whom the same lines of a channel include. Who is in a
user group the file does not tell, so a group's members are a kind of their own, and people listed by id count as members
of the team who are in no group.

What nothing in the rules tells apart is decided once: environments of which the same lines and approval rules speak,
and people whom the same of these lines include.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.catalog import Environment
from bot.core.names import ChannelId, EnvironmentId, GroupId, UserId
from bot.core.policy import (
    Decision,
    Membership,
    Person,
    change_of,
    covers_word,
    decide_change,
    suppose,
    visible_environments,
)
from bot.core.policy.judgement import covers
from bot.core.rules import ACTION_WORDS, People, Right, Rules, RuleSource

ANYBODY = UserId("U0ANYBODY")
"""A member of the team whom no rule speaks of."""
EVERYONE = "everyone"
EVERYONE_ELSE = "everyone else"


@dataclass(frozen=True, slots=True)
class Kind:
    """People whom the same lines of a channel include, by id or group: their name, one of them, and what is known then.

    `lines` are the numbers of those lines.
    """

    name: str
    person: Person
    membership: Membership
    lines: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Cell:
    """One action on environments of which the rules say the same there: what is decided for each kind of people."""

    word: str
    environments: tuple[Environment, ...]
    decisions: tuple[tuple[Kind, Decision], ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """What one channel gives on these environments, in the catalog's order: its cells, action by action."""

    id: ChannelId
    source: RuleSource
    environments: tuple[Environment, ...]
    cells: tuple[Cell, ...]


_Approvals = Mapping[tuple[str, EnvironmentId], tuple[int, ...]]
"""Which approval rules speak of an action on an environment, by their numbers."""


def lay_out(rules: Rules, channel_ids: Sequence[ChannelId] | None = None) -> Iterator[Channel]:
    """The matrix, channel by channel in the file's order; of these channels, or of all.

    An environment that no line of a channel names is left out: there, nobody may do anything to it.
    """
    approvals = _find_approvals(rules)
    for channel_id in rules.channels if channel_ids is None else channel_ids:
        kinds = find_kinds(channel_id, rules)
        visible = rules.catalog.among(visible_environments(channel_id, rules))
        cells = tuple(
            Cell(word, alike, _decide_all(alike[0], word, channel_id, kinds, rules))
            for word in ACTION_WORDS
            for alike in _part(visible, word, rules.channels[channel_id], approvals)
        )
        yield Channel(channel_id, rules.source_of(channel_id), visible, cells)


def _find_approvals(rules: Rules) -> _Approvals:
    found: dict[tuple[str, EnvironmentId], tuple[int, ...]] = {}
    for number, rule in enumerate(rules.approvals):
        for word in ACTION_WORDS:
            if covers_word(rule.words, word):
                for id_ in rule.environments:
                    found[word, id_] = (*found.get((word, id_), ()), number)
    return found


def _part(
    environments: Sequence[Environment], word: str, lines: Sequence[Right], approvals: _Approvals
) -> Iterator[tuple[Environment, ...]]:
    """These environments by what may tell the policy's answers about an action on them apart."""
    speaking = [line.environments for line in lines if covers_word(line.words, word)]
    alike: dict[tuple[object, ...], list[Environment]] = {}
    for one in environments:
        said = (one.protected, approvals.get((word, one.id)), *(one.id in ids for ids in speaking))
        alike.setdefault(said, []).append(one)
    return map(tuple, alike.values())


def find_kinds(channel_id: ChannelId, rules: Rules) -> tuple[Kind, ...]:
    """The kinds of people in a channel, in the order in which its lines name them; those whom no line names come last."""
    lines = rules.channels.get(channel_id, ())
    named = [line.who for line in lines]
    alike: dict[frozenset[int], Kind] = {}
    for user in dict.fromkeys(user for who in named for user in sorted(who.users)):
        _put(alike, user, None, lines, rules)
    for group in dict.fromkeys(group for who in named for group in sorted(who.groups)):
        _put(alike, UserId(f"U0OF{group}"), group, lines, rules)
    rest = EVERYONE_ELSE if alike else EVERYONE
    return (*alike.values(), Kind(rest, *suppose(ANYBODY, (), rules)))


def _put(
    alike: dict[frozenset[int], Kind],
    user: UserId,
    group: GroupId | None,
    lines: Sequence[Right],
    rules: Rules,
) -> None:
    including = frozenset(number for number, line in enumerate(lines) if _means(line.who, user, group))
    if including not in alike:
        labels = [line.who.label for number, line in enumerate(lines) if number in including]
        supposed = suppose(user, () if group is None else (group,), rules)
        alike[including] = Kind(_name(labels), *supposed, including)


def _name(labels: Sequence[str]) -> str:
    """People by the labels of their lines; a label that names others besides says nothing of those who have one alone."""
    alone = {label for label in labels if ", " not in label}
    telling = [label for label in labels if label in alone or not alone & {*label.split(", ")}]
    return " + ".join(dict.fromkeys(telling))


def _means(who: People, user: UserId, group: GroupId | None) -> bool:
    return user in who.users or (group is not None and group in who.groups)


def _decide_all(
    environment: Environment, word: str, channel_id: ChannelId, kinds: Sequence[Kind], rules: Rules
) -> tuple[tuple[Kind, Decision], ...]:
    change = change_of(word, environment)
    lines = enumerate(rules.channels[channel_id])
    speaking = frozenset(number for number, line in lines if covers(line, change))
    decided: dict[frozenset[int], Decision] = {}
    for kind in kinds:
        if kind.lines & speaking not in decided:
            decision = decide_change(change, kind.person, channel_id, rules, kind.membership)
            decided[kind.lines & speaking] = decision
    return tuple((kind, decided[kind.lines & speaking]) for kind in kinds)
