"""An approval: a pending consent for one run. waiting → granted, declined, expired or withdrawn; the first valid vote wins.

`vote` is pure and refuses; that two presses at the same instant decide once is the store's guarded UPDATE.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bot.core.catalog import Catalog, find_exact
from bot.core.intents import Change
from bot.core.names import ApprovalId, RunId, UserId
from bot.core.policy import Membership, Person, find_outsider_reason, may_vote
from bot.core.rules import ApprovalRule


class ApprovalState(Enum):
    """Where an approval stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """A pending or decided consent. The rule's path, line and approvers are as they stood when it was asked for, or anew.

    `needed` different people have to approve; `consents` are those who have, one vote each, in this order. `claimed_by`
    said that they are looking. At `remind_at` the approvers are called, at `escalate_at` those of `escalate_to`, who
    then may decide as well; each happens once, and `reminded_at` and `escalated_at` say when. `renewed_at` is when it
    was asked anew. `version` grows by one with every change.
    """

    id: ApprovalId
    run_id: RunId
    requester: UserId
    approvers: str
    rule_path: str
    fingerprint: str
    asked_at: datetime
    expires_at: datetime
    typed: bool = False
    requester_may_approve: bool = False
    state: ApprovalState = ApprovalState.WAITING
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    needed: int = 1
    consents: tuple[UserId, ...] = ()
    rule_line: int = 0
    claimed_by: UserId | None = None
    claimed_at: datetime | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    escalate_to: str | None = None
    escalate_at: datetime | None = None
    escalated_at: datetime | None = None
    renewed_at: datetime | None = None
    version: int = 1


class VoteRefusal(Enum):
    """Why a vote does not count; each has its own sentence in `views`."""

    ALREADY_DECIDED = "already_decided"
    EXPIRED = "expired"
    OWN_REQUEST = "own_request"
    NOT_AN_APPROVER = "not_an_approver"
    OUTSIDER = "outsider"
    CHANGED = "changed"
    NAME_MISTYPED = "name_mistyped"


@dataclass(frozen=True, slots=True)
class Vote:
    """One press: approve, or decline with a reason."""

    voter: Person
    approve: bool
    reason: str | None = None
    typed_name: str | None = None


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

    `rule` is the approval rule that holds *now* (None: the rules no longer let this be approved at all). The
    requester may always decline, which withdraws the request.
    """
    if approval.state is not ApprovalState.WAITING:
        return VoteRefusal.EXPIRED if approval.state is ApprovalState.EXPIRED else VoteRefusal.ALREADY_DECIDED
    if now >= approval.expires_at:
        return VoteRefusal.EXPIRED
    if _is_outsider(vote.voter, rule, membership):
        return VoteRefusal.OUTSIDER
    if not vote.approve and vote.voter.user_id == approval.requester:
        return None
    if rule is None or approval.fingerprint != fingerprint(change, rules_digest):
        return VoteRefusal.CHANGED
    if not may_vote(vote.voter, rule, membership):
        return VoteRefusal.NOT_AN_APPROVER
    return _find_approving_refusal(approval, vote, rule, change) if vote.approve else None


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
    """What keeps an approver from approving: it is their own request, or the environment's name is not typed."""
    if vote.voter.user_id == approval.requester and not rule.requester_may_approve:
        return VoteRefusal.OWN_REQUEST
    if approval.typed and find_exact(vote.typed_name or "", Catalog((change.environment,))) is None:
        return VoteRefusal.NAME_MISTYPED
    return None


def decide_approval(approval: Approval, vote: Vote, now: datetime) -> Approval:
    """The approval after a vote that counts. A requester's own decline withdraws it."""
    if vote.approve:
        state = ApprovalState.GRANTED
    elif vote.voter.user_id == approval.requester:
        state = ApprovalState.WITHDRAWN
    else:
        state = ApprovalState.DECLINED
    return replace(
        approval,
        state=state,
        decided_by=vote.voter.user_id,
        decided_at=now,
        reason=vote.reason,
        consents=(*approval.consents, vote.voter.user_id) if vote.approve else approval.consents,
        version=approval.version + 1,
    )


def expire(approval: Approval, now: datetime) -> Approval | None:
    """The approval as expired if its time has come, else None."""
    if approval.state is not ApprovalState.WAITING or now < approval.expires_at:
        return None
    return replace(approval, state=ApprovalState.EXPIRED, decided_at=now, version=approval.version + 1)
