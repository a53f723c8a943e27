"""An approval: a pending consent for one run. waiting → granted, declined, expired or withdrawn; the first valid vote wins.

`vote` is pure and refuses; that two presses at the same instant decide once is the store's guarded UPDATE.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bot.core.intents import Change
from bot.core.names import ApprovalId, RunId, UserId
from bot.core.policy import Membership, Person
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
    """A pending or decided consent. `rule_path` and `approvers` are as they stood when it was asked for."""

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
    raise NotImplementedError


def decide_approval(approval: Approval, vote: Vote, now: datetime) -> Approval:
    """The approval after a vote that counts. A requester's own decline withdraws it."""
    if vote.approve:
        state = ApprovalState.GRANTED
    elif vote.voter.user_id == approval.requester:
        state = ApprovalState.WITHDRAWN
    else:
        state = ApprovalState.DECLINED
    return replace(approval, state=state, decided_by=vote.voter.user_id, decided_at=now, reason=vote.reason)


def expire(approval: Approval, now: datetime) -> Approval | None:
    """The approval as expired if its time has come, else None."""
    if approval.state is not ApprovalState.WAITING or now < approval.expires_at:
        return None
    return replace(approval, state=ApprovalState.EXPIRED, decided_at=now)
