"""What entries note of the rows that are written with them, so that a change of these behind the bot's back is found. Pure.

Entries are chained and rows are not. What an entry's kind tells stands in fields of its own (`agreement`). All else that a
run, its approval or a plea says is noted beside these, as `noted`: of a new row whatever it holds, later what changes. What
looks write while a run goes on is in no entry; once the run has ended, which changes none of it any more, its hash is.

The words are the columns' as they were called when the entry was written: a step that renames one translates them here.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from bot.history.agreement import Disagreement, as_words
from bot.history.columns import Row

NOTED_OF_RUN = (
    "handle",
    "request_key",
    "environment",
    "team_id",
    "channel_id",
    "thread_ts",
    "asked_at",
    "submitted_at",
    "away_seconds",
    "refusal",
    "followers",
    "ended_at",
    "asking",
)
NOTED_OF_ADOPTED_RUN = (
    *NOTED_OF_RUN,
    "environment_id",
    "alias",
    "action",
    "mode",
    "modules",
    "rule",
    "task_id",
)
"""Of a run that follows what somebody else began, no entry tells what that is."""

_SEEN = (
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
)
"""What is seen of a run while it goes on. Never to be changed: the hashes that ends have noted are over these."""

NOTED_OF_APPROVAL = (
    "id",
    "requester",
    "approvers",
    "fingerprint",
    "asked_at",
    "expires_at",
    "typed",
    "requester_may_approve",
    "decided_at",
    "needed",
    "rule_line",
    "claimed_by",
    "claimed_at",
    "remind_at",
    "reminded_at",
    "escalate_to",
    "escalate_at",
    "escalated_at",
    "renewed_at",
    "asking",
)
NOTED_OF_PLEA = ("id", "by", "team_id", "change", "asked_in", "asked_at", "expires_at")

_JSON = frozenset({"environment", "modules", "refusal", "followers", "change"})
"""These columns hold JSON: it is noted as what it says, whatever its blanks."""

_AT_FIRST: Row = {"asking": 1}
"""What these columns hold of a new row of which nothing is noted: so do those from before there were these columns."""

_NOTED = "noted"
_MARK = f'"{_NOTED}":'

Noted = Mapping[str, Row]
"""What an entry notes, or what all of a run's entries note together: of its `run`, its `approval`, and its `plea`."""


def note_run(row: Row, before: Row | None = None) -> Row:
    """What to note of a run that is written: of a new one all, else what is not as before."""
    noted = _note(NOTED_OF_ADOPTED_RUN if row["adopted"] else NOTED_OF_RUN, row, before)
    has_ended = row["ended_at"] is not None and (before is None or before["ended_at"] is None)
    return noted | {"seen": _hash_seen(row)} if has_ended else noted


def note_approval(row: Row, before: Row | None = None) -> Row:
    """What to note of an approval that is written: of a new one all, else what is not as before."""
    return _note(NOTED_OF_APPROVAL, row, before)


def note_plea(number: int, row: Row) -> Row:
    """What to note of a new plea."""
    return {"number": number} | _note(NOTED_OF_PLEA, row)


def note_taken_plea(number: int, state: str, taken_by: str | None, run_id: int) -> Row:
    """What to note of a plea that has led to a run, after which nothing of it changes any more."""
    return {"number": number, "state": state, "taken_by": taken_by, "run_id": run_id}


def add_noted(facts: Mapping[str, object], noted: Noted) -> Mapping[str, object]:
    """An entry's facts with what it notes, if it notes anything."""
    said = {name: row for name, row in noted.items() if row}
    return {**facts, _NOTED: said} if said else facts


def read_noted(facts: str) -> Noted:
    """What an entry notes; nothing where a version wrote it that noted nothing. Raises `ValueError` for what none wrote."""
    if _MARK not in facts:
        return {}
    read = json.loads(facts)
    noted = read.get(_NOTED, {}) if isinstance(read, dict) else None
    if not isinstance(noted, dict) or not all(isinstance(one, dict) for one in noted.values()):
        raise ValueError("no facts")
    return noted


def gather_noted(facts: Iterable[str]) -> Noted:
    """What the entries of a run, oldest first, note of it all together.

    Of what the first one notes, all is known: what it does not say was nothing then.
    """
    gathered: dict[str, Row] = {}
    for number, one in enumerate(facts):
        for subject, noted in read_noted(one).items():
            before = _nothing_of(subject, noted) if number == 0 else gathered.get(subject, {})
            gathered[subject] = before | noted
    return gathered


def _nothing_of(subject: str, noted: Row) -> Row:
    match subject:
        case "run":
            return dict.fromkeys(NOTED_OF_ADOPTED_RUN if "task_id" in noted else NOTED_OF_RUN) | _AT_FIRST
        case "approval":
            return dict.fromkeys(NOTED_OF_APPROVAL) | _AT_FIRST
        case _:
            return {}


def find_changed(subject: str, row: Row, noted: Row) -> list[Disagreement]:
    """Every column of a row that does not say what entries have noted of it. Raises `ValueError` for what is no JSON."""
    known = {name: value for name, value in noted.items() if name != "seen"}
    found = [
        Disagreement(f"{subject}.{name}", *_as_words_of_both(said, value))
        for name, value in known.items()
        if (said := _read(name, row)) != value
    ]
    seen = noted.get("seen")
    if seen is not None and seen != (hash_now := _hash_seen(row)):
        found.append(Disagreement(f"{subject}.seen", hash_now, as_words(seen)))
    return found


def _note(columns: Iterable[str], row: Row, before: Row | None = None) -> Row:
    was = before or _AT_FIRST
    return {name: _read(name, row) for name in columns if row[name] != was.get(name)}


def _read(name: str, row: Row) -> object:
    """What a column says."""
    value = row[name]
    return json.loads(value) if name in _JSON and value is not None else value


def _hash_seen(row: Row) -> str:
    """The SHA-256, in hex, of what was seen of a run: of a JSON array of these columns as they are."""
    return sha256(json.dumps([row[name] for name in _SEEN]).encode()).hexdigest()


def _as_words_of_both(said: object, noted: object) -> tuple[str, str]:
    """Two values; of two objects only what they say differently."""
    if isinstance(said, dict) and isinstance(noted, dict):
        names = [name for name in (noted | said) if said.get(name) != noted.get(name)]
        said, noted = ({name: one.get(name) for name in names} for one in (said, noted))
    return as_words(said), as_words(noted)
