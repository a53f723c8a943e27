"""Where a process can die on its way from an ask to its end: every `await` of the submit path, listed from the source.

Each has two points: just before its line runs, and just after it came back or raised. Lists, never imports: what is
listed is the source as it stands.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

MODULES: Mapping[str, str] = {
    "bot/slack/listeners.py": "what was acknowledged becomes work here",
    "bot/flow/desk.py": "a delivery is claimed, once",
    "bot/flow/attendance.py": "work is seen through, or the person told",
    "bot/flow/conversation.py": "an ask is judged",
    "bot/flow/changes.py": "a run is written down, shown and sent",
    "bot/flow/presses.py": "a press or a form is judged",
    "bot/flow/approvals.py": "a vote decides",
    "bot/flow/runs.py": "the intent is written down and sent",
    "bot/flow/adoption.py": "a task started elsewhere becomes a run",
    "bot/flow/cards.py": "what stands on the screen is written down",
    "bot/flow/tracker.py": "a task is looked at, and its end told",
    "bot/slack/publisher.py": "a wish waits its turn",
    "bot/slack/posting.py": "a message is posted or edited",
    "bot/slack/replies.py": "a person is answered, a form opened",
    "bot/slack/gate.py": "a call waits for leave",
    "bot/hosting/client.py": "the platform is asked, and asked again",
    "bot/hosting/connection.py": "the bytes leave",
    "bot/history/store.py": "a transaction is handed to the database's thread",
}
"""The modules of the submit path and why each is on it. Reading, help, the App Home and the start change nothing."""


class Side(Enum):
    """Which end of an await."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, order=True)
class Await:
    """A statement that waits: its file as given, the lines from its first to the last that belongs to its waiting."""

    file: str
    first: int
    last: int
    function: str

    @property
    def place(self) -> str:
        """`bot/flow/runs.py:115`."""
        return f"{self.file}:{self.first}"


@dataclass(frozen=True, slots=True)
class Point:
    """One end of one await: where a process is to die."""

    at: Await
    side: Side

    @property
    def name(self) -> str:
        """`bot/flow/runs.py:115:after`."""
        return f"{self.at.place}:{self.side.value}"


def list_points(root: Path, files: Sequence[str] = tuple(MODULES)) -> tuple[Point, ...]:
    """Both points of every await in these files under `root`; files that are not there (any more) have none."""
    awaits = [found for file in files if (root / file).exists() for found in list_awaits(root, file)]
    return tuple(Point(found, side) for found in awaits for side in Side)


def list_awaits(root: Path, file: str) -> list[Await]:
    """Every statement of one file that waits, in the order of the source."""
    tree = ast.parse((root / file).read_text(encoding="utf-8"))
    found = {one.first: one for one in _awaits_in(tree.body, file, ())}
    return [found[first] for first in sorted(found)]


def _awaits_in(body: Sequence[ast.stmt], file: str, names: tuple[str, ...]) -> Iterator[Await]:
    for statement in body:
        inner = (*names, statement.name) if isinstance(statement, _NAMED) else names
        header = _header(statement)
        if not isinstance(statement, _NAMED) and _waits(statement, header):
            last = max((part.end_lineno or part.lineno for part in header), default=statement.lineno)
            yield Await(file, statement.lineno, max(last, statement.lineno), ".".join(names))
        for block in _blocks(statement):
            yield from _awaits_in(block, file, inner)


_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """The statements inside a statement."""
    for name in ("body", "orelse", "finalbody"):
        yield from [getattr(statement, name)] if getattr(statement, name, None) else []
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _header(statement: ast.stmt) -> list[ast.expr]:
    """The expressions that belong to a statement itself and not to statements inside it."""
    return [
        part
        for child in ast.iter_child_nodes(statement)
        for part in _expressions(child)
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
    ]


def _expressions(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.expr):
        return [node]
    return [child for child in ast.walk(node) if isinstance(child, ast.expr)]


def _waits(statement: ast.stmt, header: Sequence[ast.expr]) -> bool:
    if isinstance(statement, ast.AsyncWith | ast.AsyncFor):
        return True
    return any(
        isinstance(node, ast.Await) or _is_async_part(node) for part in header for node in ast.walk(part)
    )


def _is_async_part(node: ast.AST) -> bool:
    return isinstance(node, ast.comprehension) and bool(node.is_async)
