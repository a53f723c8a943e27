"""How a task moves through its script, and what it does to its environment. Pure: `now` is always an argument.

    pending ─▶ queued ─▶ running ─▶ completed │ failed │ cancelled
                  └──────────────────────────▶ failed │ cancelled      (never started: `started_at` stays null)

A task advances with the clock, by looks, or by hand; which of them is the `Pace`. Nothing runs in the background: the
state is worked out whenever somebody asks.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.sim.hosting.entities import (
    NO_TIME,
    TERMINAL,
    ByLooks,
    ByTime,
    Environment,
    EnvironmentStatus,
    Pace,
    Script,
    Task,
    TaskStatus,
)
from bot.sim.hosting.scripts import draw_commit

DEPLOYMENT_TYPES = frozenset({"deploy", "redeploy"})
"""The only types that show in an environment's list of deployments."""

_REBUILDING = DEPLOYMENT_TYPES | {"quick_update"}
_BREAKING = _REBUILDING | {"restore"}
"""Types whose failure leaves an environment broken."""

_WHILE_RUNNING = {
    **dict.fromkeys(_REBUILDING, EnvironmentStatus.DEPLOYING),
    "destroy": EnvironmentStatus.DESTROYING,
}
_AFTER_COMPLETION = {
    **dict.fromkeys(_REBUILDING, EnvironmentStatus.RUNNING),
    "start": EnvironmentStatus.RUNNING,
    "restart": EnvironmentStatus.RUNNING,
    "stop": EnvironmentStatus.STOPPED,
    "destroy": EnvironmentStatus.DELETED,
}


@dataclass(frozen=True, slots=True)
class Touch:
    """What somebody sets by hand on a task; None leaves a field as it is."""

    status: str | None = None
    progress_percent: int | None = None
    current_step: str | None = None
    steps_completed: int | None = None
    error_message: str | None = None
    log: str | None = None
    by_hand: bool = True
    """Whether it stands still from now on until it is touched again; False lets it go on at its pace."""

    @property
    def moves(self) -> bool:
        """Whether it changes where the task stands, not only what it says."""
        places = (self.status, self.progress_percent, self.current_step, self.steps_completed)
        return any(place is not None for place in places)


def advance(task: Task, *, now: datetime, pace: Pace) -> Task:
    """Bring a task up to `now`. Only the clock's pace moves it; a task that is over never changes.

    A clock that goes backwards, as real ones may, is taken to stand still.
    """
    if task.is_over:
        return task
    now = max(now, task.seen_at)
    if task.is_by_hand or task.script.ending.is_stuck or not isinstance(pace, ByTime):
        return replace(task, seen_at=now)
    speed = pace.speed
    worked = min(task.script.whole, task.worked + (now - task.seen_at) * speed)

    def passed_at(mark: timedelta) -> datetime:
        return min(now, task.seen_at + max(NO_TIME, mark - task.worked) / speed)

    return replace(_reach(task, worked, passed_at), seen_at=now)


def look(task: Task, *, now: datetime, pace: Pace) -> Task:
    """Somebody asks for this task: with `ByLooks` that moves it on by an equal share of what is left."""
    stands_still = task.is_over or task.is_by_hand or task.script.ending.is_stuck
    if stands_still or not isinstance(pace, ByLooks):
        return task
    share = (task.script.whole - task.worked) / max(1, pace.reads - task.looks)
    moved = _reach(task, task.worked + share, lambda _: max(now, task.seen_at))
    return replace(moved, looks=task.looks + 1)


def _reach(task: Task, worked: timedelta, passed_at: Callable[[timedelta], datetime]) -> Task:
    script = task.script
    at_mark = replace(task, worked=worked)
    if worked < script.wait:
        return replace(at_mark, status=_waiting_status(task, worked))
    is_ended = worked >= script.whole
    if is_ended and script.runs_for == NO_TIME:
        return _ended(at_mark, passed_at(script.wait))
    running = _running(at_mark, task.started_at or passed_at(script.wait))
    return _ended(running, passed_at(script.whole)) if is_ended else running


def _waiting_status(task: Task, worked: timedelta) -> str:
    is_still_pending = task.status == TaskStatus.PENDING and worked < task.script.wait / 2
    return TaskStatus.PENDING if is_still_pending else TaskStatus.QUEUED


def _running(task: Task, started_at: datetime) -> Task:
    done = task.worked - task.script.wait
    steps = steps_done(task.script, done)
    percent = min(99, int(100 * (done / task.script.full_span)))
    return replace(
        task,
        status=TaskStatus.RUNNING,
        started_at=started_at,
        steps_completed=min(steps, task.total_steps - 1),
        progress_percent=max(task.progress_percent, percent),
        current_step=task.script.steps[min(steps, task.total_steps - 1)].name,
    )


def _ended(task: Task, ended_at: datetime) -> Task:
    ending = task.script.ending
    ended = replace(task, status=ending.outcome, completed_at=ended_at, error_message=ending.error_message)
    if ending.outcome is TaskStatus.COMPLETED:
        return replace(ended, progress_percent=100, steps_completed=task.total_steps, current_step=None)
    return ended


def steps_done(script: Script, done: timedelta) -> int:
    """How many steps have finished after so much running time."""
    finished = 0
    for step in script.steps:
        done -= step.span
        if done < NO_TIME:
            break
        finished += 1
    return finished


def touch(task: Task, wish: Touch, *, now: datetime) -> Task:
    """Set a task by hand; from then on it goes on only by hand, until a wish lets it go.

    Steps, percent and step name that are not given follow from those that are. Raises ValueError when the task is
    over and the wish would move it, or when a figure is out of range.
    """
    if task.is_over and wish.moves and wish.status != task.status:
        raise ValueError(f"task {task.id} is over ({task.status}); an ended task does not move")
    spoken = replace(
        task,
        is_by_hand=wish.by_hand,
        error_message=task.error_message if wish.error_message is None else wish.error_message,
        written_log=task.written_log if wish.log is None else wish.log,
    )
    if task.is_over or not wish.moves:
        return spoken
    return _with_status(_placed(spoken, wish), wish.status, now=max(now, task.seen_at))


def _placed(task: Task, wish: Touch) -> Task:
    steps = _wished_steps(task, wish)
    percent = wish.progress_percent
    if percent is None:
        percent = task.progress_percent if wish.steps_completed is None else 100 * steps // task.total_steps
    if not 0 <= percent <= 100:
        raise ValueError("progress_percent goes from 0 to 100")
    name = wish.current_step or task.current_step
    if wish.current_step is None and steps != task.steps_completed:
        name = task.script.steps[min(steps, task.total_steps - 1)].name
    worked = task.script.wait + sum((step.span for step in task.script.steps[:steps]), NO_TIME)
    return replace(
        task,
        steps_completed=steps,
        progress_percent=percent,
        current_step=name,
        worked=max(task.worked, worked),
    )


def _wished_steps(task: Task, wish: Touch) -> int:
    if wish.steps_completed is not None:
        if not 0 <= wish.steps_completed <= task.total_steps:
            raise ValueError(f"steps_completed goes from 0 to {task.total_steps}")
        return wish.steps_completed
    if wish.progress_percent is not None:
        return max(0, wish.progress_percent) * task.total_steps // 100
    return task.steps_completed


def _with_status(task: Task, status: str | None, *, now: datetime) -> Task:
    status = status or (
        TaskStatus.RUNNING if task.status in {TaskStatus.PENDING, TaskStatus.QUEUED} else task.status
    )
    if status == TaskStatus.RUNNING:
        first = task.script.steps[min(task.steps_completed, task.total_steps - 1)].name
        return replace(
            task, status=status, started_at=task.started_at or now, current_step=task.current_step or first
        )
    if status not in TERMINAL:
        return replace(task, status=status)
    ended = replace(task, status=status, completed_at=now, seen_at=now)
    if status == TaskStatus.FAILED:
        return replace(ended, error_message=task.error_message or task.script.ending.error_message)
    if status != TaskStatus.COMPLETED:
        return ended
    return replace(
        ended,
        started_at=task.started_at or now,
        steps_completed=task.total_steps,
        progress_percent=100,
        current_step=None,
        worked=task.script.wait + task.script.full_span,
    )


def environment_after(environment: Environment, task: Task, *, at: datetime) -> Environment:
    """The environment as a task leaves it when the task has just reached its present status.

    A failed deploy, quick update or restore leaves it in `error`; other failures, a task that never started and a
    cancelled one leave it as it was before. What the real platform does here is not documented.
    """
    status = _environment_status(environment, task)
    commit = environment.last_commit
    if task.status == TaskStatus.COMPLETED and task.type in _REBUILDING:
        commit = draw_commit(task.id)
    if status == environment.status and commit == environment.last_commit:
        return environment
    return replace(environment, status=status, last_commit=commit, updated_at=at)


def _environment_status(environment: Environment, task: Task) -> str:
    if environment.status == EnvironmentStatus.DELETED:
        return environment.status
    if task.status == TaskStatus.RUNNING:
        return _WHILE_RUNNING.get(task.type, environment.status)
    if task.status == TaskStatus.COMPLETED:
        return _AFTER_COMPLETION.get(task.type, environment.status)
    if task.status == TaskStatus.FAILED and task.type in _BREAKING and task.started_at is not None:
        return EnvironmentStatus.ERROR
    was_changed_by_it = task.is_over and environment.status == _WHILE_RUNNING.get(task.type)
    return task.environment_status_before if was_changed_by_it else environment.status


def log_of(task: Task) -> str:
    """The step log as far as the task has come; each line tells the script second it belongs to."""
    if task.written_log is not None:
        return task.written_log
    done = task.worked - task.script.wait
    if task.started_at is None or done < NO_TIME:
        return _last_words(task, NO_TIME)
    return "\n".join(filter(None, [*_printed(task.script, done), _last_words(task, done)]))


def _printed(script: Script, done: timedelta) -> list[str]:
    lines: list[str] = []
    begin = NO_TIME
    for number, step in enumerate(script.steps, start=1):
        if begin > done:
            break
        lines.append(_line(begin, f"Step {number}/{len(script.steps)}: {step.name}"))
        for place, text in enumerate(step.lines, start=1):
            moment = begin + step.span * place / (len(step.lines) + 1)
            if moment <= done:
                lines.append(_line(moment, text))
        begin += step.span
    return lines


def _last_words(task: Task, done: timedelta) -> str:
    ending = task.script.ending
    parts = [ending.log] if ending.log and task.status == ending.outcome else []
    match task.status:
        case TaskStatus.COMPLETED:
            parts.append(_line(done, "Finished"))
        case TaskStatus.FAILED:
            parts.append(_line(done, f"ERROR {task.error_message or 'The task failed'}"))
        case TaskStatus.CANCELLED:
            parts.append(_line(done, "Cancelled"))
        case _:
            pass
    return "\n".join(parts)


def _line(moment: timedelta, text: str) -> str:
    return f"[{moment.total_seconds():7.1f}s] {text}"
