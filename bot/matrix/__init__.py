"""The matrix of the rules: who may do what to which environment from which channel, at once or with whose approval.

Every cell is what the policy decides for one kind of people: those whom the same lines of a channel include. Who is in a
user group the file does not tell, so a group's members are a kind of their own, and people listed by id count as members
of the team who are in no group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.catalog import Environment
from bot.core.names import ChannelId, GroupId, UserId
from bot.core.policy import (
    Decision,
    Membership,
    Person,
    change_of,
    decide_change,
    suppose,
    visible_environments,
)
from bot.core.rules import ACTION_WORDS, People, Right, Rules, RuleSource

ANYBODY = UserId("U0ANYBODY")
"""A member of the team whom no rule speaks of."""
EVERYONE = "everyone"
EVERYONE_ELSE = "everyone else"


@dataclass(frozen=True, slots=True)
class Kind:
    """People whom the same lines of a channel include: their name, one of them, and the groups that one is in."""

    name: str
    person: Person
    membership: Membership


@dataclass(frozen=True, slots=True)
class Cell:
    """One action on one environment in one channel: what is decided for each kind of people."""

    channel_id: ChannelId
    environment: Environment
    word: str
    decisions: tuple[tuple[Kind, Decision], ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """What one channel gives: its cells, environment by environment in the catalog's order."""

    id: ChannelId
    source: RuleSource
    cells: tuple[Cell, ...]


def lay_out(rules: Rules, channel_ids: Sequence[ChannelId] | None = None) -> Iterator[Channel]:
    """The matrix, channel by channel in the file's order; of these channels, or of all.

    An environment that no line of a channel names is left out: there, nobody may do anything to it.
    """
    for channel_id in rules.channels if channel_ids is None else channel_ids:
        kinds = find_kinds(channel_id, rules)
        visible = rules.catalog.only(visible_environments(channel_id, rules))
        cells = tuple(
            Cell(channel_id, environment, word, _decide_all(environment, word, channel_id, kinds, rules))
            for environment in visible.environments
            for word in ACTION_WORDS
        )
        yield Channel(channel_id, rules.source_of(channel_id), cells)


def find_kinds(channel_id: ChannelId, rules: Rules) -> tuple[Kind, ...]:
    """The kinds of people in a channel, in the order in which its lines name them; those whom no line names come last."""
    lines = rules.channels.get(channel_id, ())
    named = [line.who for line in lines]
    alike: dict[tuple[bool, ...], Kind] = {}
    for user in dict.fromkeys(user for who in named for user in sorted(who.users)):
        _put(alike, user, None, lines, rules)
    for group in dict.fromkeys(group for who in named for group in sorted(who.groups)):
        _put(alike, UserId(f"U0OF{group}"), group, lines, rules)
    nobody = tuple(False for _ in lines)
    alike.pop(nobody, None)
    rest = EVERYONE_ELSE if alike else EVERYONE
    return (*alike.values(), Kind(rest, *suppose(ANYBODY, (), rules)))


def _put(
    alike: dict[tuple[bool, ...], Kind],
    user: UserId,
    group: GroupId | None,
    lines: Sequence[Right],
    rules: Rules,
) -> None:
    included = tuple(_means(line.who, user, group) for line in lines)
    labels = dict.fromkeys(line.who.label for line, is_in in zip(lines, included, strict=True) if is_in)
    kind = Kind(" + ".join(labels), *suppose(user, () if group is None else (group,), rules))
    alike.setdefault(included, kind)


def _means(who: People, user: UserId, group: GroupId | None) -> bool:
    return user in who.users or (group is not None and group in who.groups)


def _decide_all(
    environment: Environment, word: str, channel_id: ChannelId, kinds: Sequence[Kind], rules: Rules
) -> tuple[tuple[Kind, Decision], ...]:
    change = change_of(word, environment)
    return tuple(
        (kind, decide_change(change, kind.person, channel_id, rules, kind.membership)) for kind in kinds
    )
