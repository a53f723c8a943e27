"""A run is held against its entries: whatever the two tell differently is found, and nothing else."""

from bot.core.approvals import VOTE_LOST
from bot.core.entries import (
    ApprovalRanOut,
    ApprovalRenewed,
    Asked,
    Consented,
    Ended,
    Entry,
    Followed,
    GaveUp,
    Refused,
    Sent,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.names import IdempotencyKey, TaskId, UserId
from bot.history.agreement import Disagreement, Telling, find_disagreements, read_telling

ANA, BEN, EVA = UserId("U0ANA"), UserId("U0BEN"), UserId("U0EVA")
ASKED = Asked(ANA, "deploy prod", "channels.C0[0]", "needs_approval", environment_id="0f1c")
SENT, STARTED = Sent(IdempotencyKey("key")), Started(TaskId("task"))


def granted(by: UserId) -> Voted:
    return Voted(by, "granted", None, "approvals[0]")


def consented(by: UserId) -> Consented:
    return Consented(by, 1, 2, "approvals[0]")


def test_entries_tell_a_run_from_ask_to_end() -> None:
    told: list[Entry] = [ASKED, VoteRefused(ANA, "own_request"), granted(BEN), SENT, STARTED, Followed(EVA)]
    telling = read_telling([*told, Ended("done")])
    assert telling == Telling(
        ANA,
        False,
        (BEN,),
        BEN,
        None,
        IdempotencyKey("key"),
        TaskId("task"),
        state="done",
        ask="deploy prod",
        environment_id="0f1c",
        rule="channels.C0[0]",
        approval="granted by U0BEN",
        votes=(BEN,),
    )
    assert read_telling(told).state == "running"


def test_several_approvers_are_told_in_their_order_once_all_have() -> None:
    assert read_telling([ASKED, consented(BEN)]).approvers == ()
    assert read_telling([ASKED, consented(BEN), granted(EVA)]).approvers == (BEN, EVA)


def test_votes_before_the_last_and_the_rule_that_asks_for_them_are_told() -> None:
    told = read_telling([ASKED, consented(BEN)])
    assert (told.approval, told.votes, told.approval_rule) == ("waiting", (BEN,), None)
    renewed = read_telling([ASKED, consented(BEN), ApprovalRenewed("approvals[1]", 3, "d", (BEN,))])
    assert (renewed.votes, renewed.approval_rule) == ((), "approvals[1]")
    declined = read_telling([ASKED, consented(BEN), Voted(EVA, "declined", "not today", "approvals[0]")])
    assert (declined.approval, declined.votes) == ("declined by U0EVA: not today", (BEN,))
    assert read_telling([ASKED, ApprovalRanOut()]).approval == "expired"


def test_votes_from_before_it_was_asked_anew_do_not_count() -> None:
    renewed = ApprovalRenewed("approvals[0]", 3, "d", (BEN,))
    assert read_telling([ASKED, consented(BEN), renewed, consented(EVA), granted(BEN)]).approvers == (
        EVA,
        BEN,
    )


def test_every_way_to_end_is_told() -> None:
    ends: dict[str, list[Entry]] = {
        "expired": [ApprovalRanOut()],
        "refused": [SENT, Refused("busy", "no")],
        "declined": [Voted(BEN, "declined", "no", "approvals[0]")],
        "withdrawn": [Voted(ANA, "withdrawn", None, "approvals[0]")],
        "lost": [SENT, GaveUp(BEN), Ended("lost")],
        "dropped": [Ended("dropped", "restarted")],
    }
    assert {end: read_telling([ASKED, *told]).state for end, told in ends.items()} == {
        end: end for end in ends
    }


def test_follower_of_a_task_from_elsewhere_is_who_asked() -> None:
    telling = read_telling([Followed(BEN), Followed(EVA)])
    assert (telling.requester, telling.adopted) == (BEN, True)


def test_each_difference_is_named() -> None:
    run = Telling(BEN, True, (BEN, EVA), task_id=TaskId("other"), state="done")
    entries = Telling(ANA, False, (), task_id=TaskId("other"))
    assert find_disagreements(run, entries) == [
        Disagreement("requester", "U0BEN", "U0ANA"),
        Disagreement("adopted", "yes", "no"),
        Disagreement("approvers", "U0BEN, U0EVA", "nothing"),
        Disagreement("state", "done", "nothing"),
    ]
    assert find_disagreements(entries, entries) == []


def test_vote_that_was_lost_is_none_of_the_approvers() -> None:
    told: list[Entry] = [ASKED, consented(EVA), VoteRefused(EVA, VOTE_LOST), consented(ANA), granted(BEN)]
    assert read_telling(told).approvers == (ANA, BEN)
