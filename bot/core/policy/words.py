"""The words rules use, what each stands for, and which word covers which."""

from collections.abc import Collection, Mapping

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import Action, UpdateMode
from bot.core.rules import ACTION_WORDS, EVERYTHING, UPDATE, UPDATE_WORDS

_STANDS_FOR: Mapping[str, tuple[Action, UpdateMode | None]] = {
    "deploy": (Action.DEPLOY, None),
    "restart": (Action.RESTART, None),
    "start": (Action.START, None),
    "stop": (Action.STOP, None),
    "pull_restart": (Action.UPDATE, UpdateMode.PULL_RESTART),
    "update_specific": (Action.UPDATE, UpdateMode.UPDATE_SPECIFIC),
    "update_all": (Action.UPDATE, UpdateMode.UPDATE_ALL),
    "reinit": (Action.UPDATE, UpdateMode.REINITIALIZE_SPECIFIC),
}

RULE_WORDS = (*ACTION_WORDS[:4], UPDATE, *ACTION_WORDS[4:], EVERYTHING)
"""Every word that a rule may say."""

OTHER_NAMES: Mapping[str, str] = {"reinitialize_specific": "reinit"}
"""What else a rule may call an action: oec.sh's own name, where ours is shorter."""


def change_of(word: str, environment: Environment) -> Change:
    """The plainest change that a word stands for: enough to decide on, for which modules never matters to the rules."""
    action, mode = _STANDS_FOR[word]
    return Change(action, environment, mode)


def covers_word(words: Collection[str], word: str) -> bool:
    """Whether a rule with these words speaks of this one: `update` of its modes, `everything` of all.

    Of `update` itself speaks what speaks of all its modes.
    """
    if word in words or EVERYTHING in words:
        return True
    if word == UPDATE:
        return all(mode in words for mode in UPDATE_WORDS)
    return word in UPDATE_WORDS and UPDATE in words


def say_plainly(words: Collection[str]) -> tuple[str, ...]:
    """These words in the order in which they are told, with `update` for all its modes."""
    plain = {*words, UPDATE} - {*UPDATE_WORDS} if {*UPDATE_WORDS} <= {*words} else {*words}
    return tuple(word for word in RULE_WORDS if word in plain)
