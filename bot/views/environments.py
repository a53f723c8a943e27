"""An environment in words: what it is called, where it is reached, how it stands."""

from bot.core.catalog import Environment
from bot.core.tasks import EnvironmentReport
from bot.views import signs
from bot.views.marked import Marked, bold, code, dotted, host_link, joined, plain, say

_STATUS_SIGNS = {
    "running": signs.RUNNING,
    "stopped": signs.STOPPED,
    "paused": signs.STOPPED,
    "pending": signs.WAITING,
    "deploying": signs.WAITING,
    "cloning": signs.WAITING,
    "error": signs.FAILED,
    "failed": signs.FAILED,
}


def say_full_name(environment: Environment, seen: EnvironmentReport | None) -> Marked:
    """`Client ERP / production 🔒`: the platform's names as far as they are known, and whether it is protected."""
    project = environment.project or (seen.project if seen else None)
    name = environment.platform_name or (seen.name if seen else None)
    known = [plain(part, limit=80) for part in (project, name) if part]
    shown = joined(known, " / ")
    if not environment.protected:
        return shown
    return say("{} {}", shown, signs.PROTECTED) if shown else say("{} protected", signs.PROTECTED)


def say_site(seen: EnvironmentReport | None) -> Marked | None:
    """The site's host name, linked."""
    return host_link(seen.url) if seen and seen.url else None


def say_standing(seen: EnvironmentReport | None) -> Marked | None:
    """`running, branch `main` at `a1b2c3d``."""
    if seen is None:
        return None
    status = plain(seen.status, limit=40) if seen.status else None
    branch = say("branch {}", code(seen.branch)) if seen.branch else None
    commit = code(seen.last_commit[:7]) if seen.last_commit else None
    at = say("{} at {}", branch, commit) if branch and commit else branch
    return joined([status, at], ", ") or None


def say_environment(environment: Environment, seen: EnvironmentReport | None) -> Marked:
    """All that tells one environment from another, on one line: people see what they are about to change."""
    return dotted(say_full_name(environment, seen), say_site(seen), say_standing(seen))


def say_headline(environment: Environment, seen: EnvironmentReport | None) -> Marked:
    """An environment as the first line of its own paragraph."""
    return dotted(bold(code(environment.alias)), say_full_name(environment, seen), say_site(seen))


def say_status(seen: EnvironmentReport | None) -> Marked:
    """How it stands, sign and word first."""
    if seen is None:
        return say("{} oec.sh did not say how it stands", signs.LOOK)
    sign = _STATUS_SIGNS.get((seen.status or "").lower(), signs.LOOK)
    return say("{} {}", sign, say_standing(seen) or Marked("state unknown"))
