"""What the pretend platform remembers, and the moves that change it. Knows no HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from bot.sim.hosting.entities import (
    ApiKey,
    Backup,
    ByTime,
    Ending,
    Environment,
    EnvironmentStatus,
    Organization,
    Pace,
    Project,
    Script,
    Server,
    Task,
    TaskStatus,
    Webhook,
)
from bot.sim.hosting.events import Event, environment_events, ready_events, task_events
from bot.sim.hosting.lifecycle import DEPLOYMENT_TYPES, Touch, advance, environment_after, look, touch
from bot.sim.hosting.scripts import draw_script


@dataclass(frozen=True, slots=True)
class Order:
    """A task somebody wants: its type, and for updates the mode and modules."""

    type: str
    mode: str | None = None
    modules: tuple[str, ...] = ()


@dataclass(slots=True)
class Hosting:
    """The platform's memory. Every reading method takes `now` and first brings open tasks up to it."""

    organization: Organization
    projects: dict[str, Project] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    endings: dict[str, list[Ending]] = field(default_factory=dict)
    pace: Pace = field(default_factory=ByTime)
    events: list[Event] = field(default_factory=list)
    """What has happened and no courier has fetched yet; kept only while somebody is registered."""

    def advance(self, now: datetime) -> None:
        """Bring every open task, and with it its environment, up to `now`."""
        for task in [task for task in self.tasks.values() if not task.is_over]:
            self._put(advance(task, now=now, pace=self.pace), now=now)

    def change_pace(self, pace: Pace, *, now: datetime) -> None:
        """Let tasks advance differently from now on; what they did until now counts at the old pace."""
        self.advance(now)
        self.pace = pace

    def start_task(
        self,
        environment_id: str,
        order: Order,
        *,
        now: datetime,
        idempotency_key: str | None = None,
        triggered_by: str | None = None,
        status: TaskStatus = TaskStatus.QUEUED,
    ) -> Task:
        """Queue a task; it takes the next scripted ending of its environment, or ends well."""
        scripted = self.endings.get(environment_id, [])
        ending = scripted.pop(0) if scripted else None
        task_id = str(uuid4())
        task = Task(
            id=task_id,
            type=order.type,
            environment_id=environment_id,
            created_at=now,
            script=draw_script(
                order.type, seed=task_id, mode=order.mode, modules=order.modules, ending=ending
            ),
            seen_at=now,
            environment_status_before=self.environments[environment_id].status,
            status=status,
            idempotency_key=idempotency_key,
            triggered_by=triggered_by,
            mode=order.mode,
            modules=order.modules,
        )
        self.tasks[task_id] = task
        return task

    def look_at_task(self, task_id: str, *, now: datetime) -> Task:
        """One look at a task, which moves it on when the pace is by looks. The id must exist."""
        self.advance(now)
        self._put(look(self.tasks[task_id], now=now, pace=self.pace), now=now)
        return self.tasks[task_id]

    def touch_task(self, task_id: str, wish: Touch, *, now: datetime) -> Task:
        """Set a task by hand. The id must exist; raises ValueError for an impossible wish."""
        self.advance(now)
        self._put(touch(self.tasks[task_id], wish, now=now), now=now)
        return self.tasks[task_id]

    def open_task(self, environment_id: str) -> Task | None:
        """The task that holds the environment's one slot, if any."""
        held = (
            task for task in self.tasks.values() if task.environment_id == environment_id and not task.is_over
        )
        return next(held, None)

    def tasks_of(self, environment_id: str) -> list[Task]:
        """All tasks of an environment, newest first."""
        return [task for task in reversed(self.tasks.values()) if task.environment_id == environment_id]

    def deployments_of(self, environment_id: str) -> list[Task]:
        """Only its deployments, newest first."""
        return [task for task in self.tasks_of(environment_id) if task.type in DEPLOYMENT_TYPES]

    def environments_of(self, project_id: str) -> list[Environment]:
        """The environments of a project that are not deleted, oldest first."""
        mine = (
            one for one in self.environments.values() if one.project_id == project_id and not _is_deleted(one)
        )
        return sorted(mine, key=lambda one: one.created_at)

    def visible_projects(self, key: ApiKey) -> list[Project]:
        """What a key sees: every project, or only its own; oldest first."""
        seen = (one for one in self.projects.values() if key.project_id in {None, one.id})
        return sorted(seen, key=lambda one: one.created_at)

    def visible_servers(self, key: ApiKey) -> list[Server]:
        """What a key sees: every server, or only those its project's environments are on; oldest first."""
        mine = {
            one.server_id for one in self.environments.values() if key.project_id in {None, one.project_id}
        }
        seen = (one for one in self.servers.values() if key.project_id is None or one.id in mine)
        return sorted(seen, key=lambda one: one.created_at)

    def environments_on(self, server_id: str) -> list[Environment]:
        """The environments on a server that are not deleted."""
        return [
            one for one in self.environments.values() if one.server_id == server_id and not _is_deleted(one)
        ]

    def find_environment(self, environment_id: str, key: ApiKey) -> Environment | None:
        """An environment this key may see; deleted ones are gone for everybody."""
        found = self.environments.get(environment_id)
        if found is None or _is_deleted(found) or key.project_id not in {None, found.project_id}:
            return None
        return found

    def find_task(self, task_id: str, key: ApiKey) -> Task | None:
        """A task this key may see; it stays readable after its environment is deleted."""
        found = self.tasks.get(task_id)
        if found is None:
            return None
        home = self.environments[found.environment_id].project_id
        return found if key.project_id in {None, home} else None

    def put_environment(self, environment: Environment) -> None:
        """Store an environment as given."""
        before = self.environments.get(environment.id)
        self.environments[environment.id] = environment
        self.tell(environment_events(before, environment))

    def put_history(self, tasks: Iterable[Task]) -> None:
        """Store tasks of the past, oldest first."""
        self.tasks.update({task.id: task for task in tasks})

    def _put(self, task: Task, *, now: datetime) -> None:
        before = self.tasks[task.id]
        self.tasks[task.id] = task
        if before.status == task.status and before.started_at == task.started_at:
            return
        environment = self.environments[task.environment_id]
        self.tell(task_events(before, task, environment, now=now))
        if task.started_at is not None and before.started_at is None and task.is_over:
            # It ran and ended between two looks: the environment went through both.
            running = replace(task, status=TaskStatus.RUNNING)
            self.put_environment(environment_after(environment, running, at=task.started_at))
        moved = environment_after(self.environments[environment.id], task, at=task.completed_at or now)
        self.put_environment(moved)
        self.tell(ready_events(task, moved))

    def tell(self, events: list[Event]) -> None:
        """Note what has happened, for the courier to fetch."""
        if self.webhooks:
            self.events += events


def _is_deleted(environment: Environment) -> bool:
    return environment.status == EnvironmentStatus.DELETED


def ended_task(
    *,
    task_id: str,
    environment_id: str,
    started_at: datetime,
    script: Script,
    triggered_by: str | None,
    kind: str = "deploy",
) -> Task:
    """A task of the past that ran its script to the end."""
    created_at = started_at - script.wait
    queued = Task(
        id=task_id,
        type=kind,
        environment_id=environment_id,
        created_at=created_at,
        script=script,
        seen_at=created_at,
        environment_status_before=EnvironmentStatus.RUNNING,
        triggered_by=triggered_by,
    )
    return advance(queued, now=created_at + script.whole, pace=ByTime())
