"""The environments people can name, and how a name finds one. An unknown or ambiguous name is never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.names import EnvironmentId


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


@dataclass(frozen=True, slots=True)
class Catalog:
    """All environments of the rules file, in its order."""

    environments: tuple[Environment, ...]

    def by_id(self) -> Mapping[EnvironmentId, Environment]:
        """The environments by their id."""
        return {environment.id: environment for environment in self.environments}

    def only(self, ids: frozenset[EnvironmentId]) -> "Catalog":
        """The part of the catalog that holds these environments, in the same order."""
        return Catalog(tuple(environment for environment in self.environments if environment.id in ids))
