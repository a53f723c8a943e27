"""Votes that did not count, as others read of them: in the history of a run, and in the answer to `why`."""

from collections.abc import Mapping

from bot.core.approvals import VOTE_LOST, VoteRefusal
from bot.views.marked import Marked, code

WHY_NOT_COUNTED: Mapping[str, str] = {
    VoteRefusal.ALREADY_DECIDED.value: "it was decided already",
    VoteRefusal.ALREADY_APPROVED.value: "they had approved it already",
    VoteRefusal.EXPIRED.value: "its time was over",
    VoteRefusal.OWN_REQUEST.value: "it was their own request",
    VoteRefusal.NOT_AN_APPROVER.value: "the rules did not let them decide it",
    VoteRefusal.OUTSIDER.value: "they are not of the team",
    VoteRefusal.CHANGED.value: "the rules had changed",
    VoteRefusal.REQUESTER_MAY_NOT.value: "who asked for it may no longer do so",
    VoteRefusal.NAME_MISTYPED.value: "they mistyped the environment's name",
    VOTE_LOST: "they had approved it, and by the rules of the last vote they no longer may",
}
"""By the word that the history keeps."""


def say_why_not_counted(reason: str) -> Marked:
    """Why a vote did not count; what a newer version wrote down, in its own word."""
    said = WHY_NOT_COUNTED.get(reason)
    return Marked(said) if said is not None else code(reason)
