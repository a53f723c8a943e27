"""Whatever column of a run, its approval or a plea is edited behind the bot's back: the entries tell."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from bot.cli.verifying import SUBJECTS
from bot.cli.verifying import verify as verify_command
from bot.core.approvals import Approve, Claim, Escalate, Move, Remind, advance, as_fact
from bot.core.entries import (
    ApprovalEscalated,
    ApproversReminded,
    Asked,
    Claimed,
    Consented,
    Ended,
    Entry,
    Followed,
    GaveUp,
    Pleaded,
    PleaTaken,
    Refused,
    Resumed,
    Sent,
    Started,
    Voted,
)
from bot.core.facts import (
    BotReturned,
    Fact,
    FollowerJoined,
    GivenUp,
    HostingSilent,
    Reported,
    SubmissionBegun,
    SubmissionRefused,
    TaskStarted,
)
from bot.core.names import ChannelId, IdempotencyKey, MessageTs, RunId, TaskId, UserId
from bot.core.pleas import key_of
from bot.core.request import Place
from bot.core.runs import Run, RunState
from bot.core.runs import advance as advance_run
from bot.core.tasks import Refusal, TaskLog, TaskReport, TaskStatus
from bot.history.agreement import Disagreement, Telling
from bot.history.columns import to_json
from bot.history.noted import (
    NOTED_OF_ADOPTED_RUN,
    NOTED_OF_APPROVAL,
    NOTED_OF_PLEA,
    find_changed,
    gather_noted,
    note_approval,
    note_run,
)
from bot.history.rows import approval_to_row, entry_to_row, run_to_row
from bot.history.store import HistoryStore
from bot.history.verification import verify
from tests.history.values import ANA, ASKED, BEN, NOON, PROD, STAGING, a_plea, a_run, an_approval

EVA = UserId("U0EVA")
NEEDED = replace(ASKED, decision="needs_approval", approval_rule="approvals[0]")
SECOND = timedelta(seconds=1)
REPORT = TaskReport(TaskId("another"), "deploy", TaskStatus.COMPLETED, PROD.id, 100, None, 12, 12)
OTHER = {
    "state": "expired",
    "action": "stop",
    "mode": "update_all",
    "adopted": 1,
    "reported_at": "2026-11-22T09:00:00.000000+00:00",
    "unanswered_since": "2026-11-22T09:00:00.000000+00:00",
    "stuck_since": "2026-11-22T09:00:00.000000+00:00",
    "steps": '[{"number":1,"name":"Pull","seen_at":"2026-11-22T09:00:00Z"}]',
    "log": '{"text":"all well","truncated":false}',
    "environment_seen": '{"id":"another"}',
    "report": to_json(TypeAdapter(TaskReport), REPORT),
}
"""Another value that the bot itself could have written, where not any text will do."""

COUNTED = {"version"}
"""Counts changes, those of which no entry tells too: it says when a message is behind, and nothing of what happened."""

SEEN_ON_THE_WAY = {
    "approval_version",
    "is_reminded",
    "is_escalated",
    "report",
    "reported_at",
    "unanswered_since",
    "stuck_since",
    "steps",
    "log",
    "environment_seen",
}
"""Written anew at every look, or counts what the approval tells; of a run that has ended, the end has noted its hash."""

MESSAGE_OF_PLEA = {"channel_id", "ts", "shown_version", "begun_at"}
"""Where its message stands and what that shows."""

TRIED_ON_THE_WAY = {"number", "openings", "state"}
"""Under another number it counts as forgotten, as old ones are. In which channel it was tried next, and whether nobody
took it on in time or it was taken back, is in no entry: it gives nobody a right, and became nothing."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that went every way there is, each with all that it can have, and pleas."""
    path = tmp_path_factory.mktemp("written") / "bot.db"
    store = HistoryStore.open(path, now=lambda: NOON)
    asyncio.run(_fill(store))
    store.close()
    return path


async def _fill(store: HistoryStore) -> None:
    ended = await _approved(store, a_run("ended", thread=MessageTs("1.2")))
    ended = await _sent(store, ended)
    failed = TaskReport(TaskId("task-ended"), "deploy", TaskStatus.FAILED, PROD.id, 50, None, 6, 12)
    ended = await _tell(store, ended, Reported(failed, TaskLog("oh\nno", truncated=True)), Ended("failed"))
    await _tell(store, ended, FollowerJoined(EVA), Followed(EVA))

    given_up = await _sent(store, await _asked(store, a_run("given-up")))
    given_up = await _tell(store, given_up, HostingSilent(NOON, stuck_since=NOON))
    await _tell(store, given_up, GivenUp(BEN), GaveUp(BEN), Ended("lost"))

    refused = await _asked(store, a_run("refused"))
    refused = await _tell(store, refused, BotReturned(timedelta(minutes=5)), Resumed(300))
    refused = await _tell(
        store, refused, SubmissionBegun(IdempotencyKey("key-r")), Sent(IdempotencyKey("key-r"))
    )
    no = Refusal("task_in_progress", "no", TaskId("another"))
    await _tell(store, refused, SubmissionRefused(no), Refused(no.code, no.text))

    adopted = replace(
        a_run("adopted", state=RunState.RUNNING, task_id="theirs", adopted=True), submitted_at=NOON
    )
    assert await store.record_run(adopted, None, Followed(ANA))

    await _waiting(store, a_run("waiting", state=RunState.WAITING, environment=STAGING))

    await store.record_plea(a_plea("open"), Pleaded(BEN, "deploy prod", ChannelId("C0SUPPORT"), "releasers"))
    plea = await store.record_plea(
        a_plea("taken"), Pleaded(BEN, "deploy prod", ChannelId("C0SUPPORT"), "releasers")
    )
    answer = replace(a_run("answer", environment=STAGING), request_key=key_of(plea.id), followers=(plea.by,))
    assert await store.record_run(answer, None, _ask(answer), PleaTaken(ANA, plea.by))


def _ask(run: Run, asked: Asked = ASKED) -> Asked:
    home = run.change.environment
    return replace(asked, text=f"deploy {home.alias}", environment_id=home.id)


async def _asked(store: HistoryStore, run: Run) -> Run:
    recorded = await store.record_run(run, None, _ask(run))
    assert recorded is not None
    return recorded


async def _tell(store: HistoryStore, run: Run, fact: Fact, *entries: Entry) -> Run:
    after = advance_run(run, fact, NOON + SECOND)
    assert await store.record_advance(run, after, *entries)
    return after


async def _sent(store: HistoryStore, run: Run) -> Run:
    key, task = IdempotencyKey(f"key-{run.handle}"), TaskId(f"task-{run.handle}")
    sent = await _tell(store, run, SubmissionBegun(key), Sent(key))
    return await _tell(store, sent, TaskStarted(task, is_presumed=True), Started(task, is_presumed=True))


async def _waiting(store: HistoryStore, run: Run) -> Run:
    """A run that waits for a second vote; people were called, and somebody is looking."""
    approval = replace(
        an_approval(run.handle),
        needed=2,
        rule_line=7,
        remind_at=NOON,
        escalate_to="leads",
        escalate_at=NOON,
        renewed_at=NOON,
    )
    recorded = await store.record_run(replace(run, state=RunState.WAITING), approval, _ask(run, NEEDED))
    assert recorded is not None
    moves: list[tuple[Move, Entry]] = [
        (Remind(), ApproversReminded((BEN,))),
        (Escalate(NOON + SECOND), ApprovalEscalated("leads", ())),
        (Approve(BEN), Consented(BEN, 1, 2, "approvals[0]")),
        (Claim(EVA), Claimed(EVA)),
    ]
    for move, entry in moves:
        recorded = await _move(store, recorded, move, entry)
    return recorded


async def _move(store: HistoryStore, run: Run, move: Move, entry: Entry) -> Run:
    approval = await store.find_approval(run.id)
    assert approval is not None
    moved = advance(approval, move, NOON + SECOND)
    after = advance_run(run, as_fact(moved), NOON + SECOND)
    assert await store.record_approval(moved, run, after, entry)
    return after


async def _approved(store: HistoryStore, run: Run) -> Run:
    return await _move(
        store, await _waiting(store, run), Approve(EVA), Voted(EVA, "granted", None, "approvals[0]")
    )


def another(column: str, value: object) -> object:
    """What somebody might write there instead."""
    match value:
        case _ if column in OTHER and value != OTHER[column]:
            return OTHER[column]
        case None:
            return "U0EVE"
        case str() if value.startswith("["):
            return json.dumps([*json.loads(value), "U0EVE"])
        case str() if value.startswith("{"):
            return json.dumps({name: f"{said} " for name, said in json.loads(value).items()})
        case str():
            return f"{value}0"
        case 0 | 1:
            return 1 - value
        case int() | float():
            return value + 100
        case _:
            raise AssertionError(value)


def find_unnoticed(written: Path, folder: Path, table: str, where: str) -> set[str]:
    """The columns of a row of which an edit is not found."""
    with closing(sqlite3.connect(written)) as connection:
        connection.row_factory = sqlite3.Row
        [row] = connection.execute(f"SELECT * FROM {table} WHERE {where}").fetchall()  # noqa: S608
    unnoticed = set()
    for column in row.keys():  # noqa: SIM118 - of a Row these are no keys
        path = Path(shutil.copy(written, folder / "edited.db"))
        with closing(sqlite3.connect(path)) as connection:
            sql = f'UPDATE {table} SET "{column}" = ? WHERE {where}'  # noqa: S608
            assert connection.execute(sql, [another(column, row[column])]).rowcount == 1
            connection.commit()
        found = verify(path)
        assert not found.breaks
        if found.is_well:
            unnoticed.add(column)
    return unnoticed


def test_record_as_it_was_written_is_well(written: Path) -> None:
    found = verify(written)
    assert found.is_well, (found.odd_runs, found.odd_pleas)
    assert found.runs == 6


@pytest.mark.parametrize("handle", ["ended", "given-up", "refused"])
def test_edit_of_any_column_of_a_run_that_has_ended_is_found(
    written: Path, tmp_path: Path, handle: str
) -> None:
    assert find_unnoticed(written, tmp_path, "runs", f"handle = 'handle-{handle}'") == COUNTED


@pytest.mark.parametrize("handle", ["adopted", "waiting", "answer"])
def test_edit_of_any_column_of_an_open_run_is_found_but_of_what_looks_write(
    written: Path, tmp_path: Path, handle: str
) -> None:
    unnoticed = find_unnoticed(written, tmp_path, "runs", f"handle = 'handle-{handle}'")
    assert unnoticed == COUNTED | SEEN_ON_THE_WAY


@pytest.mark.parametrize("handle", ["ended", "waiting"])
def test_edit_of_any_column_of_an_approval_is_found(written: Path, tmp_path: Path, handle: str) -> None:
    where = f"id = 'approval-handle-{handle}'"
    assert find_unnoticed(written, tmp_path, "approvals", where) == COUNTED


def test_edit_of_any_column_of_a_plea_is_found_but_of_its_message_and_where_it_was_tried(
    written: Path, tmp_path: Path
) -> None:
    on_the_way = COUNTED | MESSAGE_OF_PLEA | TRIED_ON_THE_WAY
    assert find_unnoticed(written, tmp_path, "pleas", "id = 'plea-open'") == on_the_way
    unnoticed = find_unnoticed(written, tmp_path, "pleas", "id = 'plea-taken'")
    assert unnoticed == on_the_way - {"state"}


def test_what_is_not_as_noted_is_told_with_both() -> None:
    row = run_to_row(a_run())
    noted = note_run(row)
    edited = run_to_row(replace(a_run(), place=Place(ChannelId("C0OPS")), followers=(EVA,)))
    assert find_changed("run", edited, noted) == [
        Disagreement("run.channel_id", "C0OPS", "C0DEPLOYS"),
        Disagreement("run.followers", '["U0EVA"]', "nothing"),
    ]
    assert find_changed("run", row, noted) == []


def test_of_an_object_only_what_differs_is_told() -> None:
    row = run_to_row(a_run())
    edited = run_to_row(a_run(environment=replace(PROD, protected=False)))
    assert find_changed("run", edited, note_run(row)) == [
        Disagreement("run.environment", '{"protected": false}', '{"protected": true}')
    ]


def test_only_what_changes_is_noted_later() -> None:
    before = run_to_row(a_run())
    after = run_to_row(replace(a_run(), followers=(EVA,), version=2))
    assert note_run(after, before) == {"followers": ["U0EVA"]}
    waiting = approval_to_row(an_approval(), RunId(1))
    claimed = approval_to_row(advance(an_approval(), Claim(BEN), NOON), RunId(1))
    assert set(note_approval(claimed, waiting)) == {"claimed_by", "claimed_at"}


def test_run_of_an_earlier_version_is_held_only_against_what_was_noted_since() -> None:
    """Its first entry notes nothing, so that nobody knows what it was."""
    asked = entry_to_row(RunId(1), ASKED, NOON)["facts"]
    followed = entry_to_row(RunId(1), Followed(EVA), NOON, {"run": {"followers": ["U0EVA"]}})["facts"]
    assert "noted" not in asked
    assert gather_noted([asked]) == {}
    assert gather_noted([asked, followed]) == {"run": {"followers": ["U0EVA"]}}


def test_plea_that_was_said_to_be_taken_by_somebody_is_named(written: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(written, tmp_path / "edited.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE pleas SET state = 'taken', taken_by = 'U0EVE', run_id = 1 WHERE number = 1"
        )
        connection.commit()
    [odd] = verify(path).odd_pleas
    assert (odd.number, odd.disagreements) == (1, (Disagreement("plea.taken_by", "U0EVE", "nothing"),))


@pytest.mark.parametrize("column", ["change", "id", "by", "taken_by", "expires_at"])
@pytest.mark.parametrize("value", ["x'ff'", "'{'", "printf('%.*c', 100000, '[')"])
def test_plea_that_cannot_be_read_is_named(written: Path, tmp_path: Path, column: str, value: str) -> None:
    path = Path(shutil.copy(written, tmp_path / "edited.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f'UPDATE pleas SET "{column}" = {value} WHERE number = 1')  # noqa: S608
        connection.commit()
    [odd] = verify(path).odd_pleas
    assert odd.number == 1


@pytest.mark.parametrize(
    "noted",
    [
        {"run": {"version": 99}},
        {"run": {"nonsense": 1}},
        {"approval": {"state": "waiting"}},
        {"plea": {"number": 1, "channel_id": "C0ELSE"}},
        {"plea": {"number": 1, "nonsense": 1}},
        {"plea": {"number": "\udc80"}},
        {"plea": {}},
    ],
)
def test_entry_that_notes_what_no_bot_notes_is_found_and_told(
    written: Path, tmp_path: Path, noted: dict[str, object]
) -> None:
    path = Path(shutil.copy(written, tmp_path / "edited.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER entries_are_never_changed")
        sql = "UPDATE entries SET facts = json_set(facts, '$.noted', json(?)) WHERE id = 1"
        connection.execute(sql, [json.dumps(noted)])
        connection.commit()
    done = CliRunner().invoke(verify_command, ["--database", str(path)])
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert "here on: entry 1 (" in done.output


def test_plea_that_was_forgotten_is_none_that_differs(written: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(written, tmp_path / "edited.db"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM pleas")
        connection.commit()
    assert verify(path).is_well


def test_whatever_differs_has_words_for_people() -> None:
    said = {field.name for field in fields(Telling)}
    noted = {f"run.{name}" for name in (*NOTED_OF_ADOPTED_RUN, "seen")}
    noted |= {f"approval.{name}" for name in NOTED_OF_APPROVAL}
    noted |= {f"plea.{name}" for name in (*NOTED_OF_PLEA, "number", "state", "taken_by", "run_id")}
    assert set(SUBJECTS) == said | noted
