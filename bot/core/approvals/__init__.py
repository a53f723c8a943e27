"""An approval: a pending consent for one run. waiting → granted, declined, expired or withdrawn.

As many different people as the rule wants have to approve; one valid decline ends it. Everything here is pure.
"""

from bot.core.approvals.moves import (
    Approve,
    Decline,
    Escalate,
    Expire,
    Look,
    LookAway,
    Move,
    Remind,
    Renew,
    ShowAgain,
    advance,
    as_fact,
    put_to_approvers,
)
from bot.core.approvals.states import LOOKING_HOLDS, Approval, ApprovalState, find_looking
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
    "LOOKING_HOLDS",
    "VOTE_LOST",
    "Approval",
    "ApprovalState",
    "Approve",
    "Decline",
    "Escalate",
    "Expire",
    "Look",
    "LookAway",
    "Move",
    "Remind",
    "Renew",
    "ShowAgain",
    "Vote",
    "VoteRefusal",
    "advance",
    "as_fact",
    "find_looking",
    "find_unfit",
    "find_vote_refusal",
    "find_votes_lost",
    "fingerprint",
    "put_to_approvers",
    "rule_in_force",
]
