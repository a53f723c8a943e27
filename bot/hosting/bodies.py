"""oec.sh's answers as core values. Pure, and tolerant: of all fields only the id must be there.

The vendor's own client takes nearly every field as optional and nullable; so does this. A field of an unexpected type
counts as absent, an unknown field is ignored, an unknown task status means that the task is still open.
"""

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.core.errors import HostingUnavailableError
from bot.core.names import EnvironmentId, TaskId
from bot.core.pre_flight import Backups
from bot.core.tasks import EnvironmentReport, TaskLog, TaskReport, TaskStatus
from bot.hosting.fields import (
    LONGEST_WORD,
    Count,
    Id,
    Json,
    Moment,
    Name,
    OptionalId,
    Percent,
    Span,
    Status,
    Text,
    WholeText,
    Words,
    clean_text,
    known_status,
    read_number,
)
from bot.hosting.ids import is_uuid
from bot.views.masking import mask_secrets

LONGEST_LOG = 30_000
"""Characters kept of a log, the newest: several times what is shown of it."""


class Body(BaseModel):
    """An answer's body; fields nobody here knows are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TaskBody(Body):
    """`GET /deployments/{task_id}`."""

    id: Id
    type: Text = None
    status: Status = TaskStatus.RUNNING
    environment_id: OptionalId = None
    progress_percent: Percent = 0
    current_step: Text = None
    steps_completed: Count = 0
    total_steps: Count = 0
    started_at: Moment = None
    completed_at: Moment = None
    duration_seconds: Span = None
    error_message: Words = None
    triggered_by: Text = None


class EnvironmentBody(Body):
    """`GET /environments/{id}`, and each element of a project's list."""

    id: Id
    name: Name = None
    status: Text = None
    url: Text = None
    branch: Text = None
    last_commit: Text = None


class ProjectBody(Body):
    """One project of `GET /projects`."""

    id: Id
    name: Name = None


class AcceptedBody(Body):
    """The 202 of an action."""

    task_id: Id


class LogBody(Body):
    """`GET /environments/{id}/logs`."""

    log: WholeText = None
    truncated: Annotated[bool, BeforeValidator(lambda value: value is True)] = False


class BackupBody(Body):
    """One backup of `GET /environments/{id}/backups`."""

    status: Text = None
    started_at: Moment = None
    created_at: Moment = None
    completed_at: Moment = None
    expires_at: Moment = None

    @property
    def leads_to(self) -> datetime | None:
        """The moment as of which it holds the data: what was entered while it was made may be missing."""
        return self.started_at or self.created_at or self.completed_at

    def is_there(self, now: datetime) -> bool:
        """Whether it is finished and still kept."""
        has_expired = self.expires_at is not None and self.expires_at <= now
        return (self.status or "").lower() == "completed" and not has_expired


class Page(Body):
    """Where a list with a cursor goes on; None at its end."""

    next_cursor: Text = None
    has_more: Annotated[bool, BeforeValidator(lambda value: value is not False)] = True


B = TypeVar("B", bound=Body)


def _read(kind: type[B], body: Json) -> B:
    try:
        return kind.model_validate(body)
    except ValidationError:
        raise _unexpected() from None


def _unexpected() -> HostingUnavailableError:
    return HostingUnavailableError("the answer is not one of oec.sh's API", code="unexpected_answer")


def _elements(body: Json) -> list[Json]:
    """What a list holds. It may come bare, or as `data` or `items` of an object."""
    listed = body.get("data", body.get("items")) if isinstance(body, dict) else body
    if not isinstance(listed, list):
        raise _unexpected()
    return listed


def _read_list(kind: type[B], body: Json) -> list[B]:
    """The elements that can be read."""
    read = []
    for element in _elements(body):
        try:
            read.append(kind.model_validate(element))
        except ValidationError:  # one odd element must not hide the others
            continue
    return read


def read_task(body: Json) -> TaskReport:
    """What the platform says about a task."""
    task = _read(TaskBody, body)
    return TaskReport(
        task_id=TaskId(task.id),
        type=task.type or "",
        status=task.status,
        environment_id=None if task.environment_id is None else EnvironmentId(task.environment_id),
        progress_percent=task.progress_percent,
        current_step=task.current_step,
        steps_completed=task.steps_completed,
        total_steps=task.total_steps,
        started_at=task.started_at,
        completed_at=task.completed_at,
        duration=task.duration_seconds,
        error_message=task.error_message,
        unknown_status=_unknown_status(body),
        triggered_by=task.triggered_by,
    )


def _unknown_status(body: Json) -> str | None:
    """The platform's own word for a status that is none of ours; None where it is one, or no word at all."""
    word = body.get("status") if isinstance(body, dict) else None
    text = clean_text(word)
    return text[:LONGEST_WORD] if text is not None and known_status(word) is None else None


def read_deploys(body: Json) -> tuple[tuple[TaskReport, ...], bool]:
    """The newest deploys of an environment, and whether these are all there ever were."""
    pagination = body.get("pagination") if isinstance(body, dict) else None
    has_more = pagination.get("has_more") if isinstance(pagination, dict) else None
    return tuple(read_task(element) for element in _elements(body)), has_more is False


def read_newest_task(body: Json) -> TaskId | None:
    """The task whose log this is; None where the platform says that the environment never had one.

    Raises `HostingUnavailableError` where it does not say: that must not be taken for never.
    """
    task_id = body.get("task_id", "") if isinstance(body, dict) else ""
    if task_id is None:
        return None
    if not is_uuid(task_id):
        raise HostingUnavailableError("the answer does not name its task", code="unexpected_answer")
    return TaskId(task_id)


def read_backups(body: Json, now: datetime) -> Backups:
    """The newest finished backup of an environment.

    Raises `HostingUnavailableError` where the list does not tell: that must not be taken for none.
    """
    listed = _read_list(BackupBody, body)
    finished = [backup.leads_to for backup in listed if backup.is_there(now)]
    known = [at for at in finished if at is not None]
    if known:
        return Backups(max(known))
    if finished or not _is_whole_list(body):
        raise HostingUnavailableError("the answer does not tell of backups", code="unexpected_answer")
    return Backups()


def _is_whole_list(body: Json) -> bool:
    """Whether a list by pages says that there is nothing beyond it."""
    if not isinstance(body, dict):
        return True
    listed, total = _elements(body), read_number(body.get("total"))
    return not listed if total is None else total <= len(listed)


def read_accepted(body: Json) -> TaskId:
    """The task that an accepted action became."""
    return TaskId(_read(AcceptedBody, body).task_id)


def read_environment(body: Json, project: str | None) -> EnvironmentReport:
    """What the platform says about an environment; the project's name stands nowhere in the answer."""
    return _as_report(_read(EnvironmentBody, body), project)


def read_environments(body: Json, project: str | None) -> list[EnvironmentReport]:
    """A project's environments."""
    return [_as_report(environment, project) for environment in _read_list(EnvironmentBody, body)]


def _as_report(environment: EnvironmentBody, project: str | None) -> EnvironmentReport:
    return EnvironmentReport(
        id=EnvironmentId(environment.id),
        name=environment.name,
        project=project,
        status=environment.status,
        url=environment.url,
        branch=environment.branch,
        last_commit=environment.last_commit,
    )


def read_projects(body: Json) -> tuple[list[ProjectBody], str | None]:
    """A page of projects, and the cursor of the next one."""
    projects = _read_list(ProjectBody, body)
    pagination = body.get("pagination") if isinstance(body, dict) else None
    page = Page.model_validate(pagination if isinstance(pagination, dict) else {})
    return projects, page.next_cursor if page.has_more else None


def read_log(body: Json) -> TaskLog:
    """The newest lines of a task's step log, without the secrets in them: what is read is kept for good."""
    answer = _read(LogBody, body)
    text = answer.log or ""
    if len(text) <= LONGEST_LOG:
        return TaskLog(mask_secrets(text)[-LONGEST_LOG:], truncated=answer.truncated)
    # half a line may hold half a secret, which looks like none
    _, newline, whole_lines = text[-LONGEST_LOG:].partition("\n")
    kept = whole_lines if newline else text[-LONGEST_LOG:]
    return TaskLog(mask_secrets(kept)[-LONGEST_LOG:], truncated=True)
