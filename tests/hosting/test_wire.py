"""Every shape of answer becomes a core value or a core error, and nothing else ever comes out."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import HostingError, HostingRefusedError, HostingUnavailableError
from bot.core.names import Action, EnvironmentId, IdempotencyKey, TaskId, UpdateMode
from bot.core.tasks import Submission
from bot.hosting import bodies, wire
from bot.hosting.wire import HttpAnswer, HttpRequest

NOW = datetime(2026, 11, 21, 12, 0, 50, tzinfo=UTC)
ENVIRONMENT = EnvironmentId("5a296461-9222-40da-91f5-9e912890dc1b")
TASK = TaskId("a1b2c3d4-5678-90ab-cdef-1234567890ab")
READ, WRITE = HttpRequest("GET", "/org"), HttpRequest("POST", "/x")


def answer(status: int, body: object = None, **headers: str) -> HttpAnswer:
    """An answer with a JSON body (bytes go as they are)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def refusal_of(status: int, body: object, request: HttpRequest = WRITE) -> HostingRefusedError:
    with pytest.raises(HostingRefusedError) as refused:
        wire.decipher(request, answer(status, body), now=NOW)
    return refused.value


def trouble_of(
    status: int, body: object, request: HttpRequest = WRITE, **headers: str
) -> HostingUnavailableError:
    with pytest.raises(HostingUnavailableError) as unwell:
        wire.decipher(request, answer(status, body, **headers), now=NOW)
    return unwell.value


def detail(code: str, **extras: object) -> dict[str, object]:
    return {"detail": {"error": code, "message": "Words.", **extras}}


# requests


def submission(action: Action, mode: UpdateMode | None = None, modules: tuple[str, ...] = ()) -> Submission:
    return Submission(IdempotencyKey("key-1"), ENVIRONMENT, action, mode, modules)


@pytest.mark.parametrize(
    ("asked", "route", "body"),
    [
        (submission(Action.DEPLOY), "deploy", None),
        (submission(Action.DEPLOY, None, ("all",)), "deploy", {"update_modules": ["all"]}),
        (submission(Action.RESTART), "restart", None),
        (submission(Action.START), "start", None),
        (submission(Action.STOP), "stop", None),
        (submission(Action.UPDATE), "quick-update", {"mode": "pull_restart"}),
        (submission(Action.UPDATE, UpdateMode.UPDATE_ALL), "quick-update", {"mode": "update_all"}),
        (
            submission(Action.UPDATE, UpdateMode.UPDATE_SPECIFIC, ("sale", "stock")),
            "quick-update",
            {"mode": "update_specific", "modules": ["sale", "stock"]},
        ),
        (
            submission(Action.UPDATE, UpdateMode.REINITIALIZE_SPECIFIC, ("sale",)),
            "quick-update",
            {"mode": "reinitialize_specific", "modules": ["sale"]},
        ),
    ],
)
def test_action_is_one_post_with_its_key(asked: Submission, route: str, body: object) -> None:
    headers = {"Idempotency-Key": "key-1"}

    assert wire.build_action(asked) == HttpRequest(
        "POST",
        f"/environments/{ENVIRONMENT}/{route}",
        headers,
        body,  # type: ignore[arg-type]
    )


def test_reads_are_gets_below_the_base() -> None:
    built = [
        wire.build_task_look(TASK),
        wire.build_environment_look(ENVIRONMENT),
        wire.build_log_look(ENVIRONMENT, TASK, 20),
        wire.build_log_look(ENVIRONMENT, TASK, 5_000_000),
        wire.build_log_look(ENVIRONMENT, TASK, -1),
        wire.build_project_list(None),
        wire.build_project_list("a b/c?d=e&f"),
        wire.build_environment_list(ENVIRONMENT),
        wire.build_backup_list(ENVIRONMENT),
        wire.build_key_check(),
    ]

    assert {request.method for request in built} == {"GET"}
    assert not any(request.is_write for request in built)
    assert [request.path for request in built] == [
        f"/deployments/{TASK}",
        f"/environments/{ENVIRONMENT}",
        f"/environments/{ENVIRONMENT}/logs?task_id={TASK}&lines=20",
        f"/environments/{ENVIRONMENT}/logs?task_id={TASK}&lines=1000",
        f"/environments/{ENVIRONMENT}/logs?task_id={TASK}&lines=1",
        "/projects?limit=100",
        "/projects?limit=100&cursor=a%20b%2Fc%3Fd%3De%26f",
        f"/projects/{ENVIRONMENT}/environments",
        f"/environments/{ENVIRONMENT}/backups?status=completed&page_size=20",
        "/org",
    ]


@settings(deadline=None)
@given(st.text())
def test_what_is_no_id_builds_no_request(text: str) -> None:
    builders: list[Callable[[], HttpRequest]] = [
        lambda: wire.build_task_look(TaskId(text)),
        lambda: wire.build_environment_look(EnvironmentId(text)),
        lambda: wire.build_environment_list(text),
        lambda: wire.build_log_look(ENVIRONMENT, TaskId(text), 1),
        lambda: wire.build_action(Submission(IdempotencyKey("k"), EnvironmentId(text), Action.DEPLOY)),
    ]
    for build in builders:
        with pytest.raises(HostingRefusedError, match="invalid_id"):
            build()


# refusals


@pytest.mark.parametrize(
    ("status", "body", "code", "text"),
    [
        (409, detail("task_in_progress"), "task_in_progress", "Words."),
        (
            402,
            {"detail": {"reason": "subscription_blocked", "message": "Pay."}},
            "subscription_blocked",
            "Pay.",
        ),
        (400, {"detail": "No storage configuration"}, "http_400", "No storage configuration"),
        (404, {"error": "not_found", "message": "Gone.", "details": {}}, "not_found", "Gone."),
        (404, {"error": "not_found", "detail": "Gone."}, "not_found", "Gone."),
        (409, {"detail": "A backup is already running"}, "http_409", "A backup is already running"),
        (403, {"detail": {"message": "No code."}}, "http_403", "No code."),
        (403, {"detail": {"error": None, "message": None}}, "http_403", ""),
        (403, {"detail": {"error": "two words\nand a line", "message": 5}}, "http_403", ""),
        (418, {}, "http_418", ""),
        (418, [], "http_418", ""),
        (418, "text", "http_418", ""),
        (401, b"", "http_401", ""),
        (401, b"<html>", "http_401", ""),
        (401, detail("key_expired"), "key_expired", "Words."),
    ],
)
def test_refusal_keeps_code_and_words(status: int, body: object, code: str, text: str) -> None:
    refused = refusal_of(status, body)

    assert (refused.status, refused.code, refused.text) == (status, code, text)


def test_refusal_keeps_the_task_it_names() -> None:
    assert refusal_of(409, detail("task_in_progress", task_id=TASK)).task_id == TASK
    assert refusal_of(409, detail("task_in_progress", task_id="../org")).task_id is None
    assert refusal_of(409, detail("task_in_progress")).task_id is None


def test_findings_of_a_validation_are_listed() -> None:
    findings = [
        {"loc": ["body", "modules", 0], "msg": "Bad name", "type": "value_error"},
        {"field": "mode", "message": "Field required"},
        "odd",
        {"loc": "odd"},
    ]

    refused = refusal_of(422, {"detail": findings})

    assert refused.code == "validation_error"
    assert refused.text == "modules.0: Bad name; Field required; invalid"


def test_foreign_words_are_cut_and_made_whole() -> None:
    refused = refusal_of(400, b'{"detail": "\\ud800\\u0000' + b"x" * 9000 + b'"}')

    assert refused.text.startswith("?x")
    assert len(refused.text) <= 4000


# trouble


@pytest.mark.parametrize(
    ("status", "body", "code", "may_have_acted"),
    [
        (500, {"error": "internal_error"}, "internal_error", True),
        (502, detail("server_unreachable"), "server_unreachable", True),
        (502, b"<html>Bad gateway</html>", "http_502", True),
        (503, detail("enqueue_failed"), "enqueue_failed", False),
        (503, b"", "http_503", True),
        (504, detail("docker_timeout"), "docker_timeout", True),
        (429, detail("rate_limit_exceeded"), "rate_limit_exceeded", False),
        (429, b"", "http_429", False),
        (408, b"", "http_408", False),
        (409, detail("concurrent_action"), "concurrent_action", False),
        (409, {"detail": "A request with this Idempotency-Key is in flight"}, "http_409", True),
        (404, b"<html>Not here</html>", "unexpected_answer", False),
        (403, b"", "unexpected_answer", False),
        (301, b"", "unexpected_redirect", False),
        (307, {}, "unexpected_redirect", False),
        (200, b"<html>Log in</html>", "unexpected_answer", True),
        (202, b"[" * 100_000, "unexpected_answer", True),
        (202, b"\xff\xfe", "unexpected_answer", True),
    ],
)
def test_trouble_tells_whether_a_write_may_have_happened(
    status: int, body: object, code: str, may_have_acted: bool
) -> None:
    assert (trouble_of(status, body).code, trouble_of(status, body).may_have_acted) == (code, may_have_acted)


def test_trouble_with_a_read_never_acted() -> None:
    for status in (200, 500, 502, 503):
        assert not trouble_of(status, b"<html>", READ).may_have_acted


def test_wait_that_was_named_is_kept() -> None:
    assert trouble_of(503, detail("enqueue_failed"), retry_after="5").retry_after == timedelta(seconds=5)
    assert trouble_of(429, detail("ip_blocked")).retry_after == timedelta(minutes=15)
    assert trouble_of(500, {}).retry_after is None


def test_success_without_a_body_is_nothing() -> None:
    assert wire.decipher(WRITE, answer(204, b""), now=NOW) is None
    assert wire.decipher(READ, answer(200, b"null"), now=NOW) is None


# anything at all

FIELDS = [
    "data",
    "detail",
    "duration_seconds",
    "error",
    "id",
    "items",
    "loc",
    "log",
    "message",
    "msg",
    "name",
    "next_cursor",
    "pagination",
    "progress_percent",
    "reason",
    "retry_after",
    "started_at",
    "status",
    "steps_completed",
    "task_id",
    "total",
    "truncated",
]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=10)
    | st.sampled_from([TASK, "running", "completed", "2026-03-01T12:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
raw_bodies = st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode())
READERS: list[Callable[[Any], object]] = [
    bodies.read_task,
    bodies.read_accepted,
    bodies.read_log,
    bodies.read_projects,
    lambda body: bodies.read_environment(body, None),
    lambda body: bodies.read_environments(body, "Client ERP"),
    lambda body: bodies.read_backups(body, NOW),
]


@settings(deadline=None)
@given(st.integers(100, 699), raw_bodies, st.sampled_from([READ, WRITE]), st.sampled_from(READERS))
def test_whatever_comes_is_a_value_or_an_error_of_ours(
    status: int, raw: bytes, request: HttpRequest, read: Callable[[Any], object]
) -> None:
    try:
        value = read(wire.decipher(request, answer(status, raw), now=NOW))
    except HostingError as error:
        str(error).encode()
    else:
        repr(value).encode()
        assert 200 <= status < 300


@settings(deadline=None)
@given(json_values, st.sampled_from(READERS))
def test_whatever_a_success_holds_is_a_value_or_unavailable(body: Any, read: Callable[[Any], object]) -> None:
    with suppress(HostingUnavailableError):
        repr(read(body)).encode()  # whole characters only
