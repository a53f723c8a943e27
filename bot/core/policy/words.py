"""The words rules use, what each stands for, and which word covers which."""

from collections.abc import Mapping

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import Action, UpdateMode
from bot.core.rules import EVERYTHING

WORDS: Mapping[str, tuple[Action, UpdateMode | None]] = {
    "deploy": (Action.DEPLOY, None),
    "restart": (Action.RESTART, None),
    "start": (Action.START, None),
    "stop": (Action.STOP, None),
    "update": (Action.UPDATE, UpdateMode.PULL_RESTART),
    "update_all": (Action.UPDATE, UpdateMode.UPDATE_ALL),
    "reinit": (Action.UPDATE, UpdateMode.REINITIALIZE_SPECIFIC),
}
"""Every word, in the order in which they are told to people."""


def change_of(word: str, environment: Environment) -> Change:
    """The plainest change that a word stands for: enough to decide on, for modules never matter to the rules."""
    action, mode = WORDS[word]
    return Change(action, environment, mode)


def covers_word(words: frozenset[str], word: str) -> bool:
    """Whether a rule with these words speaks of this one: `update` of update_all too, `everything` of all."""
    return word in words or EVERYTHING in words or (word == "update_all" and "update" in words)
