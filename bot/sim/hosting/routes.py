"""The routes of the public API: what each answers, from the store."""

from aiohttp import web

from bot.sim.hosting import errors, shapes
from bot.sim.hosting.asks import cut_page, read_int, read_uuid
from bot.sim.hosting.entities import ApiKey, Environment, Project, Task
from bot.sim.hosting.errors import RefusedError
from bot.sim.hosting.front import FRONT, Front
from bot.sim.hosting.keys import presented_key
from bot.sim.hosting.lifecycle import log_of
from bot.sim.hosting.shapes import Object


def key_of(request: web.Request) -> ApiKey:
    """The key of a call that passed the gate."""
    return request.app[FRONT].hosting.keys[presented_key(request.headers) or ""]


def visible_environment(request: web.Request) -> Environment:
    """The environment a path names. Raises 422 for a bad id, 404 for one this key does not see."""
    environment_id = read_uuid(request.match_info["env_id"], "path", "env_id")
    found = up_to_date(request).hosting.find_environment(environment_id, key_of(request))
    if found is None:
        raise RefusedError(errors.not_found("Environment"))
    return found


def up_to_date(request: web.Request) -> Front:
    """The front, with every task brought up to now."""
    front = request.app[FRONT]
    front.hosting.advance(front.now())
    return front


def _project_object(front: Front, project: Project) -> Object:
    count = len(front.hosting.environments_of(project.id))
    return front.writer.project(project, environment_count=count)


def _visible_project(request: web.Request) -> Project:
    project_id = read_uuid(request.match_info["project_id"], "path", "project_id")
    for project in request.app[FRONT].hosting.visible_projects(key_of(request)):
        if project.id == project_id:
            return project
    raise RefusedError(errors.not_found("Project"))


async def list_projects(request: web.Request) -> web.Response:
    """`GET /projects`, by cursor; a project key sees its own."""
    front = request.app[FRONT]
    page, pagination = cut_page(front.hosting.visible_projects(key_of(request)), request.query)
    return web.json_response(
        {"data": [_project_object(front, one) for one in page], "pagination": pagination}
    )


async def get_project(request: web.Request) -> web.Response:
    """`GET /projects/{project_id}`."""
    return web.json_response(_project_object(request.app[FRONT], _visible_project(request)))


async def list_environments(request: web.Request) -> web.Response:
    """`GET /projects/{project_id}/environments`: a plain array, oldest first, `status` in any case."""
    project = _visible_project(request)
    front = up_to_date(request)
    wanted = request.query.get("status", "").lower()
    listed = [one for one in front.hosting.environments_of(project.id) if wanted in {"", one.status.lower()}]
    return web.json_response([front.writer.environment(one) for one in listed])


async def get_environment(request: web.Request) -> web.Response:
    """`GET /environments/{env_id}`."""
    return web.json_response(request.app[FRONT].writer.environment(visible_environment(request)))


async def get_environment_status(request: web.Request) -> web.Response:
    """`GET /environments/{env_id}/status`."""
    environment = visible_environment(request)
    front = request.app[FRONT]
    last = next(iter(front.hosting.deployments_of(environment.id)), None)
    return web.json_response(front.writer.environment_status(environment, last))


async def list_deployments(request: web.Request) -> web.Response:
    """`GET /environments/{env_id}/deployments`: deploys only, newest first, by cursor."""
    environment = visible_environment(request)
    front = request.app[FRONT]
    page, pagination = cut_page(front.hosting.deployments_of(environment.id), request.query)
    return web.json_response({"data": [front.writer.task(one) for one in page], "pagination": pagination})


async def get_deployment(request: web.Request) -> web.Response:
    """`GET /deployments/{task_id}`: one task of any type; this is what counts as a look."""
    task_id = read_uuid(request.match_info["task_id"], "path", "task_id")
    front = request.app[FRONT]
    _visible_task(front, task_id, key_of(request))
    return web.json_response(front.writer.task(front.hosting.look_at_task(task_id, now=front.now())))


def _visible_task(front: Front, task_id: str, key: ApiKey) -> Task:
    found = front.hosting.find_task(task_id, key)
    if found is None:
        raise RefusedError(errors.not_found("Deployment"))
    return found


async def get_log(request: web.Request) -> web.Response:
    """`GET /environments/{env_id}/logs`: the newest lines of a task's step log, of the latest task or the one named."""
    environment = visible_environment(request)
    lines = read_int(request.query, "lines", default=200, most=1000)
    task = _task_for_log(request, environment)
    log = [] if task is None else log_of(task).splitlines()
    return web.json_response(
        {
            "task_id": None if task is None else task.id,
            "log": "\n".join(log[-lines:]),
            "lines": min(lines, len(log)),
            "truncated": len(log) > lines,
        }
    )


def _task_for_log(request: web.Request, environment: Environment) -> Task | None:
    hosting = request.app[FRONT].hosting
    named = request.query.get("task_id")
    if named is None:
        return next(iter(hosting.tasks_of(environment.id)), None)
    found = hosting.find_task(read_uuid(named, "query", "task_id"), key_of(request))
    if found is None or found.environment_id != environment.id:
        raise RefusedError(errors.not_found("Deployment"))
    return found


async def get_organization(request: web.Request) -> web.Response:
    """`GET /org`: plan and limits."""
    return web.json_response(shapes.organization(request.app[FRONT].hosting.organization))


async def get_usage(request: web.Request) -> web.Response:
    """`GET /org/usage`: what runs, and what it uses."""
    front = up_to_date(request)
    projects = front.hosting.visible_projects(key_of(request))
    everything = [one for project in projects for one in front.hosting.environments_of(project.id)]
    return web.json_response(shapes.usage(everything))
