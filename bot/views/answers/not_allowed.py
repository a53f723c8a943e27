"""The answer to somebody who may not: why, by which rule, who may and from where, and what they may do here."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.names import ButtonId, GroupId
from bot.core.policy import Advice, Denied, HereYouMay, covers_word
from bot.core.rules import UPDATE, UPDATE_WORDS
from bot.views import buttons
from bot.views.blocks import actions, button, message, section
from bot.views.denials import say_lacking, say_nobody, say_refusal
from bot.views.marked import Marked, code, codes, date, group, joined, lines, say
from bot.views.message import Message
from bot.views.phrases import say_words
from bot.views.rules import say_place, say_who_may

_WAYS_SHOWN = 5
_HANGS_ON_GROUPS = frozenset({"no_rule", "deny_rule", "protected"})


def render_denied(
    denied: Denied,
    *,
    what: str,
    channel_id: str,
    advice: Advice,
    file: str = "oec.yml",
    unknown_groups: Sequence[GroupId] = (),
    plea: ButtonId | None = None,
) -> Message:
    """Why this may not be done, by which rule, who could, and what may be done here instead. `what` is as typed.

    `file` is what the rules file is called. `unknown_groups` are those whose members Slack did not tell: with them
    known, it might have been allowed. `plea` is the id of a button that asks those who may.
    """
    why = say_refusal(denied.reason, what, channel_id)
    here = say_here_you_may(advice.here_you_may)
    unsure = say_unsure(denied, advice, unknown_groups)
    rule = say("Rule: {}.", say_place(denied.rule.path, denied.rule.line, file))
    ask = actions(button(buttons.PLEAD, plea, "Ask someone who may")) if plea else None
    lacking = say_lacking(advice.lacking, is_own=True)
    shown = section(lines(joined([why, lacking, here], " "), rule, *say_ways(denied, advice, file), *unsure))
    return message(joined([why, *unsure], " "), shown, ask)


def say_ways(denied: Denied, advice: Advice, file: str, *, is_own: bool = True) -> list[Marked]:
    """Who may, and from where, first the reader or (not `is_own`) whom it is about; else whom to turn to."""
    ways = say_who_may(advice.who_may[:_WAYS_SHOWN], file, whom="You" if is_own else "They")
    nobody = say_nobody(denied.reason, withheld=advice.withheld)
    return ways if ways or nobody is None else [nobody]


def say_unsure(denied: Denied, advice: Advice, unknown_groups: Sequence[GroupId]) -> list[Marked]:
    """Whose members are not known, or not as of now, where the refusal may hang on them."""
    if denied.reason not in _HANGS_ON_GROUPS:
        return []
    return [one for one in (_say_unknown(unknown_groups), _say_stale(advice.learned_at)) if one]


def _say_unknown(groups: Sequence[GroupId]) -> Marked | None:
    if not groups:
        return None
    named = joined([group(one) for one in groups[:_WAYS_SHOWN]], ", ")
    return say("Slack does not tell me just now who is in {}. If you are, ask again in a minute.", named)


def _say_stale(learned_at: Sequence[tuple[GroupId, datetime]]) -> Marked | None:
    """That somebody may have joined since; Slack did not tell."""
    if not learned_at:
        return None
    said = [
        say("who is in {} I last learned at {}", group(one), date(at)) for one, at in learned_at[:_WAYS_SHOWN]
    ]
    return say(
        "Slack does not answer just now: {}. If you have joined since, ask again in a minute.",
        joined(said, ", "),
    )


def say_here_you_may(powers: Sequence[HereYouMay], *, limit: int = 6) -> Marked | None:
    """`Here you may: restart `staging`; deploy, restart `dev`, `test`.`; None for nothing."""
    if not powers:
        return None
    alike: dict[tuple[str, ...], list[str]] = {}
    for power in powers:
        alike.setdefault(power.words, []).append(power.alias)
    said = [
        say("{} {}", say_words(words), codes(aliases, room=150))
        for words, aliases in list(alike.items())[:limit]
    ]
    more = [say("and more: {} lists it", code("/oec help"))] if len(alike) > limit else []
    return say("Here you may: {}.", joined([*said, *more], "; "))


def say_aliases(powers: Sequence[HereYouMay], word: str | None = None) -> Marked | None:
    """The environments on which this person may use a word here, or any word."""
    aliases = [one.alias for one in powers if word is None or _is_of(word, one.words)]
    return codes(aliases, room=300) if aliases else None


def _is_of(word: str, words: Sequence[str]) -> bool:
    """Whether a word as typed could be one of these: `update` is typed for each of its modes."""
    return covers_word(words, word) or (word == UPDATE and any(mode in words for mode in UPDATE_WORDS))
