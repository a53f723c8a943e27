"""A press that wants to decide: whether it counts at this moment, by the rules of this moment."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.core.approvals.states import Approval, ApprovalState
from bot.core.catalog import Catalog, find_exact
from bot.core.entries import Consented, Entry
from bot.core.intents import Change
from bot.core.names import UserId
from bot.core.policy import Membership, Person, find_outsider_reason, may_vote
from bot.core.policy.people import as_escalated
from bot.core.rules import ApprovalRule

VOTE_LOST = "vote_lost"
"""Why an earlier vote no longer counts, in the history: whoever gave it may not approve any more."""


class VoteRefusal(Enum):
    """Why a vote does not count; each has its own sentence in `views`."""

    ALREADY_DECIDED = "already_decided"
    EXPIRED = "expired"
    OWN_REQUEST = "own_request"
    ALREADY_APPROVED = "already_approved"
    NOT_AN_APPROVER = "not_an_approver"
    OUTSIDER = "outsider"
    CHANGED = "changed"
    REQUESTER_MAY_NOT = "requester_may_not"
    NAME_MISTYPED = "name_mistyped"


@dataclass(frozen=True, slots=True)
class Vote:
    """One press: approve, or decline with a reason. What is known of its voter is learned before it is judged.

    `terms` is the fingerprint of what the voter saw; None where that is not known, or does not matter: a decline is
    meant whatever the rules say.
    """

    voter: Person
    approve: bool
    reason: str | None = None
    typed_name: str | None = None
    terms: str | None = None

    def is_overtaken(self, approval: Approval) -> bool:
        """Whether it has been asked anew since this voter looked."""
        is_waiting = approval.state is ApprovalState.WAITING
        return is_waiting and self.approve and self.terms not in {None, approval.fingerprint}


def fingerprint(change: Change, rules_digest: str) -> str:
    """What exactly was asked to be approved: environment id, action, mode, modules, version of the rules."""
    mode = change.mode.value if change.mode else ""
    parts = (change.environment.id, change.action.value, mode, ",".join(change.modules), rules_digest)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def find_vote_refusal(
    approval: Approval,
    vote: Vote,
    *,
    rule: ApprovalRule | None,
    change: Change,
    rules_digest: str,
    membership: Membership,
    now: datetime,
) -> VoteRefusal | None:
    """Why this vote does not count at this moment, or None if it does.

    `rule` is the approval rule that holds *now*; None where the rules no longer let this be approved at all, or, being the
    same, no longer let whoever asked ask for it. The requester may always decline, which withdraws the request.
    """
    if approval.state is not ApprovalState.WAITING:
        return VoteRefusal.EXPIRED if approval.state is ApprovalState.EXPIRED else VoteRefusal.ALREADY_DECIDED
    if now >= approval.expires_at:
        return VoteRefusal.EXPIRED
    if not vote.approve and _is_requester(vote.voter, approval, membership):
        return None
    rule = rule_in_force(approval, rule) if rule is not None else None
    if _is_outsider(vote.voter, rule, membership):
        return VoteRefusal.OUTSIDER
    if approval.fingerprint != fingerprint(change, rules_digest):
        return VoteRefusal.CHANGED
    if rule is None:
        return VoteRefusal.REQUESTER_MAY_NOT
    if not may_vote(vote.voter, rule, membership):
        return VoteRefusal.NOT_AN_APPROVER
    return _find_approving_refusal(approval, vote, rule, change) if vote.approve else None


def rule_in_force(approval: Approval, rule: ApprovalRule) -> ApprovalRule:
    """The rule as it holds for this approval: since nobody decided in time, others may as well."""
    return rule if approval.escalated_at is None else as_escalated(rule)


def find_unfit(
    approval: Approval, voters: Iterable[Person], rule: ApprovalRule, membership: Membership
) -> tuple[UserId, ...]:
    """Who of these has approved, and by the rules of this moment may not any more."""
    holding = rule_in_force(approval, rule)
    return tuple(
        voter.user_id
        for voter in voters
        if voter.user_id in approval.consents
        and (
            not may_vote(voter, holding, membership)
            or (voter.user_id == approval.requester and not holding.requester_may_approve)
        )
    )


def find_votes_lost(approval: Approval, entries: Sequence[Entry]) -> tuple[UserId, ...]:
    """Who has approved it, as its run's entries tell, and whose votes no longer count."""
    voters = dict.fromkeys(entry.by for entry in entries if isinstance(entry, Consented))
    return tuple(voter for voter in voters if voter not in approval.consents)


def _is_requester(voter: Person, approval: Approval, membership: Membership) -> bool:
    """Whether this is whoever asked, be it a guest. Somebody of another team is somebody else, whatever they are called."""
    return voter.user_id == approval.requester and voter.team_id == membership.home_team


def _is_outsider(voter: Person, rule: ApprovalRule | None, membership: Membership) -> bool:
    """Guests, bots and deactivated people count only where the rule lists them by id; other teams never."""
    match find_outsider_reason(voter, membership):
        case None:
            return False
        case "foreign_team":
            return True
        case _:
            return rule is None or voter.user_id not in rule.by.users


def _find_approving_refusal(
    approval: Approval, vote: Vote, rule: ApprovalRule, change: Change
) -> VoteRefusal | None:
    """What keeps an approver from approving: it is their own request, they have, or the name is not typed."""
    voter = vote.voter.user_id
    if voter == approval.requester and not (rule.requester_may_approve and approval.requester_may_approve):
        return VoteRefusal.OWN_REQUEST
    if voter in approval.consents:
        return VoteRefusal.ALREADY_APPROVED
    if approval.typed and find_exact(vote.typed_name or "", Catalog((change.environment,))) is None:
        return VoteRefusal.NAME_MISTYPED
    return None
