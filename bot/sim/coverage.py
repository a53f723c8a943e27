"""How far both stand-ins go, as one text."""

from bot.sim.hosting.coverage import render as render_hosting
from bot.sim.workspace.coverage import render as render_workspace


def render_coverage() -> str:
    """Both tables for people."""
    parts = ("The pretend Slack workspace", render_workspace()), ("The pretend oec.sh", render_hosting())
    return "\n".join(f"{title}\n{'=' * len(title)}\n\n{table}" for title, table in parts)
