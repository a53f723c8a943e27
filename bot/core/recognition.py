"""Whether a task of the platform's is the one that a run asked for, where the answer was lost and the key tells no more.

The platform does not say with which key a task was begun. What speaks for a task: it is of the kind that was asked for,
it began since, no user of the platform began it, and it belongs to no other run. That is good evidence and no proof, so
a run that goes on with such a task says so. That nothing was begun needs more: every deploy is listed, but of other
kinds only the newest task is, so it can be told only where that one is older than the ask.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.intents import Change
from bot.core.names import Action, TaskId
from bot.core.tasks import RecentTasks, TaskReport

SKEW = timedelta(minutes=2)
"""The platform's clock and ours may differ by this much."""

_KINDS = {
    Action.DEPLOY: frozenset({"deploy", "redeploy"}),
    Action.RESTART: frozenset({"restart"}),
    Action.START: frozenset({"start"}),
    Action.STOP: frozenset({"stop"}),
    Action.UPDATE: frozenset({"quick_update", "update"}),
}
"""What the platform calls the task of an action. Only deploys are documented; another word makes a task unrecognised."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """This one task must be it, as far as anybody can tell."""

    task_id: TaskId


@dataclass(frozen=True, slots=True)
class NeverBegun:
    """No task has begun since that could be it: nothing was triggered."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """It cannot be told: several could be it, or the platform does not show enough."""


Finding = Recognised | NeverBegun | Unclear


def recognise(
    change: Change, submitted_at: datetime, recent: RecentTasks, *, of_other_runs: Collection[TaskId]
) -> Finding:
    """Which of an environment's newest tasks is the one that was asked for at this moment."""
    since = submitted_at - SKEW
    shown = {task.task_id: task for task in (*recent.deploys, *([recent.latest] if recent.latest else []))}
    nobodys = [
        task for task in shown.values() if task.task_id not in of_other_runs and _is_of_kind(change, task)
    ]
    fitting = [task.task_id for task in nobodys if _is_since(task, since)]
    if len(fitting) == 1:
        return Recognised(fitting[0])
    are_all_dated = all(_find_moment(task) is not None for task in nobodys)
    if not fitting and are_all_dated and _is_all_older(change, since, recent):
        return NeverBegun()
    return Unclear()


def is_likely(change: Change, submitted_at: datetime, task: TaskReport) -> bool:
    """Whether this task could be the one that was asked for at this moment."""
    return _is_of_kind(change, task) and _is_since(task, submitted_at - SKEW)


def _is_of_kind(change: Change, task: TaskReport) -> bool:
    """Whether it is what was asked for, and no user of the platform began it."""
    return task.type.lower().replace("-", "_") in _KINDS[change.action] and task.triggered_by is None


def _find_moment(task: TaskReport) -> datetime | None:
    """When it is known to have been there; one that ended without ever beginning may have no time at all."""
    return task.started_at or task.completed_at


def _is_since(task: TaskReport, moment: datetime) -> bool:
    """Whether a task began after this moment; one that waits to begin is as good as new."""
    known_at = _find_moment(task)
    return not task.status.is_terminal if known_at is None else known_at >= moment


def _is_all_older(change: Change, since: datetime, recent: RecentTasks) -> bool:
    """Whether what is listed leaves no room for a task of this kind since."""
    if recent.latest is None and not recent.deploys:
        return True
    if recent.latest is not None and _is_surely_before(recent.latest, since):
        return True
    if change.action is not Action.DEPLOY:
        return False
    return recent.are_all_deploys or any(_is_surely_before(task, since) for task in recent.deploys)


def _is_surely_before(task: TaskReport, moment: datetime) -> bool:
    known_at = _find_moment(task)
    return known_at is not None and known_at < moment
