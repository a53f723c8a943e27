"""Writes the platform's objects as the JSON its pages document. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sim.hosting.dialect import Dialect
from bot.sim.hosting.entities import Environment, EnvironmentStatus, Organization, Project, Task

BASE = "/api/public/v1"
Object = dict[str, object]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes objects as a service of this dialect does."""

    dialect: Dialect = field(default_factory=Dialect)

    def time(self, moment: datetime | None) -> str | None:
        """ISO 8601 in UTC, ending in Z."""
        if moment is None:
            return None
        pattern = "%Y-%m-%dT%H:%M:%S.%fZ" if self.dialect.has_microseconds else "%Y-%m-%dT%H:%M:%SZ"
        return moment.astimezone(UTC).strftime(pattern)

    def task(self, task: Task) -> Object:
        """A deployment object, field by field as in the page's table."""
        return {
            "id": task.id,
            "type": task.type,
            "status": task.status,
            "environment_id": task.environment_id,
            "progress_percent": task.progress_percent,
            "current_step": task.current_step,
            "steps_completed": task.steps_completed,
            "total_steps": task.total_steps,
            "started_at": self.time(task.started_at),
            "completed_at": self.time(task.completed_at),
            "duration_seconds": task.duration_seconds,
            "error_message": task.error_message,
            "triggered_by": task.triggered_by,
        }

    def project(self, project: Project, *, environment_count: int) -> Object:
        """A project object."""
        return {
            "id": project.id,
            "name": project.name,
            "odoo_version": project.odoo_version,
            "git_repo_url": project.git_repo_url,
            "git_provider": project.git_provider,
            "default_branch": project.default_branch,
            "server_id": project.server_id,
            "environment_count": environment_count,
            "created_at": self.time(project.created_at),
        }

    def environment(self, environment: Environment) -> Object:
        """An environment object."""
        return {
            "id": environment.id,
            "name": environment.name,
            "status": environment.status,
            "url": environment.url,
            "odoo_version": environment.odoo_version,
            "branch": environment.branch,
            "last_commit": environment.last_commit,
            "cpu_cores": environment.cpu_cores,
            "ram_mb": environment.ram_mb,
            "disk_gb": environment.disk_gb,
            "project_id": environment.project_id,
            "server_id": environment.server_id,
            "custom_domain": environment.custom_domain,
            "custom_domain_verified": environment.custom_domain_verified,
            "created_at": self.time(environment.created_at),
            "updated_at": self.time(environment.updated_at),
        }

    def environment_status(self, environment: Environment, last_deploy: Task | None) -> Object:
        """The answer of an environment's status route."""
        is_up = environment.status == EnvironmentStatus.RUNNING
        is_deploying = environment.status == EnvironmentStatus.DEPLOYING
        return {
            "environment_id": environment.id,
            "status": environment.status,
            "url": environment.url,
            "container_running": is_up or is_deploying,
            "db_ready": is_up or is_deploying,
            "http_ok": is_up,
            "last_deploy": None if last_deploy is None else self._last_deploy(last_deploy),
        }

    def _last_deploy(self, task: Task) -> Object:
        started_at, completed_at = self.time(task.started_at), self.time(task.completed_at)
        return {"id": task.id, "status": task.status, "started_at": started_at, "completed_at": completed_at}


def accepted(task: Task) -> Object:
    """The 202 answer of every action. Its status is always `queued`; `poll_url` is a path from the host's root."""
    return {
        "task_id": task.id,
        "status": "queued",
        "environment_id": task.environment_id,
        "poll_url": f"{BASE}/deployments/{task.id}",
    }


def organization(one: Organization) -> Object:
    """The organization with its plan and limits. The real field names are not documented; these are ours."""
    return {
        "id": one.id,
        "name": one.name,
        "plan": one.plan,
        "limits": {
            "max_environments": one.max_environments,
            "max_cpu_cores": one.max_cpu_cores,
            "max_ram_mb": one.max_ram_mb,
            "max_disk_gb": one.max_disk_gb,
        },
    }


def usage(environments: list[Environment]) -> Object:
    """What the running environments use together. The real field names are not documented; these are ours."""
    running = [one for one in environments if one.status == EnvironmentStatus.RUNNING]
    return {
        "running_environments": len(running),
        "environment_count": len(environments),
        "cpu_cores_used": sum(one.cpu_cores or 0 for one in running),
        "ram_mb_used": sum(one.ram_mb or 0 for one in running),
        "disk_gb_used": sum(one.disk_gb or 0 for one in environments),
    }
