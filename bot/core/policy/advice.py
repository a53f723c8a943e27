"""What goes with a decision and decides nothing: who could do it, and what this person may do here instead."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

from bot.core.intents import Change
from bot.core.names import ChannelId, EnvironmentId
from bot.core.policy.decisions import (
    Advice,
    Allowed,
    Denied,
    HereYouMay,
    Lacking,
    Membership,
    NeedsApproval,
    Person,
    Power,
    WhoMay,
)
from bot.core.policy.judgement import covers, covers_all, decide_change, is_named_enough
from bot.core.policy.people import find_outsider_reason, intersect, is_anybody, is_barred
from bot.core.policy.staleness import find_stale_groups
from bot.core.policy.words import change_of, covers_word, say_plainly
from bot.core.rules import ACTION_WORDS, Right, Rules


def advise(
    change: Change | None, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Advice:
    """What to tell somebody who was refused a change, or (None) something to read.

    People outside the team are not told who may do what, and people of other teams nothing at all.
    """
    outsider = find_outsider_reason(person, membership)
    if outsider == "foreign_team":
        return Advice()
    here = here_you_may(person, channel_id, rules, membership)
    if change is None or outsider is not None:
        return Advice(here_you_may=here, withheld=change is not None)
    stale = find_stale_groups(change, person, channel_id, rules, membership)
    open_ways = [way for way in who_may(change, rules) if _is_open(way, change, rules, membership)]
    lacking = _find_lacking(change, person, channel_id, rules, membership)
    return Advice(mark_own(open_ways, change, person, rules, membership), here, stale, lacking=lacking)


def _find_lacking(
    change: Change, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Lacking | None:
    """What keeps somebody from a change of which they may do another part."""
    decided = {
        word: decide_change(change_of(word, change.environment), person, channel_id, rules, membership)
        for word in change.words
    }
    missing = tuple(word for word, decision in decided.items() if isinstance(decision, Denied))
    return Lacking(change.words, missing) if 0 < len(missing) < len(change.words) else None


def _is_open(way: WhoMay, change: Change, rules: Rules, membership: Membership) -> bool:
    """Whether somebody of whom this line speaks is not kept from it by another; of people nobody knows, somebody may be.

    A group that is empty may be joined.
    """
    if way.people.everyone or any(group not in membership.groups for group in way.people.groups):
        return True
    denied = [
        right.who
        for right in rules.channels[ChannelId(way.channel_id)]
        if right.deny and covers(right, change)
    ]
    users = way.people.users.union(*(membership.groups[group] for group in way.people.groups))
    persons = (Person(user, membership.home_team) for user in users)
    return not users or any(
        not any(is_barred(people, one, membership) for people in denied) for one in persons
    )


def mark_own(
    ways: Iterable[WhoMay], change: Change, person: Person, rules: Rules, membership: Membership
) -> tuple[WhoMay, ...]:
    """These ways, first those that this person has too: of each channel, the one that a decision there goes by."""
    marked = []
    for way in ways:
        decision = decide_change(change, person, ChannelId(way.channel_id), rules, membership)
        is_own = not isinstance(decision, Denied) and decision.rule == way.rule
        marked.append(replace(way, is_own=is_own))
    return tuple(sorted(marked, key=lambda way: not way.is_own))


def who_may(change: Change, rules: Rules) -> tuple[WhoMay, ...]:
    """Everybody whom some rule lets do this (with or without an approval), and from which channel."""
    return tuple(
        way
        for channel_id, rights in rules.channels.items()
        if not any(right.deny and right.who.everyone and covers(right, change) for right in rights)
        for way in _ways_in(channel_id, rights, change)
    )


def _ways_in(channel_id: ChannelId, rights: Sequence[Right], change: Change) -> list[WhoMay]:
    """Who may from one channel: by a line for the whole, or by several lines together that each allow a part."""
    allowing = [right for right in rights if not right.deny and is_named_enough(right, change)]
    ways = [WhoMay(right.who, channel_id, right.source) for right in allowing if covers_all(right, change)]
    if ways or len(change.words) == 1:
        return ways
    here = [right for right in allowing if change.environment.id in right.environments]
    parts = [[right for right in here if covers_word(right.words, word)] for word in change.words]
    together = ((lines[0], intersect([line.who for line in lines])) for lines in product(*parts))
    return [WhoMay(people, channel_id, first.source) for first, people in together if is_anybody(people)]


def visible_environments(channel_id: ChannelId, rules: Rules) -> frozenset[EnvironmentId]:
    """The environments a channel may read about: all that its rights name."""
    rights = rules.channels.get(channel_id, ())
    return frozenset(id_ for right in rights if not right.deny for id_ in right.environments)


def powers(person: Person, channel_id: ChannelId, rules: Rules, membership: Membership) -> tuple[Power, ...]:
    """What this person may do here, environment by environment in the catalog's order; help lists nothing else."""
    found: list[Power] = []
    for environment in rules.catalog.among(visible_environments(channel_id, rules)):
        decisions = {
            word: decide_change(change_of(word, environment), person, channel_id, rules, membership)
            for word in ACTION_WORDS
        }
        for kind in (Allowed, NeedsApproval):
            words = tuple(word for word, decision in decisions.items() if isinstance(decision, kind))
            if words:
                found.append(
                    Power(say_plainly(words), environment.alias, needs_approval=kind is NeedsApproval)
                )
    return tuple(found)


def here_you_may(
    person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> tuple[HereYouMay, ...]:
    """What this person may do in this channel, with or without an approval."""
    words_on: dict[str, list[str]] = {}
    for power in powers(person, channel_id, rules, membership):
        words = [word for word in ACTION_WORDS if covers_word(power.words, word)]
        words_on.setdefault(power.alias, []).extend(words)
    return tuple(HereYouMay(say_plainly(words), alias) for alias, words in words_on.items())
