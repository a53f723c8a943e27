"""Questions about what may be done: whose rights are meant, and an ask that is asked about instead of made."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.grammar.words import ask_form, unexpected
from bot.core.intents import Intent, ShowHelp, ShowMay, ShowWhy
from bot.core.misunderstood import (
    AmbiguousEnvironment,
    MissingEnvironment,
    MissingModules,
    Misunderstood,
    UnknownEnvironment,
    UnknownPerson,
    UnknownWord,
)
from bot.core.names import UserId
from bot.core.typed_text import LONGEST_ECHO, Bare, Option, Token

_PERSON = re.compile(r"@([UW][A-Z0-9]{2,20})")
_ONESELF = frozenset({"i", "me"})


def take_person(tokens: Sequence[Token]) -> tuple[UserId | None, Sequence[Token]] | UnknownPerson:
    """Whose rights are meant (None: the asker's), and what is asked about them, without its question mark."""
    rest = _without_question_mark(tokens)
    first = rest[0].text if rest and isinstance(rest[0], Bare) else ""
    if first.casefold() in _ONESELF:
        return None, rest[1:]
    if not first.startswith("@"):
        return None, rest
    person = _PERSON.fullmatch(first)
    return UnknownPerson(first[:LONGEST_ECHO]) if person is None else (UserId(person[1]), rest[1:])


def as_question(meant: Intent | Misunderstood, who: UserId | None) -> Intent | Misunderstood:
    """An ask as a question about it. What is offered instead asks about it too: no button may do what was only asked."""
    match meant:
        case ShowHelp():
            return meant
        case ShowMay() | ShowWhy():
            return unexpected("can", [ask_form(meant)])
        case UnknownEnvironment(_, offers) | AmbiguousEnvironment(_, offers):
            asking = ask_form(ShowMay(who))
            return replace(meant, offers=tuple((one, f"{asking} {text}") for one, text in offers))
        case MissingEnvironment(word) | MissingModules(word):
            return replace(meant, word=f"can {word}")
        case UnknownWord(word, nearest):
            return UnknownWord(word, f"can {nearest}" if nearest else None)
        case _:
            return meant if isinstance(meant, Misunderstood) else ShowMay(who, meant)


def _without_question_mark(tokens: Sequence[Token]) -> Sequence[Token]:
    """`can I deploy prod?`: people end questions so, wherever they type them."""
    match tokens[-1] if tokens else None:
        case Bare(text) as last:
            shown = text.rstrip("?")
            return [*tokens[:-1], replace(last, text=shown)] if shown else tokens[:-1]
        case Option(_, value) as last:
            return [*tokens[:-1], replace(last, value=value.rstrip("?"))]
        case None:
            return tokens
