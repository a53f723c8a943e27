"""What a run's messages do not show yet: which there should be, how urgent that is, and how much of it there is. Pure."""

from dataclasses import replace

from bot.core.runs import Run, RunState
from bot.core.tasks import TaskReport
from bot.flow.ports import Slot, SlotKind, Urgency

CALLS = frozenset({SlotKind.REMINDER, SlotKind.ESCALATION})
"""The messages that call people, which is done once for each asking."""

_FRESH = 1.0
"""The change of a message that has not shown anything yet."""

_OF_ELSE = 0.1
"""What anything else that people may read is worth beside how far it is: a clock time, a step's name."""

_OF_END = 0.3
"""An end is worth this much at least, for a message whose run has ended else says it is under way."""


def wanted_slots(run: Run) -> tuple[Slot, ...]:
    """The messages this run should have by now. A call that was not made before the decision is not made any more."""
    slots = [Slot(run.id, SlotKind.CARD)]
    if run.task_id is not None and run.place.thread_ts is None:
        slots.append(Slot(run.id, SlotKind.PROGRESS))
    if run.is_reminded:
        slots.append(Slot(run.id, SlotKind.REMINDER, run.asking))
    if run.is_escalated:
        slots.append(Slot(run.id, SlotKind.ESCALATION, run.asking))
    if not run.state.is_open:
        slots.append(Slot(run.id, SlotKind.END))
    return tuple(slots)


def earlier_calls(run: Run) -> tuple[Slot, ...]:
    """The calls that may have been made before it was asked anew."""
    return tuple(
        Slot(run.id, kind, asking) for asking in range(1, run.asking) for kind in SlotKind if kind in CALLS
    )


def find_urgency(kind: SlotKind, run: Run, shown: Run | None) -> Urgency:
    """How urgent it is to show this run, where a message shows it as it was (None: nobody knows).

    The progress message comes after every card, for what it shows of an end the card and the end message show too. Of a
    card, what only tells how far the run is can wait for its turn; whatever else has changed goes first. A call is urgent
    while somebody has to decide; that it was decided the card shows too, so then it must only cease to ask.
    """
    if kind in CALLS and run.state is not RunState.WAITING:
        return Urgency.CARD if shown is None or shown.state is RunState.WAITING else Urgency.PROGRESS
    if kind is SlotKind.PROGRESS:
        return Urgency.PROGRESS
    if not run.state.is_open:
        return Urgency.END
    if run.state is RunState.WAITING:
        return Urgency.FIRST_SIGHT
    is_under_way = shown is not None and _without_progress(shown) == _without_progress(run)
    return Urgency.PROGRESS if is_under_way else Urgency.CARD


def find_change(run: Run, shown: Run | None) -> float:
    """How much has changed since, from 0 to 1: by what the platform says of how far it is."""
    if shown is None:
        return _FRESH
    change = abs(_find_part(run.report) - _find_part(shown.report)) + _OF_ELSE
    if shown.state.is_open and not run.state.is_open:
        change = max(change, _OF_END)
    return min(change, _FRESH)


def _find_part(report: TaskReport | None) -> float:
    """How far a task is: by its percent or its steps, whichever is more."""
    if report is None:
        return 0.0
    by_steps = report.steps_completed / report.total_steps if report.total_steps > 0 else 0.0
    return min(max(report.progress_percent / 100, by_steps, 0.0), 1.0)


def _without_progress(run: Run) -> tuple[Run, tuple[object, ...] | None]:
    """The run but for how far it is."""
    report = run.report
    kept = None if report is None else (report.status, report.unknown_status)
    return replace(run, version=0, report=None, reported_at=None, steps=()), kept
