"""The routes around projects, environments and their tasks."""

from bot.sim.hosting import objects, schemas
from bot.sim.hosting.route import Handler, Idempotency, Parameter, Route
from bot.sim.hosting.routes import actions, environments, observation, reading
from bot.sim.hosting.routes.parts import CURSOR, ONE_ENVIRONMENT, gives
from bot.sim.hosting.schemas import Schema, array, choice, ref

_LINES = Parameter("lines", schemas.LINES, "How many of the newest lines.")
_SOURCE = Parameter("source", choice("odoo", "container", "postgres", default="odoo"))
_ONE_PROJECT = "/projects/{project_id}"


def _action(name: str, handler: Handler, summary: str, body: Schema | None = None) -> Route:
    is_update = name == "quick-update"
    return Route(
        "POST",
        f"{ONE_ENVIRONMENT}/{name}",
        handler,
        summary,
        gives(ref("Accepted"), "Queued.", 202),
        body=body,
        is_body_needed=is_update,
        refusals=(400, 409, 503) if is_update else (409, 503),
        idempotency=Idempotency.ACTION,
    )


_ACTIONS = (
    _action("deploy", actions.deploy, "Deploy", schemas.DEPLOY),
    _action("restart", actions.restart, "Restart"),
    _action("start", actions.start, "Start"),
    _action("stop", actions.stop, "Stop"),
    _action("quick-update", actions.quick_update, "Quick update", schemas.QUICK_UPDATE),
)
_TASKS = (
    Route(
        "GET",
        f"{ONE_ENVIRONMENT}/deployments",
        reading.list_deployments,
        "List deployments",
        gives(objects.by_cursor("Task")),
        query=CURSOR,
    ),
    Route("GET", "/deployments/{task_id}", reading.get_deployment, "Get a task", gives(ref("Task"))),
    Route(
        "GET",
        f"{ONE_ENVIRONMENT}/logs",
        reading.get_log,
        "Get a task's log",
        gives(ref("TaskLog")),
        query=(Parameter("task_id", schemas.UUID, "The latest task unless given."), _LINES),
    ),
)
_PROJECTS = (
    Route(
        "GET",
        "/projects",
        reading.list_projects,
        "List projects",
        gives(objects.by_cursor("Project")),
        query=CURSOR,
    ),
    Route("GET", _ONE_PROJECT, reading.get_project, "Get a project", gives(ref("Project"))),
    Route(
        "GET",
        f"{_ONE_PROJECT}/environments",
        reading.list_environments,
        "List environments",
        gives(array(ref("Environment"))),
        query=(Parameter("status", schemas.TEXT, "Only those in this status, in any case."),),
    ),
)
_ENVIRONMENTS = (
    Route(
        "POST",
        f"{_ONE_PROJECT}/environments",
        environments.create_environment,
        "Create an environment",
        gives(ref("Environment"), "Its first deploy is queued.", 201),
        body=schemas.NEW_ENVIRONMENT,
        is_body_needed=True,
        refusals=(409,),
        idempotency=Idempotency.CREATION,
    ),
    Route("GET", ONE_ENVIRONMENT, reading.get_environment, "Get an environment", gives(ref("Environment"))),
    Route(
        "PATCH",
        ONE_ENVIRONMENT,
        environments.change_environment,
        "Change an environment",
        gives(ref("Environment"), "In effect at the next deploy or restart."),
        body=schemas.CHANGED_ENVIRONMENT,
        is_body_needed=True,
    ),
    Route(
        "DELETE",
        ONE_ENVIRONMENT,
        environments.delete_environment,
        "Delete an environment",
        gives(ref("Accepted"), "Queued.", 202),
        refusals=(400, 409, 503),
        confirmation="X-Confirm-Delete",
    ),
    Route(
        "GET",
        f"{ONE_ENVIRONMENT}/status",
        reading.get_environment_status,
        "Get an environment's health",
        gives(ref("EnvironmentStatus")),
    ),
    Route(
        "GET",
        f"{ONE_ENVIRONMENT}/runtime-logs",
        observation.get_runtime_log,
        "Get a container's log",
        gives(ref("RuntimeLog")),
        query=(_SOURCE, _LINES),
        refusals=(502, 504),
    ),
    Route(
        "GET",
        f"{ONE_ENVIRONMENT}/metrics",
        observation.get_environment_metrics,
        "Get an environment's figures",
        gives(ref("EnvironmentMetrics")),
        refusals=(502, 504),
    ),
)
ENVIRONMENT_ROUTES: tuple[Route, ...] = (*_ACTIONS, *_TASKS, *_PROJECTS, *_ENVIRONMENTS)
