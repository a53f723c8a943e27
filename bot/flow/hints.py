"""What webhooks have hinted at: which runs to look at now, and which of them may be looked at less often meanwhile.

A hint is never believed, and may never come: a run is looked at as often as ever unless hints for this very run have
come lately. (Which actions the platform tells of is not documented; restarts may go without.)
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.core.names import RunId
from bot.core.runs import Run

SAFETY_GAP = timedelta(seconds=10)
"""How often a run is looked at all the same, while the platform tells of it: for its steps, and for a lost delivery."""

TRUST = timedelta(minutes=5)
"""How long after a hint another one is to be expected; then looking returns to normal by itself."""

MOST_IDS = 10_000


class Hints:
    """Ids as they were told, until they are held against the open runs; then the runs they meant."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._owed: set[RunId] = set()
        self._hinted_at: dict[RunId, datetime] = {}

    @property
    def are_new(self) -> bool:
        """Whether something was told that was not held against the runs yet."""
        return bool(self._ids)

    def tell(self, ids: Collection[str]) -> None:
        """Take ids of tasks or environments, ours or not."""
        if len(self._ids) < MOST_IDS:
            self._ids.update(ids)

    def match(self, open_runs: Sequence[Run], now: datetime) -> None:
        """Find the runs that were meant; forget those that have ended."""
        ids, self._ids = self._ids, set()
        for run in open_runs:
            if run.task_id in ids or run.change.environment.id in ids:
                self._owed.add(run.id)
                self._hinted_at[run.id] = now
        open_ids = {run.id for run in open_runs}
        self._owed &= open_ids
        for run_id in self._hinted_at.keys() - open_ids:
            del self._hinted_at[run_id]

    def is_owed(self, run_id: RunId) -> bool:
        """Whether this run was hinted at and not looked at since."""
        return run_id in self._owed

    def settle(self, run_id: RunId) -> None:
        """A look at this run begins."""
        self._owed.discard(run_id)

    def gap_of(self, run_id: RunId, now: datetime) -> timedelta:
        """How seldom this run may be looked at: it is told of, or it is not."""
        hinted_at = self._hinted_at.get(run_id)
        is_told_of = hinted_at is not None and timedelta(0) <= now - hinted_at < TRUST
        return SAFETY_GAP if is_told_of else timedelta(0)
