"""Which tasks to look at in this turn: a planner, not a loop. Even spacing within the budget, oldest look first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.budget import Budget, find_looks_left, is_blocked, looks_per_minute
from bot.core.names import RunId

POLITE_GAP = timedelta(seconds=2)
"""No task is looked at more often than this."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task to follow: when it was last looked at (None: never), and how many looks in a row went unanswered.

    One that `is_hinted` is worth a look now, whatever the gaps; one with a `gap` of its own is looked at no more often.
    """

    run_id: RunId
    looked_at: datetime | None
    unanswered: int = 0
    is_hinted: bool = False
    gap: timedelta = timedelta(0)


LONGEST_PATIENCE = timedelta(minutes=1)
"""A task whose looks go unanswered is asked at least this often."""

_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
_FIRST_SLOT_AT = datetime(2000, 1, 1, tzinfo=UTC)
_LOOKS_FOR_ONE_MORE_AT_ONCE = 30


def plan_looks(
    tasks: Sequence[OpenTask], *, budget: Budget, now: datetime, gap: timedelta = POLITE_GAP
) -> tuple[RunId, ...]:
    """The runs whose tasks to look at now, hinted ones first, then the longest unseen; none while the budget is blocked.

    Looks are spread evenly over the budget; a task whose looks go unanswered is asked less and less often, up to
    once a minute. Takes no note of its own: the newest look says how many are due.
    """
    if is_blocked(budget, now):
        return ()
    seen = {task.run_id: _seen_at(task, now) for task in tasks}
    due = [task for task in tasks if _is_due(task, seen[task.run_id], now, gap)]
    due.sort(key=lambda task: (not task.is_hinted, seen[task.run_id] is not None, seen[task.run_id] or now))
    count = _count_due(max((at for at in seen.values() if at is not None), default=None), budget, now)
    return tuple(task.run_id for task in due[:count])


def _seen_at(task: OpenTask, now: datetime) -> datetime | None:
    """When the task was last looked at; a look that lies ahead of us (the clock was set back) says nothing."""
    return task.looked_at if task.looked_at is not None and task.looked_at <= now else None


def _is_due(task: OpenTask, seen_at: datetime | None, now: datetime, gap: timedelta) -> bool:
    if task.is_hinted or seen_at is None:
        return True
    return now - seen_at >= max(gap, task.gap, _patience(task.unanswered))


def _patience(unanswered: int) -> timedelta:
    """2, 4, 8 … seconds after the first, second, third look without an answer."""
    return min(timedelta(seconds=2 ** min(unanswered, 10)), LONGEST_PATIENCE) if unanswered else timedelta(0)


def _count_due(newest: datetime | None, budget: Budget, now: datetime) -> int:
    """How many looks this moment has room for: as many as slots of the timeline have begun since the newest look.

    At most `burst` at once; and since a window of a minute may begin with a burst, the slots of a minute are the
    budget less that. Slots are counted from a fixed moment, so that turns between two of them lose nothing.
    """
    share = max(int(looks_per_minute(budget)), 1)
    burst = max(share // _LOOKS_FOR_ONE_MORE_AT_ONCE, 1)
    slots = max(share - burst, 1)
    room = burst if newest is None else min(_slot(now, slots) - _slot(newest, slots), burst)
    left = find_looks_left(budget, now)
    return room if left is None else min(room, left)


def _slot(moment: datetime, slots: int) -> int:
    return (moment - _FIRST_SLOT_AT) // _MICROSECOND * slots // (_MINUTE // _MICROSECOND)
