"""What happens on the platform that a webhook may be told about. Pure.

The event names are the documented ones. Only deployments raise `deploy.*`; every change of an environment's status raises
`environment.status_changed`. Whether the real platform tells about quick updates and restarts is unknown; here it does not.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.sim.hosting.entities import Environment, Task
from bot.sim.hosting.lifecycle import DEPLOYMENT_TYPES

STATUS_CHANGED = "environment.status_changed"
KNOWN_EVENTS = frozenset(
    {
        "deploy.started",
        "deploy.completed",
        "deploy.failed",
        "deploy.cancelled",
        "environment.created",
        "environment.deleted",
        STATUS_CHANGED,
        "environment.ready",
        "automation_rule.triggered",
        "automation_rule.completed",
        "automation_rule.failed",
        "monitoring.alert",
        "ping",
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with the task or environment as it was then."""

    name: str
    at: datetime
    environment: Environment
    task: Task | None = None


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


def environment_events(before: Environment, after: Environment) -> list[Event]:
    """What a change of an environment tells."""
    return [] if before.status == after.status else [Event(STATUS_CHANGED, after.updated_at, after)]
