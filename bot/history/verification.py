"""Finds any change of the record: entries that were edited, removed, put in or put elsewhere, and an end that was cut off.

What a chain of hashes without a secret cannot do: whoever may write the file and takes the trouble can write every entry
anew with hashes that fit. Against that helps a head (the newest hash) that was noted elsewhere, as the operators'
channel does at every change of the rules: it is found in the record only if nothing up to it was written anew.

Runs and pleas, which change as they go on, are held against what the entries tell of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlite_utils.db import Database

from bot.history.agreement import Disagreement, as_words
from bot.history.chain import START, link
from bot.history.columns import UNREADABLE, Row
from bot.history.comparison import compare, find_told
from bot.history.database import open_for_reading
from bot.history.findings import Break, Fault, OddPlea, Trouble, Verification
from bot.history.glances import Span, glance_at_all, select
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
    last_id, last = 0, list[Row]()
    if found.sought is not None and START.startswith(found.sought):
        found.noted = 0
    for entries, beside in glance_at_all(db, "entries", partial(_look_beside, db)):
        for row in entries:
            _verify_entry(row, last_id, found)
            found.entries, found.head, last_id = found.entries + 1, str(row["hash"]), row["id"]
        for odd in _find_odd_pleas(beside.pleas):
            found.note(odd)
        last = entries[-1:] or last
        if beside.end is not None:
            _verify_end(beside.end, last, last_id, found)


@dataclass(frozen=True, slots=True)
class _End:
    """What is known of the end of the record: what was noted of it, and the highest number that SQLite has given."""

    noted: Head
    given: int


@dataclass(frozen=True, slots=True)
class _Beside:
    """What belongs to some entries: the pleas of which they tell, each with what they note of it; and the end."""

    pleas: list[tuple[Row, Row]]
    end: _End | None


def _look_beside(db: Database, entries: list[Row], span: Span) -> _Beside:
    noted = [one for one in map(_read_noted_plea, entries) if one]
    # pleas that were forgotten since are no more
    pleas = [(plea, one) for one in noted for plea in select(db, _PLEA, [str(one["number"])])]
    end = _End(find_head(db) or Head(), find_last_id(db)) if span.is_end else None
    return _Beside(pleas, end)


def _verify_entry(row: Row, last_id: int, found: Verification) -> None:
    hash_ = _link(found.head, row)
    if row["id"] != last_id + 1:
        found.note(_break_at(row, Fault.MISSING, missing=row["id"] - last_id - 1))
    elif hash_ is None or hash_ != row["hash"]:
        found.note(_break_at(row, Fault.CHANGED))
    elif found.sought is not None and found.noted is None and hash_.startswith(found.sought):
        found.noted = row["id"]


def _link(previous: str, row: Row) -> str | None:
    try:
        return link(previous, row)
    except (TypeError, ValueError):  # bytes where there was text; no number where there was one
        return None


def _break_at(row: Row, fault: Fault, *, missing: int = 0) -> Break:
    return Break(fault, row["id"], _read_run_id(row), str(row["at"]), missing)


def _read_run_id(row: Row) -> int | None:
    number = row["run_id"]
    return number if isinstance(number, int) else None


def _verify_end(end: _End, last: list[Row], last_id: int, found: Verification) -> None:
    """Hold the end against what is known of it; `last` is the last entry, if there is any."""
    if end.noted == Head(found.entries, found.head) and end.given == last_id:
        return
    run_id, at = (_read_run_id(last[0]), str(last[0]["at"])) if last else (None, None)
    missing = max(end.noted.count - found.entries, end.given - last_id, 0)
    found.note(Break(Fault.CUT, last_id, run_id, at, missing))


def _verify_runs(db: Database, found: Verification) -> None:
    """Hold every run and its approval against the run's entries."""
    for runs, told in glance_at_all(db, "runs", partial(find_told, db)):
        found.runs += len(runs)
        for odd in filter(None, map(compare, told)):
            found.note(odd)


_PLEA = "SELECT * FROM pleas WHERE number = CAST(? AS INTEGER)"
_TAKEN_WITHOUT_ENTRY = """
    SELECT number, taken_by FROM pleas
    WHERE (state = 'taken' OR taken_by IS NOT NULL OR run_id IS NOT NULL) AND NOT EXISTS (
        SELECT 1 FROM entries WHERE entries.run_id = pleas.run_id AND kind = 'plea_taken' AND entries."by" = taken_by
    )
    ORDER BY number
"""


def _find_odd_pleas(pleas: Iterable[tuple[Row, Row]]) -> Iterator[OddPlea]:
    """Those that do not say what was noted of them."""
    for plea, noted in pleas:
        odd = _compare_plea(plea, noted)
        if odd is not None:
            yield odd


def _read_noted_plea(entry: Row) -> Row:
    """What an entry notes of a plea; nothing where that is nothing that the bot has written: found as a break."""
    try:
        noted = read_noted(entry["facts"]).get("plea", {}) if '"plea":' in entry["facts"] else {}
    except UNREADABLE:
        return {}
    return noted if isinstance(noted.get("number"), int) else {}


def _compare_plea(plea: Row, noted: Row) -> OddPlea | None:
    try:
        disagreements = tuple(find_changed("plea", plea, noted))
    except UNREADABLE:
        return OddPlea(plea["number"], trouble=Trouble.UNREADABLE)
    return OddPlea(plea["number"], disagreements) if disagreements else None


def _verify_taken_pleas(db: Database, found: Verification) -> None:
    """Find the pleas that somebody is said to have taken on, of which no entry tells."""
    for plea in select(db, _TAKEN_WITHOUT_ENTRY):
        claim = Disagreement("plea.taken_by", as_words(plea["taken_by"]), as_words(None))
        found.note(OddPlea(plea["number"], (claim,)))
