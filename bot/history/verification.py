"""Finds any change of the record: entries that were edited, removed, put in or put elsewhere, and an end that was cut off.

What a chain of hashes without a secret cannot do: whoever may write the file and takes the trouble can write every entry
anew with hashes that fit. Against that helps a head (the newest hash) that was noted elsewhere, as the operators'
channel does at every change of the rules: it is found in the record only if nothing up to it was written anew.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from pathlib import Path

from sqlite_utils.db import Database

from bot.core.catalog import Environment
from bot.core.entries import Entry
from bot.core.intents import Change, typed_form
from bot.core.names import Action, EnvironmentId, UpdateMode
from bot.core.runs import RunState
from bot.history.agreement import (
    Disagreement,
    Telling,
    as_words_of_approval,
    find_disagreements,
    read_telling,
)
from bot.history.chain import COLUMNS, START, link
from bot.history.columns import Row
from bot.history.database import open_for_reading
from bot.history.record import Head, find_head, find_last_id
from bot.history.rows import entry_from_row

FOUND_AT_MOST = 1_000
"""So many places are kept of each kind; where there are more, they are counted."""


class Fault(Enum):
    """How the record does not hold together."""

    CHANGED = "changed"
    """The entry, or what stood before it, was changed, put in or put elsewhere."""

    MISSING = "missing"
    """Entries that stood before this one are missing."""

    CUT = "cut"
    """The end of the record is missing, or what was noted of it was changed."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where the record does not hold together: at this entry, as it stands.

    Of an end that is cut off, it is the last entry that is left (0: none is). `missing` is how many are known to be.
    """

    fault: Fault
    entry_id: int
    run_id: int | None = None
    at: str | None = None
    missing: int = 0


class RunTrouble(Enum):
    """Why a run cannot be held against its entries."""

    NO_RUN = "no_run"
    NO_ENTRIES = "no_entries"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class OddRun:
    """A run that does not say what its entries say; or of which one of the two cannot even be read (`trouble`)."""

    run_id: int
    disagreements: tuple[Disagreement, ...] = ()
    trouble: RunTrouble | None = None


@dataclass(slots=True)
class Verification:
    """What was found. `noted` is the entry whose hash was noted down earlier: None if none has it, or none was asked for."""

    entries: int = 0
    runs: int = 0
    head: str = START
    breaks: list[Break] = field(default_factory=list)
    odd_runs: list[OddRun] = field(default_factory=list)
    found: int = 0
    sought: str | None = None
    noted: int | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing was found."""
        return not self.found and (self.sought is None or self.noted is not None)

    def note_break(self, one: Break) -> None:
        """Keep it, or where there are many, count it."""
        self.found += 1
        if len(self.breaks) < FOUND_AT_MOST:
            self.breaks.append(one)

    def note_odd_run(self, one: OddRun) -> None:
        """Keep it, or where there are many, count it."""
        self.found += 1
        if len(self.odd_runs) < FOUND_AT_MOST:
            self.odd_runs.append(one)


def verify(path: str | Path, *, head: str | None = None) -> Verification:
    """Read the whole record as of this moment, also while a bot writes it; raises `HistoryError` where it is unreadable.

    `head` is a hash noted down earlier, or how it begins.
    """
    with open_for_reading(str(path)) as db:
        # what is no UTF-8 any more is a change to be found, not one to stumble over
        db.conn.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        db.execute("BEGIN")
        verification = Verification(sought=head)
        _verify_chain(db, verification)
        _verify_end(db, verification)
        _verify_runs(db, verification)
        return verification


def _verify_chain(db: Database, found: Verification) -> None:
    """Go through the entries in the order of their numbers; after a break, go on with what stands there."""
    last_id = 0
    if found.sought is not None and START.startswith(found.sought):
        found.noted = 0
    for row in _select(db, f"SELECT {', '.join(COLUMNS)}, hash FROM entries ORDER BY id"):  # noqa: S608
        hash_ = _link(found.head, row)
        if row["id"] != last_id + 1:
            found.note_break(_break_at(row, Fault.MISSING, missing=row["id"] - last_id - 1))
        elif hash_ is None or hash_ != row["hash"]:
            found.note_break(_break_at(row, Fault.CHANGED))
        elif found.sought is not None and found.noted is None and hash_.startswith(found.sought):
            found.noted = row["id"]
        found.entries, found.head, last_id = found.entries + 1, str(row["hash"]), row["id"]


def _link(previous: str, row: Row) -> str | None:
    try:
        return link(previous, row)
    except (TypeError, ValueError):  # bytes where there was text; no number where there was one
        return None


def _break_at(row: Row, fault: Fault, *, missing: int = 0) -> Break:
    return Break(fault, row["id"], row["run_id"], str(row["at"]), missing)


def _verify_end(db: Database, found: Verification) -> None:
    """Hold the end against what was noted of it, and against the highest number that SQLite has given."""
    last_id = db.execute("SELECT max(id) FROM entries").fetchone()[0] or 0
    noted, given = find_head(db) or Head(), find_last_id(db)
    if noted == Head(found.entries, found.head) and given == last_id:
        return
    at, run_id = None, None
    for row in _select(db, "SELECT run_id, at FROM entries WHERE id = ?", [last_id]):
        run_id, at = row["run_id"], str(row["at"])
    missing = max(noted.count - found.entries, given - last_id, 0)
    found.note_break(Break(Fault.CUT, last_id, run_id, at, missing))


_RUNS = """
    SELECT
        runs.id, adopted, runs.requester, runs.approvers, runs.decided_by, decline_reason, idempotency_key, task_id,
        runs.state, action, mode, modules, alias, environment_id, environment, rule,
        approvals.state AS approval_state, approvals.decided_by AS approval_by, approvals.reason AS approval_reason,
        consents, rule_path, entries.run_id, at, kind, facts
    FROM runs
    LEFT JOIN approvals ON approvals.run_id = runs.id
    LEFT JOIN entries ON entries.run_id = runs.id
    ORDER BY runs.id, entries.id
"""
_ENTRIES_OF_NO_RUN = """
    SELECT DISTINCT run_id FROM entries WHERE run_id IS NOT NULL AND run_id NOT IN (SELECT id FROM runs) ORDER BY run_id
"""


def _verify_runs(db: Database, found: Verification) -> None:
    """Hold every run against its entries."""
    for _, rows in groupby(_select(db, _RUNS), key=lambda row: int(row["id"])):
        found.runs += 1
        odd = _compare(list(rows))
        if odd is not None:
            found.note_odd_run(odd)
    for row in _select(db, _ENTRIES_OF_NO_RUN):
        found.note_odd_run(OddRun(row["run_id"], trouble=RunTrouble.NO_RUN))


def _compare(rows: list[Row]) -> OddRun | None:
    """What is odd about one run, of which each row holds an entry; None if nothing is."""
    run = rows[0]
    if run["run_id"] is None:
        return OddRun(run["id"], trouble=RunTrouble.NO_ENTRIES)
    try:
        told = read_telling([_read_entry(row) for row in rows])
        disagreements = find_disagreements(_read_run(run, told), told)
    except (ValueError, KeyError, TypeError, RecursionError):
        return OddRun(run["id"], trouble=RunTrouble.UNREADABLE)
    return OddRun(run["id"], tuple(disagreements)) if disagreements else None


def _read_entry(row: Row) -> Entry:
    return entry_from_row(row).entry


def _read_run(row: Row, told: Telling) -> Telling:
    """What a run says, but for what entries of earlier versions do not tell."""
    is_open = RunState(row["state"]).is_open
    return Telling(
        requester=row["requester"],
        adopted=bool(row["adopted"]),
        approvers=tuple(json.loads(row["approvers"] or "[]")),
        decided_by=row["decided_by"],
        decline_reason=row["decline_reason"],
        key=row["idempotency_key"],
        task_id=None if told.adopted else row["task_id"],
        end=None if is_open else row["state"],
        ask=None if told.adopted else _read_ask(row),
        environment_id=row["environment_id"] if told.environment_id else None,
        rule=None if told.adopted else row["rule"],
        approval=_read_approval(row),
        votes=tuple(json.loads(row["consents"] or "[]")),
        approval_rule=row["rule_path"] if told.approval_rule or not told.approval else None,
    )


def _read_approval(row: Row) -> str | None:
    if row["approval_state"] is None:
        return None
    return as_words_of_approval(row["approval_state"], row["approval_by"], row["approval_reason"])


def _read_ask(row: Row) -> str:
    """What a run is about, as one would type it. Raises `ValueError` where its own columns do not agree on that."""
    environment = Environment(EnvironmentId(row["environment_id"]), row["alias"])
    meant = json.loads(row["environment"])
    if (meant["id"], meant["alias"]) != (environment.id, environment.alias):
        raise ValueError("two environments")
    mode = None if row["mode"] is None else UpdateMode(row["mode"])
    return typed_form(Change(Action(row["action"]), environment, mode, tuple(json.loads(row["modules"]))))


def _select(db: Database, sql: str, parameters: Sequence[object] = ()) -> Iterator[Row]:
    """The rows, one after the other: there may be millions."""
    cursor = db.conn.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
