"""What the pretend platform consists of: projects, environments, tasks, keys and the way tasks advance."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

NO_TIME = timedelta(0)


class TaskStatus(StrEnum):
    """The six states the platform's page documents for a task."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


TERMINAL = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class EnvironmentStatus(StrEnum):
    """The states an environment is known to have; the platform's own list is open."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    ERROR = "error"
    CLONING = "cloning"
    DESTROYING = "destroying"
    DELETED = "deleted"


DOWN = frozenset({EnvironmentStatus.STOPPED, EnvironmentStatus.PAUSED, EnvironmentStatus.ERROR})
"""Where no container answers: no runtime log, and hidden altogether by an older service."""


class KeyKind(StrEnum):
    """The two tiers of API key."""

    FULL = "full"
    READ_ONLY = "read_only"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the organization, or of one project when `project_id` is set."""

    value: str
    kind: KeyKind
    project_id: str | None = None
    expires_at: datetime | None = None
    is_revoked: bool = False
    name: str = "API key"
    created_at: datetime | None = None

    @property
    def id(self) -> str:
        """The id under which the key is listed and revoked; its value is shown nowhere again."""
        return str(uuid5(NAMESPACE_URL, self.value))


@dataclass(frozen=True, slots=True)
class Organization:
    """The one account that owns everything here."""

    id: str
    name: str
    plan: str
    subscription_status: str = "active"
    has_backup_storage: bool = True
    max_environments: int = 50
    max_cpu_cores: int = 64
    max_ram_mb: int = 131_072
    max_disk_gb: int = 2_000


@dataclass(frozen=True, slots=True)
class Project:
    """A code repository with its environments."""

    id: str
    name: str
    created_at: datetime
    odoo_version: str | None = "17.0"
    git_repo_url: str | None = None
    git_provider: str | None = "github"
    default_branch: str | None = "main"
    server_id: str | None = None


class ServerCondition(StrEnum):
    """How a customer's server answers the platform."""

    FINE = "fine"
    UNREACHABLE = "unreachable"
    DOCKER_STUCK = "docker_stuck"


@dataclass(frozen=True, slots=True)
class Server:
    """A machine that environments run on; a shared one belongs to the platform and shows little."""

    id: str
    name: str
    created_at: datetime
    provider: str = "hetzner"
    region: str = "fsn1"
    cpu_cores: int = 16
    ram_mb: int = 65_536
    disk_gb: int = 960
    is_shared: bool = False
    condition: ServerCondition = ServerCondition.FINE


@dataclass(frozen=True, slots=True)
class Environment:
    """One Odoo environment. `status` is a plain string: the platform may invent new ones, and tests do."""

    id: str
    project_id: str
    name: str
    status: str
    created_at: datetime
    updated_at: datetime
    url: str | None = None
    branch: str | None = "main"
    last_commit: str | None = None
    odoo_version: str | None = "17.0"
    cpu_cores: int | None = 2
    ram_mb: int | None = 4096
    disk_gb: int | None = 40
    server_id: str | None = None
    custom_domain: str | None = None
    custom_domain_verified: bool | None = None
    runtime_log: str | None = None
    """What its containers print, when somebody has written it by hand."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of an environment's data; where it stands follows from its task."""

    id: str
    environment_id: str
    task_id: str
    backup_type: str
    created_at: datetime
    snapshot: Environment
    include_filestore: bool = True
    retention_type: str = "standard"
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One named part of a task, with what it prints."""

    name: str
    span: timedelta
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a task is meant to end. `duration` is its running time at speed 1; zero means it never starts."""

    outcome: TaskStatus = TaskStatus.COMPLETED
    error_message: str | None = None
    log: str | None = None
    duration: timedelta | None = None
    is_stuck: bool = False
    """Whether the task waits in the queue for ever."""


@dataclass(frozen=True, slots=True)
class Script:
    """A task's whole course, drawn when it is created: the wait in the queue, the steps, and where it ends."""

    wait: timedelta
    steps: tuple[Step, ...]
    runs_for: timedelta
    ending: Ending = field(default_factory=Ending)

    @property
    def whole(self) -> timedelta:
        """The wait and the work together."""
        return self.wait + self.runs_for

    @property
    def full_span(self) -> timedelta:
        """How long all steps together would run, had the task no early ending."""
        return sum((step.span for step in self.steps), NO_TIME)


@dataclass(frozen=True, slots=True)
class Task:
    """The platform's record of one piece of work, with the script that it follows.

    `worked` is how far along the script it is, in script time; `seen_at` is the moment up to which `worked` has
    been counted. A task touched by hand goes on only by hand.
    """

    id: str
    type: str
    environment_id: str
    created_at: datetime
    script: Script
    seen_at: datetime
    environment_status_before: str
    status: str = TaskStatus.QUEUED
    worked: timedelta = NO_TIME
    looks: int = 0
    is_by_hand: bool = False
    progress_percent: int = 0
    current_step: str | None = None
    steps_completed: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error_message: str | None = None
    written_log: str | None = None
    triggered_by: str | None = None
    idempotency_key: str | None = None
    modules: tuple[str, ...] = ()
    mode: str | None = None

    @property
    def total_steps(self) -> int:
        """How many steps its script has."""
        return len(self.script.steps)

    @property
    def is_over(self) -> bool:
        """Whether it has reached a state that never changes again."""
        return self.status in TERMINAL

    @property
    def duration_seconds(self) -> int | None:
        """Whole seconds between start and end, once both are known."""
        if self.started_at is None or self.completed_at is None:
            return None
        return round((self.completed_at - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ByTime:
    """Tasks advance with the clock, `speed` script seconds per second."""

    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class ByLooks:
    """Tasks advance each time they are asked for, and are over at look number `reads`."""

    reads: int


@dataclass(frozen=True, slots=True)
class ByHand:
    """Tasks advance only through the side door."""


Pace = ByTime | ByLooks | ByHand


@dataclass(frozen=True, slots=True)
class Signing:
    """How deliveries are signed; how the real platform does it is not documented."""

    header: str = "X-Webhook-Signature"
    prefix: str = "sha256="
    encoding: Literal["hex", "base64"] = "hex"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of some events. `deliver_to` is where they really go: the public route refuses loopback addresses."""

    id: str
    url: str
    secret: str
    events: tuple[str, ...]
    created_at: datetime
    description: str | None = None
    project_id: str | None = None
    format: str = "raw"
    is_active: bool = True
    last_triggered_at: datetime | None = None
    failure_count: int = 0
    deliver_to: str | None = None
    signing: Signing | None = None
    """Its own way of signing; None for the service's."""
