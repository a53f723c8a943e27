"""Which tasks to look at in this turn: a planner, not a loop. Even spacing within the budget, oldest look first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.budget import Budget
from bot.core.names import RunId

POLITE_GAP = timedelta(seconds=2)
"""No task is looked at more often than this."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task to follow: when it was last looked at (None: never), and how many looks in a row went unanswered."""

    run_id: RunId
    looked_at: datetime | None
    unanswered: int = 0


def plan_looks(
    tasks: Sequence[OpenTask], *, budget: Budget, now: datetime, gap: timedelta = POLITE_GAP
) -> tuple[RunId, ...]:
    """The runs whose tasks to look at now, longest unseen first; none while the budget is blocked.

    Looks are spread evenly over the budget; a task whose looks go unanswered is asked less and less often, up to
    once a minute.
    """
    raise NotImplementedError
