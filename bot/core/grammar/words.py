"""The words people may begin with, and the canonical text of every intent."""

from collections.abc import Mapping, Sequence

from bot.core.intents import (
    Intent,
    ShowHelp,
    ShowHistory,
    ShowLog,
    ShowMay,
    ShowRun,
    ShowStatus,
    ShowWhy,
    as_change,
    typed_form,
)
from bot.core.misunderstood import UnexpectedWords, UnknownWord
from bot.core.nearness import find_nearest
from bot.core.typed_text import LONGEST_ECHO, Token

WORDS: Mapping[str, str] = {
    "deploy": "deploy",
    "redeploy": "deploy",
    "restart": "restart",
    "reboot": "restart",
    "start": "start",
    "stop": "stop",
    "update": "update",
    "quick-update": "update",
    "quickupdate": "update",
    "upgrade": "update",
    "update-all": "update_all",
    "reinit": "reinit",
    "reinitialize": "reinit",
    "status": "status",
    "history": "history",
    "run": "run",
    "logs": "logs",
    "log": "logs",
    "can": "can",
    "may": "can",
    "why": "why",
    "help": "help",
    "?": "help",
}
"""Every first word, and the one it stands for."""

LONGEST_WORD = 40
"""How much of a first word nobody knows is repeated."""

USUAL_COUNT = 10


def find_word(typed: str) -> str | None:
    """The canonical word behind one that was typed: `redeploy` → `deploy`."""
    return WORDS.get(typed.casefold().replace("_", "-"))


def ask_form(intent: Intent) -> str:
    """The text that asks for this intent again, in its canonical form."""
    match intent:
        case ShowStatus(environment):
            return f"status {environment.alias}" if environment else "status"
        case ShowHistory(environment, count):
            name = f" {environment.alias}" if environment else ""
            return f"history{name}" + (f" {count}" if count != USUAL_COUNT else "")
        case ShowRun(run_id):
            return f"run {run_id}"
        case ShowLog(run_id):
            return f"logs {run_id}"
        case ShowMay(who, asks):
            return " ".join(["can", *([f"<@{who}>"] if who else []), *([ask_form(asks)] if asks else [])])
        case ShowWhy(run_id):
            return f"why {run_id}" if run_id else "why"
        case ShowHelp(topic):
            return f"help {topic}" if topic else "help"
        case _:
            return typed_form(as_change(intent))


def unknown_word(typed: str) -> UnknownWord:
    """The answer to a word that is none of ours, with the one that was most likely meant."""
    word = typed[:LONGEST_WORD]
    nearest = find_nearest(word.casefold(), WORDS)
    return UnknownWord(word, WORDS[nearest] if nearest else None)


def unexpected(word: str, extra: Sequence[Token | str]) -> UnexpectedWords:
    """The answer to words left over."""
    texts = (token if isinstance(token, str) else token.text for token in extra)
    return UnexpectedWords(word, tuple(text[:LONGEST_ECHO] for text in texts))
