"""The rules in plain words: what a line of the file says, and where it stands."""

from collections.abc import Iterable

from bot.core.names import ChannelId, EnvironmentId
from bot.core.policy import WhoMay
from bot.core.rules import ACTION_WORDS, EVERYTHING, UPDATE, ApprovalRule, Right, Rules, RuleSource
from bot.views.marked import Marked, channel, code, codes, joined, say
from bot.views.people import say_people
from bot.views.spans import say_span

Shown = frozenset[EnvironmentId] | None
"""The environments that may be told by name; None for all."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def say_place(path: str, line: int, file: str | None = None) -> Marked:
    """Where a rule stands, for somebody who has the file open: `oec.yml`, line 15: `channels.C0DEPLOYS[1]`.

    Where the file is plain from what stands around it, it need not be named. What earlier versions wrote down does not
    tell the line (0).
    """
    if not line:
        return code(path)
    return joined([code(file) if file else None, say("line {}: {}", line, code(path))], ", ")


def say_right(rules: Rules, channel_id: ChannelId, rule: RuleSource, *, shown: Shown = None) -> Marked | None:
    """A line of a channel: "the second line of #deploys lets *releasers* deploy, restart on `prod`"; None for no line."""
    for number, right in enumerate(rules.channels.get(channel_id, ())):
        if right.source == rule:
            return say(
                "The {} line of {} {}",
                _say_nth(number),
                channel(channel_id),
                _say_effect(right, rules, shown),
            )
    return None


def say_approval_rule(rules: Rules, rule: ApprovalRule, *, shown: Shown = None) -> Marked:
    """An approval rule: "the first approval rule asks for it on deploy, stop of `prod`"."""
    numbers = [number for number, one in enumerate(rules.approvals) if one.source == rule.source]
    if not numbers:
        return Marked("No approval rule names it, but what destroys data always needs one")
    what = say("{} on {}", _say_actions(rule.words), _say_environments(rule.environments, rules, shown))
    return say("The {} approval rule asks for it: {}", _say_nth(numbers[0]), what)


def say_consent(rule: ApprovalRule) -> Marked:
    """Whose approval is needed, and until when: `the approval of one of *releasers*, not of whoever asks, within 15 min`."""
    by = Marked("the team") if rule.by.everyone else say_people(rule.by)
    count = Marked("one") if rule.count == 1 else say("{} different people", rule.count)
    own = None if rule.requester_may_approve else Marked("not of whoever asks")
    needed = joined([say("the approval of {} of {}", count, by), own], ", ")
    called = rule.escalate
    if called is None:
        return say("{}, within {}", needed, say_span(rule.expires))
    then = say("after {} {} may approve too", say_span(called.after), say_people(called.to))
    return say("{}, within {}; {}", needed, say_span(rule.expires), then)


def _say_effect(right: Right, rules: Rules, shown: Shown) -> Marked:
    people = Marked("everyone of the team") if right.who.everyone else say_people(right.who)
    what = say("{} on {}", _say_actions(right.words), _say_environments(right.environments, rules, shown))
    if right.deny:
        return say("keeps {} from {}", people, what)
    return say("lets {} {} {}", people, "do" if EVERYTHING in right.words else "use", what)


def _say_actions(words: Iterable[str]) -> Marked:
    """The words as they stand in the file: whoever reads this has it open, or asks somebody who has."""
    named = set(words)
    if EVERYTHING in named:
        others = [code(word) for word in _in_order(named - {EVERYTHING})]
        return joined([Marked("everything"), *others], " and ")
    return joined([code(word) for word in _in_order(named)], ", ")


def _in_order(words: set[str]) -> list[str]:
    order = [*ACTION_WORDS, UPDATE]
    return sorted(words, key=lambda word: (order.index(word) if word in order else len(order), word))


def _say_environments(ids: frozenset[EnvironmentId], rules: Rules, shown: Shown) -> Marked:
    named = ids if shown is None else ids & shown
    aliases = [one.alias for one in rules.catalog.environments if one.id in named]
    others = Marked("others") if ids - named else None
    return joined([codes(aliases, room=300) if aliases else None, others], " and ") or Marked(
        "no environment"
    )


def _say_nth(index: int) -> str:
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    number = index + 1
    is_teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def say_who_may(ways: Iterable[WhoMay], file: str, *, whom: str) -> list[Marked]:
    """Who may, from where, and the rule that says so, a line for each way; `whom` is the word for whom it is about."""
    return [
        say(
            "{} may, from {} ({})",
            Marked(whom) if way.is_own else say_people(way.people),
            channel(way.channel_id),
            say_place(way.rule.path, way.rule.line, file),
        )
        for way in ways
    ]
