"""oec.sh's answers under fuzzing: any status, headers and body are a core value or one of our two errors."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.hosting import bodies, wire
from bot.hosting.bodies import LONGEST_LOG
from bot.hosting.fields import LONGEST_TEXT
from bot.hosting.wire import HttpAnswer, HttpRequest
from tests.fuzz.mutation import spoilt_by
from tests.fuzz.target import Target, check_texts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ID = "5a296461-9222-40da-91f5-9e912890dc1b"
REQUESTS = (HttpRequest("GET", "/org"), HttpRequest("POST", f"/environments/{ID}/deploy"))
STATUSES = (200, 202, 204, 301, 400, 401, 402, 403, 404, 408, 409, 422, 425, 429, 500, 503, 504, 599)
READERS: tuple[Callable[[Any], object], ...] = (
    bodies.read_task,
    bodies.read_accepted,
    bodies.read_projects,
    bodies.read_log,
    lambda body: bodies.read_environment(body, "Client ERP"),
    lambda body: bodies.read_environments(body, None),
    lambda body: bodies.read_backups(body, NOW),
)
_TASK = {
    "id": ID,
    "type": "deploy",
    "status": "running",
    "environment_id": ID,
    "progress_percent": 42,
    "current_step": "Build image",
    "steps_completed": 5,
    "total_steps": 12,
    "started_at": "2026-11-22T11:58:00.123456Z",
    "completed_at": None,
    "duration_seconds": 12.5,
    "error_message": 'relation "x" does not exist',
}
_ENVIRONMENT = {
    "id": ID,
    "name": "production",
    "status": "running",
    "url": "https://erp.example",
    "branch": "main",
}
BODIES: tuple[Any, ...] = (
    _TASK,
    {"task_id": ID, "status": "queued"},
    {"data": [{"id": ID, "name": "Client ERP"}], "pagination": {"has_more": True, "next_cursor": "abc"}},
    {"task_id": ID, "log": "line\nline", "truncated": False},
    _ENVIRONMENT,
    {"items": [_ENVIRONMENT, _ENVIRONMENT]},
    {"items": [{"id": ID, "status": "completed", "started_at": "2026-11-22T03:00:00Z"}], "total": 1},
    {"detail": {"error": "task_in_progress", "message": "Busy.", "task_id": ID, "retry_after": 7}},
    {"detail": [{"loc": ["body", "modules", 0], "msg": "String should match", "type": "x"}]},
    {"detail": "Not found"},
    {"error": "rate_limit_exceeded", "message": "Slow down.", "retry_after": 3},
)
HEADERS = (
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-window",
)


def check_answer(
    status: int, headers: Mapping[str, str], raw: bytes, reader: Callable[[Any], object]
) -> None:
    """See what one answer becomes, to a read and to a write."""
    answer = HttpAnswer(status, headers, raw)
    wire.read_limits(answer, NOW)
    for request in REQUESTS:
        outcome = _read(request, answer, reader)
        match outcome:
            case HostingRefusedError():
                check_texts([outcome.code, outcome.text], longest=LONGEST_TEXT)
                assert "\n" not in str(outcome)
            case HostingUnavailableError():
                check_texts([outcome.code, outcome.reason], longest=200)
                assert "\n" not in outcome.reason
            case _:
                check_texts(outcome, longest=LONGEST_LOG)


def _read(request: HttpRequest, answer: HttpAnswer, reader: Callable[[Any], object]) -> object:
    try:
        return reader(wire.decipher(request, answer, now=NOW))
    except (HostingRefusedError, HostingUnavailableError) as error:
        return error


def check_one(data: bytes) -> None:
    """The first bytes choose status, header and reader; the rest is the body, or chooses how to spoil one."""
    head, rest = data[:4].ljust(4, b"\x00"), data[4:]
    header, _, raw = rest.partition(b"\n") if head[1] % 2 else (b"", b"", rest)
    headers = {HEADERS[head[1] % len(HEADERS)]: header.decode("latin-1")} if header else {}
    status, reader = STATUSES[head[0] % len(STATUSES)], READERS[head[2] % len(READERS)]
    check_answer(status, headers, raw, reader)
    spoilt = json.dumps(spoilt_by(rest, BODIES)).encode()
    check_answer(status, headers, spoilt, reader)


_SEEDS = tuple(
    bytes([index % len(STATUSES), 0, index % len(READERS), 0]) + json.dumps(body).encode()
    for index, body in enumerate(BODIES)
)
_DATE = b"\x0d\x05\x00\x00Sun, 22 Nov 2026 12:00:30 GMT\n{}"
TARGET = Target("wire", check_one, (*_SEEDS, _DATE, b"\x0e\x01\x00\x00120\n<html>"))
