"""A request that is no intent: why, and the nearest thing that would have worked. A value, not an exception."""

from dataclasses import dataclass

from bot.core.catalog import Environment


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """The first word is nothing the bot knows; `nearest` is a word it does know, if one is near."""

    word: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class MissingEnvironment:
    """`deploy` alone: it needs an environment."""

    word: str


@dataclass(frozen=True, slots=True)
class UnknownEnvironment:
    """No such environment here. `offers` pairs each candidate with the text that would ask for it."""

    name: str
    offers: tuple[tuple[Environment, str], ...]


@dataclass(frozen=True, slots=True)
class AmbiguousEnvironment:
    """More than one environment goes by this name; `offers` as above."""

    name: str
    offers: tuple[tuple[Environment, str], ...]


@dataclass(frozen=True, slots=True)
class BadModules:
    """These are no module names: 1 to 64 of a-z, 0-9, `_` (the platform's rule). Without names: more than 50 were given."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingModules:
    """`reinit dev` alone: it needs module names."""

    word: str


@dataclass(frozen=True, slots=True)
class UnexpectedWords:
    """Words left over that change nothing: never silently ignored, for they may have meant something."""

    word: str
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRunNumber:
    """`run abc`: it needs a number such as 42."""

    word: str
    given: str | None


@dataclass(frozen=True, slots=True)
class UnknownPerson:
    """`can @ana`, as letters and not as the person: only Slack can say who that is, when it is picked from its list."""

    name: str


Misunderstood = (
    UnknownWord
    | MissingEnvironment
    | UnknownEnvironment
    | AmbiguousEnvironment
    | BadModules
    | MissingModules
    | UnexpectedWords
    | BadRunNumber
    | UnknownPerson
)
