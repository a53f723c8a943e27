"""An approval as it stands, and who has claimed it: said that they are looking."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.core.names import ApprovalId, RunId, UserId

CLAIM_HOLDS = timedelta(minutes=10)
"""So long it is believed that somebody who said that they are looking still is."""


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
    then may decide as well; `reminded_at` and `escalated_at` say when. `renewed_at` is when it was asked anew last, and
    `asking` how many times it has been asked for by now: each call is made once for each. `version` grows by one with
    every change.
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
    asking: int = 1
    version: int = 1

    @property
    def missing(self) -> int:
        """How many more have to approve."""
        return max(0, self.needed - len(self.consents))


def find_claimant(approval: Approval, now: datetime) -> UserId | None:
    """Who is looking, as far as that may still be believed."""
    if approval.claimed_at is None or now - approval.claimed_at >= CLAIM_HOLDS:
        return None
    return approval.claimed_by
