"""The policy: one pure function decides for every path, and decides again at every press.

In this order: people of other teams are out; a channel without rules gives no rights; what a deny rule covers is
refused; then the first right in the file's order that covers the ask allows it; then the first approval rule that
covers it asks for a second person. Guests, bots and deactivated people count only where a rule lists them by id.

Each decision carries the place of the rule behind it. What may be told besides is `advise`'s, not the decision's.
"""

from bot.core.catalog import Environment
from bot.core.intents import (
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
from bot.core.names import ChannelId
from bot.core.policy.advice import advise, here_you_may, mark_own, powers, visible_environments, who_may
from bot.core.policy.decisions import (
    Advice,
    Allowed,
    Decision,
    Denied,
    DeniedReason,
    HereYouMay,
    Lacking,
    Membership,
    NeedsApproval,
    Person,
    Power,
    WhoMay,
)
from bot.core.policy.judgement import decide_change, is_listed
from bot.core.policy.people import find_outsider_reason, includes, may_vote
from bot.core.policy.staleness import find_groups_behind, find_unknown_groups, known_as_of, vote_known_as_of
from bot.core.policy.supposing import suppose
from bot.core.policy.words import change_of, covers_word
from bot.core.rules import Rules

__all__ = [
    "Advice",
    "Allowed",
    "Decision",
    "Denied",
    "DeniedReason",
    "HereYouMay",
    "Lacking",
    "Membership",
    "NeedsApproval",
    "Person",
    "Power",
    "WhoMay",
    "advise",
    "change_of",
    "covers_word",
    "decide",
    "decide_change",
    "find_groups_behind",
    "find_outsider_reason",
    "find_unknown_groups",
    "here_you_may",
    "includes",
    "known_as_of",
    "mark_own",
    "may_vote",
    "powers",
    "suppose",
    "visible_environments",
    "vote_known_as_of",
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


def _decide_reading(
    intent: ReadingIntent, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Allowed | Denied:
    """Reading is free to the team in listed channels, on the environments the channel names."""
    section = rules.source_of(channel_id)
    outsider = find_outsider_reason(person, membership)
    if outsider == "foreign_team":
        return Denied(outsider, section)
    rights = rules.channels.get(channel_id)
    if rights is None:
        return Denied("channel_without_rules", section)
    if outsider is not None and not is_listed(person, rights):
        return Denied(outsider, section)
    match intent:
        case ShowStatus(Environment() as environment) | ShowHistory(Environment() as environment):
            if not any(environment.id in right.environments for right in rights if not right.deny):
                return Denied("not_visible", section)
        case _:
            pass  # whether a run is visible is known only when it has been found
    return Allowed(section)
