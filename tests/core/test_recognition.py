"""What can be told of an ask without an answer from the tasks that the platform shows: never more than is so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.intents import Change
from bot.core.names import Action, EnvironmentId, TaskId
from bot.core.recognition import NeverBegun, Recognised, Unclear, recognise
from bot.core.tasks import RecentTasks, TaskReport, TaskStatus

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HERE = Environment(EnvironmentId("5a296461-9222-40da-91f5-9e912890dc1b"), "prod")
RESTART, DEPLOY = Change(Action.RESTART, HERE), Change(Action.DEPLOY, HERE)
NONE = RecentTasks((), are_all_deploys=True, latest=None)


def a_task(type_: str, minutes: float | None = 1, name: str = "t1", **more: str) -> TaskReport:
    """A task that began so many minutes after the ask; None: it has yet to begin."""
    started_at = None if minutes is None else AT + timedelta(minutes=minutes)
    status = TaskStatus.QUEUED if minutes is None else TaskStatus.RUNNING
    task = TaskReport(TaskId(name), type_, status, HERE.id, 0, None, 0, 12, started_at=started_at)
    return replace(task, triggered_by=more.get("by"))


def latest(task: TaskReport) -> RecentTasks:
    """Nothing but this one is shown."""
    deploys = (task,) if task.type in {"deploy", "redeploy"} else ()
    return replace(NONE, latest=task, deploys=deploys)


def find(change: Change, recent: RecentTasks, *others: str) -> object:
    """The finding, where these tasks belong to other runs."""
    return recognise(change, AT, recent, of_other_runs=[TaskId(one) for one in others])


@pytest.mark.parametrize("minutes", [None, -1, 0, 1, 600])
def test_task_of_the_kind_that_began_since_is_recognised(minutes: float | None) -> None:
    assert find(RESTART, latest(a_task("restart", minutes))) == Recognised(TaskId("t1"))


@pytest.mark.parametrize(
    ("change", "type_"),
    [
        (DEPLOY, "deploy"),
        (DEPLOY, "redeploy"),
        (Change(Action.UPDATE, HERE), "quick_update"),
        (Change(Action.UPDATE, HERE), "Quick-Update"),
        (Change(Action.STOP, HERE), "stop"),
    ],
)
def test_kind_is_known_by_the_platforms_words(change: Change, type_: str) -> None:
    assert find(change, latest(a_task(type_))) == Recognised(TaskId("t1"))


def test_task_that_ended_without_a_time_may_be_the_one_that_was_asked_for() -> None:
    undated = replace(a_task("deploy", None), status=TaskStatus.COMPLETED)
    assert find(DEPLOY, latest(undated)) == Unclear()
    assert find(DEPLOY, latest(undated), "t1") == NeverBegun()


def test_environment_without_any_task_never_began_one() -> None:
    assert find(RESTART, NONE) == NeverBegun()
    assert find(DEPLOY, NONE) == NeverBegun()


@pytest.mark.parametrize("type_", ["restart", "backup", "deploy"])
@pytest.mark.parametrize("change", [RESTART, DEPLOY])
def test_newest_task_from_before_the_ask_means_that_nothing_was_begun(change: Change, type_: str) -> None:
    assert find(change, latest(a_task(type_, -3))) == NeverBegun()


def test_task_of_another_run_of_ours_is_not_taken() -> None:
    assert find(RESTART, latest(a_task("restart")), "t1") == Unclear()


def test_task_that_a_user_of_the_platform_began_is_not_taken() -> None:
    assert find(RESTART, latest(a_task("restart", by="user-7"))) == Unclear()


def test_other_task_since_leaves_open_what_was_before_it() -> None:
    assert find(RESTART, latest(a_task("backup"))) == Unclear()


def test_deploys_are_listed_so_that_another_task_since_hides_none() -> None:
    backup, older = a_task("backup", 5, "t2"), a_task("deploy", -30)
    assert find(DEPLOY, RecentTasks((), are_all_deploys=True, latest=backup)) == NeverBegun()
    assert find(DEPLOY, RecentTasks((older,), are_all_deploys=False, latest=backup)) == NeverBegun()
    assert find(DEPLOY, RecentTasks((a_task("deploy"),), are_all_deploys=True, latest=backup)) == Recognised(
        TaskId("t1")
    )


def test_list_that_does_not_reach_back_to_the_ask_leaves_it_open() -> None:
    foreign = a_task("deploy", 5, by="user-7")
    assert find(DEPLOY, RecentTasks((foreign,), are_all_deploys=False, latest=foreign)) == Unclear()


def test_answers_that_contradict_each_other_tell_nothing() -> None:
    assert (
        find(RESTART, RecentTasks((a_task("deploy", -30),), are_all_deploys=True, latest=None)) == Unclear()
    )


def test_two_that_could_be_it_are_none() -> None:
    two = (a_task("deploy", 5, "t2"), a_task("deploy", 1, "t1"))
    assert find(DEPLOY, RecentTasks(two, are_all_deploys=True, latest=two[0])) == Unclear()
    assert find(DEPLOY, RecentTasks(two, are_all_deploys=True, latest=two[0]), "t2") == Recognised(
        TaskId("t1")
    )


def test_task_that_ended_without_a_beginning_counts_by_its_end() -> None:
    ended = replace(a_task("restart", None), status=TaskStatus.FAILED)
    assert find(RESTART, latest(replace(ended, completed_at=AT + timedelta(minutes=1)))) == Recognised(
        TaskId("t1")
    )
    assert find(RESTART, latest(replace(ended, completed_at=AT - timedelta(minutes=9)))) == NeverBegun()
    assert find(RESTART, latest(ended)) == Unclear()
