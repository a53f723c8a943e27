"""Calls while nobody decides: whom they mention, whom never, and that none of them asks for what is decided."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.approvals import Approval
from bot.core.entries import ApprovalEscalated, ApproversReminded
from bot.core.names import UserId
from bot.core.runs import Run, RunState
from bot.core.tasks import Refusal
from bot.views.people import say_unmentioned
from bot.views.reminders import MENTIONED, render_asked_anew_since, render_call, say_calls
from bot.views.runs import render_card
from tests.support.block_limits import find_pings
from tests.views.scenes import ANA, APPROVAL, BEN, EVA, NOW, STATES, a_run, a_sight
from tests.views.snapshots import breaches, check_snapshot

DORA = UserId("U0DORA")
CALLED = ApproversReminded((BEN,))
ESCALATED = replace(APPROVAL, escalate_to="leads", escalated_at=NOW)
MORNING_AT = NOW + timedelta(minutes=5)
NIGHT = replace(APPROVAL, remind_at=MORNING_AT)

REMINDERS: dict[str, tuple[ApproversReminded, Approval]] = {
    "one": (CALLED, APPROVAL),
    "two_and_some_asleep": (ApproversReminded((BEN, EVA), (DORA, ANA)), APPROVAL),
    "crowd": (ApproversReminded(tuple(UserId(f"U{number:04d}") for number in range(13))), APPROVAL),
    "everyone": (ApproversReminded(()), replace(APPROVAL, approvers="everyone")),
    "nobody": (ApproversReminded(()), APPROVAL),
    "one_of_two_votes": (CALLED, replace(APPROVAL, needed=2, consents=(EVA,))),
    "after_escalation": (CALLED, ESCALATED),
}
ESCALATIONS = {
    "one": ApprovalEscalated("leads", (DORA,)),
    "some_asleep": ApprovalEscalated("leads", (DORA,), (EVA,)),
    "everyone": ApprovalEscalated("everyone", ()),
    "ids": ApprovalEscalated("S0LEADS, U0DORA", (DORA,)),
}
DECIDED = {
    "approved": STATES["running"],
    "approved_by_two": replace(STATES["done"], approvers=(BEN, EVA)),
    "approved_then_dropped": replace(STATES["dropped"], approvers=(BEN,), refusal=Refusal("shown_late")),
    "declined": STATES["declined"],
    "withdrawn": STATES["withdrawn"],
    "expired": STATES["expired"],
    "rules_changed": STATES["dropped"],
    "put_back": a_run(RunState.LOST, ended_at=NOW),
}


@pytest.mark.parametrize("name", REMINDERS)
def test_reminder_is_as_kept(name: str) -> None:
    call, approval = REMINDERS[name]
    check_snapshot(f"reminder/{name}", render_call(a_sight(a_run(), approval=approval), call))


@pytest.mark.parametrize("name", ESCALATIONS)
def test_escalation_is_as_kept(name: str) -> None:
    shown = render_call(a_sight(a_run(), approval=ESCALATED), ESCALATIONS[name])
    check_snapshot(f"escalation/{name}", shown)


@pytest.mark.parametrize("name", DECIDED)
def test_call_for_what_is_decided_says_how_it_was(name: str) -> None:
    sight = a_sight(DECIDED[name])
    shown = render_call(sight, CALLED)
    check_snapshot(f"reminder/{name}", shown)
    assert "still waits" not in repr(shown)
    assert render_call(sight, ESCALATIONS["one"]) == shown


@pytest.mark.parametrize("run", STATES.values(), ids=STATES)
def test_call_of_before_it_was_asked_anew_is_over_whatever_has_become_of_it(run: Run) -> None:
    shown = render_asked_anew_since(a_sight(run, approval=APPROVAL))
    assert breaches(shown) == []
    assert find_pings(list(shown.blocks)) == set()
    check_snapshot("reminder/asked_anew_since", shown)


@pytest.mark.parametrize("run", STATES.values(), ids=STATES)
def test_only_a_waiting_approval_is_said_to_wait(run: Run) -> None:
    shown = render_call(a_sight(run, approval=APPROVAL), CALLED)
    assert breaches(shown) == []
    assert ("still waits" in shown.text) == (run.state is RunState.WAITING)


@pytest.mark.parametrize("name", REMINDERS)
def test_reminder_pings_those_who_are_called_and_nobody_else(name: str) -> None:
    call, approval = REMINDERS[name]
    shown = render_call(a_sight(a_run(), approval=approval), call)
    assert find_pings(list(shown.blocks)) == {f"@{user}" for user in call.called[:MENTIONED]}


@pytest.mark.parametrize("name", ESCALATIONS)
def test_escalation_pings_no_group(name: str) -> None:
    call = ESCALATIONS[name]
    shown = render_call(a_sight(a_run(), approval=ESCALATED), call)
    assert find_pings(list(shown.blocks)) == {f"@{user}" for user in call.called}


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("leads", "*leads*"),
        ("leads, seniors", "*leads, seniors*"),
        ("everyone", "Everyone of the team"),
        ("S0LEADS", "Others"),
        ("leads, U0DORA", "Others"),
        ("", "Others"),
        (None, "Others"),
    ],
)
def test_people_whom_nobody_must_notify_are_never_ids(label: str | None, said: str) -> None:
    assert say_unmentioned(label) == said


@pytest.mark.parametrize(
    ("approval", "said"),
    [
        (None, None),
        (APPROVAL, None),
        (replace(APPROVAL, remind_at=NOW), None),
        (replace(NIGHT, reminded_at=NOW), None),
        (NIGHT, "It is night for everyone who may approve, I call them at"),
        (replace(NIGHT, remind_at=NIGHT.expires_at), "It is night for everyone who may approve"),
        (ESCALATED, "*leads* may decide too"),
        (
            replace(ESCALATED, escalate_at=MORNING_AT),
            "*leads* may decide too, but it is night for all of them",
        ),
    ],
)
def test_card_says_who_may_decide_too_and_for_whom_it_is_night(
    approval: Approval | None, said: str | None
) -> None:
    words = say_calls(approval)
    assert words is None if said is None else words is not None and words.startswith(said)


@pytest.mark.parametrize(
    ("name", "approval"),
    [
        ("night", NIGHT),
        ("night_to_the_end", replace(NIGHT, remind_at=NIGHT.expires_at)),
        ("escalated", ESCALATED),
        ("escalated_at_night", replace(ESCALATED, escalate_at=MORNING_AT)),
    ],
)
def test_card_of_a_call_is_as_kept(name: str, approval: Approval) -> None:
    check_snapshot(f"card/waiting_{name}", render_card(a_sight(a_run(), approval=approval)))
