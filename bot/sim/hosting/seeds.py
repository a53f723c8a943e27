"""The account every demo and test begins with: two projects, five environments, some history, three keys.

The ids are fixed, because rules files and tests name them. The keys are made up; they fit the platform's format and no
real account.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from bot.sim.hosting.entities import (
    ApiKey,
    Backup,
    Ending,
    Environment,
    EnvironmentStatus,
    KeyKind,
    Organization,
    Project,
    Server,
    Task,
    TaskStatus,
)
from bot.sim.hosting.scripts import draw_commit, draw_script
from bot.sim.hosting.store import Hosting, ended_task

FULL_KEY = "oec_live_rw_" + "sandbox-full-access-key-of-no-real-account-"
READ_KEY = "oec_live_ro_" + "sandbox-read-only-key-of-no-real-account---"
WEBSHOP_KEY = "oec_live_rw_" + "sandbox-webshop-key-of-no-real-account-----"
"""Full access, but only to the project "Client Webshop"."""

ORGANIZATION_ID = "9b3c7d52-4e18-4a6f-8c05-d1f2a3b4c5d6"
SERVER_ID = "4f6a8c0e-1b3d-4f5a-9c7e-2d4b6a8f0c1e"
ERP_PROJECT = "1d4e7a90-3b6c-4f82-95d1-6a7b8c9d0e1f"
SHARED_SERVER_ID = "6a8c0e2f-3d5f-4b7c-8e90-4f6b8c0d2e3f"
"""A server of the platform's own; nothing of this organization runs on it."""

WEBSHOP_PROJECT = "2e5f8ba1-4c7d-4093-a6e2-7b8c9d0e1f20"

PRODUCTION = "5a296461-9222-40da-91f5-9e912890dc1b"
STAGING = "0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f"
DEVELOPMENT = "7d0b5f0a-3c1e-4b7a-8f2d-9a6c4e1b2d3f"
OLD = "c2d7a9e4-58b1-4f36-a0c9-1e7b6d5f4a32"
WEBSHOP_PRODUCTION = "e8f4b6c1-27d9-4a5e-b3f0-6c9d1a2e7b84"

DASHBOARD_USER = "b7e1c9d3-5a2f-4c8e-9d06-f4a3b2c1d0e9"
"""The user id on tasks that were started in the dashboard."""


class _Home(NamedTuple):
    id: str
    project_id: str
    name: str
    url: str
    branch: str
    last_commit: str
    status: EnvironmentStatus
    age: timedelta


_HOMES = (
    _Home(
        PRODUCTION,
        ERP_PROJECT,
        "production",
        "https://erp.client.example",
        "main",
        "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
        EnvironmentStatus.RUNNING,
        timedelta(days=210),
    ),
    _Home(
        STAGING,
        ERP_PROJECT,
        "staging",
        "https://staging.client.example",
        "staging",
        draw_commit(STAGING),
        EnvironmentStatus.RUNNING,
        timedelta(days=205),
    ),
    _Home(
        DEVELOPMENT,
        ERP_PROJECT,
        "development",
        "https://dev.client.example",
        "develop",
        draw_commit(DEVELOPMENT),
        EnvironmentStatus.RUNNING,
        timedelta(days=120),
    ),
    _Home(
        OLD,
        ERP_PROJECT,
        "old",
        "https://old.client.example",
        "16.0",
        draw_commit(OLD),
        EnvironmentStatus.STOPPED,
        timedelta(days=400),
    ),
    _Home(
        WEBSHOP_PRODUCTION,
        WEBSHOP_PROJECT,
        "production",
        "https://shop.client.example",
        "main",
        draw_commit(WEBSHOP_PRODUCTION),
        EnvironmentStatus.RUNNING,
        timedelta(days=90),
    ),
)

# Hours ago and seconds of each earlier deploy, oldest first; the one marked True failed.
_PAST: dict[str, tuple[tuple[float, int, bool], ...]] = {
    PRODUCTION: (
        (480, 236, False),
        (312, 221, False),
        (215, 204, False),
        (168.5, 143, True),
        (167, 229, False),
        (72, 212, False),
        (26, 218, False),
    ),
    STAGING: ((290, 188, False), (190, 196, False), (98, 183, False), (49, 201, False), (5, 192, False)),
    DEVELOPMENT: ((140, 181, False), (52, 187, False), (3, 184, False)),
    OLD: ((2400, 257, False),),
    WEBSHOP_PRODUCTION: ((260, 246, False), (120, 238, False), (31, 251, False)),
}


def seeded_hosting(now: datetime | Callable[[], datetime]) -> Hosting:
    """The account as it stands at `now` (aware UTC; a clock will do as well). Each call makes a fresh one."""
    moment = now() if callable(now) else now
    hosting = Hosting(Organization(ORGANIZATION_ID, "Acme Odoo", "professional"))
    for project in _projects(moment):
        hosting.projects[project.id] = project
    for home in _HOMES:
        hosting.put_environment(_environment(home, moment))
    for server in _servers(moment):
        hosting.servers[server.id] = server
    made = _backups(hosting, moment)
    for backup, _ in sorted(made, key=lambda pair: pair[0].created_at):
        hosting.backups[backup.id] = backup
    past = [*_history(moment), *(task for _, task in made)]
    hosting.put_history(sorted(past, key=lambda task: task.created_at))
    for key in _keys(moment):
        hosting.keys[key.value] = key
    return hosting


def _projects(now: datetime) -> tuple[Project, ...]:
    return (
        Project(
            ERP_PROJECT,
            "Client ERP",
            now - timedelta(days=400),
            git_repo_url="https://github.com/acme-odoo/client-erp",
            server_id=SERVER_ID,
        ),
        Project(
            WEBSHOP_PROJECT,
            "Client Webshop",
            now - timedelta(days=90),
            git_repo_url="https://github.com/acme-odoo/client-webshop",
            server_id=SERVER_ID,
        ),
    )


def _environment(home: _Home, now: datetime) -> Environment:
    return Environment(
        id=home.id,
        project_id=home.project_id,
        name=home.name,
        status=home.status,
        created_at=now - home.age,
        updated_at=now - timedelta(hours=min(hours for hours, _, _ in _PAST[home.id])),
        url=home.url,
        branch=home.branch,
        last_commit=home.last_commit,
        server_id=SERVER_ID,
        custom_domain=home.url.removeprefix("https://"),
        custom_domain_verified=True,
    )


def _history(now: datetime) -> list[Task]:
    tasks: list[Task] = []
    for environment_id, past in _PAST.items():
        for number, (hours, seconds, is_failed) in enumerate(past):
            task_id = str(uuid5(NAMESPACE_URL, f"{environment_id}/{number}"))
            ending = Ending(
                TaskStatus.FAILED if is_failed else TaskStatus.COMPLETED, duration=timedelta(seconds=seconds)
            )
            task = ended_task(
                task_id=task_id,
                environment_id=environment_id,
                started_at=now - timedelta(hours=hours),
                script=draw_script("deploy", seed=task_id, ending=ending),
                triggered_by=DASHBOARD_USER if number % 2 else None,
            )
            tasks.append(task)
    return tasks


def _keys(now: datetime) -> tuple[ApiKey, ...]:
    made_at = now - timedelta(days=60)
    return (
        ApiKey(FULL_KEY, KeyKind.FULL, name="Deployments", created_at=made_at),
        ApiKey(READ_KEY, KeyKind.READ_ONLY, name="Reading", created_at=made_at),
        ApiKey(WEBSHOP_KEY, KeyKind.FULL, project_id=WEBSHOP_PROJECT, name="Webshop", created_at=made_at),
    )


def _servers(now: datetime) -> tuple[Server, ...]:
    return (
        Server(SERVER_ID, "erp-1", now - timedelta(days=420)),
        Server(SHARED_SERVER_ID, "shared-fsn-7", now - timedelta(days=800), is_shared=True),
    )


# Days ago of each earlier backup, oldest first; the first has expired.
_BACKUP_DAYS: dict[str, tuple[float, ...]] = {PRODUCTION: (38.2, 14.2, 7.2, 0.2), STAGING: (2.1,)}


def _backups(hosting: Hosting, now: datetime) -> list[tuple[Backup, Task]]:
    made: list[tuple[Backup, Task]] = []
    for environment_id, ages in _BACKUP_DAYS.items():
        for number, days in enumerate(ages):
            task_id = str(uuid5(NAMESPACE_URL, f"{environment_id}/backup/{number}"))
            started_at = now - timedelta(days=days)
            task = ended_task(
                task_id=task_id,
                environment_id=environment_id,
                started_at=started_at,
                script=draw_script("backup", seed=task_id),
                triggered_by=None,
                kind="backup",
            )
            backup = Backup(
                str(uuid5(NAMESPACE_URL, f"{task_id}/backup")),
                environment_id,
                task_id,
                "scheduled",
                task.created_at,
                hosting.environments[environment_id],
            )
            made.append((backup, task))
    return made
