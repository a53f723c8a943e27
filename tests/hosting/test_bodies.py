"""Answers are read tolerantly: what is there is kept, what is odd counts as absent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import HostingUnavailableError
from bot.core.tasks import EnvironmentReport, TaskLog, TaskReport, TaskStatus
from bot.hosting.bodies import (
    LONGEST_LOG,
    read_accepted,
    read_environment,
    read_environments,
    read_log,
    read_projects,
    read_task,
)
from bot.hosting.fields import LONGEST_TEXT

TASK = "a1b2c3d4-5678-90ab-cdef-1234567890ab"
OTHER = "5a296461-9222-40da-91f5-9e912890dc1b"


def task(**fields: Any) -> TaskReport:
    return read_task({"id": TASK, **fields})


def test_whole_task_is_read_whole() -> None:
    report = task(
        type="deploy",
        status="completed",
        environment_id=OTHER,
        progress_percent=100,
        current_step="Health check",
        steps_completed=12,
        total_steps=12,
        started_at="2026-03-01T12:00:00Z",
        completed_at="2026-03-01T12:05:00.123456Z",
        duration_seconds=300,
        error_message="None really",
        triggered_by=None,
        something_new={"a": 1},
    )

    assert report == TaskReport(
        task_id=TASK,  # type: ignore[arg-type]
        type="deploy",
        status=TaskStatus.COMPLETED,
        environment_id=OTHER,  # type: ignore[arg-type]
        progress_percent=100,
        current_step="Health check",
        steps_completed=12,
        total_steps=12,
        started_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        completed_at=datetime(2026, 3, 1, 12, 5, 0, 123456, tzinfo=UTC),
        duration=timedelta(minutes=5),
        error_message="None really",
    )


def test_task_of_which_only_the_id_is_known_is_open() -> None:
    nulls = dict.fromkeys(
        ("type", "status", "progress_percent", "total_steps", "started_at", "duration_seconds")
    )

    assert task() == task(**nulls)
    assert task().status is TaskStatus.RUNNING
    assert task().progress_percent == 0


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", TaskStatus.PENDING),
        ("queued", TaskStatus.QUEUED),
        ("CANCELLED", TaskStatus.CANCELLED),
        ("failed", TaskStatus.FAILED),
        ("rolling_back", TaskStatus.RUNNING),
        ("", TaskStatus.RUNNING),
        (7, TaskStatus.RUNNING),
    ],
)
def test_status_nobody_knows_is_open(word: object, status: TaskStatus) -> None:
    assert task(status=word).status is status


@pytest.mark.parametrize(
    ("told", "percent"),
    [
        (-5, 0),
        (150, 100),
        (41.9, 41),
        ("50", 0),
        (True, 0),
        (float("nan"), 0),
        (float("inf"), 0),
        (10**40, 0),
    ],
)
def test_percent_stays_between_none_and_all(told: object, percent: int) -> None:
    assert task(progress_percent=told).progress_percent == percent


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00.5Z", datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-01T13:00:00+01:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (1772366400, None),
        (None, None),
    ],
)
def test_times_are_read_with_and_without_fractions_and_zones(told: object, at: datetime | None) -> None:
    assert task(started_at=told).started_at == at


@pytest.mark.parametrize("told", [-1, "300", None, True, float("nan"), 10**30])
def test_duration_that_is_none_counts_as_absent(told: object) -> None:
    assert task(duration_seconds=told).duration is None


def test_foreign_text_is_cut_and_made_whole() -> None:
    assert task(error_message="\ud83d" + "x" * 9000).error_message == "?" + "x" * (LONGEST_TEXT - 1)
    assert task(current_step="a\x00b").current_step == "ab"
    assert task(current_step="").current_step is None
    assert task(current_step=["a"]).current_step is None


@pytest.mark.parametrize("body", [None, [], "text", 5, {}, {"id": None}, {"id": "prod"}, {"id": 5}])
def test_answer_without_an_id_is_none_of_the_platforms(body: object) -> None:
    for read in (read_task, lambda value: read_environment(value, None)):
        with pytest.raises(HostingUnavailableError, match="the answer is not one"):
            read(body)


def test_accepted_action_names_its_task() -> None:
    assert read_accepted({"task_id": TASK, "status": "queued", "poll_url": "/x"}) == TASK
    with pytest.raises(HostingUnavailableError):
        read_accepted({"status": "queued"})


def test_environment_is_read_with_the_name_of_its_project() -> None:
    body = {"id": OTHER, "name": "production", "status": "running", "url": None, "branch": "main", "vm": 1}

    assert read_environment(body, "Client ERP") == EnvironmentReport(
        id=OTHER,  # type: ignore[arg-type]
        name="production",
        project="Client ERP",
        status="running",
        branch="main",
    )


@pytest.mark.parametrize(
    "wrap", [lambda items: items, lambda items: {"data": items}, lambda items: {"items": items}]
)
def test_list_of_environments_may_come_bare_or_wrapped(wrap: Any) -> None:
    items = [{"id": OTHER}, {"name": "without an id"}, "odd", {"id": TASK}]

    assert [report.id for report in read_environments(wrap(items), None)] == [OTHER, TASK]


@pytest.mark.parametrize("body", [None, {}, {"data": None}, "text"])
def test_what_is_no_list_is_none_of_the_platforms(body: object) -> None:
    with pytest.raises(HostingUnavailableError):
        read_environments(body, None)


@pytest.mark.parametrize(
    ("pagination", "cursor"),
    [
        ({"has_more": True, "next_cursor": "abc"}, "abc"),
        ({"has_more": False, "next_cursor": "abc"}, None),
        ({"next_cursor": "abc"}, "abc"),
        ({"has_more": True, "next_cursor": None}, None),
        (None, None),
        ("odd", None),
    ],
)
def test_page_of_projects_tells_where_it_goes_on(pagination: object, cursor: str | None) -> None:
    projects, found = read_projects({"data": [{"id": OTHER, "name": "ERP"}], "pagination": pagination})

    assert ([(project.id, project.name) for project in projects], found) == ([(OTHER, "ERP")], cursor)


def test_log_keeps_its_newest_part() -> None:
    assert read_log({"log": "one\ntwo", "truncated": False}) == TaskLog("one\ntwo", truncated=False)
    assert read_log({"task_id": None, "log": None}) == TaskLog("", truncated=False)
    long = read_log({"log": "old" + "x" * LONGEST_LOG, "truncated": False})
    assert long == TaskLog("x" * LONGEST_LOG, truncated=True)
    lines = read_log({"log": "a line\n" * LONGEST_LOG, "truncated": False})
    assert lines.text.startswith("a line\na line\n")
    assert lines.truncated


def test_secrets_of_a_log_and_of_an_error_are_kept_nowhere() -> None:
    key = "oec_live_rw_" + "k" * 43
    assert key not in read_log({"log": f"one\nkey={key}\npassword: hunter-two"}).text
    assert "hunter-two" not in read_log({"log": "password: hunter-two"}).text
    cut = "password: " + "s" * LONGEST_LOG
    assert "sss" not in read_log({"log": f"{cut}\nend"}).text
    failed = read_task({"id": TASK, "status": "failed", "error_message": f"no entry with {key}"})
    assert failed.error_message == "no entry with •••"
