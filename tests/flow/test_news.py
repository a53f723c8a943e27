"""What a message does not show yet: how urgent it is, and how much."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.names import MessageTs, RunId
from bot.core.request import Place
from bot.core.runs import Run, RunState
from bot.core.tasks import TaskStatus
from bot.flow.news import earlier_calls, find_change, find_urgency, wanted_slots
from bot.flow.ports import Slot, SlotKind, Urgency
from tests.views.scenes import DEPLOYS, NOW, a_report, a_run

CARD, PROGRESS, END = SlotKind.CARD, SlotKind.PROGRESS, SlotKind.END
REMINDER, ESCALATION = SlotKind.REMINDER, SlotKind.ESCALATION


def at(percent: int, *, steps: int = 0, status: TaskStatus = TaskStatus.RUNNING, **facts: Any) -> Run:
    """A run under way whose task is so far."""
    report = a_report(status, progress_percent=percent, steps_completed=steps, total_steps=10)
    return a_run(RunState.RUNNING, report=report, reported_at=NOW, **facts)


@pytest.mark.parametrize(
    ("kind", "run", "shown", "urgency"),
    [
        (CARD, a_run(RunState.WAITING), None, Urgency.FIRST_SIGHT),
        (CARD, at(30), None, Urgency.CARD),
        (CARD, at(30, steps=3), at(20, steps=2), Urgency.PROGRESS),
        (CARD, at(30), at(30, status=TaskStatus.QUEUED), Urgency.CARD),
        (CARD, at(30), a_run(RunState.SUBMITTING), Urgency.CARD),
        (CARD, at(30, stuck_since=NOW), at(30), Urgency.CARD),
        (CARD, at(30, unanswered_since=NOW), at(30), Urgency.CARD),
        (CARD, at(30, away=timedelta(minutes=5)), at(20), Urgency.CARD),
        (CARD, replace(at(100), state=RunState.DONE), at(90), Urgency.END),
        (CARD, replace(at(100), state=RunState.DONE), None, Urgency.END),
        (END, replace(at(100), state=RunState.DONE), None, Urgency.END),
        (REMINDER, a_run(RunState.WAITING), None, Urgency.FIRST_SIGHT),
        (ESCALATION, a_run(RunState.WAITING), a_run(RunState.WAITING), Urgency.FIRST_SIGHT),
        (REMINDER, a_run(RunState.ACCEPTED), a_run(RunState.WAITING), Urgency.CARD),
        (REMINDER, a_run(RunState.DECLINED), a_run(RunState.WAITING), Urgency.CARD),
        (ESCALATION, replace(at(100), state=RunState.DONE), at(90), Urgency.PROGRESS),
        (REMINDER, replace(at(100), state=RunState.DONE), None, Urgency.CARD),
        (PROGRESS, at(30), None, Urgency.PROGRESS),
        (PROGRESS, replace(at(100), state=RunState.DONE), at(90), Urgency.PROGRESS),
    ],
)
def test_ends_go_first_and_what_only_gets_on_goes_last(
    kind: SlotKind, run: Run, shown: Run | None, urgency: Urgency
) -> None:
    assert find_urgency(kind, run, shown) is urgency


@pytest.mark.parametrize(
    ("run", "kinds"),
    [
        (a_run(RunState.WAITING), [CARD]),
        (a_run(RunState.WAITING, is_reminded=True), [CARD, REMINDER]),
        (a_run(RunState.EXPIRED, is_reminded=True, is_escalated=True), [CARD, REMINDER, ESCALATION, END]),
        (at(30, task_id="t", is_escalated=True), [CARD, PROGRESS, ESCALATION]),
        (at(30, task_id="t", place=Place(DEPLOYS, MessageTs("1.2"))), [CARD]),
    ],
)
def test_run_wants_its_messages_and_the_calls_that_were_decided_on(run: Run, kinds: list[SlotKind]) -> None:
    assert list(wanted_slots(run)) == [Slot(run.id, kind) for kind in kinds]


def test_run_that_was_asked_anew_wants_calls_of_that_asking_beside_those_of_before() -> None:
    run = a_run(RunState.WAITING, is_reminded=True, asking=3)
    assert wanted_slots(run) == (Slot(run.id, CARD), Slot(run.id, REMINDER, 3))
    assert earlier_calls(run) == tuple(
        Slot(run.id, kind, asking) for asking in (1, 2) for kind in (REMINDER, ESCALATION)
    )
    assert earlier_calls(a_run(RunState.WAITING, is_reminded=True)) == ()


def test_messages_of_a_run_are_told_apart_by_names_that_lead_back_to_them() -> None:
    slots = [Slot(RunId(7), kind, asking) for kind in SlotKind for asking in (1, 2, 13)]
    assert len({slot.name for slot in slots}) == len(slots)
    assert [Slot.named(RunId(7), slot.name) for slot in slots] == slots
    assert [slot.name for slot in slots if slot.kind is REMINDER] == ["reminder", "reminder 2", "reminder 13"]


@pytest.mark.parametrize(
    ("run", "shown", "change"),
    [
        (at(30), None, 1.0),
        (at(30), at(30), 0.1),
        (at(50), at(30), 0.3),
        (at(30, steps=5), at(30, steps=2), 0.3),
        (at(30), at(50), 0.3),
        (at(100), a_run(RunState.RUNNING), 1.0),
        (replace(at(100), state=RunState.DONE), at(99), 0.3),
        (at(500), at(-3), 1.0),
    ],
)
def test_change_is_how_much_further_the_platform_says_it_is(
    run: Run, shown: Run | None, change: float
) -> None:
    assert find_change(run, shown) == pytest.approx(change)
