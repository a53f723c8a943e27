"""The signs that stand beside a word of state: one on a line at most, never alone."""

WAITING = "⏳"
RUNNING = "▶"
DONE = "✓"
FAILED = "✕"
STOPPED = "◼"
LOOK = "⚠"
PROTECTED = "🔒"

_FULL, _EMPTY = "▰", "▱"


def bar(percent: int, *, cells: int) -> str:
    """A bar of some cells; full only at the very end, so that it never promises too much."""
    filled = max(0, min(percent, 100)) * cells // 100
    return _FULL * filled + _EMPTY * (cells - filled)
