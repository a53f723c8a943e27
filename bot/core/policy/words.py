"""The words rules use, what each stands for, and which word covers which."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.core.catalog import Environment
from bot.core.intents import ALL_MODULES, Change, as_change, as_intent
from bot.core.names import Action, EnvironmentId, UpdateMode
from bot.core.rules import ACTION_WORDS, EVERYTHING, UPDATE, UPDATE_WORDS

_NOWHERE = Environment(EnvironmentId(""), "nowhere")

Words = tuple[str, ...]
"""What the rules call a change: a word, or several where it is several things at once."""


def _find_kinds() -> Mapping[Words, Change]:
    """One change of each kind that can be asked for, by its words: whatever an intent can be, and nothing else."""
    kinds: dict[Words, Change] = {}
    for action in Action:
        for mode in (None, *UpdateMode):
            for modules in ((), (ALL_MODULES,)):
                change = as_change(as_intent(Change(action, _NOWHERE, mode, modules)))
                kinds.setdefault(change.words, change)
    return kinds


_KINDS = _find_kinds()

KINDS_OF_CHANGE = tuple(_KINDS)
"""The words of every kind of change that the rules can tell apart."""

RULE_WORDS = (*ACTION_WORDS[:4], UPDATE, *ACTION_WORDS[4:], EVERYTHING)
"""Every word that a rule may say."""

OTHER_NAMES: Mapping[str, str] = {"reinitialize_specific": "reinit"}
"""What else a rule may call an action: oec.sh's own name, where ours is shorter."""


def change_of(word: str, environment: Environment) -> Change:
    """The plainest change that a word stands for: enough to decide on, for which modules never matters to the rules."""
    return change_with((word,), environment)


def change_with(words: Words, environment: Environment) -> Change:
    """The plainest change that has all of these words, which are one of `KINDS_OF_CHANGE`."""
    return replace(_KINDS[words], environment=environment)


def covers_word(words: Collection[str], word: str) -> bool:
    """Whether a rule with these words speaks of this one: `update` of its modes, `everything` of all.

    Of `update` itself speaks what speaks of all its modes.
    """
    if word in words or EVERYTHING in words:
        return True
    if word == UPDATE:
        return all(mode in words for mode in UPDATE_WORDS)
    return word in UPDATE_WORDS and UPDATE in words


def covers_words(words: Collection[str], wanted: Words) -> bool:
    """Whether a rule with these words speaks of each of the others."""
    return all(covers_word(words, word) for word in wanted)


def say_plainly(words: Collection[str]) -> tuple[str, ...]:
    """These words in the order in which they are told, with `update` for all its modes."""
    plain = {*words, UPDATE} - {*UPDATE_WORDS} if {*UPDATE_WORDS} <= {*words} else {*words}
    return tuple(word for word in RULE_WORDS if word in plain)
