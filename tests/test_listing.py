"""The history on the command line: the same runs as a table, as CSV and as JSON, none of them a trap for its reader."""

import csv
import json
from dataclasses import replace
from datetime import timedelta

from bot.core.names import UserId
from bot.core.runs import RunState
from bot.listing import COLUMNS, Names, print_csv, print_json, print_table
from tests.views.scenes import ANA, BEN, STATES, a_run

DONE, DECLINED = STATES["done"], STATES["declined"]
NAMES: Names = {UserId(ANA): "Ana"}


def table(names: Names = NAMES) -> list[str]:
    shown: list[str] = []
    print_table([DONE, a_run()], names, shown.append)
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
    print_table([], {}, shown.append)
    assert shown == ["No runs yet."]


def test_name_that_would_steer_a_terminal_is_shown_without_that() -> None:
    _, done, _ = table({UserId(ANA): "A\x1b[2Jna\n#1  forged"})
    assert "\x1b" not in done
    assert "\n" not in done
    assert "Ana #1 forged" in done


def test_csv_is_read_back_whole() -> None:
    shown: list[str] = []
    print_csv([DONE, DECLINED], NAMES, shown.append)
    rows = list(csv.DictReader(shown[0].splitlines()))
    assert [row["state"] for row in rows] == ["done", "declined"]
    assert rows[0]["requester_name"] == "Ana"
    assert rows[0]["approver_names"] == ""


def test_csv_holds_nothing_that_a_spreadsheet_would_carry_out() -> None:
    shown: list[str] = []
    trap = replace(DECLINED, decline_reason="=HYPERLINK(1)")
    print_csv([trap], {UserId(ANA): "@SUM(1)"}, shown.append)
    [row] = csv.DictReader(shown[0].splitlines())
    assert row["decline_reason"] == "'=HYPERLINK(1)"
    assert row["requester_name"] == "'@SUM(1)"


def test_json_is_one_array_with_plain_values() -> None:
    shown: list[str] = []
    ended = replace(DONE, ended_at=DONE.asked_at + timedelta(minutes=5))
    print_json([ended], NAMES, shown.append)
    [record] = json.loads(shown[0])
    assert (record["run"], record["state"], record["modules"]) == (42, RunState.DONE.value, [])
    assert record["ended_at"] == ended.ended_at.isoformat() if ended.ended_at else False
    assert record["channel"] == ended.place.channel_id
