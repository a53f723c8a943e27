"""Finds rights that come to nothing: an approval is needed, and nobody there could ever give it."""

from collections.abc import Sequence

from bot.core.catalog import Catalog
from bot.core.policy import Allowed, change_of
from bot.core.policy.judgement import covers, is_named_enough, with_approval
from bot.core.policy.words import WORDS
from bot.core.rules import ApprovalRule, People, Right, Rules
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
        (word, alias, rule)
        for word, alias, rule in _approvals_needed(right, rights, rules.approvals, rules.catalog)
        if not _could_be_given(rule, right.who)
    ]
    if not stuck:
        return None
    _, alias, rule = stuck[0]
    words = quote(list(dict.fromkeys(word for word, _, _ in stuck)))
    return Mistake(
        right.source.line,
        f"`{right.source.path}` lets {right.who.label} ask for {words} on `{alias}`, but nobody could ever approve it "
        f"(`{rule.source.path}`): nobody approves their own request. Name more people in an approval rule's `by`, set "
        f"`requester_may_approve: true` there, or leave {words} out of `may`.",
    )


def _approvals_needed(
    right: Right, rights: Sequence[Right], approvals: Sequence[ApprovalRule], catalog: Catalog
) -> list[tuple[str, str, ApprovalRule]]:
    needed: list[tuple[str, str, ApprovalRule]] = []
    for environment in catalog.only(right.environments).environments:
        for word in WORDS:
            change = change_of(word, environment)
            if not covers(right, change) or not is_named_enough(right, change):
                continue
            decision = with_approval(change, right, rights, approvals)
            if not isinstance(decision, Allowed):
                needed.append((word, environment.alias, decision.approval))
    return needed


def _could_be_given(rule: ApprovalRule, requesters: People) -> bool:
    """Whether at least one of the requesters could find somebody to approve."""
    if any(barred.everyone for barred in rule.barred):
        return False
    if rule.by.everyone or rule.by.groups:
        return True
    voters = rule.by.users - {user for barred in rule.barred for user in barred.users}
    if not voters or rule.requester_may_approve:
        return bool(voters)
    if requesters.everyone or requesters.groups:
        return True
    return any(voters - {requester} for requester in requesters.users)
