"""What happens on the platform that a webhook may be told about. Pure.

The event names are the documented ones. Only deployments raise `deploy.*`; every change of an environment's status raises
`environment.status_changed`, deletion excepted. Whether the real platform tells about quick updates and restarts is unknown;
here it does not. Automation rules and monitoring are not simulated: their events come by the side door.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.sim.hosting.entities import Environment, EnvironmentStatus, Task, TaskStatus
from bot.sim.hosting.lifecycle import DEPLOYMENT_TYPES
from bot.sim.hosting.schemas import EVENTS

STATUS_CHANGED = "environment.status_changed"
PING = "ping"
KNOWN_EVENTS = frozenset({*EVENTS, PING})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with the task or environment as it was then."""

    name: str
    at: datetime
    environment: Environment | None = None
    task: Task | None = None
    details: Mapping[str, object] = field(default_factory=dict)


def task_events(before: Task, after: Task, environment: Environment, *, now: datetime) -> list[Event]:
    """What a task's move tells: that it started, how it ended, or both when nobody looked in between."""
    if after.type not in DEPLOYMENT_TYPES:
        return []
    events: list[Event] = []
    if before.started_at is None and after.started_at is not None:
        events.append(Event("deploy.started", after.started_at, environment, after))
    if after.is_over and not before.is_over:
        events.append(Event(f"deploy.{after.status}", after.completed_at or now, environment, after))
    return events


def ready_events(after: Task, environment: Environment) -> list[Event]:
    """What the end of a new environment's first deploy tells."""
    is_first = after.environment_status_before == EnvironmentStatus.PENDING and after.type in DEPLOYMENT_TYPES
    if not is_first or after.status != TaskStatus.COMPLETED:
        return []
    return [Event("environment.ready", environment.updated_at, environment, after)]


def environment_events(before: Environment | None, after: Environment) -> list[Event]:
    """What a change of an environment tells."""
    if before is None:
        return [Event("environment.created", after.created_at, after)]
    if before.status == after.status:
        return []
    if after.status == EnvironmentStatus.DELETED:
        return [Event("environment.deleted", after.updated_at, after)]
    return [Event(STATUS_CHANGED, after.updated_at, after)]
