"""The environments people can name, and how a name finds one. An unknown or ambiguous name is never guessed."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.core.names import EnvironmentId
from bot.core.nearness import measure_distance, slips_forgiven

MOST_OFFERS = 5
"""How many environments are offered for a name nobody knows: one row of buttons on a phone."""

RESERVED_NAMES = frozenset(
    {"all", "protected", "unprotected", "everything", "everyone", "to", "on", "in", "for", "of"}
)
"""Names no environment may have: the grammar and the rules file use these words themselves."""

_ALIAS = re.compile(r"\w(?:[\w./-]{0,62}\w)?")
_SHORTEST_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class Environment:
    """An Odoo environment as the rules file names it; `project` and `platform_name` come from oec.sh if known."""

    id: EnvironmentId
    alias: str
    aliases: tuple[str, ...] = ()
    protected: bool = False
    project: str | None = None
    platform_name: str | None = None

    @property
    def full_name(self) -> str | None:
        """`Client ERP/production`, when the platform has told."""
        if self.project is None or self.platform_name is None:
            return None
        return f"{self.project}/{self.platform_name}"


@dataclass(frozen=True, slots=True)
class Found:
    """The name means exactly this environment."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class Unknown:
    """No environment goes by this name; `nearest` may be offered, best first, by button and never taken."""

    name: str
    nearest: tuple[Environment, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """More than one environment goes by this name."""

    name: str
    candidates: tuple[Environment, ...]


Resolution = Found | Unknown | Several


_ByName = Mapping[str, tuple[Environment, ...]]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All environments of the rules file, in its order.

    What they go by is worked out once: a long request looks many words up, and may not hold everybody else up.
    """

    environments: tuple[Environment, ...]
    _named: tuple[_ByName, ...] = field(init=False, repr=False, compare=False)
    _named_by_platform: _ByName = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = tuple(_by_name(self.environments, names_of) for names_of in (_aliases, _ids, _full_names))
        object.__setattr__(self, "_named", named)
        object.__setattr__(self, "_named_by_platform", _by_name(self.environments, _platform_names))

    def with_name(self, key: str) -> tuple[Environment, ...]:
        """Those that go by exactly this key (`name_key`): by an alias, else by an id, else by `project/environment`."""
        return next((named[key] for named in self._named if key in named), ())

    def with_platform_name(self, key: str) -> tuple[Environment, ...]:
        """Those that oec.sh calls so, in whatever project."""
        return self._named_by_platform.get(key, ())

    def by_id(self) -> Mapping[EnvironmentId, Environment]:
        """The environments by their id."""
        return {environment.id: environment for environment in self.environments}

    def among(self, ids: frozenset[EnvironmentId]) -> tuple[Environment, ...]:
        """The environments with these ids, in the catalog's order."""
        return tuple(environment for environment in self.environments if environment.id in ids)


def is_alias(name: str) -> bool:
    """Whether an environment may be given this name: one word, 64 characters at most, and none the grammar needs.

    Digits alone are no name: `history 20` means twenty runs.
    """
    shaped = _ALIAS.fullmatch(name) is not None
    return shaped and not name.isdecimal() and name.casefold() not in RESERVED_NAMES


def name_key(name: str) -> str:
    """What stays of a name when case, blanks, commas and the shape of its characters do not count."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return re.sub(r"[\s,]+", "", folded.replace("’", "'"))


def resolve(name: str, catalog: Catalog) -> Resolution:
    """What a name means: an alias before an id, an id before `project/environment`.

    A platform name alone (`production`) is no name, for the next project may have one too: it is only offered.
    """
    exact = find_exact(name, catalog)
    if exact is not None:
        return exact
    return Unknown(name, _find_nearest(name_key(name), catalog))


def find_exact(name: str, catalog: Catalog) -> Found | Several | None:
    """The environment or environments that go by exactly this name; None when there is none."""
    key = name_key(name)
    if not key:
        return None
    matches = catalog.with_name(key)
    if matches:
        return Found(matches[0]) if len(matches) == 1 else Several(name, matches)
    matches = catalog.with_platform_name(key)
    return Several(name, matches) if len(matches) > 1 else None


def _by_name(
    environments: tuple[Environment, ...], names_of: Callable[[Environment], tuple[str, ...]]
) -> _ByName:
    found: dict[str, list[Environment]] = {}
    for environment in environments:
        for key in dict.fromkeys(names_of(environment)):
            found.setdefault(key, []).append(environment)
    return {key: tuple(matches) for key, matches in found.items()}


def _aliases(environment: Environment) -> tuple[str, ...]:
    return tuple(name_key(alias) for alias in (environment.alias, *environment.aliases))


def _ids(environment: Environment) -> tuple[str, ...]:
    return (name_key(environment.id),)


def _full_names(environment: Environment) -> tuple[str, ...]:
    return (name_key(environment.full_name),) if environment.full_name else ()


def _platform_names(environment: Environment) -> tuple[str, ...]:
    return (name_key(environment.platform_name),) if environment.platform_name else ()


def _find_nearest(key: str, catalog: Catalog) -> tuple[Environment, ...]:
    """The environments near enough to offer; a protected one only where no unprotected one is as near."""
    limit = slips_forgiven(key)
    measured = [(_measure(key, environment, limit), environment) for environment in catalog.environments]
    near = [(distance, environment) for distance, environment in measured if distance <= limit]
    safest = min((distance for distance, environment in near if not environment.protected), default=limit + 1)
    offered = [pair for pair in near if not pair[1].protected or pair[0] < safest]
    offered.sort(key=lambda pair: pair[0])
    return tuple(environment for _, environment in offered[:MOST_OFFERS])


def _measure(key: str, environment: Environment, limit: int) -> int:
    """How far the nearest of an environment's names is; the beginning of a name counts as one slip.

    A slip in a platform name alone counts one more: other projects have such names too.
    """
    own = (*_aliases(environment), *_full_names(environment))
    distances = [measure_distance(key, name, limit=limit) for name in own]
    distances += [
        0 if name == key else measure_distance(key, name, limit=limit) + 1
        for name in _platform_names(environment)
    ]
    if len(key) >= _SHORTEST_BEGINNING and any(name.startswith(key) for name in own):
        distances.append(1)
    return min(distances)
