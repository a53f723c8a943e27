"""What the three worlds say at one moment: the bot's database (read from outside), the channels, and the platform."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.chaos.people import People, Seen
from tests.benchmarks.chaos.town import MANY_CHANNELS

OPEN = frozenset({"waiting", "accepted", "submitting", "running"})


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the database has it."""

    id: int
    handle: str
    request_key: str
    environment_id: str
    requester: str
    state: str
    version: int
    is_adopted: bool
    keys: tuple[str, ...]
    """Every idempotency key that it was ever sent with."""
    task_id: str | None
    is_in_thread: bool
    progress_percent: int | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An approval as the database has it."""

    run_id: int
    state: str
    expires_at: str
    renewed_at: str | None = None


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One of a run's messages as the database has it."""

    run_id: int
    kind: str
    ts: str | None
    is_dead: bool
    shown_version: int


@dataclass(frozen=True, slots=True)
class Books:
    """The database at one moment."""

    runs: Mapping[int, RunRow]
    approvals: Mapping[int, ApprovalRow]
    slots: Mapping[tuple[int, str], SlotRow]


def read_books(path: Path) -> Books:
    """Read the database as it stands; where there is none yet, nothing."""
    if not path.exists():
        return Books({}, {}, {})
    with _reading(path) as db:
        tables = {row["name"] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"runs", "approvals", "slots", "entries"} <= tables:
            return Books({}, {}, {})
        keys: dict[int, list[str]] = {}
        sent = (
            "SELECT run_id, json_extract(facts, '$.key') AS key FROM entries WHERE kind = 'sent' ORDER BY id"
        )
        for row in db.execute(sent):
            keys.setdefault(row["run_id"], []).append(row["key"])
        runs = [_run(row, tuple(keys.get(row["id"], ()))) for row in db.execute("SELECT * FROM runs")]
        approvals = db.execute("SELECT run_id, state, expires_at, renewed_at FROM approvals")
        slots = db.execute("SELECT run_id, kind, ts, is_dead, shown_version FROM slots")
        return Books(
            {run.id: run for run in runs},
            {row["run_id"]: ApprovalRow(*row) for row in approvals},
            {(row["run_id"], row["kind"]): _slot(row) for row in slots},
        )


def _run(row: sqlite3.Row, keys: tuple[str, ...]) -> RunRow:
    return RunRow(
        row["id"],
        row["handle"],
        row["request_key"],
        row["environment_id"],
        row["requester"],
        row["state"],
        row["version"],
        bool(row["adopted"]),
        keys,
        row["task_id"],
        row["thread_ts"] is not None,
        json.loads(row["report"]).get("progress_percent") if row["report"] else None,
    )


def _slot(row: sqlite3.Row) -> SlotRow:
    return SlotRow(row["run_id"], row["kind"], row["ts"], bool(row["is_dead"]), row["shown_version"])


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")  # one moment, not several
        yield connection


async def read_screens(people: People) -> list[Seen]:
    """Every message of a run, in the channels and in all threads."""
    found: dict[tuple[str, str], Seen] = {}
    for channel in MANY_CHANNELS:
        for seen in await people.looks_at(channel):
            found[channel, seen.ts] = seen
            if seen.raw["reply_count"]:
                replies = await people.looks_at(channel, thread=seen.ts)
                found |= {(channel, reply.ts): reply for reply in replies}
    return [seen for seen in found.values() if seen.run is not None]


async def read_cards(people: People) -> list[Seen]:
    """The cards that stand in the channels; those in threads are left out."""
    seen = [one for channel in MANY_CHANNELS for one in await people.looks_at(channel)]
    return [one for one in seen if one.slot == "card"]
