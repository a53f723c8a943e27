"""Finds any change of the record: entries that were edited, removed, put in or put elsewhere, and an end that was cut off.

What a chain of hashes without a secret cannot do: whoever may write the file and takes the trouble can write every entry
anew with hashes that fit. Against that helps a head (the newest hash) that was noted elsewhere, as the operators'
channel does at every change of the rules: it is found in the record only if nothing up to it was written anew.

Runs and pleas, which change as they go on, are held against what the entries tell of them.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlite_utils.db import Database

from bot.history.agreement import Disagreement, as_words
from bot.history.chain import START, link
from bot.history.columns import Row
from bot.history.comparison import find_odd_runs
from bot.history.database import open_for_reading
from bot.history.findings import Break, Fault, OddPlea, OddRun, RunTrouble, Verification
from bot.history.glances import glance_at_all, select
from bot.history.noted import find_changed, read_noted
from bot.history.record import Head, find_head, find_last_id


def verify(path: str | Path, *, head: str | None = None) -> Verification:
    """Read the whole record, also while a bot writes it; raises `HistoryError` where it is unreadable.

    `head` is a hash noted down earlier, or how it begins.
    """
    with open_for_reading(str(path)) as db:
        # what is no UTF-8 any more is a change to be found, not one to stumble over
        db.conn.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        found = Verification(sought=head)
        _verify_chain(db, found)
        _verify_runs(db, found)
        _verify_taken_pleas(db, found)
        return found


def _verify_chain(db: Database, found: Verification) -> None:
    """Go through the entries in the order of their numbers; after a break, go on with what stands there."""
    last_id = 0
    if found.sought is not None and START.startswith(found.sought):
        found.noted = 0
    for rows, is_end in glance_at_all(db, "entries"):
        for row in rows:
            _verify_entry(row, last_id, found)
            found.entries, found.head, last_id = found.entries + 1, str(row["hash"]), row["id"]
        _verify_pleas(db, rows, found)
        if is_end:
            _verify_end(db, found)


def _verify_entry(row: Row, last_id: int, found: Verification) -> None:
    hash_ = _link(found.head, row)
    if row["id"] != last_id + 1:
        found.note_break(_break_at(row, Fault.MISSING, missing=row["id"] - last_id - 1))
    elif hash_ is None or hash_ != row["hash"]:
        found.note_break(_break_at(row, Fault.CHANGED))
    elif found.sought is not None and found.noted is None and hash_.startswith(found.sought):
        found.noted = row["id"]


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
    for row in select(db, "SELECT run_id, at FROM entries WHERE id = ?", [last_id]):
        run_id, at = row["run_id"], str(row["at"])
    missing = max(noted.count - found.entries, given - last_id, 0)
    found.note_break(Break(Fault.CUT, last_id, run_id, at, missing))


_OF_NO_RUN = """
    SELECT run_id FROM entries WHERE run_id IS NOT NULL AND run_id NOT IN (SELECT id FROM runs)
    UNION SELECT run_id FROM approvals WHERE run_id NOT IN (SELECT id FROM runs)
    ORDER BY run_id
"""


def _verify_runs(db: Database, found: Verification) -> None:
    """Hold every run and its approval against the run's entries."""
    for runs, _ in glance_at_all(db, "runs"):
        found.runs += len(runs)
        for odd in find_odd_runs(db, runs):
            found.note_odd_run(odd)
    for row in select(db, _OF_NO_RUN):
        found.note_odd_run(OddRun(row["run_id"], trouble=RunTrouble.NO_RUN))


_TAKEN_WITHOUT_ENTRY = """
    SELECT number, taken_by FROM pleas
    WHERE (state = 'taken' OR taken_by IS NOT NULL OR run_id IS NOT NULL) AND NOT EXISTS (
        SELECT 1 FROM entries WHERE entries.run_id = pleas.run_id AND kind = 'plea_taken' AND entries."by" = taken_by
    )
    ORDER BY number
"""


def _verify_pleas(db: Database, entries: Iterable[Row], found: Verification) -> None:
    """Hold the pleas of which these entries tell, if they were not forgotten since, against them."""
    for entry in entries:
        noted = _read_noted_plea(entry)
        if not noted:
            continue
        for plea in select(db, "SELECT * FROM pleas WHERE number = ?", [noted.get("number")]):
            disagreements = tuple(find_changed("plea", plea, noted))
            if disagreements:
                found.note_odd_plea(OddPlea(plea["number"], disagreements))


def _read_noted_plea(entry: Row) -> Row:
    try:
        return read_noted(entry["facts"]).get("plea", {}) if '"plea":' in entry["facts"] else {}
    except (ValueError, TypeError, RecursionError):
        return {}  # no entry that the bot has written: found as a break


def _verify_taken_pleas(db: Database, found: Verification) -> None:
    """Find the pleas that somebody is said to have taken on, of which no entry tells."""
    for plea in select(db, _TAKEN_WITHOUT_ENTRY):
        claim = Disagreement("plea.taken_by", as_words(plea["taken_by"]), as_words(None))
        found.note_odd_plea(OddPlea(plea["number"], (claim,)))
