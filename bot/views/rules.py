"""The rules in plain words: what a line of the file says, and where it stands."""

from collections.abc import Iterable

from bot.core.names import ChannelId, EnvironmentId
from bot.core.rules import ACTION_WORDS, EVERYTHING, UPDATE, ApprovalRule, Right, Rules, RuleSource
from bot.views.marked import Marked, bold, channel, code, codes, joined, say
from bot.views.people import say_label, say_people
from bot.views.phrases import say_words
from bot.views.spans import say_span

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def say_place(rule: RuleSource, file: str) -> Marked:
    """Where a rule stands, for somebody who has the file open: `oec.yml`, line 15: `channels.C0DEPLOYS[1]`."""
    return say("{}, line {}: {}", code(file), rule.line, code(rule.path))


def say_right(rules: Rules, channel_id: ChannelId, rule: RuleSource) -> Marked | None:
    """A line of a channel: "the second line of #deploys lets *releasers* deploy, restart on `prod`"; None for no line."""
    for number, right in enumerate(rules.channels.get(channel_id, ())):
        if right.source == rule:
            return say(
                "The {} line of {} {}", _say_nth(number), channel(channel_id), _say_effect(right, rules)
            )
    return None


def say_approval_rule(rules: Rules, rule: ApprovalRule) -> Marked:
    """An approval rule: "the first approval rule asks for it on deploy, stop of `prod`"."""
    numbers = [number for number, one in enumerate(rules.approvals) if one.source == rule.source]
    if not numbers:
        return Marked("No approval rule names it, but what destroys data always needs one")
    what = say("{} on {}", _say_actions(rule.words), _say_environments(rule.environments, rules))
    return say("The {} approval rule asks for it: {}", _say_nth(numbers[0]), what)


def say_consent(rule: ApprovalRule) -> Marked:
    """Whose approval is needed, and how it is given: `2 of *releasers*, not your own, within 15 min`."""
    by = Marked("the team") if rule.by.everyone else bold(say_label(rule.by.label))
    count = Marked("one") if rule.count == 1 else say("{} different people", rule.count)
    escalated = rule.escalate
    then = (
        say("after {} {} may too", say_span(escalated.after), bold(say_label(escalated.to.label)))
        if escalated
        else None
    )
    own = None if rule.requester_may_approve else Marked("not the one who asks")
    return joined([say("{} of {}", count, by), own, say("within {}", say_span(rule.expires)), then], ", ")


def _say_effect(right: Right, rules: Rules) -> Marked:
    verb = "keeps {} from: {} on {}" if right.deny else "lets {} {} on {}"
    people = Marked("everyone of the team") if right.who.everyone else say_people(right.who)
    return say(verb, people, _say_actions(right.words), _say_environments(right.environments, rules))


def _say_actions(words: Iterable[str]) -> Marked:
    named = set(words)
    if EVERYTHING in named:
        return Marked("everything") if named == {EVERYTHING} else _say_some(named)
    return _say_some(named)


def _say_some(words: set[str]) -> Marked:
    order = [*ACTION_WORDS, UPDATE, EVERYTHING]
    return say_words(
        sorted(words, key=lambda word: (order.index(word) if word in order else len(order), word))
    )


def _say_environments(ids: frozenset[EnvironmentId], rules: Rules) -> Marked:
    aliases = [one.alias for one in rules.catalog.environments if one.id in ids]
    return codes(aliases, room=300) if aliases else Marked("no environment")


def _say_nth(index: int) -> str:
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    number = index + 1
    is_teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
