"""A history of years, written in minutes: as many runs as wanted, each with the entries and messages it would have left.

What stands in the file is what today's store writes, column by column (`bot.history.rows`); only the way it gets there is
another: whole tables at a time, with the indexes built afterwards and nothing forced to the disk.
"""

import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlite_utils.db import Database

from bot.core.catalog import Environment
from bot.core.entries import Asked, Ended, Entry, Sent, Started
from bot.core.intents import Change, typed_form
from bot.core.names import (
    Action,
    ButtonId,
    ChannelId,
    EnvironmentId,
    IdempotencyKey,
    RequestKey,
    RunId,
    TaskId,
    TeamId,
    UpdateMode,
    UserId,
)
from bot.core.request import Place
from bot.core.runs import Run, RunState, Step
from bot.core.tasks import EnvironmentReport, TaskLog, TaskReport, TaskStatus
from bot.history.chain import link
from bot.history.columns import Row, time_to_text
from bot.history.record import Head, note_head
from bot.history.rows import entry_to_row, run_to_row
from bot.history.store import HistoryStore

ENVIRONMENTS = 50
RARE = EnvironmentId(str(UUID(int=999)))
"""An environment that was used in the first days and never since."""

RARE_RUNS = 30
STEPS = 12
DELIVERIES_A_RUN = 1.5
KEPT = timedelta(days=30)
_KEY, _TASK = "the run's own key", "the run's own task"
YEARS = timedelta(days=3 * 365)
LOG_LINE = "odoo.modules.loading: loading module sale_stock (38/61), 214 queries (+214 extra)\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """How many of a hundred runs do this and end so."""

    share: int
    action: Action
    mode: UpdateMode | None
    state: RunState


_KINDS = (
    Kind(55, Action.DEPLOY, None, RunState.DONE),
    Kind(5, Action.DEPLOY, None, RunState.FAILED),
    Kind(20, Action.UPDATE, UpdateMode.PULL_RESTART, RunState.DONE),
    Kind(4, Action.UPDATE, UpdateMode.UPDATE_ALL, RunState.DONE),
    Kind(15, Action.RESTART, None, RunState.DONE),
    Kind(1, Action.DEPLOY, None, RunState.CANCELLED),
)
_STATUS = {
    RunState.DONE: TaskStatus.COMPLETED,
    RunState.FAILED: TaskStatus.FAILED,
    RunState.CANCELLED: TaskStatus.CANCELLED,
}


def environment(number: int) -> Environment:
    """One of the environments, all of one project."""
    id_ = RARE if number == ENVIRONMENTS else EnvironmentId(str(UUID(int=number + 1)))
    name = f"e{number:03}"
    return Environment(id_, name, (f"{name}-alias",), project="Client ERP", platform_name=f"client-{number}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A run that many are like: the row of each is this one, with ids, times and the environment of its own."""

    row: Row
    entries: tuple[Row, ...]
    took: timedelta


def draw_patterns(chance: random.Random, at: datetime) -> list[Pattern]:
    """Runs of each kind as often as it comes, which took differently long."""
    return [
        draw_pattern(kind, took=timedelta(seconds=180 * chance.lognormvariate(0, 0.25)), at=at)
        for kind in _KINDS
        for _ in range(kind.share)
    ]


def draw_pattern(kind: Kind, *, took: timedelta, at: datetime) -> Pattern:
    """A run of this kind as rows."""
    run = draw_run(kind, took=took, at=at)
    entries: tuple[Entry, ...] = (
        Asked(run.requester, typed_form(run.change), run.rule, "allowed", line=14, digest="d" * 64),
        Sent(IdempotencyKey(_KEY)),
        Started(TaskId(_TASK)),
        Ended(run.state.value, run.report.error_message if run.report else None),
    )
    return Pattern(run_to_row(run), tuple(entry_to_row(RunId(0), entry, at) for entry in entries), took)


def draw_run(kind: Kind, *, took: timedelta, at: datetime) -> Run:
    """A run of this kind, whole as the flow would have left it."""
    home, report = environment(0), _draw_report(kind, took=took, at=at)
    moments = [at + took * number / STEPS for number in range(STEPS)]
    return Run(
        id=RunId(0),
        handle=ButtonId(""),
        request_key=RequestKey(""),
        change=Change(kind.action, home, kind.mode),
        requester=UserId("U0ANA"),
        team_id=TeamId("T0ACME"),
        place=Place(ChannelId("C0DEPLOYS")),
        asked_at=at,
        state=kind.state,
        rule="channels.C0DEPLOYS[0]",
        version=STEPS + 6,
        submitted_at=at,
        task_id=report.task_id,
        report=report,
        reported_at=at + took,
        steps=tuple(
            Step(n, f"Step {n} of the deploy", seen_at) for n, seen_at in enumerate(moments, start=1)
        ),
        log=TaskLog(LOG_LINE * 40, truncated=True) if kind.state is RunState.FAILED else None,
        environment_seen=EnvironmentReport(
            home.id, "client", "Client ERP", "running", "https://client.example", "main", "f00d"
        ),
        ended_at=at + took,
    )


def _draw_report(kind: Kind, *, took: timedelta, at: datetime) -> TaskReport:
    return TaskReport(
        TaskId(str(UUID(int=1))),
        kind.action.value,
        _STATUS[kind.state],
        environment(0).id,
        progress_percent=100,
        current_step=None,
        steps_completed=STEPS,
        total_steps=STEPS,
        started_at=at,
        completed_at=at + took,
        duration=took,
        error_message="Migration failed: column does not exist" if kind.state is RunState.FAILED else None,
    )


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
    run = draw_run(_KINDS[0], took=timedelta(seconds=1), at=datetime.fromtimestamp(0, UTC))
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
    entries = [
        entry
        | {
            "run_id": row["id"],
            "at": row[_TIME_OF_ENTRY[entry["kind"]]],
            "facts": entry["facts"]
            .replace(_KEY, row["idempotency_key"])
            .replace(_TASK, row["task_id"])
            .replace(f" {environment(0).alias}", f" {row['alias']}"),
        }
        for row, pattern in chunk
        for entry in pattern.entries
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


_TIME_OF_ENTRY = {"asked": "asked_at", "sent": "submitted_at", "started": "submitted_at", "ended": "ended_at"}


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
