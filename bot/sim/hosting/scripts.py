"""Draws the course a task will take: its named steps, how long each runs, what it prints and where it ends.

Everything is drawn from the task's id, so the same id always gives the same course. The figures follow what is known of
the platform: a deploy has 12 steps and takes about three minutes; `update_all` is the slowest quick update.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.sim.hosting.entities import NO_TIME, Ending, Script, Step, TaskStatus

_ERRORS = {
    "Fetching": "Could not read from the remote repository",
    "Pulling": "Could not read from the remote repository",
    "Building": "Image build failed: no matching distribution found for phonenumbers==99.0",
    "Running": "Migration failed: column res_partner.loyalty_tier does not exist",
    "Updating": "Module update failed: invalid view definition in sale.view_order_form",
    "Installing": "Module installation failed: external id stock.warehouse0 not found",
    "Starting": "Container exited with code 1",
    "Dumping": "pg_dump: error: connection to server was lost",
    "Uploading": "Upload to storage failed: access denied",
    "Restoring": "pg_restore: error: could not read from input file: end of file",
    "Checking": "Odoo did not answer on /web/health within 60 seconds",
}
"""What a failed task says unless told otherwise, by the first word of the step it fails in."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The usual course of one kind of task: its usual seconds, and name, weight and output of each step."""

    seconds: float
    steps: tuple[tuple[str, float, tuple[str, ...]], ...]


_PULL = ("Pulling the latest code", 10.0, ("remote: Counting objects, done.", "Fast-forward"))
_RESTART = ("Restarting containers", 12.0, ("Container odoo  Restarting", "Container odoo  Started"))
_HEALTH = ("Checking health", 10.0, ("GET /web/health 200",))

_PLANS = {
    "deploy": _Plan(
        180,
        (
            ("Preparing the server", 6, ("Docker is ready", "Free disk space is sufficient")),
            (
                "Fetching the repository",
                12,
                ("remote: Enumerating objects, done.", "Receiving objects: 100%"),
            ),
            ("Checking out the branch", 3, ("HEAD is now at the newest commit",)),
            ("Collecting addons", 4, ("Found 14 addons in 2 folders",)),
            ("Building the image", 42, ("Step 1/9 : FROM odoo:17.0", "Using cache", "Successfully built")),
            ("Installing Python requirements", 18, ("Requirement already satisfied: phonenumbers",)),
            ("Saving a copy of the database", 16, ("pg_dump: dumping contents",)),
            ("Stopping the old containers", 7, ("Container odoo  Stopped",)),
            ("Starting the database", 8, ("database system is ready to accept connections",)),
            ("Running migrations", 40, ("odoo.modules.loading: loading 61 modules", "Registry loaded")),
            ("Starting Odoo", 14, ("odoo.service.server: HTTP service (werkzeug) running on :8069",)),
            _HEALTH,
        ),
    ),
    "restart": _Plan(
        20,
        (
            ("Stopping containers", 6, ("Container odoo  Stopped",)),
            ("Starting containers", 8, ("Container odoo  Started",)),
            ("Checking health", 6, ("GET /web/health 200",)),
        ),
    ),
    "start": _Plan(
        24,
        (
            ("Starting the database", 6, ("database system is ready to accept connections",)),
            ("Starting containers", 10, ("Container odoo  Started",)),
            ("Checking health", 8, ("GET /web/health 200",)),
        ),
    ),
    "stop": _Plan(
        12,
        (
            ("Stopping Odoo", 8, ("Container odoo  Stopped",)),
            ("Stopping the database", 4, ("Container db  Stopped",)),
        ),
    ),
    "pull_restart": _Plan(34, (_PULL, _RESTART, _HEALTH)),
    "update_specific": _Plan(
        80, (_PULL, ("Updating {modules}", 44, ("Registry loaded",)), _RESTART, _HEALTH)
    ),
    "reinitialize_specific": _Plan(
        95,
        (
            _PULL,
            ("Dropping data of {modules}", 12, ("Tables dropped",)),
            ("Installing {modules}", 48, ("Registry loaded",)),
            _RESTART,
            _HEALTH,
        ),
    ),
    "update_all": _Plan(
        420,
        (
            _PULL,
            ("Collecting installed modules", 6, ("61 modules installed",)),
            ("Updating all modules", 330, ("odoo.modules.loading: loading 61 modules", "Registry loaded")),
            ("Rebuilding assets", 30, ("Assets rebuilt",)),
            _RESTART,
            _HEALTH,
        ),
    ),
    "backup": _Plan(
        90,
        (
            ("Preparing the backup", 4, ("Free disk space is sufficient",)),
            ("Dumping the database", 40, ("pg_dump: dumping contents",)),
            ("Packing the filestore", 20, ("Packed 4 files",)),
            ("Uploading to storage", 26, ("Upload complete",)),
        ),
    ),
    "restore": _Plan(
        240,
        (
            ("Saving a safety backup", 60, ("pg_dump: dumping contents", "Upload complete")),
            ("Fetching the backup", 40, ("Download complete",)),
            ("Stopping Odoo", 8, ("Container odoo  Stopped",)),
            ("Restoring the database", 90, ("pg_restore: processing data",)),
            ("Restoring the filestore", 26, ("Files restored",)),
            ("Starting Odoo", 10, ("Container odoo  Started",)),
            _HEALTH,
        ),
    ),
    "destroy": _Plan(
        30,
        (
            ("Stopping containers", 8, ("Container odoo  Stopped",)),
            ("Removing the database", 12, ("Database dropped",)),
            ("Removing files", 10, ("Volumes removed",)),
        ),
    ),
}
_OTHER = _Plan(60, (("Preparing", 10, ()), ("Working", 40, ()), ("Cleaning up", 10, ())))
_SECONDS_PER_MODULE = 6.0
_SHORTEST = timedelta(milliseconds=100)


def draw(seed: str, *names: object) -> float:
    """A number from 0 up to 1 that depends only on what is given."""
    digest = hashlib.sha256("/".join([seed, *map(str, names)]).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def draw_commit(seed: str) -> str:
    """A commit id, as git writes it, that depends only on the seed."""
    return hashlib.sha256(f"{seed}/commit".encode()).hexdigest()[:40]


def draw_script(
    kind: str,
    *,
    seed: str,
    mode: str | None = None,
    modules: Sequence[str] = (),
    ending: Ending | None = None,
) -> Script:
    """The course of one task: `kind` is its type, `mode` its quick-update mode, `modules` what it updates."""
    plan = _PLANS.get(mode or kind, _OTHER)
    wait = timedelta(seconds=1 + draw(seed, "wait"))
    steps = _draw_steps(_with_modules(plan, kind, modules), seed, modules)
    return _end(wait, steps, ending or Ending(), seed)


def _with_modules(plan: _Plan, kind: str, modules: Sequence[str]) -> _Plan:
    if kind != "deploy" or not modules:
        return plan
    steps = tuple(
        ("Updating {modules}", weight, ("Registry loaded",))
        if name == "Running migrations"
        else (name, weight, out)
        for name, weight, out in plan.steps
    )
    return replace(plan, seconds=plan.seconds + _SECONDS_PER_MODULE * len(modules), steps=steps)


def _draw_steps(plan: _Plan, seed: str, modules: Sequence[str]) -> tuple[Step, ...]:
    words = ", ".join(modules) if len(modules) <= 3 else f"{len(modules)} modules"
    weights = [
        weight * (0.7 + 0.6 * draw(seed, "share", place)) for place, (_, weight, _) in enumerate(plan.steps)
    ]
    seconds = plan.seconds * (0.9 + 0.2 * draw(seed, "span"))
    return tuple(
        Step(name.replace("{modules}", words), timedelta(seconds=seconds * weight / sum(weights)), output)
        for (name, _, output), weight in zip(plan.steps, weights, strict=True)
    )


def _end(wait: timedelta, steps: tuple[Step, ...], ending: Ending, seed: str) -> Script:
    if ending.outcome is TaskStatus.COMPLETED:
        return _in_time(wait, steps, _span(steps), ending)
    place = _last_place(steps, seed)
    runs_for = _span(steps[:place]) + steps[place].span * 0.6
    return _in_time(wait, steps, runs_for, _with_message(ending, steps[place]))


def _last_place(steps: tuple[Step, ...], seed: str) -> int:
    """Failures come in the later two thirds of a task, part-way into a step."""
    first = len(steps) // 3
    return first + int(draw(seed, "fails") * (len(steps) - first))


def _with_message(ending: Ending, step: Step) -> Ending:
    """A failure always says something, as the platform's page promises for failed tasks."""
    if ending.outcome is not TaskStatus.FAILED or ending.error_message is not None:
        return ending
    return replace(ending, error_message=_ERRORS.get(step.name.split()[0], f"{step.name} failed"))


def _in_time(wait: timedelta, steps: tuple[Step, ...], runs_for: timedelta, ending: Ending) -> Script:
    """Stretch or squeeze the steps so that the task ends after the duration asked for."""
    if ending.duration is None:
        return Script(wait, steps, runs_for, ending)
    if ending.duration <= NO_TIME and ending.outcome is not TaskStatus.COMPLETED:
        return Script(wait, steps, NO_TIME, ending)
    duration = max(ending.duration, _SHORTEST)
    scaled = tuple(replace(step, span=step.span * (duration / runs_for)) for step in steps)
    return Script(wait, scaled, duration, ending)


def _span(steps: tuple[Step, ...]) -> timedelta:
    return sum((step.span for step in steps), NO_TIME)
