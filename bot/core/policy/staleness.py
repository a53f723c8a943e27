"""What a decision leans on that may be out of date, or unknown: people and user groups of whom Slack told nothing newer."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.intents import Change
from bot.core.names import ChannelId, GroupId
from bot.core.policy.decisions import Membership, Person
from bot.core.policy.judgement import asks_for, covers
from bot.core.rules import ApprovalRule, People, Rules


def find_stale_groups(
    change: Change, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> tuple[tuple[GroupId, datetime], ...]:
    """The groups that the decision on a change leans on and that were learned long ago, and when; oldest first."""
    if not membership.learned_at:
        return ()
    rights = rules.channels.get(channel_id, ())
    return _stale(_groups_asked([one.who for one in rights if covers(one, change)], person), membership)


def known_as_of(
    change: Change, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> datetime | None:
    """As of when that was known on which the decision on a change leans; None where that is as new as it should be."""
    return _oldest(person, find_stale_groups(change, person, channel_id, rules, membership))


def vote_known_as_of(person: Person, rule: ApprovalRule, membership: Membership) -> datetime | None:
    """As of when that was known by which somebody may vote under this rule, in the same way."""
    called = (rule.escalate.to,) if rule.escalate else ()
    return _oldest(
        person, _stale(_groups_asked((rule.by, *called, *rule.barred, *rule.also), person), membership)
    )


def find_groups_behind(change: Change, channel_id: ChannelId, rules: Rules) -> frozenset[GroupId]:
    """The groups whose members decide who may ask for a change in a channel, and who may approve it."""
    peoples = [right.who for right in rules.channels.get(channel_id, ()) if covers(right, change)]
    for rule in rules.approvals:
        if any(asks_for(rule, word, change) for word in change.words):
            peoples += [rule.by, *([rule.escalate.to] if rule.escalate else [])]
    return frozenset().union(*(people.groups for people in peoples))


def find_unknown_groups(rules: Rules, membership: Membership) -> tuple[GroupId, ...]:
    """The groups that the rules name and whose members Slack did not tell; nobody counts as one of them."""
    return tuple(sorted(rules.groups() - membership.groups.keys()))


def _groups_asked(peoples: Iterable[People], person: Person) -> set[GroupId]:
    """The groups that tell whether these include a person; none where the person is meant by id, or everyone is."""
    return {
        group
        for people in peoples
        if person.user_id not in people.users and not people.everyone
        for group in people.groups
    }


def _oldest(person: Person, stale: Sequence[tuple[GroupId, datetime]]) -> datetime | None:
    known = [at for _, at in stale] + ([person.learned_at] if person.learned_at is not None else [])
    return min(known, default=None)


def _stale(groups: Iterable[GroupId], membership: Membership) -> tuple[tuple[GroupId, datetime], ...]:
    found = [(group, membership.learned_at[group]) for group in groups if group in membership.learned_at]
    return tuple(sorted(found, key=lambda pair: (pair[1], pair[0])))
