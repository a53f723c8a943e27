"""The policy: one pure function decides for every path, and decides again at every press.

In this order: people of other teams are out; a channel without rules gives no rights; what a deny rule covers is
refused; then the first right in the file's order that covers the ask allows it; then the first approval rule that
covers it asks for a second person. Guests, bots and deactivated people count only where a rule lists them by id.
"""

from dataclasses import replace

from bot.core.catalog import Environment
from bot.core.intents import (
    Change,
    Deploy,
    Intent,
    QuickUpdate,
    ReadingIntent,
    Restart,
    ShowHistory,
    ShowStatus,
    Start,
    Stop,
    as_change,
)
from bot.core.names import ChannelId, EnvironmentId
from bot.core.policy.decisions import (
    Allowed,
    Decision,
    Denied,
    HereYouMay,
    Membership,
    NeedsApproval,
    Person,
    Power,
    WhoMay,
)
from bot.core.policy.judgement import covers, is_listed, is_named_enough, judge
from bot.core.policy.people import find_outsider_reason, includes, may_vote
from bot.core.policy.words import WORDS, change_of, covers_word
from bot.core.rules import Rules

__all__ = [
    "Allowed",
    "Decision",
    "Denied",
    "HereYouMay",
    "Membership",
    "NeedsApproval",
    "Person",
    "Power",
    "WhoMay",
    "change_of",
    "covers_word",
    "decide",
    "decide_change",
    "find_outsider_reason",
    "here_you_may",
    "includes",
    "may_vote",
    "powers",
    "visible_environments",
    "who_may",
]


def decide(
    intent: Intent, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Decision:
    """Whether this person may do or read this, asked in this channel, under these rules, at this moment."""
    match intent:
        case Deploy() | Restart() | Start() | Stop() | QuickUpdate():
            return decide_change(as_change(intent), person, channel_id, rules, membership)
        case _:
            return _decide_reading(intent, person, channel_id, rules, membership)


def decide_change(
    change: Change, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Decision:
    """Whether this change may be made; a refusal says who could, and what this person may do here instead."""
    decision = judge(change, person, channel_id, rules, membership)
    if not isinstance(decision, Denied) or decision.reason == "foreign_team":
        return decision
    instead = here_you_may(person, channel_id, rules, membership)
    # who may do what is no matter for people outside the team
    told = () if find_outsider_reason(person, membership) else who_may(change, rules)
    return replace(decision, here_you_may=instead, who_may=told)


def visible_environments(channel_id: ChannelId, rules: Rules) -> frozenset[EnvironmentId]:
    """The environments a channel may read about: all that its rights name."""
    rights = rules.channels.get(channel_id, ())
    return frozenset(id_ for right in rights if not right.deny for id_ in right.environments)


def who_may(change: Change, rules: Rules) -> tuple[WhoMay, ...]:
    """Everybody whom some rule lets do this (with or without an approval), and from which channel."""
    return tuple(
        WhoMay(right.who, channel_id, right.source)
        for channel_id, rights in rules.channels.items()
        if not any(right.deny and right.who.everyone and covers(right, change) for right in rights)
        for right in rights
        if not right.deny and covers(right, change) and is_named_enough(right, change)
    )


def powers(person: Person, channel_id: ChannelId, rules: Rules, membership: Membership) -> tuple[Power, ...]:
    """What this person may do here, environment by environment in the catalog's order; help lists nothing else."""
    visible = rules.catalog.only(visible_environments(channel_id, rules))
    found: list[Power] = []
    for environment in visible.environments:
        decisions = {
            word: judge(change_of(word, environment), person, channel_id, rules, membership) for word in WORDS
        }
        for kind in (Allowed, NeedsApproval):
            words = tuple(word for word, decision in decisions.items() if isinstance(decision, kind))
            if words:
                found.append(Power(words, environment.alias, needs_approval=kind is NeedsApproval))
    return tuple(found)


def here_you_may(
    person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> tuple[HereYouMay, ...]:
    """What this person may do in this channel, with or without an approval."""
    words_on: dict[str, list[str]] = {}
    for power in powers(person, channel_id, rules, membership):
        words_on.setdefault(power.alias, []).extend(power.words)
    return tuple(
        HereYouMay(tuple(sorted(words, key=list(WORDS).index)), alias) for alias, words in words_on.items()
    )


def _decide_reading(
    intent: ReadingIntent, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Allowed | Denied:
    """Reading is free to the team in listed channels, on the environments the channel names."""
    outsider = find_outsider_reason(person, membership)
    if outsider == "foreign_team":
        return Denied(outsider)
    rights = rules.channels.get(channel_id)
    if rights is None:
        return Denied("channel_without_rules")
    if outsider is not None and not is_listed(person, rights):
        return Denied(outsider)
    match intent:
        case ShowStatus(Environment() as environment) | ShowHistory(Environment() as environment):
            if environment.id not in visible_environments(channel_id, rules):
                return Denied("not_visible", here_you_may=here_you_may(person, channel_id, rules, membership))
        case _:
            pass  # whether a run is visible is known only when it has been found
    return Allowed(None)
