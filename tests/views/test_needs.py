"""What a waiting card says of votes: how many it needs, who has given theirs, who is looking, and whose count no longer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.approvals import CLAIM_HOLDS, Approval
from bot.core.names import UserId
from bot.views.runs import render_card, render_run
from bot.views.runs.needs import say_who_is_missing, say_who_may_decide
from tests.views.scenes import ANA, APPROVAL, BEN, EVA, NOW, REINIT, a_run, a_sight
from tests.views.snapshots import check_snapshot

TWO = replace(APPROVAL, needed=2)
LOOKING_AT = NOW - timedelta(minutes=2)

WAITING: dict[str, tuple[Approval, tuple[UserId, ...]]] = {
    "two_needed": (TWO, ()),
    "one_of_two": (replace(TWO, consents=(BEN,)), ()),
    "two_of_four": (replace(TWO, needed=4, consents=(BEN, EVA)), ()),
    "two_of_everyone": (replace(TWO, approvers="everyone"), ()),
    "one_more_of_everyone": (replace(TWO, approvers="everyone", consents=(BEN,)), ()),
    "looking": (replace(APPROVAL, claimed_by=BEN, claimed_at=LOOKING_AT), ()),
    "asked_anew": (replace(APPROVAL, renewed_at=NOW), ()),
    "asked_anew_with_votes_lost": (replace(TWO, renewed_at=NOW), (BEN, EVA)),
    "vote_lost": (replace(TWO, consents=(EVA,)), (BEN,)),
}


@pytest.mark.parametrize("name", WAITING)
def test_each_card_that_waits_is_as_kept(name: str) -> None:
    approval, lost = WAITING[name]
    check_snapshot(f"needs/{name}", render_card(a_sight(a_run(), approval=approval, votes_lost=lost)))


def test_each_of_two_types_the_name() -> None:
    card = render_card(a_sight(REINIT, approval=replace(TWO, typed=True)))
    check_snapshot("needs/typed_by_two", card)


def test_claim_that_is_too_old_is_not_shown() -> None:
    old = replace(APPROVAL, claimed_by=BEN, claimed_at=NOW - CLAIM_HOLDS)
    assert render_card(a_sight(a_run(), approval=old)) == render_card(a_sight(a_run()))


def test_run_for_one_reader_says_the_same_of_votes() -> None:
    approval = replace(TWO, consents=(BEN,), claimed_by=EVA, claimed_at=LOOKING_AT)
    shown = str(render_run(a_sight(a_run(), approval=approval, votes_lost=(ANA,))).blocks)
    assert f"1 of 2: <@{BEN}>" in shown
    assert f"<@{EVA}> is looking since" in shown
    assert f"<@{ANA}> approved before no longer counts" in shown


def test_refusal_names_those_who_may_decide_by_now() -> None:
    escalated = replace(APPROVAL, escalate_to="leads", escalated_at=NOW)
    assert say_who_may_decide(APPROVAL) == say_who_is_missing(APPROVAL) == "one of *releasers*"
    assert say_who_may_decide(escalated) == "one of *releasers* or *leads*"


def test_of_very_many_approvers_the_first_are_named_and_the_others_counted() -> None:
    names = [f"team {number}" for number in range(301)]
    shown = say_who_is_missing(replace(APPROVAL, approvers=", ".join(names)))
    assert shown == f"one of *{', '.join(names[:10])} and 291 more*"
    ten = say_who_is_missing(replace(APPROVAL, approvers=", ".join(names[:10])))
    assert ten == f"one of *{', '.join(names[:10])}*"
