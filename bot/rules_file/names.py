"""The names a rules file introduces: environments, groups of them, and people; and ids where an id alone will do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from bot.core.catalog import Catalog, Environment, is_alias, name_key
from bot.core.names import ChannelId, EnvironmentId, GroupId, UserId
from bot.rules_file.nodes import Reader, shorten, suggest
from bot.rules_file.people import GROUP_ID, USER_ID, Roster, read_people

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,20}")
_OF_ENVIRONMENT = {"id": "the environment's id at oec.sh, as in the address of its page there"}


@dataclass(slots=True)
class Names:
    """What the names of a file stand for; filled while the file is read from the top."""

    environments: list[Environment] = field(default_factory=list)
    targets: dict[str, frozenset[EnvironmentId]] = field(default_factory=dict)
    """Everything that `on:` may name, by its key."""
    people: Roster = field(default_factory=Roster)

    @property
    def catalog(self) -> Catalog:
        """The environments as a catalog."""
        return Catalog(tuple(self.environments))


def read_names(sections: Mapping[str, yaml.Node], reader: Reader) -> Names:
    """The environments, groups and people of a file."""
    names = Names()
    if "environments" in sections:
        _read_environments(sections["environments"], names, reader)
    if "groups" in sections:
        _read_groups(sections["groups"], names, reader)
    if "people" in sections:
        read_people(sections["people"], names.people, reader)
    return names


def _read_environments(node: yaml.Node, names: Names, reader: Reader) -> None:
    pairs = reader.pairs(node, "environments")
    if not pairs and isinstance(node, yaml.MappingNode | yaml.ScalarNode):
        reader.complain(node, "`environments` names none. Add a line such as `staging: {id: …}`.")
    taken: dict[str, str] = {}
    ids: dict[EnvironmentId, str] = {}
    for name, key, value in pairs:
        named = _alias_nodes(name, key, value, reader)
        for alias, alias_node in named:
            _claim(alias, alias_node, name, taken, reader)
        environment = _read_environment(named, value, reader)
        if environment.id in ids:
            reader.complain(
                value, f"`{name}` has the same id as `{ids[environment.id]}`. Use `aliases` instead."
            )
        ids.setdefault(environment.id, name)
        names.environments.append(environment)
    names.targets = _find_targets(names.environments)


def _find_targets(every: Sequence[Environment]) -> dict[str, frozenset[EnvironmentId]]:
    found = {
        "all": frozenset(one.id for one in every),
        "protected": frozenset(one.id for one in every if one.protected),
        "unprotected": frozenset(one.id for one in every if not one.protected),
    }
    for one in every:
        found |= {name_key(alias): frozenset({one.id}) for alias in (one.alias, *one.aliases)}
    return found


def _read_environment(named: list[tuple[str, yaml.Node]], node: yaml.Node, reader: Reader) -> Environment:
    """One environment. With a wrong id it still has its name, so that what refers to it is not wrong too."""
    name, *aliases = (alias for alias, _ in named)
    where = f"environments.{shorten(name)}"
    found = reader.record(node, where, needs=_OF_ENVIRONMENT, may_have=("protected", "aliases"))
    id_ = reader.text(found.get("id"), f"{where}.id")
    if id_ is not None and not _UUID.fullmatch(id_):
        reader.complain(
            found["id"], f"`{where}.id` must be a UUID such as 0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f."
        )
        id_ = None
    protected = reader.flag(found.get("protected"), f"{where}.protected")
    return Environment(EnvironmentId((id_ or name).lower()), name, tuple(aliases), protected=protected)


def _alias_nodes(name: str, key: yaml.Node, node: yaml.Node, reader: Reader) -> list[tuple[str, yaml.Node]]:
    """The environment's name and its aliases, each where it is written."""
    found = [(name, key)]
    for entry, value in node.value if isinstance(node, yaml.MappingNode) else []:
        if entry.value == "aliases":
            found += reader.texts(value, f"environments.{shorten(name)}.aliases")
    return found


def _claim(alias: str, node: yaml.Node, owner: str, taken: dict[str, str], reader: Reader) -> None:
    """Each name means one environment, whatever its case."""
    if not is_alias(alias):
        reader.complain(
            node,
            f"`{shorten(alias)}` cannot name an environment: one word of letters, digits, `-`, `_`, `.`, `/`, not only "
            "digits, and none of the words the rules use themselves (`all`, `on`, `protected` …).",
        )
    other = taken.setdefault(name_key(alias), owner)
    if other != owner:
        reader.complain(
            node, f"`{shorten(alias)}` already names `{other}`. A name can mean one environment only."
        )


def _read_groups(node: yaml.Node, names: Names, reader: Reader) -> None:
    known = {name_key(alias): one.id for one in names.environments for alias in (one.alias, *one.aliases)}
    for name, key, value in reader.pairs(node, "groups"):
        where = f"groups.{shorten(name)}"
        if name_key(name) in names.targets or not is_alias(name):
            reader.complain(
                key, f"`{where}`: this name is taken or cannot be used. Choose another for the group."
            )
            continue
        ids: set[EnvironmentId] = set()
        for alias, alias_node in reader.texts(value, where):
            if name_key(alias) in known:
                ids.add(known[name_key(alias)])
            else:
                reader.complain(alias_node, f"`{where}`: {no_environment(alias, list(known))}")
        names.targets[name_key(name)] = frozenset(ids)


def no_environment(alias: str, known: list[str]) -> str:
    """The sentence about a name that is no environment's."""
    return f"there is no environment `{shorten(alias)}`.{suggest(alias, known)}"


def read_on(node: yaml.Node | None, where: str, names: Names, reader: Reader) -> frozenset[EnvironmentId]:
    """The environments a rule means: names, groups, `protected`, `unprotected`, `all`, or a list of these."""
    targets = names.targets
    found: set[EnvironmentId] = set()
    for text, item in reader.texts(node, where):
        ids = targets.get(name_key(text))
        if ids is None:
            reader.complain(item, f"`{where}`: {no_environment(text, list(targets))}")
        elif not ids and name_key(text) in {"protected", "unprotected", "all"}:
            reader.complain(item, f"`{where}`: no environment is {text}, so this rule would never apply.")
        found |= ids or frozenset()
    return frozenset(found)


def read_channel_id(node: yaml.Node | None, where: str, reader: Reader) -> ChannelId | None:
    """A channel's id."""
    advice = "It begins with C or G and stands at the bottom of the channel's details; a name may change."
    text = _read_id(node, where, CHANNEL_ID, f"channel id. {advice}", reader)
    return None if text is None else ChannelId(text)


def read_user_id(node: yaml.Node | None, where: str, reader: Reader) -> UserId | None:
    """One member's id."""
    text = _read_id(node, where, USER_ID, "member id (U…).", reader)
    return None if text is None else UserId(text)


def read_group_ids(node: yaml.Node | None, where: str, reader: Reader) -> frozenset[GroupId]:
    """Ids of user groups."""
    items = [] if node is None else [item for _, item in reader.texts(node, where)]
    found = [_read_id(item, where, GROUP_ID, "user group id (S…).", reader) for item in items]
    return frozenset(GroupId(text) for text in found if text is not None)


def _read_id(
    node: yaml.Node | None, where: str, shape: re.Pattern[str], kind: str, reader: Reader
) -> str | None:
    text = reader.text(node, where)
    if node is None or text is None or shape.fullmatch(text):
        return text
    reader.complain(node, f"`{where}`: `{shorten(text)}` is no {kind}")
    return None
