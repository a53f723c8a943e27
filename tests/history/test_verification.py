"""Whatever is done to the record behind the bot's back is found, with the place where it begins."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.approvals import ApprovalState
from bot.core.entries import DeniedAsk, Ended, RulesChanged, Sent, Started, Voted
from bot.core.errors import HistoryError
from bot.core.facts import ApprovalGranted, SubmissionBegun, TaskStarted
from bot.core.names import IdempotencyKey, RunId, TaskId
from bot.core.runs import RunState, advance
from bot.history.chain import COLUMNS, START, link
from bot.history.findings import Break, Fault, Trouble, Verification
from bot.history.store import HistoryStore
from bot.history.verification import verify
from tests.history.values import ANA, ASKED, BEN, NOON, STAGING, a_run, an_approval

ENTRIES = 8
"""How many the record of these tests has: see `_fill`."""

NEEDED = replace(ASKED, decision="needs_approval", approval_rule="approvals[0]")

TEXT_COLUMNS = ("at", "kind", "by", "facts", "hash")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of a run that was approved and sent, one that was dropped, a refused ask and a change of the rules."""
    path = tmp_path_factory.mktemp("written") / "bot.db"
    store = HistoryStore.open(path, now=lambda: NOON)
    asyncio.run(_fill(store))
    store.close()
    return path


async def _fill(store: HistoryStore) -> None:
    await store.record_entry(None, RulesChanged("oec.yml", "d1"), NOON)
    asked = await store.record_run(a_run("one", state=RunState.WAITING), an_approval("one"), NEEDED)
    assert asked is not None
    approval = await store.find_approval(asked.id)
    assert approval is not None
    decided = replace(
        approval, state=ApprovalState.GRANTED, decided_by=BEN, decided_at=NOON, consents=(BEN,), version=2
    )
    granted = advance(asked, ApprovalGranted((BEN,)), NOON)
    assert await store.record_approval(decided, asked, granted, Voted(BEN, "granted", None, "approvals[0]"))
    sent = advance(granted, SubmissionBegun(IdempotencyKey("key-one")), NOON)
    assert await store.record_advance(granted, sent, Sent(IdempotencyKey("key-one")))
    started = advance(sent, TaskStarted(TaskId("task-one")), NOON)
    assert await store.record_advance(sent, started, Started(TaskId("task-one")))
    await store.record_entry(None, DeniedAsk(ANA, "stop prod", "C0", "not_allowed", None), NOON)
    done = a_run("two", state=RunState.DROPPED, environment=STAGING)
    recorded = await store.record_run(
        done, None, replace(ASKED, text="deploy staging", environment_id=STAGING.id)
    )
    assert recorded is not None
    await store.record_entry(recorded.id, Ended("dropped", "restarted"), NOON)


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    """That record, to be tampered with."""
    return Path(shutil.copy(written, tmp_path / "copy.db"))


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody who does not care for triggers."""
    with closing(sqlite3.connect(path)) as connection:
        for name in ("entries_are_never_changed", "entries_are_never_removed"):
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        connection.commit()


def tamper(path: Path, sql: str, *parameters: object) -> None:
    with tampering(path) as connection:
        assert connection.execute(sql, parameters).rowcount > 0


@contextmanager
def _changed(written: Path) -> Iterator[Path]:
    """A copy of its own for each example."""
    with TemporaryDirectory() as folder:
        yield Path(shutil.copy(written, Path(folder) / "copy.db"))


def read_rows(path: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM entries ORDER BY id")]


def first(found: Verification) -> Break:
    assert not found.is_well
    return found.breaks[0]


def test_record_as_it_was_written_holds_together(written: Path) -> None:
    found = verify(written)
    assert found.is_well
    assert (found.entries, found.runs) == (ENTRIES, 2)
    assert found.head == read_rows(written)[-1]["hash"]


def test_empty_record_holds_together(path: Path) -> None:
    HistoryStore.open(path).close()
    found = verify(path)
    assert (found.is_well, found.entries, found.head) == (True, 0, START)
    assert verify(path, head=START).noted == 0


async def test_record_is_verified_while_it_is_written(path: Path, store: HistoryStore) -> None:
    is_done = asyncio.Event()

    async def write() -> None:
        number = 0
        while not is_done.is_set():
            run = await store.record_run(a_run(str(number), state=RunState.DROPPED), None, ASKED)
            assert run is not None
            await store.record_entry(run.id, Ended("dropped"), NOON)
            number += 1

    writing = asyncio.create_task(write())
    for _ in range(5):
        found = await asyncio.to_thread(verify, path)
        assert not found.breaks
    is_done.set()
    await writing
    assert verify(path).is_well


def test_place_of_a_change_is_told(copy: Path) -> None:
    tamper(copy, "UPDATE entries SET by = 'U0EVE' WHERE id = 3")
    found = verify(copy)
    assert found.breaks == [Break(Fault.CHANGED, 3, 1, read_rows(copy)[2]["at"])]


def test_entries_that_are_missing_are_counted(copy: Path) -> None:
    tamper(copy, "DELETE FROM entries WHERE id IN (3, 4)")
    assert first(verify(copy)) == Break(Fault.MISSING, 5, 1, read_rows(copy)[2]["at"], missing=2)


@pytest.mark.parametrize("cleaning", ["", "meta", "sequence"])
def test_end_that_is_cut_off_is_found_though_one_trace_is_removed(copy: Path, cleaning: str) -> None:
    rows = read_rows(copy)
    with tampering(copy) as connection:
        connection.execute("DELETE FROM entries WHERE id > 6")
        connection.execute("DELETE FROM runs WHERE id = 2")
        if cleaning == "meta":
            connection.execute("UPDATE meta SET value = ? WHERE name = 'record'", [f"6 {rows[5]['hash']}"])
        if cleaning == "sequence":
            connection.execute("UPDATE sqlite_sequence SET seq = 6 WHERE name = 'entries'")
    assert verify(copy).breaks == [Break(Fault.CUT, 6, None, rows[5]["at"], missing=2)]


def test_record_of_which_nothing_is_left_is_found(copy: Path) -> None:
    tamper(copy, "DELETE FROM entries")
    found = verify(copy)
    assert found.breaks == [Break(Fault.CUT, 0, missing=ENTRIES)]
    assert [odd.trouble for odd in found.odd_runs] == [Trouble.NO_ENTRIES] * 2


def test_noted_end_that_was_removed_is_found(copy: Path) -> None:
    tamper(copy, "DELETE FROM meta WHERE name = 'record'")
    assert first(verify(copy)).fault is Fault.CUT


async def test_break_stays_visible_when_the_bot_writes_on(copy: Path) -> None:
    tamper(copy, "DELETE FROM entries WHERE id = 8")
    store = HistoryStore.open(copy)
    await store.record_entry(RunId(2), Ended("dropped"), NOON)
    store.close()
    assert first(verify(copy)) == Break(Fault.MISSING, 9, 2, read_rows(copy)[-1]["at"], missing=1)


def test_first_of_several_changes_comes_first(copy: Path) -> None:
    tamper(copy, "UPDATE entries SET kind = 'followed' WHERE id IN (7, 2)")
    assert [one.entry_id for one in verify(copy).breaks] == [2, 7]


# a head that was noted elsewhere


def test_head_noted_earlier_is_found_by_how_it_begins(written: Path) -> None:
    rows = read_rows(written)
    for row in rows:
        found = verify(written, head=row["hash"][:12])
        assert (found.noted, found.is_well) == (row["id"], True)


def test_record_that_was_written_anew_has_no_head_from_before(written: Path, path: Path) -> None:
    """What the chain alone cannot find."""
    head = verify(written).head
    store = HistoryStore.open(path, now=lambda: NOON)
    asyncio.run(_fill(store))
    store.close()
    assert verify(path, head=head).is_well, "the same entries have the same hashes"
    other = path.with_name("other.db")
    store = HistoryStore.open(other, now=lambda: NOON)
    asyncio.run(store.record_entry(None, RulesChanged("oec.yml", "another"), NOON))
    asyncio.run(_fill(store))
    store.close()
    assert verify(other).is_well
    found = verify(other, head=head)
    assert (found.noted, found.is_well) == (None, False)


# any change of any entry


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_byte_of_any_entry_that_is_another_is_found(written: Path, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, ENTRIES))
    column = data.draw(st.sampled_from(TEXT_COLUMNS))
    was = read_rows(written)[number - 1][column]
    raw = bytearray((was or "").encode())
    if raw:
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] ^= data.draw(st.integers(1, 255))
    else:
        raw = bytearray(b"U")
    with _changed(written) as copy:
        tamper(copy, f"UPDATE entries SET {column} = CAST(? AS TEXT) WHERE id = ?", bytes(raw), number)  # noqa: S608
        assert first(verify(copy)).entry_id in {number, number + 1}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    number=st.integers(1, ENTRIES),
    column=st.sampled_from(["run_id", *TEXT_COLUMNS]),
    value=st.one_of(st.none(), st.integers(0, 9), st.text(max_size=9), st.binary(max_size=9)),
)
def test_any_other_value_of_any_column_is_found(
    written: Path, number: int, column: str, value: object
) -> None:
    with _changed(written) as copy:
        before = read_rows(copy)
        with tampering(copy) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            try:
                connection.execute(f"UPDATE entries SET {column} = ? WHERE id = ?", [value, number])  # noqa: S608
            except (sqlite3.IntegrityError, UnicodeEncodeError):
                return  # NOT NULL
        if read_rows(copy) != before:
            assert first(verify(copy)).entry_id in {number, number + 1}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(numbers=st.sets(st.integers(1, ENTRIES), min_size=1))
def test_any_entries_that_are_removed_are_found(written: Path, numbers: set[int]) -> None:
    with _changed(written) as copy:
        with tampering(copy) as connection:
            connection.executemany("DELETE FROM entries WHERE id = ?", [[number] for number in numbers])
        assert not verify(copy).is_well


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.permutations(range(1, ENTRIES + 1)))
def test_any_other_order_is_found(written: Path, order: list[int]) -> None:
    with _changed(written) as copy:
        with tampering(copy) as connection:
            for place, number in enumerate(order, start=1):
                connection.execute("UPDATE entries SET id = ? WHERE id = ?", [-place, number])
            connection.execute("UPDATE entries SET id = -id")
        moved = [place for place, number in enumerate(order, start=1) if place != number]
        assert verify(copy).is_well is (not moved)
        if moved:
            assert first(verify(copy)).entry_id == moved[0]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.integers(1, ENTRIES + 1), like=st.integers(1, ENTRIES), makes_room=st.booleans())
def test_any_entry_that_is_put_in_is_found(written: Path, place: int, like: int, makes_room: bool) -> None:
    """Also one whose own hash fits: then what comes after it does not, or the end."""
    rows = read_rows(written)
    with _changed(written) as copy:
        with tampering(copy) as connection:
            if makes_room or place <= ENTRIES:
                connection.execute("UPDATE entries SET id = -id - 1 WHERE id >= ?", [place])
                connection.execute("UPDATE entries SET id = -id WHERE id < 0")
            row = rows[like - 1] | {"id": place}
            row["hash"] = link(rows[place - 2]["hash"] if place > 1 else START, row)
            names = (*COLUMNS, "hash")
            marks = ", ".join(f":{name}" for name in names)
            connection.execute(f"INSERT INTO entries ({', '.join(names)}) VALUES ({marks})", row)  # noqa: S608
        assert not verify(copy).is_well


# runs that differ


@pytest.mark.parametrize(
    ("change", "subject", "says", "meant"),
    [
        ("requester = 'U0EVE'", "requester", "U0EVE", "U0ANA"),
        ("approvers = '[\"U0EVE\"]'", "approvers", "U0EVE", "U0BEN"),
        ("approvers = '[]'", "approvers", "nothing", "U0BEN"),
        ("decided_by = NULL", "decided_by", "nothing", "U0BEN"),
        ("task_id = 'other'", "task_id", "other", "task-one"),
        ("idempotency_key = 'other'", "key", "other", "key-one"),
        ("state = 'done'", "state", "done", "running"),
        ("rule = 'channels.C0[9]'", "rule", "channels.C0[9]", "channels.C0DEPLOYS[0]"),
        ("action = 'restart'", "ask", "restart prod", "deploy prod"),
        ("modules = '[\"sale\"]'", "ask", "deploy prod modules=sale", "deploy prod"),
    ],
)
def test_run_that_says_something_else_is_named(
    copy: Path, change: str, subject: str, says: str, meant: str
) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(f"UPDATE runs SET {change} WHERE id = 1")  # noqa: S608
        connection.commit()
    found = verify(copy)
    assert not found.breaks
    [odd] = found.odd_runs
    [disagreement] = odd.disagreements
    assert (odd.run_id, disagreement.subject) == (1, subject)
    assert (disagreement.run_says, disagreement.entries_say) == (says, meant)


def test_run_that_is_said_to_follow_something_is_named(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE runs SET adopted = 1 WHERE id = 1")
        connection.commit()
    [odd] = verify(copy).odd_runs
    assert [one.subject for one in odd.disagreements] == ["adopted"]


@pytest.mark.parametrize(
    ("change", "subject", "says", "meant"),
    [
        ("UPDATE approvals SET decided_by = 'U0EVE'", "approval", "granted by U0EVE", "granted by U0BEN"),
        ("UPDATE approvals SET state = 'declined'", "approval", "declined by U0BEN", "granted by U0BEN"),
        ("UPDATE approvals SET reason = 'x'", "approval", "granted by U0BEN: x", "granted by U0BEN"),
        ("UPDATE approvals SET consents = '[\"U0EVE\"]'", "votes", "U0EVE", "U0BEN"),
        ("UPDATE approvals SET rule_path = 'approvals[7]'", "approval_rule", "approvals[7]", "approvals[0]"),
    ],
)
def test_approval_that_says_something_else_is_named(
    copy: Path, change: str, subject: str, says: str, meant: str
) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(change)
        connection.commit()
    [odd] = verify(copy).odd_runs
    [disagreement] = odd.disagreements
    assert (odd.run_id, disagreement.subject) == (1, subject)
    assert (disagreement.run_says, disagreement.entries_say) == (says, meant)


def test_run_that_means_another_environment_by_the_same_name_is_named(copy: Path) -> None:
    other = "11111111-2222-4333-8444-555555555555"
    with closing(sqlite3.connect(copy)) as connection:
        moved = (
            "UPDATE runs SET environment_id = ?, environment = json_set(environment, '$.id', ?) WHERE id = 2"
        )
        connection.execute(moved, (other, other))
        connection.commit()
    [odd] = verify(copy).odd_runs
    said = [(one.subject, one.run_says, one.entries_say) for one in odd.disagreements]
    assert said == [
        ("environment_id", other, STAGING.id),
        ("run.environment", f'{{"id": "{other}"}}', f'{{"id": "{STAGING.id}"}}'),
    ]


def test_approval_that_was_removed_is_named(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM approvals")
        connection.commit()
    [odd] = verify(copy).odd_runs
    assert [one.subject for one in odd.disagreements] == ["approval", "votes", "approval_rule"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET run_id = 9e999 WHERE id = 3",
        "UPDATE entries SET facts = printf('%.*c', 100000, '[') WHERE id = 3",
        "UPDATE sqlite_sequence SET seq = 'many' WHERE name = 'entries'",
        "UPDATE sqlite_sequence SET seq = NULL WHERE name = 'entries'",
        "UPDATE sqlite_sequence SET seq = 9e999 WHERE name = 'entries'",
        "UPDATE meta SET value = printf('%.*c', 5000, '9') || ' x' WHERE name = 'record'",
        "UPDATE runs SET approvers = printf('%.*c', 100000, '[') WHERE id = 1",
        "UPDATE runs SET environment_id = 'another' WHERE id = 1",
        "UPDATE runs SET alias = 'dev' WHERE id = 1",
        "UPDATE runs SET modules = NULL WHERE id = 1",
    ],
)
def test_what_no_bot_could_have_written_is_found_and_stumbled_over_by_nobody(copy: Path, change: str) -> None:
    with tampering(copy) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        try:
            connection.execute(change)
        except sqlite3.IntegrityError:
            return  # NOT NULL
    assert not verify(copy).is_well


@pytest.mark.parametrize("change", ["state = 'nonsense'", "approvers = 'nonsense'"])
def test_run_that_cannot_be_read_is_named(copy: Path, change: str) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(f"UPDATE runs SET {change} WHERE id = 2")  # noqa: S608
        connection.commit()
    [odd] = verify(copy).odd_runs
    assert (odd.run_id, odd.trouble) == (2, Trouble.UNREADABLE)


def test_run_that_was_removed_or_put_in_is_named(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE runs SET id = 9 WHERE id = 2")
        connection.commit()
    found = verify(copy)
    assert [(odd.run_id, odd.trouble) for odd in found.odd_runs] == [
        (9, Trouble.NO_ENTRIES),
        (2, Trouble.NO_RUN),
    ]


def test_file_of_an_older_version_is_not_verified_but_said_so(path: Path) -> None:
    HistoryStore.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm008%'")
        connection.commit()
    with pytest.raises(HistoryError, match="older oec-bot"):
        verify(path)
