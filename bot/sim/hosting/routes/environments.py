"""Making, changing and deleting environments.

Not documented, and chosen here: a new environment's domain and sizes are taken as given; a changed name or branch shows at
once, though it takes effect at the next deploy; a deletion waits for the one slot like any action.
"""

from dataclasses import replace
from uuid import uuid4

from bot.sim.hosting import errors
from bot.sim.hosting.entities import Environment, EnvironmentStatus, Project
from bot.sim.hosting.errors import Answer, RefusedError
from bot.sim.hosting.route import Ask
from bot.sim.hosting.routes.actions import refuse_if_busy
from bot.sim.hosting.routes.reading import visible_project
from bot.sim.hosting.shapes import accepted
from bot.sim.hosting.store import Order
from bot.sim.hosting.work_queue import call_of, queue_once

_SIZES = ("cpu_cores", "ram_mb", "disk_gb")


async def create_environment(ask: Ask) -> Answer:
    """201 with the environment in `deploying`; its first deploy is queued, and named nowhere in the answer."""
    project = visible_project(ask)

    async def create() -> Answer:
        server_id = ask.body.get("vm_id") or project.server_id
        if server_id not in {None, *ask.front.hosting.servers}:
            raise RefusedError(errors.not_found("Server"))
        made = _new_environment(ask, project, server_id)
        hosting = ask.up_to_date().hosting
        hosting.put_environment(made)
        hosting.start_task(made.id, Order("deploy"), now=ask.now, idempotency_key=ask.idempotency_key)
        hosting.put_environment(replace(made, status=EnvironmentStatus.DEPLOYING))
        return Answer(201, ask.front.writer.environment(hosting.environments[made.id]))

    return await ask.front.answers.once(call_of(ask), create, clock=ask.front.now)


def _new_environment(ask: Ask, project: Project, server_id: str | None) -> Environment:
    made_id, domain = str(uuid4()), ask.body.get("domain") or None
    sizes = {name: ask.body[name] for name in _SIZES if name in ask.body}
    return replace(
        Environment(
            id=made_id,
            project_id=project.id,
            name=ask.body["name"],
            status=EnvironmentStatus.PENDING,
            created_at=ask.now,
            updated_at=ask.now,
            url=f"https://{domain or f'{made_id[:8]}.oec.example'}",
            branch=ask.body.get("branch") or project.default_branch,
            odoo_version=project.odoo_version,
            server_id=server_id,
            custom_domain=domain,
            custom_domain_verified=None if domain is None else False,
        ),
        **sizes,
    )


async def change_environment(ask: Ask) -> Answer:
    """Name, branch, domain (empty removes it) and sizes."""
    environment = ask.environment()
    given = {name: ask.body[name] for name in ("name", "branch", *_SIZES) if name in ask.body}
    changed = replace(environment, updated_at=ask.now, **given)
    if "domain" in ask.body:
        domain = ask.body["domain"] or None
        verified = None if domain is None else domain == environment.custom_domain
        changed = replace(changed, custom_domain=domain, custom_domain_verified=verified)
    ask.front.hosting.put_environment(changed)
    return Answer(200, ask.front.writer.environment(changed))


async def delete_environment(ask: Ask) -> Answer:
    """202 with the task that takes it down; afterwards it answers 404, and its tasks stay readable."""
    environment_id = ask.environment().id
    front = ask.front

    def refuse() -> None:
        refuse_if_busy(front, environment_id)

    def begin() -> Answer:
        task = front.hosting.start_task(environment_id, Order("destroy"), now=front.now())
        return Answer(202, accepted(task))

    return await queue_once(front, environment_id, None, refuse=refuse, begin=begin)
