"""Voting: both modals, and a sentence for every vote that did not count."""

from dataclasses import replace

import pytest

from bot.core.approvals import ApprovalState, VoteRefusal
from bot.views import buttons
from bot.views.approvals import decline_modal, render_vote_refused, typed_modal, vote_error
from bot.views.asking import ask_modal
from tests.views.scenes import ANA, APPROVAL, BEN, NOW, REINIT, a_run
from tests.views.snapshots import check_snapshot

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
    check_snapshot("modal/typed", typed_modal(REINIT))


def test_ask_modal_is_as_kept() -> None:
    check_snapshot("modal/ask", ask_modal("subject-1"))


def test_fields_are_found_by_block_and_by_action() -> None:
    for modal, field in (
        (decline_modal(a_run(), by=BEN), buttons.REASON_FIELD),
        (typed_modal(REINIT), buttons.NAME_FIELD),
        (ask_modal("s"), buttons.TEXT_FIELD),
    ):
        block = modal.blocks[-1]
        assert (block["block_id"], block["element"]["action_id"]) == (field, field)


def test_modals_carry_the_run_by_its_opaque_handle() -> None:
    assert decline_modal(a_run(), by=BEN).subject == "h-42-opaque-0001"
    assert (typed_modal(REINIT).kind, decline_modal(a_run(), by=BEN).kind) == (
        buttons.TYPED_MODAL,
        buttons.DECLINE_MODAL,
    )
