"""The grammar: what a person typed → what is meant, or why nothing is.

    request  = [mention] ( action | reading | nothing )           nothing, and `?`, mean help
    action   = "deploy" env [ "modules=" list ]                   also "redeploy"
             | ( "restart" | "start" | "stop" ) env               also "reboot" for restart
             | "update" env [ "all" | list ] [ "mode=" mode ]     also "quick-update", "upgrade"
             | "update_all" env
             | "reinit" env list                                  also "reinitialize"
    reading  = "status" [env] | "history" [env] [count] | "run" number | "logs" number | "why" [number]
             | "can" [ person ] [ action | reading ]              also "may"; a reading of status, history, run, logs
             | "help" [word]
    person   = "I" | "me" | a person as Slack writes one, picked from its list
    env      = [ "to" | "on" | "in" | "for" | "of" ] name | ( "env=" | "environment=" ) name
    name     = an alias, `project/environment` (blanks allowed), or an id
    list     = module names with commas or blanks between, also as "modules=" list
    mode     = "pull_restart" | "update_all" | "update_specific" | "reinitialize_specific"
    number   = 42 | #42
    count    = 1 to 50, also as "count=" count

Case, extra blanks and quotes do not count; a `key=value` may stand anywhere. `update env` alone is `pull_restart`, with
"all" `update_all`, with a list `update_specific`. A word that would change nothing is never skipped, for it may have
meant something: the answer is `UnexpectedWords`. A name is never guessed: the answer offers what is near.
"""

from collections.abc import Callable, Mapping, Sequence

from bot.core.catalog import Catalog, Environment, Found, Several, Unknown, find_exact, resolve
from bot.core.grammar.actions import read_deploy, read_update
from bot.core.grammar.parts import Parts, take_apart
from bot.core.grammar.questions import as_question, take_person
from bot.core.grammar.words import (
    LONGEST_WORD,
    USUAL_COUNT,
    WORDS,
    ask_form,
    find_word,
    unexpected,
    unknown_word,
)
from bot.core.intents import (
    ActionIntent,
    Intent,
    Restart,
    ShowHelp,
    ShowHistory,
    ShowLog,
    ShowMay,
    ShowRun,
    ShowStatus,
    ShowWhy,
    Start,
    Stop,
)
from bot.core.misunderstood import (
    AmbiguousEnvironment,
    BadRunNumber,
    MissingEnvironment,
    Misunderstood,
    UnknownEnvironment,
    UnknownPerson,
)
from bot.core.names import RunId
from bot.core.typed_text import LONGEST_ASK, Bare, Token, read_tokens

__all__ = ["LONGEST_ASK", "LONGEST_WORD", "MOST_RUNS", "WORDS", "ask_form", "find_word", "parse"]

MOST_RUNS = 50
"""How many runs a history may be asked for."""


def parse(text: str, catalog: Catalog) -> Intent | Misunderstood:
    """What a request means; `catalog` holds the environments that may be named and offered."""
    return _read(read_tokens(text), catalog)


def _read(tokens: Sequence[Token], catalog: Catalog) -> Intent | Misunderstood:
    if not tokens:
        return ShowHelp()
    first, rest = tokens[0], tokens[1:]
    word = find_word(first.text.rstrip(":?") or first.text) if isinstance(first, Bare) else None
    if word is None:
        return unknown_word(first.text)
    if word == "help":
        return _read_help(rest)
    if _asks_for_help(rest, catalog):
        return ShowHelp(word)
    match word:
        case "can":
            return _read_can(rest, catalog)
        case "why" if not rest:
            return ShowWhy()
        case "run" | "logs" | "why":
            return _read_run(word, rest)
        case _:
            return _read_of_environment(word, rest, catalog)


def _read_of_environment(word: str, rest: Sequence[Token], catalog: Catalog) -> Intent | Misunderstood:
    parts = take_apart(word, rest, catalog)
    return _read_parts(parts, catalog) if isinstance(parts, Parts) else parts


def _asks_for_help(rest: Sequence[Token], catalog: Catalog) -> bool:
    """`deploy ?`, `deploy help`, `deploy --help`, unless an environment is called so."""
    if len(rest) != 1 or not isinstance(rest[0], Bare):
        return False
    return find_word(rest[0].text.lstrip("-")) == "help" and find_exact(rest[0].text, catalog) is None


def _read_help(rest: Sequence[Token]) -> Intent | Misunderstood:
    if not rest:
        return ShowHelp()
    topic = find_word(rest[0].text)
    if topic is None:
        return unknown_word(rest[0].text)
    return unexpected("help", rest[1:]) if rest[1:] else ShowHelp(topic)


def _read_run(word: str, rest: Sequence[Token]) -> Intent | Misunderstood:
    if not rest:
        return BadRunNumber(word, None)
    given = rest[0].text
    number = _read_number(given.removeprefix("#"))
    if not number:
        return BadRunNumber(word, given[:LONGEST_WORD])
    if rest[1:]:
        return unexpected(word, rest[1:])
    return _NUMBERED[word](RunId(number))


_NUMBERED: Mapping[str, Callable[[RunId], ShowRun | ShowLog | ShowWhy]] = {
    "run": ShowRun,
    "logs": ShowLog,
    "why": ShowWhy,
}


def _read_can(rest: Sequence[Token], catalog: Catalog) -> Intent | Misunderstood:
    taken = take_person(rest)
    if isinstance(taken, UnknownPerson):
        return taken
    who, asked = taken
    return as_question(_read(asked, catalog), who) if asked else ShowMay(who)


def _read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def _read_parts(parts: Parts, catalog: Catalog) -> Intent | Misunderstood:
    if parts.place is None:
        if parts.word in {"status", "history"}:
            return _read_reading(parts, None)
        return MissingEnvironment(parts.word)
    match resolve(parts.place.name, catalog):
        case Found(environment):
            return _read_for(parts, environment, catalog)
        case Unknown(name, nearest):
            return _offer(parts, catalog, nearest, lambda offers: UnknownEnvironment(name, offers))
        case Several(name, candidates):
            return _offer(parts, catalog, candidates, lambda offers: AmbiguousEnvironment(name, offers))


def _read_for(parts: Parts, environment: Environment, catalog: Catalog) -> Intent | Misunderstood:
    match parts.word:
        case "deploy":
            return read_deploy(parts, environment, catalog)
        case "update" | "update_all" | "reinit":
            return read_update(parts, environment, catalog)
        case "status" | "history":
            return _read_reading(parts, environment)
        case _:
            return unexpected(parts.word, parts.extra) if parts.extra else _PLAIN[parts.word](environment)


_PLAIN: Mapping[str, Callable[[Environment], ActionIntent]] = {
    "restart": Restart,
    "start": Start,
    "stop": Stop,
}


def _read_reading(parts: Parts, environment: Environment | None) -> Intent | Misunderstood:
    if parts.extra:
        return unexpected(parts.word, parts.extra)
    if parts.word == "status":
        return ShowStatus(environment)
    given = parts.options.get("count")
    count = _read_number(given.value) if given else USUAL_COUNT
    if given is not None and (count is None or not 1 <= count <= MOST_RUNS):
        return unexpected(parts.word, [given.value])
    return ShowHistory(environment, count or USUAL_COUNT)


def _offer(
    parts: Parts,
    catalog: Catalog,
    candidates: Sequence[Environment],
    wrap: Callable[[tuple[tuple[Environment, str], ...]], Misunderstood],
) -> Misunderstood:
    """Each candidate with the text that would ask for it; what is wrong besides the name comes first."""
    offers: list[tuple[Environment, str]] = []
    for candidate in candidates:
        meant = _read_for(parts, candidate, catalog)
        if isinstance(meant, Misunderstood):
            return meant
        offers.append((candidate, ask_form(meant)))
    return wrap(tuple(offers))
