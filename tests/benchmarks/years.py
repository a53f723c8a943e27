"""A history of years, written in minutes: as many runs as wanted, each with the entries and messages it would have left.

What stands in the file is what today's store writes, column by column (`bot.history.rows`); only the way it gets there is
another: whole tables at a time, with the indexes built afterwards and nothing forced to the disk.
"""

import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlite_utils.db import Database

from bot.core.catalog import Environment
from bot.history.chain import link
from bot.history.columns import Row, time_from_text, time_to_text, write_json
from bot.history.noted import Noted, add_noted, note_approval, note_run
from bot.history.record import Head, note_head
from bot.history.rows import run_to_row
from bot.history.store import HistoryStore
from tests.benchmarks.patterns import (
    ENVIRONMENTS,
    EVERY_KIND,
    KEY,
    TASK,
    Pattern,
    draw_patterns,
    draw_run,
    environment,
)

RARE_RUNS = 30
DELIVERIES_A_RUN = 1.5
KEPT = timedelta(days=30)
YEARS = timedelta(days=3 * 365)


class Years:
    """All rows, one run after the other."""

    def __init__(self, runs: int, *, until: datetime, seed: int = 1) -> None:
        self.runs = runs
        self._until = until
        self._chance = random.Random(seed)
        self._patterns = draw_patterns(self._chance, until)
        self._gap = YEARS / (runs + 1)
        self._environments: list[tuple[str, str, str]] = [
            _environment_columns(environment(number)) for number in range(ENVIRONMENTS + 1)
        ]

    def draw_runs(self) -> Iterator[tuple[Row, Pattern]]:
        """Each run's row with the pattern it follows."""
        for number in range(1, self.runs + 1):
            pattern = self._chance.choice(self._patterns)
            yield self._draw_run(number, pattern), pattern

    def _draw_run(self, number: int, pattern: Pattern) -> Row:
        is_rare = number <= RARE_RUNS
        home = self._environments[ENVIRONMENTS if is_rare else self._chance.randrange(ENVIRONMENTS)]
        asked_at = self._until - YEARS + self._gap * number
        opaque = f"{self._chance.getrandbits(96):016x}"
        return pattern.row | {
            "id": number,
            "handle": opaque,
            "request_key": f"command:{opaque}.{number}",
            "idempotency_key": f"key-{opaque}",
            "task_id": str(UUID(int=self._chance.getrandbits(128))),
            "environment_id": home[0],
            "alias": home[1],
            "environment": home[2],
            "asked_at": time_to_text(asked_at),
            "submitted_at": time_to_text(asked_at),
            "ended_at": time_to_text(asked_at + pattern.took),
        }


def _environment_columns(one: Environment) -> tuple[str, str, str]:
    run = draw_run(EVERY_KIND[0], took=timedelta(seconds=1), at=datetime.fromtimestamp(0, UTC))
    row = run_to_row(replace(run, change=replace(run.change, environment=one)))
    return row["environment_id"], row["alias"], row["environment"]


def write_years(path: Path, runs: int, *, now: datetime) -> None:
    """Make the file. What is newest in it ended a moment before `now`."""
    HistoryStore.open(path).close()
    years = Years(runs, until=now - timedelta(minutes=10))
    with closing(sqlite3.connect(path)) as connection:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-2000000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        set_aside = _set_aside(connection)
        rows, head = years.draw_runs(), Head()
        while chunk := list(itertools.islice(rows, 10_000)):
            head = _write_chunk(connection, chunk, head)
        note_head(Database(connection, execute_plugins=False), head)
        _write_deliveries(connection, runs, now)
        _write_names(connection)
        for sql in set_aside:
            connection.execute(sql)
        connection.commit()
        connection.execute("PRAGMA journal_mode=WAL")


def _set_aside(connection: sqlite3.Connection) -> list[str]:
    """Take away indexes and triggers; the statements that make them again."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f"DROP {kind} {name}")
    return [sql for _, _, sql in found]


def _write_chunk(connection: sqlite3.Connection, chunk: list[tuple[Row, Pattern]], head: Head) -> Head:
    """Write these runs; the head of the record after them."""
    _insert(connection, "runs", [row for row, _ in chunk])
    approvals = {row["id"]: _as_approval(row, pattern.approval) for row, pattern in chunk if pattern.approval}
    _insert(connection, "approvals", list(approvals.values()))
    entries = [
        _as_entry(row, approvals.get(row["id"]), entry) for row, pattern in chunk for entry in pattern.entries
    ]
    for entry in entries:
        entry["id"] = head.count + 1
        head = Head(entry["id"], link(head.hash, entry))
        entry["hash"] = head.hash
    _insert(connection, "entries", entries)
    slots = [
        {
            "run_id": row["id"],
            "kind": kind,
            "channel_id": "C0DEPLOYS",
            "ts": f"{1_700_000_000 + row['id']}.{number:06}",
            "shown_version": 1 if kind == "end" else row["version"],
            "is_dead": 0,
        }
        for row, _ in chunk
        for number, kind in enumerate(("card", "progress", "end"))
    ]
    _insert(connection, "slots", slots)
    return head


def _as_approval(row: Row, approval: Row) -> Row:
    """The approval of this run."""
    asked_at = time_from_text(row["asked_at"])
    return approval | {
        "id": f"approval-{row['handle']}",
        "run_id": row["id"],
        "asked_at": row["asked_at"],
        "decided_at": row["submitted_at"],
        "expires_at": time_to_text(asked_at + timedelta(minutes=15)),
        "remind_at": time_to_text(asked_at + timedelta(minutes=7.5)),
    }


def _as_entry(row: Row, approval: Row | None, entry: Row) -> Row:
    """An entry of this run, with what it notes."""
    facts = (
        entry["facts"]
        .replace(KEY, row["idempotency_key"])
        .replace(TASK, row["task_id"])
        .replace(f" {environment(0).alias}", f" {row['alias']}")
    )
    noted = add_noted(json.loads(facts), _note(entry["kind"], row, approval))
    return entry | {
        "run_id": row["id"],
        "at": row[_TIME_OF_ENTRY[entry["kind"]]],
        "facts": write_json(noted),
    }


def _note(kind: str, row: Row, approval: Row | None) -> Noted:
    """What the store would have noted with such an entry."""
    begun, sent = row | {"submitted_at": None, "ended_at": None}, row | {"ended_at": None}
    waiting = approval | {"decided_at": None} if approval else None
    match kind:
        case "asked":
            return {"run": note_run(begun), "approval": note_approval(waiting) if waiting else {}}
        case "voted" if approval:
            return {"approval": note_approval(approval, waiting)}
        case "sent":
            return {"run": note_run(sent, begun)}
        case "ended":
            return {"run": note_run(row, sent)}
        case _:
            return {}


_TIME_OF_ENTRY = {
    "voted": "submitted_at",
    "asked": "asked_at",
    "sent": "submitted_at",
    "started": "submitted_at",
    "ended": "ended_at",
}


def _write_deliveries(connection: sqlite3.Connection, runs: int, now: datetime) -> None:
    """Those of the last days: older ones are forgotten."""
    count = int(runs * (KEPT / YEARS) * DELIVERIES_A_RUN)
    _insert(
        connection,
        "deliveries",
        [
            {"key": f"delivery:{n}:{n * 7919}", "at": time_to_text(now - KEPT * n / count)}
            for n in range(count)
        ],
    )


def _write_names(connection: sqlite3.Connection) -> None:
    """What the environments are called, which a trigger would have written down."""
    homes = [environment(number) for number in range(ENVIRONMENTS + 1)]
    names = [(name, one.id) for one in homes for name in (one.alias, *one.aliases, one.full_name or "")]
    rows = [{"name": name.lower(), "environment_id": id_} for name, id_ in names]
    _insert(connection, "environment_names", rows)


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])
    marks = ", ".join(f":{name}" for name in names)
    connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608
