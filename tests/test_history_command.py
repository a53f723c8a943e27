"""`oec-bot history`: the runs as ever, the record behind them, and whether that is as it was written."""

import asyncio
import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.core.entries import DeniedAsk, Ended
from bot.core.names import ChannelId, MessageTs
from bot.core.request import Place
from bot.core.runs import RunState
from bot.flow.ports import MessageRef, Shown, Slot, SlotKind
from bot.history.store import HistoryStore
from tests.history.values import ANA, ASKED, BEN, NOON, PROD, STAGING, a_run, an_approval

CARD = MessageRef(ChannelId("C0DEPLOYS"), MessageTs("1763726401.000001"))


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of two runs and a refused ask, where the command looks for one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OEC_DATABASE", raising=False)
    path = tmp_path / "oec-bot.db"
    store = HistoryStore.open(path, now=lambda: NOON)
    asyncio.run(_fill(store))
    store.close()
    return path


async def _fill(store: HistoryStore) -> None:
    await store.record_workspace("https://acme.slack.com/")
    await store.record_name(ANA, "Ana")
    run = await store.record_run(a_run("one", state=RunState.DROPPED), None, ASKED)
    assert run is not None
    await store.record_entry(run.id, Ended("dropped", "restarted"), NOON)
    await store.record_shown(Slot(run.id, SlotKind.CARD), Shown(CARD, 1))
    in_thread = replace(
        a_run("two", state=RunState.DROPPED, environment=STAGING),
        place=Place(ChannelId("C0DEPLOYS"), MessageTs("1763726000.000002")),
    )
    run = await store.record_run(in_thread, None, replace(ASKED, text="deploy staging"))
    assert run is not None
    await store.record_entry(run.id, Ended("dropped", "restarted"), NOON)
    await store.record_shown(Slot(run.id, SlotKind.CARD), Shown(CARD, 1))
    needed = replace(ASKED, decision="needs_approval", approval_rule="approvals[0]")
    await store.record_run(a_run("three", state=RunState.WAITING), an_approval(), needed)
    await store.record_entry(None, DeniedAsk(BEN, "=stop prod", "C0", "not_allowed", None), NOON)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["history", *words])


def tamper(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER entries_are_never_changed")
        connection.execute("DROP TRIGGER entries_are_never_removed")
        connection.execute(sql)
        connection.commit()


def test_history_without_more_words_is_a_table_of_runs() -> None:
    result = run()
    assert result.exit_code == 0
    header, *lines = result.output.splitlines()
    assert header.startswith("run")
    assert [line.split()[0] for line in lines] == ["#3", "#2", "#1"]
    assert run("--environment", "staging").output.count("#") == 1
    assert "goes by nothing" in run("--environment", "nothing").output


def test_export_tells_where_the_card_stands() -> None:
    waiting, in_thread, first = json.loads(run("--json").output)
    link = "https://acme.slack.com/archives/C0DEPLOYS/p1763726401000001"
    assert first["card"] == link
    assert in_thread["card"] == f"{link}?thread_ts=1763726000.000002&cid=C0DEPLOYS"
    assert waiting["card"] is None
    assert (first["decision"], first["rule"]) == (ASKED.decision, ASKED.rule)
    rows = list(csv.DictReader(io.StringIO(run("--csv", "--count", "1").output, newline="")))
    assert [row["run"] for row in rows] == ["3"]


def test_export_without_the_workspace_has_no_links(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM meta WHERE name = 'workspace_url'")
        connection.commit()
    assert {one["card"] for one in json.loads(run("--json").output)} == {None}


def test_entries_of_every_run_and_of_none_are_exported_newest_first() -> None:
    entries = json.loads(run("--entries", "--json").output)
    assert [one["entry"] for one in entries] == [6, 5, 4, 3, 2, 1]
    assert [one["run"] for one in entries] == [None, 3, 2, 2, 1, 1]
    assert (entries[0]["kind"], entries[0]["facts"]["text"]) == ("denied", "=stop prod")
    assert entries[-1]["by_name"] == "Ana"
    rows = list(csv.DictReader(io.StringIO(run("--entries", "--csv").output, newline="")))
    assert [row["hash"] for row in rows] == [one["hash"] for one in entries]
    table = run("--entries", "--count", "2").output.splitlines()
    assert [line.split()[0] for line in table] == ["entry", "6", "5"]


@pytest.mark.parametrize(
    "words",
    [
        ["--json", "--csv"],
        ["--entries", "--environment", "prod"],
        ["verify", "--head", "xyz"],
        ["verify", "--head", "f00d"],
        ["forget"],
        ["verify", "--database", "missing.db"],
    ],
)
def test_wrong_use_ends_with_status_2(words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_record_that_is_well_is_said_to_be_with_its_head(path: Path) -> None:
    result = run("verify")
    assert result.exit_code == 0
    first, head = result.output.splitlines()
    assert first == "The record holds together: 6 entries, 3 runs."
    assert head == f"Head: {json.loads(run('--entries', '--json').output)[0]['hash']}"
    assert run("verify", "--database", str(path)).output == result.output
    assert run("--database", str(path), "verify").output == result.output


def test_head_that_was_noted_is_looked_for() -> None:
    hashes = [one["hash"] for one in json.loads(run("--entries", "--json").output)]
    result = run("verify", "--head", hashes[2][:12].upper())
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == (
        f"The head {hashes[2][:12]} is that of entry 4, and still part of the record."
    )
    result = run("verify", "--head", "f00df00df00d")
    assert result.exit_code == 1
    assert "No entry has the head f00df00df00d" in result.output


def test_first_entry_that_does_not_fit_is_named(path: Path) -> None:
    tamper(path, "UPDATE entries SET by = 'U0EVE' WHERE id IN (3, 5)")
    result = run("verify")
    assert result.exit_code == 1
    first, second, *_ = result.output.splitlines()
    assert first == (
        "The record no longer holds together from here on: entry 3 (run #2, 2026-11-21T12:00:00.000000+00:00): "
        "it was changed, or does not belong after what stands before it."
    )
    assert second.startswith("Nor here: entry 5 (run #3, ")
    assert "Run #2: who asked is U0ANA there, and U0ANA by its entries." not in result.output


def test_cut_end_and_missing_entries_are_named(path: Path) -> None:
    tamper(path, "DELETE FROM entries WHERE id IN (2, 6)")
    missing, end, run_line, *_ = run("verify").output.splitlines()
    assert missing.endswith("before it, entries are missing (1).")
    assert end.startswith("The end does not fit: after entry 5 (run #3, ")
    assert run_line == "Run #1: where it stands is dropped there, and accepted by its entries."


def test_findings_are_told_as_json_too(path: Path) -> None:
    tamper(path, "DELETE FROM entries WHERE id = 6")
    result = run("verify", "--json", "--head", "f00df00d")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert (found["is_well"], found["entries"], found["runs"], found["found"]) == (False, 5, 3, 1)
    assert found["breaks"] == [
        {"fault": "cut", "entry": 5, "run": 3, "at": "2026-11-21T12:00:00.000000+00:00", "missing": 1}
    ]
    assert found["noted_head"] == {"head": "f00df00d", "entry": None}


def test_what_somebody_wrote_into_the_record_does_not_steer_the_terminal(path: Path) -> None:
    tamper(path, "UPDATE entries SET at = 'x' || char(27) || '[2J' WHERE id = 1")
    result = run("verify")
    assert result.exit_code == 1
    assert "\x1b" not in result.output


def test_what_is_no_text_any_more_is_told_all_the_same(path: Path) -> None:
    tamper(path, "UPDATE entries SET at = CAST(x'ff1b41' AS TEXT), by = x'00' WHERE id = 1")
    result = run("verify")
    assert (result.exit_code, result.exception) == (1, None) or isinstance(result.exception, SystemExit)
    assert "entry 1 (run #1, " in result.output
    assert json.loads(run("verify", "--json").output)["breaks"][0]["entry"] == 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entries SET run_id = x'ff' WHERE id = 1")
        connection.commit()
    assert json.loads(run("verify", "--json").output)["breaks"][0]["run"] is None


STEERING = "\x1b]0;pwn\x07 \x1b[2J\x9b2J \u202e"


async def _decline(path: Path, reason: str) -> None:
    store = HistoryStore.open(path, now=lambda: NOON)
    await store.record_run(
        replace(a_run("declined", state=RunState.DECLINED), decided_by=BEN, decline_reason=reason),
        None,
        ASKED,
    )
    store.close()


def test_export_steers_no_terminal_and_json_holds_the_very_words(path: Path) -> None:
    asyncio.run(_decline(path, STEERING))
    rows = run("--csv", "--count", "1").output
    assert not set("\x1b\x07\x9b\u202e") & set(rows)
    assert r"\x1b]0;pwn\x07 \x1b[2J\x9b2J \u202e" in rows
    objects = run("--json", "--count", "1").output
    assert not set("\x1b\x07\x9b\u202e") & set(objects)
    assert json.loads(objects)[0]["decline_reason"] == STEERING


@pytest.mark.parametrize("reason", ["=cmd", "\u200b=cmd", "\uff1dcmd|x", " +1", "\t-1", "\ufeff@sum"])
def test_cell_that_looks_like_a_formula_is_marked_as_text(path: Path, reason: str) -> None:
    asyncio.run(_decline(path, reason))
    [row] = csv.DictReader(io.StringIO(run("--csv", "--count", "1").output, newline=""))
    assert row["decline_reason"].startswith("'")


def test_empty_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    result = run("--database", str(tmp_path / "empty.db"))
    assert result.exit_code == 2
    assert "is empty: no oec-bot has written it" in result.output


@pytest.mark.parametrize("words", [[], ["--json"], ["--csv"], ["--entries"], ["--entries", "--json"]])
@pytest.mark.parametrize("facts", ["'nonsense'", "'[]'", "x'ff'", "printf('%.*c', 100000, '[')"])
def test_entry_that_cannot_be_read_keeps_nobody_from_the_others(
    path: Path, words: list[str], facts: str
) -> None:
    tamper(path, f"UPDATE entries SET facts = {facts} WHERE id = 1")  # noqa: S608
    result = run(*words)
    assert result.exit_code == 1
    what = "Entry 1" if "--entries" in words else "Run #1"
    assert result.stderr == f"{what} cannot be read. `oec-bot history verify` tells more.\n"
    assert "staging" in result.stdout


@pytest.mark.parametrize("words", [[], ["--json"], ["--csv"]])
@pytest.mark.parametrize(
    "change",
    [
        "state = 'dne'",
        "action = NULL",
        "environment = '[1]'",
        "asked_at = x'ff'",
        "asked_at = 'noon'",
        "requester = x'00ff'",
        "away_seconds = 1.5e308",
        "steps = printf('%.*c', 100000, '[')",
        "ended_at = '2026-11-21', submitted_at = '2026-11-21T12:00:00+00:00'",
    ],
)
def test_run_that_cannot_be_read_keeps_nobody_from_the_others(
    path: Path, words: list[str], change: str
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'runs'")
        connection.commit()
    tamper(path, f"UPDATE runs SET {change} WHERE id = 1")  # noqa: S608
    result = run(*words)
    assert result.exit_code == 1
    assert result.stderr == "Run #1 cannot be read. `oec-bot history verify` tells more.\n"
    assert "staging" in result.stdout
    assert run("verify").exit_code == 1


def test_words_that_are_no_text_any_more_are_shown_as_well_as_they_can_be(path: Path) -> None:
    tamper(path, "UPDATE runs SET requester = CAST(x'41ff' AS TEXT) WHERE id = 1")
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert "A\ufffd" in result.stdout


def test_damaged_file_counts_as_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    whole = bytearray(path.read_bytes())
    whole[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(whole)
    result = run("verify")
    assert result.exit_code == 1
    assert "is damaged" in result.output
    assert PROD.alias not in result.output
