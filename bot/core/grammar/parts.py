"""Takes a request apart: the words that stand for the environment, the options, and what is left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.catalog import Catalog, find_exact
from bot.core.grammar.words import unexpected
from bot.core.misunderstood import UnexpectedWords
from bot.core.typed_text import LONGEST_ECHO, Bare, Option, Token

MARKERS = frozenset({"to", "on", "in", "for", "of"})
"""Words that may stand before the environment's name."""

LONGEST_NAME = 12
"""How many words the name of a project and its environment may have together."""

_OPTIONS: Mapping[str, frozenset[str]] = {
    "deploy": frozenset({"env", "modules"}),
    "update": frozenset({"env", "modules", "mode"}),
    "update_all": frozenset({"env", "modules", "mode"}),
    "reinit": frozenset({"env", "modules", "mode"}),
    "history": frozenset({"env", "count"}),
}
_OPTIONS_OF_OTHERS = frozenset({"env"})
_SAME_KEY = {"environment": "env", "module": "modules", "update_modules": "modules"}


@dataclass(frozen=True, slots=True)
class Place:
    """What was typed where the environment belongs, and the chunk in which it ended."""

    name: str
    chunk: int


@dataclass(frozen=True, slots=True)
class Parts:
    """A request taken apart; `place` is None where no environment was named."""

    word: str
    place: Place | None
    options: Mapping[str, Option]
    extra: tuple[Bare, ...]


def take_apart(word: str, tokens: Sequence[Token], catalog: Catalog) -> Parts | UnexpectedWords:
    """The parts of a request; `UnexpectedWords` for an option that the word has not, or that comes twice."""
    options: dict[str, Option] = {}
    strange: list[Option] = []
    for token in tokens:
        if isinstance(token, Option):
            key = _SAME_KEY.get(token.key, token.key)
            if key in options or key not in _OPTIONS.get(word, _OPTIONS_OF_OTHERS):
                strange.append(token)
            else:
                options[key] = token
    if strange:
        return unexpected(word, strange)
    bare = tuple(token for token in tokens if isinstance(token, Bare))
    if word == "history":
        bare = _take_count(bare, options, catalog)
    return _place_environment(word, bare, options, catalog)


def _place_environment(
    word: str, bare: tuple[Bare, ...], options: Mapping[str, Option], catalog: Catalog
) -> Parts:
    """The environment stands after `env=`, else first, else after `to`, `on` …"""
    given = options.get("env")
    if given is not None and given.value:
        earlier = tuple(token for token in bare if token.chunk < given.chunk)
        named = (Bare(given.value, given.chunk), *bare[len(earlier) :])
        place, length = _longest_name(named, catalog)
        return Parts(word, place, options, earlier + named[length:])
    if _names_nothing(word, bare):
        return Parts(word, None, options, bare)
    place, length = _longest_name(bare, catalog)
    marker = _find_marker(bare)
    if marker is None or find_exact(place.name, catalog) is not None:
        return Parts(word, place, options, bare[length:])
    place, length = _longest_name(bare[marker + 1 :], catalog)
    return Parts(word, place, options, bare[:marker] + bare[marker + 1 + length :])


def _names_nothing(word: str, bare: Sequence[Bare]) -> bool:
    """`deploy`, `deploy to`, `update all`."""
    nothing = MARKERS | {"all"} if word == "update" else MARKERS
    return all(token.text.casefold() in nothing for token in bare)


def _find_marker(bare: Sequence[Bare]) -> int | None:
    for number, token in enumerate(bare[:-1]):
        if token.text.casefold() in MARKERS and not token.listed:
            return number
    return None


def _longest_name(bare: Sequence[Bare], catalog: Catalog) -> tuple[Place, int]:
    """The most words from the first on that name an environment; else the first, or all up to one with a slash."""
    for length in range(min(len(bare), LONGEST_NAME), 0, -1):
        name = _join(bare[:length])
        if find_exact(name, catalog) is not None:
            return Place(name, bare[length - 1].chunk), length
    length = _length_of_unknown(bare[:LONGEST_NAME])
    return Place(_join(bare[:length])[:LONGEST_ECHO], bare[length - 1].chunk), length


def _length_of_unknown(bare: Sequence[Bare]) -> int:
    for length, token in enumerate(bare, start=1):
        if "/" in token.text:
            return min(length + token.text.endswith("/"), len(bare))
    return 1


def _join(bare: Sequence[Bare]) -> str:
    return " ".join(token.text for token in bare)


def _take_count(bare: tuple[Bare, ...], options: dict[str, Option], catalog: Catalog) -> tuple[Bare, ...]:
    """`history prod 20`, `history 20 prod`: the number becomes `count=`; what else there is, is returned."""
    if "count" in options or (bare and find_exact(_join(bare[-LONGEST_NAME:]), catalog) is not None):
        return bare
    for number in (len(bare) - 1, 0):
        if bare and bare[number].text.isdecimal():
            options["count"] = Option("count", bare[number].text, bare[number].chunk)
            return bare[:number] + bare[number + 1 :]
    return bare
