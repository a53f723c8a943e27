"""No action without a decision: whatever the platform was asked to do is explained by what the record held before.

An action is told by its idempotency key, which is recorded with the intent to send it. Before that entry stands the ask,
with the decision about it, and where that was to ask others, their votes.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils.db import Database

from bot.core.entries import ApprovalRenewed, Asked, Consented, Entry, RulesChanged, Sent, Voted
from bot.core.errors import HistoryError
from bot.core.names import RunId
from bot.history import run_table
from bot.history.database import open_for_reading
from bot.history.verification import verify
from bot.sim.hosting.front import SeenRequest


def find_unexplained(
    requests: Iterable[SeenRequest], folder: Path, *, of_tests: Collection[str] = ()
) -> list[str]:
    """What the platform was asked to do that no database in this folder explains; `of_tests` are keys of the tests' own.

    Any of them: a database may have been put back to a time before the action, and the one from then kept beside it.
    """
    posts = [one for one in requests if one.method == "POST" and one.idempotency_key not in of_tests]
    found = []
    for post in posts:
        if post.idempotency_key is None:
            found.append(f"{post.path} was asked for without a key")
            continue
        flaws = [find_flaw_in_database(one, post.idempotency_key) for one in find_databases(folder)]
        if None not in flaws:
            found.append(f"{post.path} ({post.idempotency_key}): {'; '.join(map(str, flaws))}")
    return list(dict.fromkeys(found))


def find_broken_records(folder: Path) -> list[str]:
    """Where a record in this folder does not hold together, or a run says something else than its entries."""
    return [f"{path.name}: {told}" for path in find_databases(folder) for told in find_breaks(path)]


def find_breaks(path: Path) -> list[str]:
    """The same of one database."""
    found = verify(path)
    return [str(one) for one in (*found.breaks, *found.odd_runs)]


def find_databases(folder: Path) -> list[Path]:
    """Every history in a folder, those that were replaced or rescued included."""
    return [path for path in sorted(folder.rglob("*.db*")) if _is_history(path)]


def _is_history(path: Path) -> bool:
    if not path.is_file() or path.name.endswith(("-wal", "-shm", "-lease", "-journal")):
        return False
    with _reading(path) as db:
        return db is not None


@contextmanager
def _reading(path: Path) -> Iterator[Database | None]:
    """A history, or None where a file is none (any more)."""
    try:
        with open_for_reading(str(path)) as db:
            yield db
    except HistoryError:
        yield None


def find_flaw_in_database(path: Path, key: str, *, are_rules_recorded: bool = True) -> str | None:
    """Why this database does not explain the action with this key; None if it does."""
    with open_for_reading(str(path)) as db:
        sql = "SELECT run_id FROM entries WHERE kind = 'sent' AND json_extract(facts, '$.key') = ?"
        run_ids = [RunId(row[0]) for row in db.execute(sql, [key])]
        if len(run_ids) != 1:
            return f"{path.name} tells of {len(run_ids)} runs that were sent with this key"
        entries = [recorded.entry for recorded in run_table.find_entries(db, run_ids[0])]
        known = _find_known_rules(db) if are_rules_recorded else None
    flaw = find_flaw(entries, known)
    return None if flaw is None else f"run #{run_ids[0]} of {path.name} {flaw}"


def _find_known_rules(db: Database) -> set[str]:
    entries = (recorded.entry for recorded in run_table.find_entries(db, None))
    return {entry.digest for entry in entries if isinstance(entry, RulesChanged)}


def find_flaw(entries: Sequence[Entry], known_rules: Collection[str] | None = None) -> str | None:
    """What a run's entries lack for it to have been sent; None where a decision was recorded before that allowed it.

    The decision names the version of the rules that it was made by, one that is known to have been in force.
    """
    before = _take_until_sent(entries)
    if before is None:
        return "was never recorded as sent"
    asked = before[0] if before else None
    if not isinstance(asked, Asked):
        return "was sent before it was asked for"
    decisions: list[Asked | Voted] = [asked]
    if asked.decision != "allowed":
        vote = _find_granting_vote(before)
        if asked.decision != "needs_approval" or vote is None:
            return f"was sent though the decision was {asked.decision!r} and nobody had granted it"
        decisions.append(vote)
    for decision in decisions:
        if not decision.rule or not decision.digest:
            return f"was decided by no rule or no version of the rules: {decision}"
        if known_rules is not None and decision.digest not in known_rules:
            return f"was decided by rules that were never recorded: {decision.digest}"
    return None


def _take_until_sent(entries: Sequence[Entry]) -> list[Entry] | None:
    sent = next((place for place, entry in enumerate(entries) if isinstance(entry, Sent)), None)
    return None if sent is None else list(entries[:sent])


def _find_granting_vote(entries: Sequence[Entry]) -> Voted | None:
    """The vote that was the last one needed, of as many different people as have to."""
    consents: dict[str, int] = {}
    for entry in entries:
        match entry:
            case ApprovalRenewed():
                consents.clear()
            case Consented(by=by, needed=needed):
                consents[by] = needed
            case Voted(by=by, outcome="granted"):
                needed = max(consents.values(), default=1)
                return entry if len({*consents, by}) >= needed else None
            case _:
                pass
    return None
