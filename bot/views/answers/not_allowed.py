"""The answer to somebody who may not: why, by which rule, who may and from where, and what they may do here."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.names import ButtonId, GroupId
from bot.core.policy import Advice, Denied, HereYouMay, covers_word
from bot.core.rules import UPDATE, UPDATE_WORDS
from bot.views import buttons
from bot.views.blocks import actions, button, message, section
from bot.views.marked import Marked, channel, code, codes, date, group, joined, lines, say
from bot.views.message import Message
from bot.views.phrases import say_words
from bot.views.rules import say_place, say_who_may

_WAYS_SHOWN = 5
_HANGS_ON_GROUPS = frozenset({"no_rule", "deny_rule", "protected"})

_OUTSIDERS = {
    "foreign_team": "You belong to another workspace, and only people of this one may use me. Ask one of them.",
    "guest": "You are a guest here, and guests may do only what a rule allows them by their id. "
    "Ask somebody of the team to do it, or the operators for such a rule.",
    "bot": "Bots may do only what a rule allows them by their id. The operators keep the rules.",
    "deactivated": "Your account is deactivated. Ask somebody of the team to do it.",
}
_OTHER_OUTSIDERS = {
    "foreign_team": "They belong to another workspace, and only people of this one may use me.",
    "guest": "They are a guest, and guests may do only what a rule allows them by their id.",
    "bot": "They are a bot, and bots may do only what a rule allows them by their id.",
    "deactivated": "Their account is deactivated.",
}
_WHY = {
    "channel_without_rules": "No rule speaks of {channel}, so nothing can be asked for there.",
    "deny_rule": "You may not {what} from {channel}: a rule forbids it.",
    "protected": "You may not {what}: the environment is protected, and only a rule that says `reinit` allows this.",
    "not_visible": "Nothing is shown in {channel} for {what}: no rule of this channel names that environment.",
}
_REASONS = {
    "channel_without_rules": "No rule speaks of {channel}, so nothing can be asked for there.",
    "deny_rule": "A rule forbids it.",
    "protected": "The environment is protected, and only a rule that says `reinit` allows this.",
    "not_visible": "No rule of this channel names that environment.",
}
_KEEPERS = "The operators keep the rules."
_NOBODY = {
    "no_rule": f"No rule lets anybody do it. {_KEEPERS}",
    "deny_rule": f"No rule lets anybody do it elsewhere. {_KEEPERS}",
    "protected": f"No rule lets anybody do it. {_KEEPERS}",
    "channel_without_rules": f"Ask in a channel that the rules speak of. {_KEEPERS}",
    "not_visible": f"Ask in a channel whose rules name it, or look at what there is here: `/oec status`. {_KEEPERS}",
}
_WITHHELD = f"Who may is told to people of this team only: ask one of them. {_KEEPERS}"
_NO_RULE = "You may not {what} from {channel}."


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
    why = _say_why(denied, what, channel_id)
    here = say_here_you_may(advice.here_you_may)
    unsure = say_unsure(denied, advice, unknown_groups)
    rule = say("Rule: {}.", say_place(denied.rule.path, denied.rule.line, file))
    ask = actions(button(buttons.PLEAD, plea, "Ask someone who may")) if plea else None
    shown = section(lines(joined([why, here], " "), rule, *say_ways(denied, advice, file), *unsure))
    return message(joined([why, *unsure], " "), shown, ask)


def say_reason(denied: Denied, channel_id: str, *, is_own: bool) -> Marked:
    """Why something may not be done, where what it is and by whom was said before; `is_own` by the reader."""
    outsider = (_OUTSIDERS if is_own else _OTHER_OUTSIDERS).get(denied.reason)
    template = outsider or _REASONS.get(denied.reason) or _NO_LINE[is_own]
    return Marked(template.format(channel=channel(channel_id)))


_NO_LINE = {
    True: "No line of {channel} lets you.",
    False: "No line of {channel} lets them.",
}


def say_ways(denied: Denied, advice: Advice, file: str, *, is_own: bool = True) -> list[Marked]:
    """Who may, and from where, first the reader or (not `is_own`) whom it is about; else whom to turn to."""
    ways = say_who_may(advice.who_may[:_WAYS_SHOWN], file, whom="You" if is_own else "They")
    if ways or denied.reason not in _NOBODY:
        return ways
    return [Marked(_WITHHELD if advice.withheld else _NOBODY[denied.reason])]


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


def _say_why(denied: Denied, what: str, channel_id: str) -> Marked:
    outsider = _OUTSIDERS.get(denied.reason)
    if outsider is not None:
        return Marked(outsider)
    template = _WHY.get(denied.reason, _NO_RULE)
    return Marked(template.format(what=code(what, limit=120), channel=channel(channel_id)))


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
