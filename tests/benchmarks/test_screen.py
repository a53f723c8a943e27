"""What is read from the records: whose message a call brought on the screen, and how late."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.benchmarks.deploys import Records, draw_durations, read_looks
from tests.benchmarks.edits import read_delays
from tests.benchmarks.live import read_live
from tests.benchmarks.screen import (
    CARD,
    END,
    PROGRESS,
    Course,
    Look,
    count_refused,
    find_end_known,
    find_end_shown,
    find_step_delays,
    read_shots,
    seconds_between,
)

BEGAN_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLACES = {("C1", "1.1"): (1, CARD), ("C1", "1.2"): (1, PROGRESS)}


def at(seconds: float) -> datetime:
    return BEGAN_AT + timedelta(seconds=seconds)


def edit(seconds: float, ts: str, text: str, *, status: int = 200) -> dict[str, Any]:
    args = {"channel": "C1", "ts": ts, "text": text}
    return {
        "at": at(seconds).isoformat(),
        "method": "chat.update",
        "args": args,
        "ok": status == 200,
        "status": status,
    }


def post(seconds: float, slot: str, text: str) -> dict[str, Any]:
    mark = {"event_type": "oec_run", "event_payload": {"run": 1, "slot": slot}}
    args = {"channel": "C1", "text": text, "metadata": mark}
    return {
        "at": at(seconds).isoformat(),
        "method": "chat.postMessage",
        "args": args,
        "ok": True,
        "status": 200,
    }


CALLS = [
    post(0, CARD, "▶ Deploying `e000` · #1"),
    post(1, PROGRESS, "▶ Deploying `e000` · #1 · step 1 of 12"),
    edit(4, "1.2", "▶ Deploying `e000` · #1 · step 3 of 12"),
    edit(5, "9.9", "somebody else's"),
    edit(9, "1.1", "✓ Deployed `e000` · #1", status=429),
    edit(10, "1.1", "✓ Deployed `e000` · #1"),
    post(9.5, END, "✓ @ana, deployed `e000`"),
    edit(12, "1.2", "✓ Deployed `e000` · #1"),
]
COURSE = Course(1, "t1", at(8), ((1, at(0.5)), (2, at(2)), (3, at(3)), (4, at(6))))
LOOKS = (Look("t1", at(7)), Look("t2", at(8.1)), Look("t1", at(8.5)), Look("t1", at(9)))
RECORDS = Records((COURSE,), LOOKS, tuple(CALLS), ({"status": 200}, {"status": 429}), PLACES)


def test_calls_are_told_apart_by_whose_message_they_bring_on_the_screen() -> None:
    shots = read_shots(CALLS, PLACES)
    assert [(shot.kind, shot.is_edit, shot.is_of_end) for shot in shots] == [
        (CARD, False, False),
        (PROGRESS, False, False),
        (PROGRESS, True, False),
        (CARD, True, True),
        (END, False, True),
        (PROGRESS, True, True),
    ]


def test_end_is_known_by_the_first_look_after_it() -> None:
    assert find_end_known(COURSE, LOOKS) == at(8.5)
    assert find_end_known(COURSE, LOOKS[:2]) is None


def test_end_is_shown_by_what_slack_took_and_by_nothing_else() -> None:
    shots = read_shots(CALLS, PLACES)
    assert find_end_shown(COURSE, CARD, shots) == at(10)
    assert find_end_shown(COURSE, END, shots) == at(9.5)
    assert find_end_shown(COURSE, END, shots[:3]) is None


def test_step_that_was_passed_over_is_shown_by_the_next_one() -> None:
    assert find_step_delays(COURSE, read_shots(CALLS, PLACES)) == [0.5, 2.0, 1.0, 6.0]


def test_time_is_counted_only_where_both_ends_are_known() -> None:
    assert seconds_between([(at(1), at(3)), (None, at(3)), (at(1), None), (at(3), at(1))]) == [2.0, 0.0]


def test_refusals_are_counted_by_method() -> None:
    assert count_refused(CALLS) == {"chat.update": 1}


def test_looks_are_the_answered_reads_of_one_task() -> None:
    asked = [
        ("GET", "/api/v1/deployments/t1", 200),
        ("GET", "/api/v1/deployments/t1", 429),
        ("GET", "/api/v1/org", 200),
    ]
    requests = [
        {"method": method, "path": path, "status": status, "at": at(1).isoformat()}
        for method, path, status in asked
    ]
    assert read_looks(requests) == [Look("t1", at(1))]


def test_durations_are_the_same_each_time_and_about_three_minutes() -> None:
    durations = draw_durations(500)
    assert durations == draw_durations(500)
    assert sorted(durations)[250] == pytest.approx(180, rel=0.1)


def test_figures_of_a_round_tell_what_the_records_say() -> None:
    edits = {one.figure: one.value for one in read_delays("1 run", RECORDS)}
    assert edits["end to card, median"] == 1.5
    assert edits["end to end message, p95"] == 1.0
    assert edits["step to progress message, worst"] == 6.0
    assert edits["edits of the progress message, per run"] == 2
    assert edits["429 from Slack"] == 1
    live = {one.figure: one.value for one in read_live(RECORDS)}
    assert live["end at oec.sh to known, mean"] == 0.5
    assert live["end at oec.sh to card, mean"] == 2.0
    assert (live["429 from oec.sh"], live["looks per task"]) == (1, 4)
