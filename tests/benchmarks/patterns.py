"""The runs of which a history of years is made: a hundred that are unlike, as rows; the many are like one of these."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.core.approvals import Approval, Approve, advance
from bot.core.catalog import Environment
from bot.core.entries import Asked, Ended, Entry, Sent, Started, Voted
from bot.core.intents import Change, typed_form
from bot.core.names import (
    Action,
    ApprovalId,
    ButtonId,
    ChannelId,
    EnvironmentId,
    IdempotencyKey,
    RequestKey,
    RunId,
    TaskId,
    TeamId,
    UpdateMode,
    UserId,
)
from bot.core.request import Place
from bot.core.runs import Run, RunState, Step
from bot.core.tasks import EnvironmentReport, TaskLog, TaskReport, TaskStatus
from bot.history.columns import Row
from bot.history.rows import approval_to_row, entry_to_row, run_to_row

ENVIRONMENTS = 50
RARE = EnvironmentId(str(UUID(int=999)))
"""An environment that was used in the first days and never since."""

APPROVED = 10
"""One run in so many was approved."""

STEPS = 12
KEY, TASK = "the run's own key", "the run's own task"
"""What stands in the entries of a pattern in the place of what each run has of its own."""

_APPROVER = UserId("U0BEN")
LOG_LINE = "odoo.modules.loading: loading module sale_stock (38/61), 214 queries (+214 extra)\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """How many of a hundred runs do this and end so."""

    share: int
    action: Action
    mode: UpdateMode | None
    state: RunState


EVERY_KIND = (
    Kind(55, Action.DEPLOY, None, RunState.DONE),
    Kind(5, Action.DEPLOY, None, RunState.FAILED),
    Kind(20, Action.UPDATE, UpdateMode.PULL_RESTART, RunState.DONE),
    Kind(4, Action.UPDATE, UpdateMode.UPDATE_ALL, RunState.DONE),
    Kind(15, Action.RESTART, None, RunState.DONE),
    Kind(1, Action.DEPLOY, None, RunState.CANCELLED),
)
_STATUS = {
    RunState.DONE: TaskStatus.COMPLETED,
    RunState.FAILED: TaskStatus.FAILED,
    RunState.CANCELLED: TaskStatus.CANCELLED,
}


def environment(number: int) -> Environment:
    """One of the environments, all of one project."""
    id_ = RARE if number == ENVIRONMENTS else EnvironmentId(str(UUID(int=number + 1)))
    name = f"e{number:03}"
    return Environment(id_, name, (f"{name}-alias",), project="Client ERP", platform_name=f"client-{number}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A run that many are like: the row of each is this one, with ids, times and the environment of its own."""

    row: Row
    approval: Row | None
    entries: tuple[Row, ...]
    took: timedelta


def draw_patterns(chance: random.Random, at: datetime) -> list[Pattern]:
    """Runs of each kind as often as it comes, which took differently long."""
    kinds = [kind for kind in EVERY_KIND for _ in range(kind.share)]
    return [
        draw_pattern(
            kind,
            took=timedelta(seconds=180 * chance.lognormvariate(0, 0.25)),
            at=at,
            is_approved=number % APPROVED == 0,
        )
        for number, kind in enumerate(kinds)
    ]


def draw_pattern(kind: Kind, *, took: timedelta, at: datetime, is_approved: bool) -> Pattern:
    """A run of this kind as rows."""
    run = draw_run(kind, took=took, at=at)
    approval = advance(draw_approval(run), Approve(_APPROVER), at) if is_approved else None
    asked = Asked(run.requester, typed_form(run.change), run.rule, "allowed", line=14, digest="d" * 64)
    entries: list[Entry] = [asked]
    if approval is not None:
        run = replace(run, approvers=approval.consents, decided_by=_APPROVER)
        needed = replace(asked, decision="needs_approval", approval_rule=approval.rule_path)
        entries = [needed, Voted(_APPROVER, "granted", None, approval.rule_path)]
    entries += [
        Sent(IdempotencyKey(KEY)),
        Started(TaskId(TASK)),
        Ended(run.state.value, run.report.error_message if run.report else None),
    ]
    return Pattern(
        run_to_row(run),
        None if approval is None else approval_to_row(approval, run.id),
        tuple(entry_to_row(run.id, entry, at) for entry in entries),
        took,
    )


def draw_approval(run: Run) -> Approval:
    """What this run waits for."""
    return Approval(
        ApprovalId(""),
        run.id,
        run.requester,
        "releasers",
        "approvals[0]",
        "f" * 64,
        run.asked_at,
        run.asked_at + timedelta(minutes=15),
        rule_line=31,
        remind_at=run.asked_at + timedelta(minutes=7.5),
    )


def draw_run(kind: Kind, *, took: timedelta, at: datetime) -> Run:
    """A run of this kind, whole as the flow would have left it."""
    home, report = environment(0), _draw_report(kind, took=took, at=at)
    moments = [at + took * number / STEPS for number in range(STEPS)]
    return Run(
        id=RunId(0),
        handle=ButtonId(""),
        request_key=RequestKey(""),
        change=Change(kind.action, home, kind.mode),
        requester=UserId("U0ANA"),
        team_id=TeamId("T0ACME"),
        place=Place(ChannelId("C0DEPLOYS")),
        asked_at=at,
        state=kind.state,
        rule="channels.C0DEPLOYS[0]",
        version=STEPS + 6,
        submitted_at=at,
        task_id=report.task_id,
        report=report,
        reported_at=at + took,
        steps=tuple(
            Step(n, f"Step {n} of the deploy", seen_at) for n, seen_at in enumerate(moments, start=1)
        ),
        log=TaskLog(LOG_LINE * 40, truncated=True) if kind.state is RunState.FAILED else None,
        environment_seen=EnvironmentReport(
            home.id, "client", "Client ERP", "running", "https://client.example", "main", "f00d"
        ),
        ended_at=at + took,
    )


def _draw_report(kind: Kind, *, took: timedelta, at: datetime) -> TaskReport:
    return TaskReport(
        TaskId(str(UUID(int=1))),
        kind.action.value,
        _STATUS[kind.state],
        environment(0).id,
        progress_percent=100,
        current_step=None,
        steps_completed=STEPS,
        total_steps=STEPS,
        started_at=at,
        completed_at=at + took,
        duration=took,
        error_message="Migration failed: column does not exist" if kind.state is RunState.FAILED else None,
    )
