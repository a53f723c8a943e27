"""Values to draw: one environment, one run in every state, and what stands around it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.approvals import Approval
from bot.core.catalog import Environment
from bot.core.estimates import Band, Estimate
from bot.core.intents import Change
from bot.core.names import (
    Action,
    ApprovalId,
    ButtonId,
    ChannelId,
    EnvironmentId,
    MessageTs,
    RequestKey,
    RunId,
    TaskId,
    TeamId,
    UpdateMode,
    UserId,
)
from bot.core.request import Place
from bot.core.runs import Run, RunState, Step
from bot.core.sight import Sight
from bot.core.tasks import EnvironmentReport, Refusal, TaskLog, TaskReport, TaskStatus

NOW = datetime(2026, 11, 20, 14, 20, 30, tzinfo=UTC)
ANA, BEN, EVA = UserId("U0ANA"), UserId("U0BEN"), UserId("U0EVA")
DEPLOYS = ChannelId("C0DEPLOYS")

PROD = Environment(
    EnvironmentId("5a296461-9222-40da-91f5-9e912890dc1b"),
    "prod",
    protected=True,
    project="Client ERP",
    platform_name="production",
)
DEV = Environment(EnvironmentId("0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f"), "dev")
SEEN = EnvironmentReport(
    PROD.id,
    name="production",
    project="Client ERP",
    status="running",
    url="https://erp.client.example",
    branch="main",
    last_commit="a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
)
DEPLOY_PROD = Change(Action.DEPLOY, PROD)
REINIT_DEV = Change(Action.UPDATE, DEV, UpdateMode.REINITIALIZE_SPECIFIC, ("sale", "stock"))
ESTIMATE = Estimate(usual=timedelta(minutes=4), slow=timedelta(minutes=6), sample=12)
BAND = Band(half_at=NOW + timedelta(seconds=110), most_at=NOW + timedelta(seconds=200))
STEP_NAMES = (
    "Pull code",
    "Build image",
    "Stop workers",
    "Back up database",
    "Update addons",
    "Run migrations",
)


def a_run(state: RunState = RunState.WAITING, change: Change = DEPLOY_PROD, **fields: object) -> Run:
    """A run of Ana's, asked for six minutes ago."""
    given: dict[str, object] = {
        "id": RunId(42),
        "handle": ButtonId("h-42-opaque-0001"),
        "request_key": RequestKey("slash:1"),
        "change": change,
        "requester": ANA,
        "team_id": TeamId("T0TEAM"),
        "place": Place(DEPLOYS),
        "asked_at": NOW - timedelta(minutes=6),
        "state": state,
        "rule": "channels.C0DEPLOYS[0]",
        "environment_seen": SEEN if change.environment is PROD else None,
    }
    return Run(**(given | fields))  # type: ignore[arg-type]


def a_report(status: TaskStatus = TaskStatus.RUNNING, **fields: object) -> TaskReport:
    """What the platform said at the last look: at the sixth of twelve steps."""
    given: dict[str, object] = {
        "task_id": TaskId("task-1"),
        "type": "deploy",
        "status": status,
        "environment_id": PROD.id,
        "progress_percent": 42,
        "current_step": "Run migrations",
        "steps_completed": 5,
        "total_steps": 12,
        "started_at": NOW - timedelta(seconds=110),
    }
    return TaskReport(**(given | fields))  # type: ignore[arg-type]


def steps() -> tuple[Step, ...]:
    """The six steps seen so far, the third too quick to be seen."""
    offsets = ((1, 110), (2, 106), (4, 48), (5, 30), (6, 9))
    return tuple(
        Step(number, STEP_NAMES[number - 1], NOW - timedelta(seconds=seconds)) for number, seconds in offsets
    )


def a_running_run(**fields: object) -> Run:
    """A run at work since 110 seconds."""
    given: dict[str, object] = {
        "approvers": (BEN,),
        "decided_by": BEN,
        "submitted_at": NOW - timedelta(seconds=115),
        "task_id": TaskId("task-1"),
        "report": a_report(),
        "reported_at": NOW - timedelta(seconds=2),
        "steps": steps(),
    }
    return a_run(RunState.RUNNING, DEPLOY_PROD, **(given | fields))


def an_ended_run(state: RunState, status: TaskStatus, **report: object) -> Run:
    """A run whose task has ended just now, after four minutes and ten seconds."""
    told: dict[str, object] = {
        "duration": timedelta(seconds=250),
        "completed_at": NOW,
        "started_at": NOW - timedelta(seconds=250),
    }
    ended = a_report(status, **(told | report))
    return replace(a_running_run(), state=state, report=ended, ended_at=NOW, followers=(EVA,))


LOG = TaskLog(
    "\n".join(
        [
            *(
                f"2026-11-20 14:19:{second:02} INFO odoo.modules.loading: loading module {second}"
                for second in range(20)
            ),
            "DATABASE_URL=postgres://odoo:hunter2@db/prod",
            'psycopg2.errors.UndefinedTable: relation "sale_order_line" does not exist <!channel>',
        ]
    ),
    truncated=True,
)

DONE = an_ended_run(
    RunState.DONE, TaskStatus.COMPLETED, progress_percent=100, steps_completed=12, current_step=None
)
FAILED = replace(
    an_ended_run(
        RunState.FAILED,
        TaskStatus.FAILED,
        error_message='relation "sale_order_line" does not exist',
        steps_completed=7,
        current_step="Run tests",
    ),
    log=LOG,
)
NEVER_STARTED = replace(
    an_ended_run(
        RunState.FAILED,
        TaskStatus.FAILED,
        started_at=None,
        duration=None,
        progress_percent=0,
        current_step=None,
        steps_completed=0,
        error_message="Another deployment is running",
    ),
    steps=(),
)
CANCELLED = an_ended_run(RunState.CANCELLED, TaskStatus.CANCELLED)
LOST = replace(a_running_run(), state=RunState.LOST, ended_at=NOW)
LOST_UNSENT = a_run(RunState.LOST, submitted_at=NOW - timedelta(hours=24), ended_at=NOW)
REFUSED = a_run(RunState.REFUSED, refusal=Refusal("environment_not_running", "Not running"), ended_at=NOW)
BLOCKED = a_run(RunState.REFUSED, refusal=Refusal("task_in_progress", "Busy", TaskId("task-9")), ended_at=NOW)
DECLINED = a_run(RunState.DECLINED, decided_by=BEN, decline_reason="Not on a Friday, <!here>", ended_at=NOW)
EXPIRED = a_run(RunState.EXPIRED, ended_at=NOW)
WITHDRAWN = a_run(RunState.WITHDRAWN, decided_by=ANA, ended_at=NOW)
DROPPED = a_run(RunState.DROPPED, refusal=Refusal("rules_changed"), ended_at=NOW)
ACCEPTED = a_run(RunState.ACCEPTED, approvers=(BEN,), decided_by=BEN)
SUBMITTING = replace(ACCEPTED, state=RunState.SUBMITTING, submitted_at=NOW - timedelta(seconds=3))
QUEUED = a_running_run(report=None, steps=())

LAST = replace(DONE, id=RunId(37), ended_at=NOW - timedelta(days=2))
BLOCKER = replace(
    a_running_run(),
    id=RunId(41),
    handle=ButtonId("h-41-opaque-0001"),
    change=Change(Action.RESTART, PROD),
    requester=EVA,
)
ADOPTED = a_running_run(adopted=True, approvers=(), report=a_report(type="backup"), requester=EVA)
IN_THREAD = a_running_run(place=Place(DEPLOYS, MessageTs("1763640000.000100")))
SILENT = a_running_run(unanswered_since=NOW - timedelta(minutes=3))
STUCK = a_running_run(
    submitted_at=NOW - timedelta(hours=2),
    reported_at=NOW - timedelta(minutes=50),
    stuck_since=NOW - timedelta(minutes=50),
)
REINIT = a_run(change=REINIT_DEV)

APPROVAL = Approval(
    id=ApprovalId("approval-1"),
    run_id=RunId(42),
    requester=ANA,
    approvers="releasers",
    rule_path="approvals[1]",
    fingerprint="f" * 16,
    asked_at=NOW - timedelta(minutes=6),
    expires_at=NOW + timedelta(minutes=9),
)

STATES: dict[str, Run] = {
    "waiting": a_run(),
    "accepted": ACCEPTED,
    "submitting": SUBMITTING,
    "running": a_running_run(),
    "done": DONE,
    "failed": FAILED,
    "cancelled": CANCELLED,
    "refused": REFUSED,
    "declined": DECLINED,
    "expired": EXPIRED,
    "withdrawn": WITHDRAWN,
    "dropped": DROPPED,
    "lost": LOST,
}
"""One run in every state there is."""

OTHERS: dict[str, Run] = {
    "queued": QUEUED,
    "never_started": NEVER_STARTED,
    "lost_unsent": LOST_UNSENT,
    "blocked": BLOCKED,
    "adopted": ADOPTED,
    "in_thread": IN_THREAD,
    "silent": SILENT,
    "reinit": REINIT,
    "away": a_running_run(away=timedelta(minutes=4)),
    "silent_before_task": replace(SUBMITTING, unanswered_since=NOW - timedelta(minutes=1)),
    "stuck": STUCK,
    "stuck_in_queue": replace(
        STUCK,
        report=a_report(TaskStatus.QUEUED, started_at=None, progress_percent=0, steps_completed=0),
        steps=(),
    ),
    "stuck_and_silent": replace(STUCK, unanswered_since=NOW - timedelta(minutes=3)),
    "at_work_for_a_day": a_running_run(
        submitted_at=NOW - timedelta(hours=25), stuck_since=NOW - timedelta(hours=25)
    ),
    "unknown_status": a_running_run(report=a_report(unknown_status="awaiting <!channel>")),
    "presumed": a_running_run(is_presumed=True),
    "presumed_done": replace(DONE, is_presumed=True),
    "ended_while_away": replace(DONE, ended_at=NOW + timedelta(minutes=4), away=timedelta(minutes=5)),
    "ended_while_silent": replace(DONE, ended_at=NOW + timedelta(minutes=40)),
    "expired_while_away": replace(EXPIRED, away=timedelta(minutes=20)),
    "never_begun": a_run(RunState.REFUSED, refusal=Refusal("never_begun"), ended_at=NOW),
    "put_back": a_run(RunState.LOST, ended_at=NOW),
    "given_up": replace(LOST_UNSENT, given_up_by=BEN),
    "no_longer_followed": replace(STUCK, state=RunState.LOST, given_up_by=BEN, ended_at=NOW),
}
"""The situations that look different within a state."""


def a_sight(run: Run, **around: object) -> Sight:
    """A run with what history knows of its kind."""
    approval = APPROVAL if run.state in {RunState.WAITING, RunState.EXPIRED} else None
    is_at_work = run.state is RunState.RUNNING and run.report is not None
    band = BAND if is_at_work and run.report.status is TaskStatus.RUNNING else None  # type: ignore[union-attr]
    given: dict[str, object] = {"approval": approval, "estimate": ESTIMATE, "band": band, "last": LAST}
    return Sight(run, NOW, **(given | around))  # type: ignore[arg-type]
