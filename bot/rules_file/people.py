"""Whom a rules file means: members and user groups by id, names for them, names for such names, or everyone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import yaml

from bot.core.names import GroupId, UserId
from bot.core.nearness import find_nearest
from bot.core.rules import People
from bot.rules_file.nodes import DEEPEST_NESTING, Reader, shorten, suggest

EVERYONE = "everyone"
USER_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
GROUP_ID = re.compile(r"S[A-Z0-9]{2,20}")
MOST_PEOPLE = 500_000
"""How many people all lists of names may come to: else a file of names within names would not fit into the memory."""


@dataclass(slots=True)
class Roster:
    """The names for people, those that stand for one id alone, and how many people all lists came to so far."""

    named: dict[str, People] = field(default_factory=dict)
    _alone: dict[str, People] = field(default_factory=dict)
    _merged: int = 0

    def take(self, name: str, people: People) -> None:
        """Let a name stand for these people."""
        self.named[name] = people
        ids: list[str] = [*people.users, *people.groups]
        if len(ids) == 1:
            self._alone.setdefault(ids[0], people)

    def find(self, id_: str) -> People:
        """A member or a user group by its id, under the name that stands for them alone, if there is one."""
        return self._alone.get(id_) or _as_person(id_)

    def merge(
        self, label: str, peoples: Sequence[People], node: yaml.Node, where: str, reader: Reader
    ) -> People:
        """All these people under one label."""
        if len(peoples) == 1:
            return replace(peoples[0], label=label)
        self._merged += sum(len(one.users) + len(one.groups) for one in peoples)
        if self._merged > MOST_PEOPLE:
            reader.complain(
                node,
                f"`{where}`: the people of this file are too many to list them. Name user groups instead.",
            )
            return People(label)
        return People(
            label=label,
            users=frozenset().union(*(one.users for one in peoples)),
            groups=frozenset().union(*(one.groups for one in peoples)),
            everyone=any(one.everyone for one in peoples),
        )


def read_people(node: yaml.Node, roster: Roster, reader: Reader) -> None:
    """The section `people:`: names for members, for user groups, and for other names."""
    written: dict[str, list[tuple[str, yaml.Node]]] = {}
    for name, key, value in reader.pairs(node, "people"):
        where = f"people.{shorten(name)}"
        if name.casefold() == EVERYONE or is_person_id(name):
            reader.complain(key, f"`{where}`: choose another name; this one already means somebody.")
        else:
            written[name] = reader.texts(value, where)
    people = _Written(written, roster, reader)
    for name in written:
        roster.take(name, people.find(name).people)


@dataclass(frozen=True, slots=True)
class _Named:
    """Whom a name means, and how many names are inside each other there."""

    people: People
    depth: int


class _Written:
    """The people of a file as they are written: each name with ids and other names behind it."""

    def __init__(
        self, written: Mapping[str, Sequence[tuple[str, yaml.Node]]], roster: Roster, reader: Reader
    ) -> None:
        self._written = written
        self._roster = roster
        self._reader = reader
        self._found: dict[str, _Named] = {}

    def find(self, name: str, inside: tuple[str, ...] = ()) -> _Named:
        """Whom a name means, by all the names behind it; `inside` are those in which it was met."""
        if name not in self._found:
            self._found[name] = self._read(name, (*inside, name))
        return self._found[name]

    def _read(self, name: str, inside: tuple[str, ...]) -> _Named:
        written = self._written[name]
        parts = [self._find_part(text, node, inside) for text, node in written]
        found = [part for part in parts if part is not None]
        if not found:
            return _Named(People(name), 1)
        peoples, place = [part.people for part in found], f"people.{shorten(name)}"
        people = self._roster.merge(name, peoples, written[0][1], place, self._reader)
        return _Named(people, 1 + max(part.depth for part in found))

    def _find_part(self, text: str, node: yaml.Node, inside: tuple[str, ...]) -> _Named | None:
        if is_person_id(text):
            return _Named(_as_person(text), 0)
        if text not in self._written:
            mistake = _no_person(text, list(self._written))
        elif text in inside:
            mistake = _no_end([*inside[inside.index(text) :], text])
        elif len(inside) < DEEPEST_NESTING and (found := self.find(text, inside)).depth < DEEPEST_NESTING:
            return found
        else:
            mistake = f"`{shorten(text)}` makes more than {DEEPEST_NESTING} names inside each other. Name the people here."
        self._reader.complain(node, f"`people.{shorten(inside[-1])}`: {mistake}")
        return None


def _no_person(text: str, known: Sequence[str]) -> str:
    """The sentence about what stands for nobody."""
    near = find_nearest(text.casefold(), known)
    meant = f" Did you mean `{near}`?" if near is not None else ""
    return (
        f"`{shorten(text)}` is no Slack id and no name of `people`.{meant} A member's id begins with U (Profile → ⋮ → "
        "Copy member ID), a user group's with S."
    )


def _no_end(names: Sequence[str]) -> str:
    """The sentence about a name that leads back to itself."""
    path = " → ".join(f"`{shorten(name)}`" for name in names)
    return f"`{shorten(names[0])}` would stand for itself ({path}). Name the people here."


def is_person_id(text: str) -> bool:
    """Whether this has the shape of a member's or a user group's id."""
    return bool(USER_ID.fullmatch(text) or GROUP_ID.fullmatch(text))


def _as_person(id_: str) -> People:
    """A member or a user group by its id."""
    if USER_ID.fullmatch(id_):
        return People(id_, users=frozenset({UserId(id_)}))
    return People(id_, groups=frozenset({GroupId(id_)}))


def read_who(node: yaml.Node | None, where: str, roster: Roster, reader: Reader) -> People:
    """Whom a rule means: `everyone`, names from `people:`, Slack ids, or a list of these."""
    found: list[People] = []
    for text, item in reader.texts(node, where):
        if text.casefold() == EVERYONE:
            found.append(People(EVERYONE, everyone=True))
        elif text in roster.named:
            found.append(roster.named[text])
        elif is_person_id(text):
            found.append(roster.find(text))
        else:
            known = [EVERYONE, *roster.named]
            reader.complain(item, f"`{where}`: there are no people `{shorten(text)}`.{suggest(text, known)}")
    label = ", ".join(people.label for people in found)
    return roster.merge(label, found, node, where, reader) if node and found else People(label)
