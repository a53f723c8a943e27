"""The history on the command line: the same runs as a table, as CSV and as JSON, none of them a trap for its reader."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

from bot.core.entries import Asked, Consented, RecordedEntry, Voted, VoteRefused
from bot.core.names import ButtonId, UserId
from bot.core.pleas import key_of
from bot.core.runs import Run, RunState
from bot.export import ENTRY_FIELDS, RUN_FIELDS, Names, Record, as_entry_record, as_run_record
from bot.history.reading import NumberedEntry, RunRecord
from bot.listing import (
    COLUMNS,
    ENTRY_COLUMNS,
    as_cells,
    as_entry_cells,
    print_csv,
    print_entry_table,
    print_json,
    print_table,
)
from tests.views.scenes import ANA, BEN, STATES, a_run

DONE, DECLINED = STATES["done"], STATES["declined"]
NAMES: Names = {UserId(ANA): "Ana"}


def table(names: Names = NAMES) -> list[str]:
    shown: list[str] = []
    print_table([as_cells(DONE, names), as_cells(a_run(), names)], shown.append)
    return shown


def test_table_has_a_line_for_each_run_with_names_where_they_are_known() -> None:
    header, done, waiting = table()
    assert header.split("  ")[0] == COLUMNS[0]
    assert "#42" in done
    assert "deploy prod" in done
    assert "Ana" in done
    assert BEN in done, "who is not known by name goes by the id"
    assert done.rstrip().endswith("s")
    assert waiting.split()[-1] == "-", "what did not end took no time"


def test_table_of_nothing_says_so() -> None:
    shown: list[str] = []
    print_table([], shown.append)
    assert shown == ["No runs yet."]


def test_name_that_would_steer_a_terminal_is_shown_without_that() -> None:
    _, done, _ = table({UserId(ANA): "A\x1b[2Jna\n#1  forged"})
    assert "\x1b" not in done
    assert "\n" not in done
    assert "Ana #1 forged" in done


def records(*runs: Run, names: Names = NAMES, told: tuple[RecordedEntry, ...] = ()) -> list[Record]:
    return [as_run_record(RunRecord(run, told, None), names, lambda _: None) for run in runs]


def as_csv(rows: list[Record], fields: tuple[str, ...] = RUN_FIELDS) -> list[dict[str, str]]:
    shown: list[str] = []
    print_csv(rows, fields, shown.append)
    return list(csv.DictReader(io.StringIO("\n".join(shown), newline="")))


def test_csv_is_read_back_whole() -> None:
    rows = as_csv(records(DONE, DECLINED))
    assert [row["state"] for row in rows] == ["done", "declined"]
    assert rows[0]["requester_name"] == "Ana"
    assert rows[0]["approver_names"] == BEN, "who is not known by name goes by the id"


def test_run_that_answers_a_plea_tells_for_whom_it_is() -> None:
    answering = replace(DONE, request_key=key_of(ButtonId("plea")), followers=(UserId(BEN), UserId(ANA)))
    rows = as_csv(records(answering, DONE, names={UserId(BEN): "Ben"}))
    assert [(row["asked_for"], row["asked_for_name"]) for row in rows] == [(BEN, "Ben"), ("", "")]


def test_csv_holds_nothing_that_a_spreadsheet_would_carry_out() -> None:
    vote = RecordedEntry(DECLINED.id, DECLINED.asked_at, Asked(UserId(ANA), "x", "+rule", "@decision"))
    trap = replace(DECLINED, decline_reason="=HYPERLINK(1)", approvers=(UserId("-1+1"),))
    [row] = as_csv(records(trap, names={UserId(ANA): "@SUM(1)", UserId("-1+1"): "\r=1"}, told=(vote,)))
    assert row["decline_reason"] == "'=HYPERLINK(1)"
    assert row["requester_name"] == "'@SUM(1)"
    assert row["approvers"] == "'-1+1"
    assert row["approver_names"].startswith("'")
    assert (row["rule"], row["decision"]) == ("'+rule", "'@decision")


def test_json_is_one_array_with_plain_values() -> None:
    shown: list[str] = []
    ended = replace(DONE, ended_at=DONE.asked_at + timedelta(minutes=5))
    print_json(records(ended, DECLINED), shown.append)
    [record, declined] = json.loads("\n".join(shown))
    assert (record["run"], record["state"], record["modules"]) == (42, RunState.DONE.value, [])
    assert record["ended_at"] == ended.ended_at.isoformat() if ended.ended_at else False
    assert record["channel"] == ended.place.channel_id
    assert declined["state"] == "declined"
    assert "\n".join(shown) == json.dumps([record, declined], indent=2, ensure_ascii=False)


def test_json_of_nothing_is_an_empty_array() -> None:
    shown: list[str] = []
    print_json([], shown.append)
    assert json.loads("\n".join(shown)) == []


def test_record_tells_the_decision_its_rules_and_every_vote() -> None:
    at = DONE.asked_at
    told = tuple(
        RecordedEntry(DONE.id, at, entry)
        for entry in (
            Asked(UserId(ANA), "deploy prod", "channels.C0[0]", "needs_approval", 12, "d1", "approvals[0]"),
            VoteRefused(UserId("U0EVE"), "not_an_approver"),
            Consented(UserId(BEN), 1, 2, "approvals[0]", 30, "d2"),
            Voted(UserId("U0EVA"), "granted", None, "approvals[0]", 30, "d2"),
        )
    )
    [record] = records(DONE, told=told)
    assert (record["decision"], record["rule"], record["rule_line"]) == (
        "needs_approval",
        "channels.C0[0]",
        12,
    )
    assert (record["approval_rule"], record["approval_rule_line"]) == ("approvals[0]", 30)
    assert record["rules_digest"] == "d1"
    votes = record["votes"]
    assert isinstance(votes, list)
    assert [(vote["by"], vote["vote"], vote["line"], vote["rules_digest"]) for vote in votes] == [
        (BEN, "granted", 30, "d2"),
        ("U0EVA", "granted", 30, "d2"),
    ]
    [row] = as_csv([record])
    assert row["votes"] == f"{at.isoformat()} {BEN} granted; {at.isoformat()} U0EVA granted"


def test_approval_that_nobody_voted_on_still_names_its_rule() -> None:
    asked = Asked(
        UserId(ANA), "deploy prod", "c", "needs_approval", 12, "d1", "approvals[0]", approval_line=30
    )
    [record] = records(DECLINED, told=(RecordedEntry(DECLINED.id, DECLINED.asked_at, asked),))
    assert (record["approval_rule"], record["approval_rule_line"]) == ("approvals[0]", 30)


def test_reason_of_a_decline_stands_beside_its_vote() -> None:
    vote = Voted(UserId(BEN), "declined", "month end", "approvals[0]")
    [row] = as_csv(records(DECLINED, told=(RecordedEntry(DECLINED.id, DECLINED.asked_at, vote),)))
    assert row["votes"].endswith(f"{BEN} declined: month end")


ENTRY = NumberedEntry(
    7, None, DONE.asked_at.isoformat(), "denied", ANA, {"by": ANA, "text": "deploy\x1b[2J prod"}, "f00d"
)


def test_entries_are_listed_with_names_and_facts() -> None:
    shown: list[str] = []
    entries = [ENTRY, replace(ENTRY, id=6, run_id=42, by=None)]
    print_entry_table([as_entry_cells(one, NAMES) for one in entries], shown.append)
    header, denied, other = shown
    assert header.split() == list(ENTRY_COLUMNS)
    assert denied.split()[0] == "7"
    assert "Ana" in denied
    assert "\x1b" not in denied
    assert "#42" in other
    print_entry_table([], shown.append)
    assert shown[-1] == "No entries yet."


def test_entry_is_exported_as_it_stands_in_the_record() -> None:
    record = as_entry_record(ENTRY, NAMES)
    assert record == {
        "entry": 7,
        "at": ENTRY.at,
        "run": None,
        "kind": "denied",
        "by": ANA,
        "by_name": "Ana",
        "facts": ENTRY.facts,
        "hash": "f00d",
    }
    [row] = as_csv([record], ENTRY_FIELDS)
    assert json.loads(row["facts"]) == ENTRY.facts
