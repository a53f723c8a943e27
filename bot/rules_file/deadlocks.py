"""Finds rights that come to nothing: an approval is needed, and nobody there could ever give it."""

from collections.abc import Sequence

from bot.core.catalog import Catalog
from bot.core.intents import Change
from bot.core.policy import Allowed, NeedsApproval, change_of
from bot.core.policy.judgement import covers, is_named_enough, with_approval
from bot.core.policy.people import unite
from bot.core.policy.words import say_plainly
from bot.core.rules import ACTION_WORDS, ApprovalRule, People, Right, Rules
from bot.rules_file.mistakes import Mistake
from bot.rules_file.nodes import quote


def find_deadlocks(rules: Rules) -> tuple[Mistake, ...]:
    """One mistake for each right whose asks could never be approved.

    Only what the file alone shows: who is in a user group is not known here, and a group counts as somebody else.
    """
    return tuple(
        mistake
        for rights in rules.channels.values()
        for right in rights
        if not right.deny and (mistake := _check_right(right, rights, rules)) is not None
    )


def _check_right(right: Right, rights: Sequence[Right], rules: Rules) -> Mistake | None:
    stuck = [
        (change, rule)
        for change in _changes_of(right, rules.catalog)
        if (rule := _find_rule(change, right, rights, rules.approvals)) is not None
        and not _could_be_given(rule, right.who, _denied(change, rights))
    ]
    if not stuck:
        return None
    change, rule = stuck[0]
    words = quote(say_plainly([word for change, _ in stuck for word in change.words]))
    return Mistake(
        right.source.line,
        f"`{right.source.path}` lets {right.who.label} ask for {words} on `{change.environment.alias}`, but nobody could "
        f"ever approve it (`{rule.source.path}`): nobody approves their own request. Name more people in an approval "
        f"rule's `by`, set `requester_may_approve: true` there, or leave {words} out of `may`.",
    )


def _changes_of(right: Right, catalog: Catalog) -> list[Change]:
    changes = [
        change_of(word, environment)
        for environment in catalog.only(right.environments).environments
        for word in ACTION_WORDS
    ]
    return [change for change in changes if covers(right, change) and is_named_enough(right, change)]


def _find_rule(
    change: Change, right: Right, rights: Sequence[Right], approvals: Sequence[ApprovalRule]
) -> ApprovalRule | None:
    match with_approval(change, right, rights, approvals):
        case Allowed():
            return None
        case NeedsApproval(_, rule):
            return rule


def _denied(change: Change, rights: Sequence[Right]) -> People:
    """The people whom the channel's deny lines keep from this change."""
    return unite([right.who for right in rights if right.deny and covers(right, change)])


def _could_be_given(rule: ApprovalRule, requesters: People, denied: People) -> bool:
    """Whether at least one of the requesters could find somebody to approve; so too where nobody can ask at all."""
    asking = requesters.users - denied.users
    unknown_asking = requesters.everyone or bool(requesters.groups)
    if denied.everyone or not (asking or unknown_asking):
        return True
    if rule.by.everyone or rule.by.groups:
        return True
    voters = rule.by.users - {user for barred in rule.barred for user in barred.users}
    if not voters or unknown_asking or rule.requester_may_approve:
        return bool(voters)
    return any(voters - {requester} for requester in asking)
