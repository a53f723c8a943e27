"""Reading projects, environments and tasks."""

from bot.sim.hosting import errors
from bot.sim.hosting.entities import Environment, Project, Task
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.front import Front
from bot.sim.hosting.lifecycle import log_of
from bot.sim.hosting.paging import cut_by_cursor
from bot.sim.hosting.route import Ask
from bot.sim.hosting.shapes import Object


def _project_object(front: Front, project: Project) -> Object:
    return front.writer.project(project, environment_count=len(_shown(front, project)))


def _shown(front: Front, project: Project) -> list[Environment]:
    return [one for one in front.hosting.environments_of(project.id) if not front.is_hidden(one)]


def visible_project(ask: Ask) -> Project:
    """The project the path names. Raises 404 for one this key does not see."""
    for project in ask.front.hosting.visible_projects(ask.key):
        if project.id == ask.places["project_id"]:
            return project
    raise RefusedError(errors.not_found("Project"))


async def list_projects(ask: Ask) -> Answer:
    """By cursor; a project key sees its own."""
    front = ask.up_to_date()
    page, pagination = cut_by_cursor(front.hosting.visible_projects(ask.key), ask.query)
    return Answer(200, {"data": [_project_object(front, one) for one in page], "pagination": pagination})


async def get_project(ask: Ask) -> Answer:
    """One project."""
    return Answer(200, _project_object(ask.up_to_date(), visible_project(ask)))


async def list_environments(ask: Ask) -> Answer:
    """A plain array, oldest first; `status` in any case."""
    front, project = ask.up_to_date(), visible_project(ask)
    wanted = (ask.query["status"] or "").lower()
    listed = [one for one in _shown(front, project) if wanted in {"", one.status.lower()}]
    return Answer(200, [front.writer.environment(one) for one in listed])


async def get_environment(ask: Ask) -> Answer:
    """One environment."""
    return Answer(200, ask.front.writer.environment(ask.shown_environment()))


async def get_environment_status(ask: Ask) -> Answer:
    """Its health and last deploy."""
    environment = ask.shown_environment()
    last = next(iter(ask.front.hosting.deployments_of(environment.id)), None)
    return Answer(200, ask.front.writer.environment_status(environment, last))


async def list_deployments(ask: Ask) -> Answer:
    """Deploys only, newest first, by cursor."""
    environment = ask.shown_environment()
    front = ask.front
    page, pagination = cut_by_cursor(front.hosting.deployments_of(environment.id), ask.query)
    return Answer(200, {"data": [front.writer.task(one) for one in page], "pagination": pagination})


async def get_deployment(ask: Ask) -> Answer:
    """One task of any type; this is what counts as a look."""
    hosting, task_id = ask.front.hosting, ask.places["task_id"]
    if hosting.find_task(task_id, ask.key) is None:
        raise RefusedError(errors.not_found("Deployment"))
    return Answer(200, ask.front.writer.task(hosting.look_at_task(task_id, now=ask.now)))


async def get_log(ask: Ask) -> Answer:
    """The newest lines of a task's step log, of the latest task or the one named."""
    environment = ask.shown_environment()
    task, lines = _task_for_log(ask, environment), ask.query["lines"]
    log = [] if task is None else log_of(task).splitlines()
    return Answer(
        200,
        {
            "task_id": None if task is None else task.id,
            "log": "\n".join(log[-lines:]),
            "lines": min(lines, len(log)),
            "truncated": len(log) > lines,
        },
    )


def _task_for_log(ask: Ask, environment: Environment) -> Task | None:
    hosting, named = ask.front.hosting, ask.query["task_id"]
    if named is None:
        return next(iter(hosting.tasks_of(environment.id)), None)
    found = hosting.find_task(named, ask.key)
    if found is None or found.environment_id != environment.id:
        raise RefusedError(errors.not_found("Deployment"))
    return found
