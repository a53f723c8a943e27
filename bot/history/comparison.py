"""Holds runs and their approvals, as they stand, against their entries: by what these mean, and by what they have noted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlite_utils.db import Database

from bot.core.catalog import Environment
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
from bot.history.columns import UNREADABLE, Row
from bot.history.findings import OddRun, Trouble
from bot.history.glances import Span, select
from bot.history.noted import find_changed, gather_noted
from bot.history.rows import approval_from_row, entry_from_row, run_from_row

_APPROVALS = "SELECT * FROM approvals WHERE run_id BETWEEN ? AND ?"
_ENTRIES = "SELECT * FROM entries WHERE run_id BETWEEN ? AND ? ORDER BY run_id, id"


@dataclass(frozen=True, slots=True)
class Told:
    """The rows of a run, of its approval if it needed one, and of its entries, oldest first; None if it is missing."""

    number: int
    run: Row | None = None
    approvals: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)


def find_told(db: Database, runs: Sequence[Row], span: Span) -> list[Told]:
    """What there is to compare: of these runs, and of those in their span of numbers that are missing."""
    told = {run["id"]: Told(run["id"], run) for run in runs}
    for approval in select(db, _APPROVALS, [span.first, span.last]):
        number = approval["run_id"]
        told.setdefault(number, Told(number)).approvals.append(approval)
    for entry in select(db, _ENTRIES, [span.first, span.last]):
        number = entry["run_id"]
        told.setdefault(number, Told(number)).entries.append(entry)
    return list(told.values())


def compare(told: Told) -> OddRun | None:
    """What is odd about one run; None if nothing is."""
    if told.run is None:
        return OddRun(told.number, trouble=Trouble.NO_RUN)
    if not told.entries:
        return OddRun(told.number, trouble=Trouble.NO_ENTRIES)
    approval = told.approvals[0] if told.approvals else None
    try:
        _check_readable(told.run, approval)
        disagreements = _compare_rows(told.run, approval, told.entries)
    except UNREADABLE:
        return OddRun(told.number, trouble=Trouble.UNREADABLE)
    return OddRun(told.number, tuple(disagreements)) if disagreements else None


def _check_readable(run: Row, approval: Row | None) -> None:
    """Read what the bot itself would read, whether or not any entry tells of it."""
    run_from_row(run)
    if approval is not None:
        approval_from_row(approval)


def _compare_rows(run: Row, approval: Row | None, entries: list[Row]) -> list[Disagreement]:
    """What the rows say otherwise than the entries mean, or than these have noted of them."""
    telling = read_telling([entry_from_row(row).entry for row in entries])
    noted = gather_noted(row["facts"] for row in entries)
    return [
        *find_disagreements(_read_run(run, approval or {}, telling), telling),
        *find_changed("run", run, noted.get("run", {})),
        *find_changed("approval", approval or {}, noted.get("approval", {}) if approval else {}),
    ]


def _read_run(run: Row, approval: Row, telling: Telling) -> Telling:
    """What a run says, but for what entries of earlier versions do not tell."""
    return Telling(
        requester=run["requester"],
        adopted=bool(run["adopted"]),
        approvers=tuple(json.loads(run["approvers"] or "[]")),
        decided_by=run["decided_by"],
        decline_reason=run["decline_reason"],
        key=run["idempotency_key"],
        task_id=None if telling.adopted else run["task_id"],
        is_presumed=bool(run["is_presumed"]),
        state=RunState(run["state"]).value,
        given_up_by=run["given_up_by"],
        ask=None if telling.adopted else _read_ask(run),
        environment_id=run["environment_id"] if telling.environment_id else None,
        rule=None if telling.adopted else run["rule"],
        approval=_read_approval(approval),
        votes=tuple(json.loads(approval.get("consents", "[]"))),
        approval_rule=approval.get("rule_path") if telling.approval_rule or not telling.approval else None,
    )


def _read_approval(row: Row) -> str | None:
    return as_words_of_approval(row["state"], row["decided_by"], row["reason"]) if row else None


def _read_ask(row: Row) -> str:
    """What a run is about, as one would type it. Raises `ValueError` where its own columns do not agree on that."""
    environment = Environment(EnvironmentId(row["environment_id"]), row["alias"])
    meant = json.loads(row["environment"])
    if (meant["id"], meant["alias"]) != (environment.id, environment.alias):
        raise ValueError("two environments")
    mode = None if row["mode"] is None else UpdateMode(row["mode"])
    return typed_form(Change(Action(row["action"]), environment, mode, tuple(json.loads(row["modules"]))))
