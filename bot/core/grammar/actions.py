"""The words that take modules: deploy, update, reinit. `Parts` and the environment in, the intent out."""

import re
from collections.abc import Sequence

from bot.core.catalog import Catalog, Environment, find_exact
from bot.core.grammar.parts import Parts, Place
from bot.core.grammar.words import unexpected
from bot.core.intents import ALL_MODULES, ActionIntent, Deploy, QuickUpdate
from bot.core.misunderstood import BadModules, MissingModules, Misunderstood, UnexpectedWords
from bot.core.names import UpdateMode
from bot.core.typed_text import LONGEST_ECHO, Bare

MOST_MODULES = 50
"""The platform's limit for one action, as is the shape of a name."""

_MODULE = re.compile(r"[a-z0-9_]{1,64}")
_MODE_OF_WORD = {"update_all": UpdateMode.UPDATE_ALL, "reinit": UpdateMode.REINITIALIZE_SPECIFIC}


def read_deploy(parts: Parts, environment: Environment, catalog: Catalog) -> ActionIntent | Misunderstood:
    """A deploy. Modules are only taken after `modules=`: `deploy prod sale` may have meant an update."""
    given = parts.options.get("modules")
    early = [token for token in parts.extra if given is None or token.chunk < given.chunk]
    if early:
        return unexpected(parts.word, early)
    names = _read_modules(parts, catalog)
    if not isinstance(names, tuple):
        return names
    besides = [name for name in names if name != ALL_MODULES]
    return unexpected(parts.word, besides) if 0 < len(besides) < len(names) else Deploy(environment, names)


def read_update(parts: Parts, environment: Environment, catalog: Catalog) -> ActionIntent | Misunderstood:
    """A quick update in one of its four modes."""
    names = _read_modules(parts, catalog)
    if not isinstance(names, tuple):
        return names
    mode = _read_mode(parts, names)
    if not isinstance(mode, UpdateMode):
        return mode
    return _check_modules_fit(QuickUpdate(environment, mode, names), parts.word)


def _read_mode(parts: Parts, names: Sequence[str]) -> UpdateMode | UnexpectedWords:
    """The mode: as the word or `mode=` says (never two different ones), else by the modules given."""
    by_word, given = _MODE_OF_WORD.get(parts.word), parts.options.get("mode")
    if given is not None:
        value = given.value.casefold().replace("-", "_")
        mode = next((mode for mode in UpdateMode if mode.value == value), None)
        if mode is None or by_word not in {None, mode}:
            return unexpected(parts.word, [given])
        return mode
    if by_word is not None:
        return by_word
    if ALL_MODULES in names:
        return UpdateMode.UPDATE_ALL
    return UpdateMode.UPDATE_SPECIFIC if names else UpdateMode.PULL_RESTART


def _check_modules_fit(update: QuickUpdate, word: str) -> ActionIntent | Misunderstood:
    names = update.modules
    if update.mode in {UpdateMode.UPDATE_SPECIFIC, UpdateMode.REINITIALIZE_SPECIFIC}:
        if not names:
            return MissingModules(word)
        return BadModules((ALL_MODULES,)) if ALL_MODULES in names else update
    if update.mode is UpdateMode.UPDATE_ALL and names == (ALL_MODULES,):
        return QuickUpdate(update.environment, update.mode)
    if names:
        return unexpected(word, [name for name in names if name != ALL_MODULES] or names)
    return update


def _read_modules(
    parts: Parts, catalog: Catalog
) -> tuple[str, ...] | BadModules | MissingModules | UnexpectedWords:
    """The module names of a request, each once; a left-over word that names an environment is none of them."""
    given = parts.options.get("modules")
    in_option = given.value.split(",") if given else []
    typed = [*in_option, *(token.text for token in parts.extra)]
    names = tuple(dict.fromkeys(stripped.lower() for name in typed if (stripped := name.strip(" '"))))
    if given is not None and not names:
        return MissingModules(parts.word)
    if len(names) > MOST_MODULES:
        return BadModules(())
    second = [token for token in parts.extra if _may_be_environment(token, parts.place, catalog)]
    if second:
        return unexpected(parts.word, second)
    bad = tuple(name for name in names if not _MODULE.fullmatch(name))
    return _bad_modules(bad) if bad else names


def _bad_modules(names: Sequence[str]) -> BadModules:
    return BadModules(tuple(name[:LONGEST_ECHO] for name in names))


def _may_be_environment(token: Bare, place: Place | None, catalog: Catalog) -> bool:
    """`update prod staging`, `update prod,staging`: asks for two environments, not for a module called staging."""
    in_own_list = token.listed and (place is None or token.chunk != place.chunk)
    return not in_own_list and find_exact(token.text, catalog) is not None
