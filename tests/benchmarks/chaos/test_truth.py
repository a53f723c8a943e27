"""What is not as promised is found; what is, is not."""

from dataclasses import replace

import pytest

from tests.benchmarks.chaos.ledger import ApprovalRow, Books, RunRow, SlotRow
from tests.benchmarks.chaos.people import Decision, Seen
from tests.benchmarks.chaos.truth import (
    DOUBLED,
    ENDLESS,
    LOST_APPROVALS,
    MISTOLD,
    NO_END,
    STRAY,
    TWO_CALLS,
    TWO_CARDS,
    TWO_ENDS,
    UNSHOWN,
    UNTRUE,
    Evidence,
    find_all,
    find_lost_approvals,
    find_lost_decisions,
    is_true,
)

RUN = RunRow(1, "handle", "slash:1", "env", "U1", "done", 5, False, ("key",), "task", False, 100)
TASK = {"id": "task", "idempotency_key": "key", "status": "completed"}
APPROVAL = ApprovalRow(1, "waiting", "2026-11-22T12:00:00Z")


def seen(slot: str, text: str = "✓ `prod` is deployed · #1", ts: str = "1.0") -> Seen:
    """A message of run 1."""
    told = {"event_type": "oec_run", "event_payload": {"run": 1, "slot": slot}}
    return Seen("C1", ts, text, text, (), {"metadata": told})


def books(*runs: RunRow, approval: ApprovalRow | None = None) -> Books:
    """A database with these runs, the cards of which stand at 1.0."""
    slots = {(run.id, "card"): SlotRow(run.id, "card", "1.0", is_dead=False, shown_version=5) for run in runs}
    return Books({run.id: run for run in runs}, {1: approval} if approval else {}, slots)


WELL = Evidence(books(RUN), [seen("card"), seen("end", ts="1.1")], [TASK], [])


def promises(evidence: Evidence) -> list[str]:
    """What was found."""
    return [finding.promise for finding in find_all(evidence)]


def test_run_that_ended_as_its_task_and_says_so_breaks_no_promise() -> None:
    assert promises(WELL) == []


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (replace(WELL, tasks=[TASK, {**TASK, "id": "other", "idempotency_key": "stray"}]), [STRAY]),
        (replace(WELL, tasks=[{**TASK, "status": "failed"}]), [MISTOLD]),
        (replace(WELL, tasks=[]), [MISTOLD]),
        (replace(WELL, screens=[*WELL.screens, seen("card", ts="1.2")]), [TWO_CARDS]),
        (replace(WELL, screens=[*WELL.screens, seen("end", ts="1.2")]), [TWO_ENDS]),
        (
            replace(WELL, screens=[*WELL.screens, seen("reminder", ts="1.3"), seen("reminder", ts="1.4")]),
            [TWO_CALLS],
        ),
        (
            replace(
                WELL, screens=[*WELL.screens, seen("escalation 2", ts="1.3"), seen("escalation 2", ts="1.4")]
            ),
            [TWO_CALLS],
        ),
        (
            replace(WELL, screens=[*WELL.screens, seen("reminder", ts="1.3"), seen("reminder 2", ts="1.4")]),
            [],
        ),
        (replace(WELL, screens=[seen("card")]), [NO_END]),
        (replace(WELL, screens=[seen("end")]), [UNSHOWN]),
        (replace(WELL, screens=[seen("card", "▶ Deploying `prod` · #1"), seen("end")]), [UNTRUE]),
        (
            replace(
                WELL,
                books=books(replace(RUN, keys=("key", "again"))),
                tasks=[TASK, {**TASK, "id": "other", "idempotency_key": "again"}],
            ),
            [DOUBLED, DOUBLED],
        ),
        (
            replace(
                WELL, books=books(replace(RUN, state="running")), screens=[seen("card", "▶ Deploying · #1")]
            ),
            [ENDLESS],
        ),
    ],
)
def test_broken_promise_is_found(evidence: Evidence, expected: list[str]) -> None:
    assert promises(evidence) == expected


def test_task_of_a_run_that_says_nothing_was_triggered_is_found() -> None:
    dropped = books(replace(RUN, state="dropped", task_id=None))
    screens = [seen("card", "◼ Deploy `prod` was not sent · #1"), seen("end")]
    assert promises(replace(WELL, books=dropped, screens=screens)) == [MISTOLD]


def test_second_card_need_not_be_true_but_the_one_the_bot_knows_of() -> None:
    old = seen("card", "▶ Deploying `prod` · #1", ts="0.9")
    assert UNTRUE not in promises(replace(WELL, screens=[old, *WELL.screens]))


@pytest.mark.parametrize(
    ("text", "state", "expected"),
    [
        ("⏳ Deploy `prod` waits for approval · #1", "waiting", True),
        ("▶ Deploy `prod` is starting… · #1", "waiting", False),
        ("▶ Deploying `prod` · #1 · ▰▰▱▱", "running", True),
        ("✓ `prod` is deployed · #1", "running", False),
        ("✕ Deploying `prod` failed · #1", "failed", True),
    ],
)
def test_card_is_true_where_its_line_tells_the_state(text: str, state: str, *, expected: bool) -> None:
    assert is_true(text, state) is expected


def test_approval_that_waited_and_is_gone_or_moved_is_lost() -> None:
    later = replace(APPROVAL, expires_at="2026-11-22T12:15:00Z")
    waiting = replace(RUN, state="waiting")
    anew = replace(later, renewed_at="2026-11-22T12:00:00Z")
    for well in (APPROVAL, anew):
        assert find_lost_approvals({1: APPROVAL}, books(waiting, approval=well)) == []
    for after in (
        books(),
        books(waiting, approval=later),
        books(waiting, approval=replace(APPROVAL, state="granted")),
    ):
        assert {finding.promise for finding in find_lost_approvals({1: APPROVAL}, after)} == {LOST_APPROVALS}


def test_form_that_was_taken_while_its_run_still_waits_is_lost() -> None:
    taken = Decision("handle", "U1", "decline_modal", is_taken=True)
    waiting = books(replace(RUN, state="waiting"))
    assert [finding.promise for finding in find_lost_decisions(waiting, [taken])] == [LOST_APPROVALS]
    assert find_lost_decisions(waiting, [replace(taken, is_taken=False)]) == []
    assert find_lost_decisions(books(RUN), [taken]) == []
