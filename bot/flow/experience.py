"""What earlier runs of each kind were like, kept in mind: asked of the history once, and again when one has ended."""

from bot.core.habits import Habits, learn_habits
from bot.core.names import Action, EnvironmentId, UpdateMode
from bot.core.runs import Run
from bot.flow.ports import History

Kind = tuple[EnvironmentId, Action, UpdateMode | None]

MOST_KINDS = 2_000
"""Of so many kinds it is kept in mind; the one that was asked for first is forgotten first."""


class Experience:
    """The habits of each kind of run: an action, in its mode, on an environment."""

    def __init__(self, history: History, *, most_kinds: int = MOST_KINDS) -> None:
        self._history = history
        self._most_kinds = most_kinds
        self._known: dict[Kind, Habits] = {}

    def recall(self, run: Run) -> Habits | None:
        """What is usual for such runs, if it is in mind."""
        return self._known.get(_kind_of(run))

    async def of(self, run: Run) -> Habits:
        """What is usual for such runs. One that has ended is held against the others, not against itself."""
        known = self.recall(run)
        if known is None:
            known = learn_habits(await self._history.find_alike(run))
            if not run.state.is_open:
                return known  # without the run itself: not to be kept in mind for the next
            self._known[_kind_of(run)] = known
            if len(self._known) > self._most_kinds:
                self._known.pop(next(iter(self._known)))
        return known if run.state.is_open else known.without(run.id)

    def grow(self, ended: Run) -> None:
        """A run has ended: what such runs are like is asked for anew when it is needed next."""
        self._known.pop(_kind_of(ended), None)


def _kind_of(run: Run) -> Kind:
    return run.change.environment.id, run.change.action, run.change.mode
