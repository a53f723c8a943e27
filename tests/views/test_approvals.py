"""Voting: both modals, and a sentence for every vote that did not count."""

from dataclasses import replace

import pytest

from bot.core.approvals import ApprovalState, VoteRefusal
from bot.core.names import UserId
from bot.views import buttons
from bot.views.approvals import (
    ASKED_ANEW,
    ASKED_ANEW_SINCE,
    decline_modal,
    render_asked_anew,
    render_vote_refused,
    typed_modal,
    vote_error,
)
from bot.views.asking import ask_modal
from bot.views.runs import render_card, render_end
from tests.support.reading import read_words
from tests.views.scenes import ANA, APPROVAL, BEN, EVA, NOW, REINIT, STATES, a_run, a_sight
from tests.views.snapshots import breaches, check_snapshot

GRANTED = replace(APPROVAL, state=ApprovalState.GRANTED, decided_by=BEN, decided_at=NOW)


@pytest.mark.parametrize("refusal", VoteRefusal)
def test_each_refused_vote_is_as_kept(refusal: VoteRefusal) -> None:
    approval = GRANTED if refusal is VoteRefusal.ALREADY_DECIDED else APPROVAL
    check_snapshot(
        f"vote_refused/{refusal.value}", render_vote_refused(refusal, a_run(), approval, voter=ANA)
    )


@pytest.mark.parametrize("refusal", VoteRefusal)
def test_each_refused_vote_has_its_own_words_beside_a_field(refusal: VoteRefusal) -> None:
    others = {
        vote_error(other, a_run(), APPROVAL, voter=ANA) for other in VoteRefusal if other is not refusal
    }
    said = vote_error(refusal, a_run(), APPROVAL, voter=ANA)
    assert said
    assert said not in others


@pytest.mark.parametrize("refusal", VoteRefusal)
@pytest.mark.parametrize("voter", [ANA, BEN])
def test_each_refused_vote_names_the_rule_and_a_next_step(refusal: VoteRefusal, voter: UserId) -> None:
    approval = replace(GRANTED if refusal is VoteRefusal.ALREADY_DECIDED else APPROVAL, rule_line=31)
    shown = render_vote_refused(refusal, a_run(), approval, voter=voter)
    words = read_words({"text": shown.text, "blocks": list(shown.blocks)})
    assert "Rule: `oec.yml`, line 31: `approvals[1]`." in words
    steps = ("Ask again with", "It needs", "Press *Approve* again", "shows how it goes on")
    assert any(step in words for step in steps), words
    beside = vote_error(refusal, a_run(), approval, voter=voter)
    assert "(Rule: oec.yml, line 31: approvals[1].)" in beside


def test_press_on_what_is_asked_anew_says_by_what_rule_and_what_to_do() -> None:
    anew = replace(APPROVAL, needed=2, renewed_at=NOW, rule_line=31)
    check_snapshot("asked_anew", render_asked_anew(a_run(), anew))
    assert "Look at its card again" in ASKED_ANEW
    assert "press Approve there" in ASKED_ANEW_SINCE


def test_late_vote_on_what_was_ended_says_why_it_ended() -> None:
    shown = render_vote_refused(VoteRefusal.ALREADY_DECIDED, STATES["dropped"], APPROVAL, voter=BEN)
    assert "no longer waits: the rules have changed" in shown.text


def test_approvers_before_the_last_are_told_that_it_is_decided() -> None:
    both = replace(GRANTED, consents=(EVA, BEN), needed=2)
    of_eva = render_vote_refused(VoteRefusal.ALREADY_DECIDED, a_run(), both, voter=EVA).text
    assert of_eva.startswith("You have approved #42 already; it is decided now")
    of_ana = render_vote_refused(VoteRefusal.ALREADY_DECIDED, a_run(), both, voter=ANA).text
    assert f"already approved, by <@{EVA}> and <@{BEN}>" in of_ana


@pytest.mark.parametrize("state", [ApprovalState.WAITING, ApprovalState.EXPIRED])
def test_decided_without_a_decider_names_nobody(state: ApprovalState) -> None:
    odd = replace(APPROVAL, state=state)
    assert (
        "is already decided" in render_vote_refused(VoteRefusal.ALREADY_DECIDED, a_run(), odd, voter=ANA).text
    )


@pytest.mark.parametrize("is_beside_a_field", [False, True])
def test_second_press_of_whoever_decided_does_not_read_as_if_the_first_counted_no_more(
    is_beside_a_field: bool,
) -> None:
    refusal = VoteRefusal.ALREADY_DECIDED
    shown = render_vote_refused(refusal, a_run(), GRANTED, voter=BEN).text
    said = vote_error(refusal, a_run(), GRANTED, voter=BEN) if is_beside_a_field else shown
    assert said.startswith("You have approved")
    assert "count" not in said
    assert "quicker" not in said


def test_decline_modal_is_as_kept() -> None:
    check_snapshot("modal/decline", decline_modal(a_run(), by=BEN))


def test_decline_modal_of_the_requester_withdraws_without_a_reason() -> None:
    modal = decline_modal(a_run(), by=ANA)
    check_snapshot("modal/withdraw", modal)
    assert modal.blocks[-1]["optional"] is True


def test_typed_modal_is_as_kept() -> None:
    check_snapshot("modal/typed", typed_modal(REINIT, terms="f00d"))


def test_ask_modal_is_as_kept() -> None:
    check_snapshot("modal/ask", ask_modal("subject-1"))


def test_fields_are_found_by_block_and_by_action() -> None:
    for modal, field in (
        (decline_modal(a_run(), by=BEN), buttons.REASON_FIELD),
        (typed_modal(REINIT, terms="f00d"), buttons.NAME_FIELD),
        (ask_modal("s"), buttons.TEXT_FIELD),
    ):
        block = modal.blocks[-1]
        assert (block["block_id"], block["element"]["action_id"]) == (field, field)


def test_modals_carry_the_run_by_its_opaque_handle() -> None:
    assert decline_modal(a_run(), by=BEN).subject == "h-42-opaque-0001"
    assert (typed_modal(REINIT, terms="f00d").kind, decline_modal(a_run(), by=BEN).kind) == (
        buttons.TYPED_MODAL,
        buttons.DECLINE_MODAL,
    )


@pytest.mark.parametrize("letter", ["a", "<", "*", "é"])
def test_whole_reason_that_can_be_typed_is_shown_to_whoever_asked(letter: str) -> None:
    typed = decline_modal(a_run(), by=BEN).blocks[1]["element"]["max_length"]
    declined = replace(STATES["declined"], decline_reason=letter * (typed - 4) + "last")
    for shown in (render_card(a_sight(declined)), render_end(a_sight(declined))):
        assert "last`" in repr(shown.blocks)
        assert breaches(shown) == []
