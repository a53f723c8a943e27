"""The oec.sh Public API as values: requests to send, and what an answer means. Pure.

`decipher` knows every shape in which the platform refuses:

    {"detail": {"error": code, "message": text, …}}      most routes
    {"detail": [{"loc": […], "msg": text, …}]}           validation (422)
    {"detail": text}                                      backup routes, some 404s
    {"detail": {"reason": code, "message": text, …}}     billing (402)
    {"error": code, "message": text, …}                  one central handler
    no JSON at all                                        not the platform: a proxy on the way
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from bot.core.budget import RateLimit
from bot.core.errors import HostingError, HostingRefusedError, HostingUnavailableError
from bot.core.names import Action, EnvironmentId, TaskId, UpdateMode
from bot.core.tasks import Submission
from bot.hosting.fields import Json, masked_text
from bot.hosting.ids import is_uuid
from bot.hosting.limits import rate_limit_from, read_retry_after

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
"""What an error code looks like; it is logged, so nothing else passes for one."""

PAGE_SIZE = 100
DEPLOYS = 20
BACKUPS = 20
"""Of the newest backups, which are asked for finished ones only; older services may list all the same."""

LOG_LINES = 1000
"""The most lines of a log that the platform gives at once."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, without the key: `path` is what follows the base URL, its query included."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Json] | None = None

    @property
    def is_write(self) -> bool:
        """Whether it may change something at the platform."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def _checked(value: str, what: str) -> str:
    """The id, if it is one: other text could steer the request to another route."""
    if not is_uuid(value):
        raise HostingRefusedError(status=422, code="invalid_id", text=f"This is no id of {what}.")
    return value


def build_action(submission: Submission) -> HttpRequest:
    """Ask for an action. A deploy without modules has no body; a quick update names its mode."""
    environment_id = _checked(submission.environment_id, "an environment")
    body: dict[str, Json] | None = None
    match submission.action:
        case Action.DEPLOY:
            route = "deploy"
            if submission.modules:
                body = {"update_modules": list(submission.modules)}
        case Action.UPDATE:
            route = "quick-update"
            body = {"mode": (submission.mode or UpdateMode.PULL_RESTART).value}
            if submission.modules:
                body["modules"] = list(submission.modules)
        case Action.RESTART | Action.START | Action.STOP:
            route = submission.action.value
    headers = {"Idempotency-Key": submission.key}
    return HttpRequest("POST", f"/environments/{environment_id}/{route}", headers, body)


def build_task_look(task_id: TaskId) -> HttpRequest:
    """One look at a task."""
    return HttpRequest("GET", f"/deployments/{_checked(task_id, 'a task')}")


def build_environment_look(environment_id: EnvironmentId) -> HttpRequest:
    """One environment as it stands."""
    return HttpRequest("GET", f"/environments/{_checked(environment_id, 'an environment')}")


def build_log_look(environment_id: EnvironmentId, task_id: TaskId, lines: int) -> HttpRequest:
    """The tail of a task's step log."""
    environment, task = _checked(environment_id, "an environment"), _checked(task_id, "a task")
    count = max(1, min(LOG_LINES, lines))
    return HttpRequest("GET", f"/environments/{environment}/logs?task_id={task}&lines={count}")


def build_newest_task_look(environment_id: EnvironmentId) -> HttpRequest:
    """Which task of an environment, of any kind, is the newest: the one whose log is shown unasked."""
    return HttpRequest("GET", f"/environments/{_checked(environment_id, 'an environment')}/logs?lines=1")


def build_deploy_list(environment_id: EnvironmentId) -> HttpRequest:
    """The newest deploys of an environment; tasks of other kinds are not listed anywhere."""
    environment = _checked(environment_id, "an environment")
    return HttpRequest("GET", f"/environments/{environment}/deployments?limit={DEPLOYS}")


def build_backup_list(environment_id: EnvironmentId) -> HttpRequest:
    """The newest finished backups of an environment."""
    environment = _checked(environment_id, "an environment")
    return HttpRequest("GET", f"/environments/{environment}/backups?status=completed&page_size={BACKUPS}")


def build_project_list(cursor: str | None) -> HttpRequest:
    """A page of the projects that the key can see."""
    further = "" if cursor is None else f"&cursor={quote(cursor, safe='')}"
    return HttpRequest("GET", f"/projects?limit={PAGE_SIZE}{further}")


def build_environment_list(project_id: str) -> HttpRequest:
    """The environments of a project."""
    return HttpRequest("GET", f"/projects/{_checked(project_id, 'a project')}/environments")


def build_key_check() -> HttpRequest:
    """The cheapest read there is: the organization."""
    return HttpRequest("GET", "/org")


def decipher(request: HttpRequest, answer: HttpAnswer, *, now: datetime) -> Json:
    """What an answer holds (None: nothing); raises `HostingRefusedError` or `HostingUnavailableError`."""
    if 200 <= answer.status < 300:
        return _read_success(request, answer)
    if answer.status < 400:
        raise HostingUnavailableError(
            "redirect: wrong OEC_API_URL or a proxy", code="unexpected_redirect"
        )  # never followed: the key would travel along
    raise _read_failure(request, answer, now)


def read_limits(answer: HttpAnswer, now: datetime) -> RateLimit:
    """What an answer told of the key's limit."""
    body = _parse(answer.body)[1] if answer.status == 429 else None
    return rate_limit_from(answer.status, answer.headers, body, now)


def _read_success(request: HttpRequest, answer: HttpAnswer) -> Json:
    if not answer.body.strip():
        return None
    is_json, value = _parse(answer.body)
    if not is_json:
        raise HostingUnavailableError(
            "the answer is not JSON: a proxy?", code="unexpected_answer", may_have_acted=request.is_write
        )
    return value


def _parse(body: bytes) -> tuple[bool, Json]:
    try:
        return True, json.loads(body)
    except (ValueError, RecursionError):
        return False, None


def _read_failure(request: HttpRequest, answer: HttpAnswer, now: datetime) -> HostingError:
    is_json, body = _parse(answer.body)
    said = _read_said(body)
    if answer.status in _NOT_NOW or answer.status >= 500:
        return _unwell(request, answer, said, read_retry_after(answer.status, answer.headers, body, now))
    if said.code == "concurrent_action":
        return HostingUnavailableError("another action is being queued", code=said.code)
    if answer.status == 409 and not said.code and "idempotency" in said.text.lower():
        return HostingUnavailableError(
            "this very request is still being worked on", code="http_409", may_have_acted=True
        )
    # Without JSON it was not the platform that spoke, and a proxy's 404 says nothing about a task. Only a 401 counts
    # whoever sent it: a refused key that is tried again and again gets the whole address blocked.
    if not is_json and answer.status != 401:
        return HostingUnavailableError(
            f"status {answer.status} without JSON: a proxy?", code="unexpected_answer"
        )
    code = said.code or f"http_{answer.status}"
    return HostingRefusedError(status=answer.status, code=code, text=said.text, task_id=said.task_id)


_NOT_NOW = frozenset({408, 425, 429})


def _unwell(
    request: HttpRequest, answer: HttpAnswer, said: "_Said", retry_after: timedelta | None
) -> HostingUnavailableError:
    code = said.code or f"http_{answer.status}"
    has_no_effect = answer.status in _NOT_NOW or code == "enqueue_failed"
    return HostingUnavailableError(
        f"status {answer.status} {said.code}".strip(),
        retry_after=retry_after,
        may_have_acted=request.is_write and not has_no_effect,
        code=code,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error said: its code ('' if it gave none), its sentence, the task it points at."""

    code: str = ""
    text: str = ""
    task_id: TaskId | None = None


def _read_said(body: Json) -> _Said:
    if not isinstance(body, dict):
        return _Said()
    detail = body.get("detail")
    match detail:
        case dict():
            return _said(detail.get("error") or detail.get("reason"), detail.get("message"), detail)
        case list():
            return _Said("validation_error", _listed(detail))
        case str():
            return _said(body.get("error"), detail, body)
        case _:
            return _said(body.get("error"), body.get("message"), body)


def _said(code: object, text: object, extras: Mapping[str, Json]) -> _Said:
    task_id = extras.get("task_id")
    word = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    return _Said(word, _foreign(text), TaskId(task_id) if is_uuid(task_id) else None)


def _listed(findings: list[Json]) -> str:
    """`modules.0: String should match …; mode: Field required`, the first few."""
    readable = [finding for finding in findings if isinstance(finding, dict)]
    return _foreign("; ".join(_finding(one) for one in readable[:5]))


def _finding(finding: Mapping[str, Json]) -> str:
    loc = finding.get("loc")
    parts = loc[:10] if isinstance(loc, list) else []
    where = ".".join(str(part) for part in parts if isinstance(part, str | int) and part != "body")
    said = finding.get("msg") or finding.get("message")
    what = said if isinstance(said, str) else "invalid"
    return f"{where}: {what}" if where else what


def _foreign(text: object) -> str:
    return masked_text(text) or ""
