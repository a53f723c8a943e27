"""What reaches the customer's server on each call: runtime logs, metrics, and the servers themselves.

Logs and metrics take six calls a minute on one target and route. A server that does not answer shows as 502 or 504.
"""

from bot.sim.hosting import errors
from bot.sim.hosting.entities import DOWN, Server, ServerCondition
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.paging import cut_by_cursor
from bot.sim.hosting.readings import environment_metrics, runtime_log, server_metrics
from bot.sim.hosting.route import Ask
from bot.sim.hosting.shapes import Object


async def get_runtime_log(ask: Ask) -> Answer:
    """The newest lines of a container's own log; nothing runs, and 404, when the environment is down."""
    environment = ask.shown_environment()
    if environment.status in DOWN:
        raise RefusedError(errors.environment_is_down(environment.status))
    _count(ask, "runtime-logs", environment.id)
    _reach(ask, environment.server_id, unreachable=errors.server_unreachable())
    lines, source = ask.query["lines"], ask.query["source"]
    log = runtime_log(environment, source, now=ask.now)
    return Answer(
        200,
        {
            "environment_id": environment.id,
            "source": source,
            "lines": min(lines, len(log)),
            "truncated": len(log) > lines,
            "log": "\n".join(log[-lines:]),
            "fetched_at": ask.front.writer.time(ask.now),
        },
    )


async def get_environment_metrics(ask: Ask) -> Answer:
    """Figures of its two services and its disk."""
    environment = ask.shown_environment()
    _count(ask, "metrics", environment.id)
    _reach(ask, environment.server_id, unreachable=errors.metrics_unavailable())
    told = environment_metrics(environment, now=ask.now)
    disk, at = told["disk"], ask.front.writer.time(ask.now)
    assert isinstance(disk, dict)  # noqa: S101 # told by the line above
    return Answer(200, {**told, "disk": {**disk, "measured_at": at}, "queried_at": at})


def _count(ask: Ask, route: str, target_id: str) -> None:
    limit = ask.front.limits.per_target
    ask.front.refuse_if_too_many("target_rate_limit", f"{route}/{target_id}", limit=limit)


def _reach(ask: Ask, server_id: str | None, *, unreachable: Answer) -> None:
    server = ask.front.hosting.servers.get(server_id or "")
    if server is None or server.condition is ServerCondition.UNREACHABLE:
        raise RefusedError(unreachable)
    if server.condition is ServerCondition.DOCKER_STUCK:
        raise RefusedError(errors.docker_timeout())


async def list_servers(ask: Ask) -> Answer:
    """By cursor; a project key sees its project's."""
    hosting = ask.up_to_date().hosting
    page, pagination = cut_by_cursor(hosting.visible_servers(ask.key), ask.query)
    return Answer(200, {"data": [_server_object(ask, one) for one in page], "pagination": pagination})


async def get_server(ask: Ask) -> Answer:
    """One server of the organization's own."""
    return Answer(200, _server_object(ask, _own_server(ask)))


async def get_server_metrics(ask: Ask) -> Answer:
    """Figures of the whole machine."""
    server = _own_server(ask)
    _count(ask, "server-metrics", server.id)
    _reach(ask, server.id, unreachable=errors.metrics_unavailable())
    told = server_metrics(server, ask.up_to_date().hosting.environments_on(server.id), now=ask.now)
    return Answer(200, {**told, "queried_at": ask.front.writer.time(ask.now)})


def _own_server(ask: Ask) -> Server:
    """A project key sees no single server, and nobody sees a shared one."""
    found = ask.front.hosting.servers.get(ask.places["server_id"])
    if found is None or found.is_shared or ask.key.project_id is not None:
        raise RefusedError(errors.not_found("Server"))
    return found


def _server_object(ask: Ask, server: Server) -> Object:
    return {
        "id": server.id,
        "name": server.name,
        "provider": server.provider,
        "region": server.region,
        "cpu_cores": server.cpu_cores,
        "ram_mb": server.ram_mb,
        "disk_gb": server.disk_gb,
        "environment_count": len(ask.front.hosting.environments_on(server.id)),
        "qualification_status": "qualified",
        "last_checked_at": ask.front.writer.time(ask.now.replace(second=0, microsecond=0)),
    }
