"""An approval: a pending consent for one run. waiting → granted, declined, expired or withdrawn.

As many different people as the rule wants have to approve; one valid decline ends it. Everything here is pure.
"""

from bot.core.approvals.moves import (
    Approve,
    Claim,
    Decline,
    Escalate,
    Expire,
    Move,
    Remind,
    Renew,
    ShowAgain,
    Unclaim,
    advance,
    as_fact,
    put_to_approvers,
)
from bot.core.approvals.states import CLAIM_HOLDS, Approval, ApprovalState, find_claimant
from bot.core.approvals.votes import (
    VOTE_LOST,
    Vote,
    VoteRefusal,
    find_unfit,
    find_vote_refusal,
    find_votes_lost,
    fingerprint,
    rule_in_force,
)

__all__ = [
    "CLAIM_HOLDS",
    "VOTE_LOST",
    "Approval",
    "ApprovalState",
    "Approve",
    "Claim",
    "Decline",
    "Escalate",
    "Expire",
    "Move",
    "Remind",
    "Renew",
    "ShowAgain",
    "Unclaim",
    "Vote",
    "VoteRefusal",
    "advance",
    "as_fact",
    "find_claimant",
    "find_unfit",
    "find_vote_refusal",
    "find_votes_lost",
    "fingerprint",
    "put_to_approvers",
    "rule_in_force",
]
