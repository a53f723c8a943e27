"""The runs that have not ended, kept in memory: they are asked for at every turn, and change only through the one writer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.core.names import RunId
from bot.core.runs import Run


class OpenRuns:
    """A copy of what the database says. Only the history's own thread changes it, after each write that went well."""

    def __init__(self) -> None:
        self._known: dict[RunId, Run] | None = None

    @property
    def runs(self) -> list[Run] | None:
        """The open runs, oldest first; None where they have to be read."""
        known = self._known
        return None if known is None else list(known.values())

    def put(self, runs: list[Run]) -> list[Run]:
        """Remember what was read."""
        self._known = {run.id: run for run in runs}
        return runs

    @contextmanager
    def noting(self) -> Iterator[Callable[[Run | None], None]]:
        """A write of a run: what was written, if it was, is to be told. Where it breaks, nothing is known any more."""
        try:
            yield self._note
        except BaseException:
            self._known = None
            raise

    def _note(self, run: Run | None) -> None:
        known = self._known
        if run is None or known is None:
            return
        changed = {**known, run.id: run}  # another dictionary: a reader may be going through the one before
        if not run.state.is_open:
            del changed[run.id]
        self._known = changed
