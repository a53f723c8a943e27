"""The judgement itself: the rights of one channel and the approval rules, applied to one change by one person."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.core.intents import Change
from bot.core.names import ChannelId
from bot.core.policy.decisions import Allowed, Decision, Denied, Membership, NeedsApproval, Person
from bot.core.policy.people import find_outsider_reason, includes, is_barred, unite
from bot.core.policy.words import covers_word, covers_words
from bot.core.rules import ALSO_AMONG, ApprovalRule, Right, Rules, RuleSource


def decide_change(
    change: Change, person: Person, channel_id: ChannelId, rules: Rules, membership: Membership
) -> Decision:
    """Whether this change may be made, and by which rule."""
    outsider = find_outsider_reason(person, membership)
    if outsider == "foreign_team":
        return Denied(outsider, rules.source_of(channel_id))
    rights = rules.channels.get(channel_id)
    if rights is None:
        return Denied("channel_without_rules", rules.source_of(channel_id))
    covering = [right for right in rights if covers(right, change)]
    for right in covering:
        if right.deny and is_barred(right.who, person, membership):
            return Denied("deny_rule", right.source)
    mine = [right for right in covering if not right.deny and includes(right.who, person, membership)]
    named = _find_right(mine, change)
    if named is not None:
        return _with_approval(change, named, rights, rules.approvals)
    if outsider is not None and not is_listed(person, rights):
        return Denied(outsider, rules.source_of(channel_id))
    is_held_back = any(covers_all(right, change) for right in mine)
    return Denied("protected" if is_held_back else "no_rule", rules.source_of(channel_id))


def _find_right(rights: Iterable[Right], change: Change) -> Right | None:
    """The first of these lines that lets the whole change be made, or the first of several that do so together."""
    enough = [right for right in rights if is_named_enough(right, change)]
    whole = next((right for right in enough if covers_all(right, change)), None)
    if whole is not None or len(change.words) == 1:
        return whole
    parts = [
        next((right for right in enough if covers_word(right.words, word)), None) for word in change.words
    ]
    return parts[0] if all(parts) else None


def _with_approval(
    change: Change, right: Right, rights: Sequence[Right], approvals: Sequence[ApprovalRule]
) -> Allowed | NeedsApproval:
    """What a right that covers the change comes to: done at once, or after somebody's press."""
    rule = _find_approval(change, approvals)
    if rule is None and change.destroys_data:
        rule = approval_by_peers(change, right, rights)
    if rule is None:
        return Allowed(right.source)
    if change.destroys_data or any(covers_word(rule.typed, word) for word in change.words):
        rule = replace(rule, typed=rule.typed | {change.word})
    return NeedsApproval(right.source, rule)


def _find_approval(change: Change, approvals: Sequence[ApprovalRule]) -> ApprovalRule | None:
    """The first rule that asks for an approval; of a change that is several things, the first for each of them."""
    firsts = (
        next((rule for rule in approvals if asks_for(rule, word, change)), None) for word in change.words
    )
    found = [rule for rule in dict.fromkeys(firsts) if rule is not None]
    return fulfil_all(found, approvals) if found else None


def asks_for(rule: ApprovalRule, word: str, change: Change) -> bool:
    """Whether an approval rule speaks of this part of a change."""
    return change.environment.id in rule.environments and covers_word(rule.words, word)


def fulfil_all(rules: Sequence[ApprovalRule], approvals: Sequence[ApprovalRule]) -> ApprovalRule:
    """One rule that is as strict as each of these, or what one of them holds back could be had by asking for more.

    `approvals` are all that there are, in their order.
    """
    if len(rules) == 1:
        return rules[0]
    rules = sorted(rules, key=approvals.index)
    strictest = max(rules, key=lambda rule: rule.count)
    peoples = list(dict.fromkeys(rule.by for rule in rules if not rule.by.everyone)) or [strictest.by]
    label = ALSO_AMONG.join(dict.fromkeys(people.label for people in peoples))
    places = tuple(rule.source for rule in rules)
    return replace(
        strictest,
        source=RuleSource(" and ".join(place.path for place in places), places[0].line),
        fulfils=places,
        by=replace(peoples[0], label=label),
        also=tuple(peoples[1:]),
        typed=frozenset().union(*(rule.typed for rule in rules)),
        expires=min(rule.expires for rule in rules),
        requester_may_approve=all(rule.requester_may_approve for rule in rules),
        escalate=strictest.escalate if len({rule.escalate for rule in rules}) == 1 else None,
    )


def approval_by_peers(change: Change, right: Right, rights: Sequence[Right]) -> ApprovalRule:
    """Where no rule says who approves a destroying action: whoever else may do it in this channel."""
    covering = [other for other in rights if covers(other, change)]
    peers = [other.who for other in covering if not other.deny and is_named_enough(other, change)]
    return ApprovalRule(
        source=right.source,
        words=frozenset({change.word}),
        environments=frozenset({change.environment.id}),
        by=unite(peers),
        barred=tuple(other.who for other in covering if other.deny),
    )


def covers(right: Right, change: Change) -> bool:
    """Whether a line of a channel speaks of this change, or of a part of it, at all."""
    return change.environment.id in right.environments and any(
        covers_word(right.words, word) for word in change.words
    )


def covers_all(right: Right, change: Change) -> bool:
    """Whether a line of a channel speaks of every part of this change."""
    return change.environment.id in right.environments and covers_words(right.words, change.words)


def is_named_enough(right: Right, change: Change) -> bool:
    """Destroying data on a protected environment takes a right that says `reinit`; `everything` is not enough."""
    return not (change.destroys_data and change.environment.protected) or "reinit" in right.words


def is_listed(person: Person, rights: Sequence[Right]) -> bool:
    """Whether some right names this person by id: what an outsider needs to count at all."""
    return any(person.user_id in right.who.users for right in rights if not right.deny)
