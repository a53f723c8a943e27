"""Holds runs and their approvals, as they stand, against their entries: by what these mean, and by what they have noted."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from bot.history.columns import Row
from bot.history.findings import OddRun, RunTrouble
from bot.history.glances import select
from bot.history.noted import find_changed, gather_noted
from bot.history.rows import entry_from_row

_APPROVALS = "SELECT * FROM approvals WHERE run_id BETWEEN ? AND ?"
_ENTRIES = "SELECT * FROM entries WHERE run_id BETWEEN ? AND ? ORDER BY run_id, id"


@dataclass(frozen=True, slots=True)
class _Told:
    """The rows of a run, of its approval if it needed one, and of its entries, oldest first."""

    run: Row
    approval: Row | None
    entries: list[Row]


def find_odd_runs(db: Database, runs: Sequence[Row]) -> Iterator[OddRun]:
    """Those of these runs, which come in the order of their ids, that do not say what their entries say."""
    for told in _find_told(db, runs):
        odd = _compare(told)
        if odd is not None:
            yield odd


def _find_told(db: Database, runs: Sequence[Row]) -> Iterator[_Told]:
    if not runs:
        return
    bounds = [runs[0]["id"], runs[-1]["id"]]
    approvals = {row["run_id"]: row for row in select(db, _APPROVALS, bounds)}
    entries: dict[int, list[Row]] = {run["id"]: [] for run in runs}
    for row in select(db, _ENTRIES, bounds):
        if row["run_id"] in entries:
            entries[row["run_id"]].append(row)
    for run in runs:
        yield _Told(run, approvals.get(run["id"]), entries[run["id"]])


def _compare(told: _Told) -> OddRun | None:
    """What is odd about one run; None if nothing is."""
    number = told.run["id"]
    if not told.entries:
        return OddRun(number, trouble=RunTrouble.NO_ENTRIES)
    try:
        disagreements = [*_find_untrue(told), *_find_changed(told)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return OddRun(number, trouble=RunTrouble.UNREADABLE)
    return OddRun(number, tuple(disagreements)) if disagreements else None


def _find_untrue(told: _Told) -> list[Disagreement]:
    """What the rows say otherwise than the entries mean."""
    telling = read_telling([_read_entry(row) for row in told.entries])
    return find_disagreements(_read_run(told, telling), telling)


def _find_changed(told: _Told) -> Iterator[Disagreement]:
    """What the rows say otherwise than the entries have noted of them."""
    noted = gather_noted(row["facts"] for row in told.entries)
    if "run" in noted:
        yield from find_changed("run", told.run, noted["run"])
    if "approval" in noted and told.approval is not None:
        yield from find_changed("approval", told.approval, noted["approval"])


def _read_entry(row: Row) -> Entry:
    return entry_from_row(row).entry


def _read_run(told: _Told, telling: Telling) -> Telling:
    """What a run says, but for what entries of earlier versions do not tell."""
    run, approval = told.run, told.approval or {}
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
