from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.facts import (
    ApprovalDeclined,
    ApprovalExpired,
    ApprovalGranted,
    BotReturned,
    Dropped,
    EnvironmentNamedAnew,
    EnvironmentSeen,
    Fact,
    FollowerJoined,
    HistoryPutBack,
    HostingSilent,
    Reported,
    SubmissionBegun,
    SubmissionRefused,
    TaskForgotten,
    TaskStarted,
)
from bot.core.intents import Change
from bot.core.names import Action, ButtonId, IdempotencyKey, RequestKey, RunId, TaskId
from bot.core.request import Place
from bot.core.runs import BUSY_STATES, OPEN_STATES, Run, RunState, Step, advance
from bot.core.tasks import EnvironmentReport, Refusal, TaskLog, TaskReport, TaskStatus
from tests.core.samples import ANA, BEN, CLEO, DEPLOYS, DEV, HOME, NOON_AT, PROD

TASK = TaskId("t1")
KEY = IdempotencyKey("k1")
WAITING = Run(
    id=RunId(42),
    handle=ButtonId("h1"),
    request_key=RequestKey("r1"),
    change=Change(Action.DEPLOY, PROD),
    requester=ANA.user_id,
    team_id=HOME,
    place=Place(DEPLOYS),
    asked_at=NOON_AT,
    state=RunState.WAITING,
    rule="channels.C0DEPLOYS[0]",
)


def report(
    status: TaskStatus = TaskStatus.RUNNING,
    *,
    percent: int = 40,
    step: str | None = "Build image",
    completed: int = 1,
    duration: timedelta | None = None,
) -> TaskReport:
    return TaskReport(TASK, "deploy", status, PROD.id, percent, step, completed, 12, duration=duration)


GRANTED = ApprovalGranted((BEN.user_id,))
DECLINED = ApprovalDeclined(BEN.user_id, "not today")
WITHDRAWN = ApprovalDeclined(ANA.user_id, None)
BEGUN = SubmissionBegun(KEY)
STARTED = TaskStarted(TASK)
REFUSED = SubmissionRefused(Refusal("task_in_progress", task_id=TaskId("t0")))
SILENT = HostingSilent()
FORGOTTEN = TaskForgotten()
DROPPED = Dropped("rules_changed")
PUT_BACK = HistoryPutBack()


def told(*facts: Fact, run: Run = WAITING) -> Run:
    """The run after these facts, each a second after the one before."""
    for number, fact in enumerate(facts, start=1):
        run = advance(run, fact, NOON_AT + timedelta(seconds=number))
    return run


def ended(status: TaskStatus) -> Reported:
    return Reported(report(status))


RUNNING = (GRANTED, BEGUN, STARTED)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((GRANTED,), RunState.ACCEPTED),
        ((DECLINED,), RunState.DECLINED),
        ((WITHDRAWN,), RunState.WITHDRAWN),
        ((ApprovalExpired(),), RunState.EXPIRED),
        ((DROPPED,), RunState.DROPPED),
        ((GRANTED, DROPPED), RunState.DROPPED),
        ((PUT_BACK,), RunState.LOST),
        ((GRANTED, PUT_BACK), RunState.LOST),
        ((GRANTED, BEGUN), RunState.SUBMITTING),
        ((GRANTED, BEGUN, REFUSED), RunState.REFUSED),
        ((GRANTED, BEGUN, FORGOTTEN), RunState.LOST),
        (RUNNING, RunState.RUNNING),
        ((*RUNNING, Reported(report())), RunState.RUNNING),
        ((*RUNNING, ended(TaskStatus.PENDING)), RunState.RUNNING),
        ((*RUNNING, ended(TaskStatus.QUEUED)), RunState.RUNNING),
        ((*RUNNING, ended(TaskStatus.COMPLETED)), RunState.DONE),
        ((*RUNNING, ended(TaskStatus.FAILED)), RunState.FAILED),
        ((*RUNNING, ended(TaskStatus.CANCELLED)), RunState.CANCELLED),
        ((*RUNNING, FORGOTTEN), RunState.LOST),
    ],
)
def test_facts_lead_to_the_state_the_diagram_shows(facts: tuple[Fact, ...], state: RunState) -> None:
    run = told(*facts)
    assert run.state is state
    assert run.version == 1 + len(facts)
    assert (run.ended_at is None) == state.is_open


@pytest.mark.parametrize(
    ("facts", "late"),
    [
        ((), BEGUN),
        ((), STARTED),
        ((), REFUSED),
        ((), Reported(report())),
        ((), FORGOTTEN),
        ((), SILENT),
        ((GRANTED,), DECLINED),
        ((GRANTED,), ApprovalExpired()),
        ((GRANTED,), STARTED),
        ((GRANTED, BEGUN), DROPPED),
        ((GRANTED, BEGUN), SubmissionBegun(IdempotencyKey("k2"))),
        ((GRANTED, BEGUN), ended(TaskStatus.COMPLETED)),
        ((GRANTED, BEGUN), PUT_BACK),
        (RUNNING, PUT_BACK),
        (RUNNING, DROPPED),
        (RUNNING, REFUSED),
        (RUNNING, TaskStarted(TaskId("t2"))),
        ((DECLINED,), GRANTED),
        ((*RUNNING, ended(TaskStatus.COMPLETED)), ended(TaskStatus.FAILED)),
        ((*RUNNING, ended(TaskStatus.COMPLETED)), FORGOTTEN),
    ],
)
def test_fact_that_does_not_apply_leaves_the_run_untouched(facts: tuple[Fact, ...], late: Fact) -> None:
    run = told(*facts)
    assert advance(run, late, NOON_AT + timedelta(hours=1)) is run


def test_granted_run_remembers_who_decided() -> None:
    run = told(GRANTED)
    assert (run.approvers, run.decided_by) == ((BEN.user_id,), BEN.user_id)


def test_declined_run_has_a_reason_and_no_approver() -> None:
    run = told(DECLINED)
    assert (run.approvers, run.decided_by, run.decline_reason) == ((), BEN.user_id, "not today")


def test_dropped_and_refused_runs_say_why() -> None:
    assert told(DROPPED).refusal == Refusal("rules_changed")
    assert told(GRANTED, BEGUN, REFUSED).refusal == REFUSED.refusal


def test_submission_keeps_its_key_and_its_moment() -> None:
    run = told(*RUNNING)
    assert (run.idempotency_key, run.submitted_at, run.task_id) == (KEY, NOON_AT + timedelta(seconds=2), TASK)


def test_steps_are_kept_in_the_order_in_which_looks_showed_them() -> None:
    run = told(
        *RUNNING,
        Reported(report(step="Pull code", completed=0)),
        Reported(report(step="Pull code", completed=0, percent=3)),
        Reported(report(step="Run migrations", completed=7, percent=60)),
        Reported(report(step=None, completed=8, percent=70)),
        ended(TaskStatus.COMPLETED),
    )
    assert run.steps == (
        Step(1, "Pull code", NOON_AT + timedelta(seconds=4)),
        Step(8, "Run migrations", NOON_AT + timedelta(seconds=6)),
    )


def test_silence_counts_from_the_last_answer_until_the_next() -> None:
    run = told(*RUNNING, Reported(report()), SILENT)
    assert run.unanswered_since == NOON_AT + timedelta(seconds=4)
    assert advance(run, SILENT, NOON_AT + timedelta(hours=1)) is run
    assert advance(run, Reported(report()), NOON_AT + timedelta(hours=1)).unanswered_since is None


def test_silence_right_after_sending_counts_from_the_sending() -> None:
    assert told(GRANTED, BEGUN, SILENT).unanswered_since == NOON_AT + timedelta(seconds=2)


def test_failed_report_brings_its_log() -> None:
    log = TaskLog("Traceback", truncated=False)
    assert told(*RUNNING, Reported(report(TaskStatus.FAILED), log)).log == log


def test_follower_may_join_once_and_even_after_the_end() -> None:
    run = told(
        *RUNNING, FollowerJoined(CLEO.user_id), FollowerJoined(CLEO.user_id), ended(TaskStatus.COMPLETED)
    )
    assert run.followers == (CLEO.user_id,)
    assert told(FollowerJoined(BEN.user_id), run=run).followers == (CLEO.user_id, BEN.user_id)


def test_environment_seen_after_the_end_changes_nothing() -> None:
    run = told(DECLINED)
    assert told(EnvironmentSeen(EnvironmentReport(PROD.id)), run=run) is run


def test_return_of_the_bot_is_noted_while_the_run_is_open() -> None:
    back = BotReturned(timedelta(minutes=4))
    assert told(*RUNNING, back).away == timedelta(minutes=4)
    run = told(DECLINED)
    assert told(back, run=run) is run


def test_run_took_what_the_platform_says_else_what_we_saw() -> None:
    assert told(*RUNNING).took is None
    assert told(*RUNNING, ended(TaskStatus.COMPLETED)).took == timedelta(seconds=2)
    told_by_platform = Reported(report(TaskStatus.COMPLETED, duration=timedelta(seconds=90)))
    assert told(*RUNNING, told_by_platform).took == timedelta(seconds=90)


def test_failed_task_without_a_start_never_started() -> None:
    assert report(TaskStatus.FAILED).never_started
    assert not replace(report(TaskStatus.FAILED), started_at=NOON_AT).never_started
    assert not report(TaskStatus.CANCELLED).never_started


def test_states_are_open_or_ended_and_busy_ones_are_open() -> None:
    assert {state for state in RunState if state.is_open} == OPEN_STATES
    assert BUSY_STATES < OPEN_STATES


RENAMED = replace(PROD, alias="live", protected=False)
REPORTS = st.builds(
    report,
    st.sampled_from(TaskStatus),
    percent=st.integers(0, 100),
    step=st.sampled_from([None, "Pull code", "Build image", "Run migrations"]),
    completed=st.integers(0, 12),
)
FACTS = st.one_of(
    st.sampled_from(
        [GRANTED, DECLINED, WITHDRAWN, ApprovalExpired(), BEGUN, STARTED, REFUSED, SILENT, FORGOTTEN, DROPPED]
    ),
    st.builds(Reported, REPORTS, st.none() | st.builds(TaskLog, st.text(max_size=5), st.booleans())),
    st.builds(
        EnvironmentSeen, st.builds(EnvironmentReport, st.just(PROD.id), st.sampled_from([None, "production"]))
    ),
    st.builds(EnvironmentNamedAnew, st.sampled_from([DEV, PROD, RENAMED])),
    st.builds(FollowerJoined, st.sampled_from([ANA.user_id, BEN.user_id, CLEO.user_id])),
    st.builds(BotReturned, st.integers(1, 600).map(lambda seconds: timedelta(seconds=seconds))),
)
STORIES = st.lists(FACTS, max_size=20).map(lambda facts: [*facts])
WARM_STORIES = st.tuples(st.sampled_from([(), (GRANTED,), (GRANTED, BEGUN), RUNNING]), STORIES).map(
    lambda pair: [*pair[0], *pair[1]]
)


def content(run: Run) -> tuple[object, ...]:
    """All that a run says, its version aside."""
    return tuple(getattr(run, one.name) for one in fields(run) if one.name != "version")


def moments(story: list[Fact]) -> list[tuple[Fact, datetime]]:
    return [(fact, NOON_AT + timedelta(seconds=number)) for number, fact in enumerate(story, start=1)]


@given(WARM_STORIES)
def test_ended_run_never_leaves_its_end(story: list[Fact]) -> None:
    run = WAITING
    for fact, at in moments(story):
        after = advance(run, fact, at)
        if not run.state.is_open:
            assert (after.state, after.ended_at) == (run.state, run.ended_at)
        run = after


@given(WARM_STORIES)
def test_version_grows_by_one_exactly_when_something_changed(story: list[Fact]) -> None:
    run = WAITING
    for fact, at in moments(story):
        after = advance(run, fact, at)
        assert after.version - run.version == (content(after) != content(run))
        run = after


@given(WARM_STORIES)
def test_same_fact_told_twice_changes_nothing_the_second_time(story: list[Fact]) -> None:
    run = WAITING
    for fact, at in moments(story):
        run = advance(run, fact, at)
        again = advance(run, fact, at)
        assert content(again) == content(run)


@given(WARM_STORIES)
def test_run_that_has_ended_says_when_and_steps_only_grow(story: list[Fact]) -> None:
    run = WAITING
    for fact, at in moments(story):
        after = advance(run, fact, at)
        assert (after.ended_at is None) == after.state.is_open
        assert after.steps[: len(run.steps)] == run.steps
        run = after


@given(WARM_STORIES)
def test_environment_stays_the_same_and_keeps_its_name_once_it_is_decided(story: list[Fact]) -> None:
    run = WAITING
    for fact, at in moments(story):
        after = advance(run, fact, at)
        assert after.change.environment.id == run.change.environment.id
        assert after.change == run.change or (run.state, fact) == (
            RunState.WAITING,
            EnvironmentNamedAnew(after.change.environment),
        )
        run = after


@given(WARM_STORIES)
def test_nothing_is_sent_without_a_grant_and_a_key(story: list[Fact]) -> None:
    run = told(*story)
    if run.task_id is not None:
        assert run.approvers
        assert run.idempotency_key is not None
