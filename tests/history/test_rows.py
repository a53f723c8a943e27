"""Every value survives the way into the database and back, whatever it holds."""

from dataclasses import replace
from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given, settings

from bot.core.approvals import Approval
from bot.core.entries import Entry, Refused
from bot.core.names import RunId, TaskId
from bot.core.runs import Run
from bot.core.tasks import Refusal, TaskLog
from bot.history.columns import time_to_text
from bot.history.rows import (
    ENTRY_KINDS,
    approval_from_row,
    approval_to_row,
    entry_from_row,
    entry_to_row,
    run_from_row,
    run_to_row,
)
from tests.history.values import NOON, a_run, any_approval, any_entry, any_run


@settings(deadline=None)
@given(any_run)
def test_any_run_survives_the_row(run: Run) -> None:
    assert run_from_row({**run_to_row(run), "id": run.id}) == run


@settings(deadline=None)
@given(any_approval)
def test_any_approval_survives_the_row(approval: Approval) -> None:
    assert approval_from_row(approval_to_row(approval, approval.run_id)) == approval


@settings(deadline=None)
@given(any_entry)
def test_any_entry_survives_the_row(entry: Entry) -> None:
    recorded = entry_from_row(entry_to_row(RunId(7), entry, NOON))

    assert (recorded.entry, type(recorded.entry)) == (entry, type(entry))
    assert (recorded.run_id, recorded.at) == (7, NOON)


def test_every_kind_of_entry_has_a_word() -> None:
    assert set(ENTRY_KINDS.values()) == set(get_args(Entry))


def test_half_characters_from_outside_become_whole_ones() -> None:
    log = TaskLog("cut \ud83d here", truncated=True)
    run = replace(a_run(), decline_reason="\udc00no", log=log, refusal=Refusal("x", task_id=TaskId("\ud800")))

    back = run_from_row({**run_to_row(run), "id": 1})

    assert back.decline_reason == "?no"
    assert back.log == TaskLog("cut ? here", truncated=True)
    assert entry_from_row(entry_to_row(None, Refused("x", "\ud800"), NOON)).entry == Refused("x", "?")


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        time_to_text(datetime(2026, 1, 1))  # noqa: DTZ001


def test_times_sort_as_text_as_they_do_in_time() -> None:
    later = NOON.replace(microsecond=1)

    assert time_to_text(NOON) < time_to_text(later)
