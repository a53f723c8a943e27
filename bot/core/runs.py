"""A run: one ask to do an action, from the moment it is understood to its end. `advance` is the one place that changes it.

The states, and what moves a run between them:

    waiting ──granted──▶ accepted ──begun──▶ submitting ──task──▶ running ──▶ done | failed | cancelled
       │                    │                    │                   └──▶ lost (the platform no longer knows the task,
       │                    │                    │                         or somebody gave up a task that is stuck)
       └▶ declined          └▶ dropped           ├──▶ refused (the platform said no, or began nothing: not triggered)
          expired                                └──▶ lost (whether it was triggered could not be found out,
          withdrawn                                    or somebody gave up waiting for the answer)

Stuck is no state: a task that does not move is followed on and may end well, so it is a fact on a run that is running.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.core.facts import (
    ApprovalDeclined,
    ApprovalExpired,
    ApprovalGranted,
    ApprovalMoved,
    BotReturned,
    Dropped,
    EnvironmentNamedAnew,
    EnvironmentSeen,
    Fact,
    FollowerJoined,
    GivenUp,
    HistoryPutBack,
    HostingSilent,
    Reported,
    SubmissionBegun,
    SubmissionRefused,
    TaskForgotten,
    TaskStarted,
)
from bot.core.intents import Change
from bot.core.names import ButtonId, IdempotencyKey, RequestKey, RunId, TaskId, TeamId, UserId
from bot.core.request import Place
from bot.core.tasks import EnvironmentReport, Refusal, TaskLog, TaskReport, TaskStatus


class RunState(Enum):
    """Where a run stands; the coarse state that drives the machine."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    SUBMITTING = "submitting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"
    LOST = "lost"

    @property
    def is_open(self) -> bool:
        """Whether the run has not ended yet."""
        return self in OPEN_STATES


OPEN_STATES = frozenset({RunState.WAITING, RunState.ACCEPTED, RunState.SUBMITTING, RunState.RUNNING})
BUSY_STATES = frozenset({RunState.ACCEPTED, RunState.SUBMITTING, RunState.RUNNING})
"""States in which a run holds its environment: at most one such run per environment."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the platform's task as we saw it: `number` counts from 1; `seen_at` is when a look first showed it.

    `missed_at` is when the look before that did not show it yet, where that is known.
    """

    number: int
    name: str
    seen_at: datetime
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One ask and all that became of it. `version` grows with every change; messages record the one they show.

    `handle` is the opaque id its buttons carry. `adopted` runs follow a task that was started elsewhere: they were
    never submitted by us. `rule` is the path of the rule that allowed the ask. `is_presumed` says that the answer with
    the task was lost, and that this task was recognised by its looks. `reported_at` is when the task was first seen
    where it is, and `stuck_since` since when it has been there, or at work, far longer than is usual. `approvers` are
    those who approved, in the order of their votes; `approval_version` is that of a waiting approval as last told, and
    `asking` how many times it has been asked for by then; for the last one people may be called (`is_reminded`,
    `is_escalated`).
    """

    id: RunId
    handle: ButtonId
    request_key: RequestKey
    change: Change
    requester: UserId
    team_id: TeamId
    place: Place
    asked_at: datetime
    state: RunState
    rule: str
    version: int = 1
    adopted: bool = False
    approvers: tuple[UserId, ...] = ()
    approval_version: int = 0
    asking: int = 1
    is_reminded: bool = False
    is_escalated: bool = False
    decided_by: UserId | None = None
    decline_reason: str | None = None
    idempotency_key: IdempotencyKey | None = None
    submitted_at: datetime | None = None
    task_id: TaskId | None = None
    is_presumed: bool = False
    report: TaskReport | None = None
    reported_at: datetime | None = None
    unanswered_since: datetime | None = None
    stuck_since: datetime | None = None
    given_up_by: UserId | None = None
    away: timedelta | None = None
    steps: tuple[Step, ...] = ()
    refusal: Refusal | None = None
    log: TaskLog | None = None
    environment_seen: EnvironmentReport | None = None
    followers: tuple[UserId, ...] = ()
    ended_at: datetime | None = None

    @property
    def took(self) -> timedelta | None:
        """How long the work took: the platform's own figure, else from our sending it to its end."""
        if self.report is not None and self.report.duration is not None:
            return self.report.duration
        if self.submitted_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.submitted_at


def advance(run: Run, fact: Fact, now: datetime) -> Run:
    """The run after this fact; the same run, untouched, where the fact does not apply (it may be told twice)."""
    changed = _apply(run, fact, now)
    if changed == run:
        return run
    ended_at = now if run.state.is_open and not changed.state.is_open else changed.ended_at
    return replace(changed, version=run.version + 1, ended_at=ended_at)


def _apply(run: Run, fact: Fact, now: datetime) -> Run:
    match fact:
        case ApprovalGranted() | ApprovalMoved() | ApprovalDeclined() | ApprovalExpired():
            return _apply_approval(run, fact) if run.state is RunState.WAITING else run
        case EnvironmentNamedAnew(environment):
            is_asked_anew = run.state is RunState.WAITING and environment.id == run.change.environment.id
            return replace(run, change=replace(run.change, environment=environment)) if is_asked_anew else run
        case Dropped() | HistoryPutBack():
            return _apply_before_sending(run, fact)
        case SubmissionBegun() | TaskStarted() | SubmissionRefused():
            return _apply_sending(run, fact, now)
        case Reported() | HostingSilent() | TaskForgotten() | BotReturned():
            return _apply_look(run, fact, now)
        case GivenUp(by):
            return replace(run, state=RunState.LOST, given_up_by=by) if may_be_given_up(run) else run
        case EnvironmentSeen(report):
            return replace(run, environment_seen=report) if run.state.is_open else run
        case FollowerJoined(user_id):
            if user_id in run.followers:
                return run
            return replace(run, followers=(*run.followers, user_id))


def _apply_approval(
    run: Run, fact: ApprovalGranted | ApprovalMoved | ApprovalDeclined | ApprovalExpired
) -> Run:
    """What becomes of a waiting run with its approval."""
    match fact:
        case ApprovalGranted(approvers):
            return replace(run, state=RunState.ACCEPTED, approvers=approvers, decided_by=approvers[-1])
        case ApprovalMoved(version, asking, is_reminded, is_escalated):
            if version < run.approval_version:
                return run
            return replace(
                run,
                approval_version=version,
                asking=asking,
                is_reminded=is_reminded,
                is_escalated=is_escalated,
            )
        case ApprovalDeclined(by, reason):
            state = RunState.WITHDRAWN if by == run.requester else RunState.DECLINED
            return replace(run, state=state, decided_by=by, decline_reason=reason)
        case ApprovalExpired():
            return replace(run, state=RunState.EXPIRED)


def _apply_before_sending(run: Run, fact: Dropped | HistoryPutBack) -> Run:
    if run.state not in {RunState.WAITING, RunState.ACCEPTED}:
        return run
    match fact:
        case Dropped(reason):
            return replace(run, state=RunState.DROPPED, refusal=Refusal(reason))
        case HistoryPutBack():
            return replace(run, state=RunState.LOST)


def _apply_sending(run: Run, fact: SubmissionBegun | TaskStarted | SubmissionRefused, now: datetime) -> Run:
    match fact:
        case SubmissionBegun(key) if run.state is RunState.ACCEPTED:
            return replace(run, state=RunState.SUBMITTING, idempotency_key=key, submitted_at=now)
        case TaskStarted(task_id, is_presumed) if run.state is RunState.SUBMITTING:
            return replace(
                run,
                state=RunState.RUNNING,
                task_id=task_id,
                is_presumed=is_presumed,
                reported_at=now,
                unanswered_since=None,
            )
        case SubmissionRefused(refusal) if run.state is RunState.SUBMITTING:
            return replace(run, state=RunState.REFUSED, refusal=refusal, unanswered_since=None)
        case _:
            return run


def _apply_look(run: Run, fact: Reported | HostingSilent | TaskForgotten | BotReturned, now: datetime) -> Run:
    followed = run.state in {RunState.SUBMITTING, RunState.RUNNING}
    match fact:
        case Reported() if run.state is RunState.RUNNING:
            return _apply_report(run, fact, now)
        case HostingSilent(since, stuck_since) if followed:
            since = run.unanswered_since or since or run.reported_at or run.submitted_at or now
            return replace(run, unanswered_since=since, stuck_since=run.stuck_since or stuck_since)
        case TaskForgotten() if followed:
            return replace(run, state=RunState.LOST)
        case BotReturned(away) if run.state.is_open:
            return replace(run, away=away)
        case _:
            return run


def may_be_given_up(run: Run) -> bool:
    """Whether it may be ended by hand: the platform leaves the ask unanswered, or the task does not get anywhere."""
    match run.state:
        case RunState.SUBMITTING:
            return run.unanswered_since is not None
        case RunState.RUNNING:
            return run.stuck_since is not None
        case _:
            return False


END_OF_TASK = {
    TaskStatus.COMPLETED: RunState.DONE,
    TaskStatus.FAILED: RunState.FAILED,
    TaskStatus.CANCELLED: RunState.CANCELLED,
}
"""How a run ends whose task has ended so."""


def _apply_report(run: Run, told: Reported, now: datetime) -> Run:
    report = told.report
    is_news = report != run.report or told.log is not None
    if not is_news and run.unanswered_since is None and run.stuck_since == told.stuck_since:
        return run
    return replace(
        run,
        report=report,
        reported_at=now if has_moved(run.report, report) else run.reported_at,
        unanswered_since=None,
        stuck_since=told.stuck_since,
        steps=_with_step(run, told, now),
        log=told.log or run.log,
        state=END_OF_TASK.get(report.status, RunState.RUNNING),
    )


def has_moved(before: TaskReport | None, after: TaskReport) -> bool:
    """Whether a task is no longer where it was; that more time has gone by is no movement."""
    return before is None or _place(before) != _place(after)


def _place(report: TaskReport) -> tuple[object, ...]:
    return (
        report.status,
        report.unknown_status,
        report.progress_percent,
        report.current_step,
        report.steps_completed,
        report.started_at,
    )


def _with_step(run: Run, told: Reported, now: datetime) -> tuple[Step, ...]:
    """The steps seen so far, with the one under way added if this look is the first to show it."""
    steps, report = run.steps, told.report
    if report.current_step is None or report.status.is_terminal:
        return steps
    number = report.steps_completed + 1
    if steps and (steps[-1].number >= number or steps[-1].name == report.current_step):
        return steps
    return (*steps, Step(number, report.current_step, now, told.before_at))
