"""Which tasks to look at in this turn: those at which an end is likely to have come, as far as the budget goes.

Every look is worth something: the time for which an end would go unseen if nobody looked, the more the surer it is that
there is one. It costs something: little while many looks are saved up, more the fewer are left. A look is made where it
is worth its cost, the most valuable first. Whoever has gone unseen for longer than is fair goes before, and where it
was hinted that something has changed, before that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from math import inf

from bot.core.budget import Budget, Purse, find_looks_left, looks_per_minute, most_saved
from bot.core.forecasts import Forecast
from bot.core.names import RunId

POLITE_GAP = timedelta(seconds=2)
"""No task is looked at more often than this."""

LONGEST_PATIENCE = timedelta(minutes=1)
"""A task whose looks go unanswered is asked at least this often."""

UNSEEN = timedelta(minutes=1)
"""No task goes unseen for longer than this where the budget allows it, or than `_FAIR` times its even part of it."""

_FAIR = 4
_SURE = 1.2
"""A look at a sure end is worth this much more, less one, than one that is hardly likely yet: it need not be made again."""

_OF_CHANGE = 0.01
"""What a second for which a new step goes unseen is worth, of one for which an end does."""

_OF_FIRST_SIGHT = 0.03
"""The same of a task that was never seen at all."""

_LONG = 180.0
"""Seconds: of a task of which nothing is known, half of this is expected to go by before its end."""

_SLOW_TO_DOUBT = 1.5
"""A part of forecasts that have failed counts for less than it is (this power of it) while it is small."""

_DEAREST = 2.0
"""What the last look that is left costs, in expected seconds of an unseen end."""

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task to follow: when it was last looked at (None: never), and how many looks in a row went unanswered.

    One that `is_hinted` is worth a look now, whatever the gaps; one with a `gap` of its own is looked at no more often.
    Without a `forecast` it may end at any time.
    """

    run_id: RunId
    looked_at: datetime | None
    unanswered: int = 0
    is_hinted: bool = False
    gap: timedelta = timedelta(0)
    forecast: Forecast | None = None


class _Rank(IntEnum):
    """What goes before what."""

    HINTED = 0
    OVERDUE = 1
    BY_WORTH = 2


_Bid = tuple[_Rank, float, RunId]
"""A task that may be looked at now; the smallest goes first. Its worth is negative, so that more goes before less."""


def plan_looks(
    tasks: Sequence[OpenTask],
    *,
    budget: Budget,
    purse: Purse,
    now: datetime,
    gap: timedelta = POLITE_GAP,
    pending: int = 0,
) -> tuple[RunId, ...]:
    """The runs whose tasks to look at now, the most urgent first; none while the budget is blocked.

    `purse` is as `budget.keep` leaves it; what is planned is to be spent from it. `pending` looks are under way. A task
    whose looks go unanswered is asked less and less often, up to once a minute.
    """
    left = find_looks_left(budget, purse, now, pending=pending)
    if left <= 0:
        return ()
    overdue = _find_overdue(len(tasks), budget, purse)
    doubt = _find_doubt(tasks)
    bids = [bid for task in tasks if (bid := _bid(task, now, gap, overdue, doubt)) is not None]
    bids.sort()
    most = most_saved(budget, purse)
    chosen: list[RunId] = []
    for rank, debt, run_id in bids[:left]:
        price = _DEAREST * (1 - (purse.saved - len(chosen)) / most)
        if rank is _Rank.BY_WORTH and -debt < price:
            break
        chosen.append(run_id)
    return tuple(chosen)


def _find_doubt(tasks: Sequence[OpenTask]) -> float:
    """How far forecasts are not to be trusted now: where most of them have failed, the rest may well be about to."""
    unknown = [task.forecast.unknown for task in tasks if task.forecast is not None]
    return (sum(unknown) / len(unknown)) ** _SLOW_TO_DOUBT if unknown else 0.0


def _find_overdue(tasks: int, budget: Budget, purse: Purse) -> float:
    """Seconds after which a task goes before those at which something is likelier to be seen."""
    even = 60 * tasks / looks_per_minute(budget, purse)
    return max(UNSEEN / _SECOND, _FAIR * even)


def _bid(task: OpenTask, now: datetime, gap: timedelta, overdue: float, doubt: float) -> _Bid | None:
    """What speaks for a look at this task now; None where it is too early for one."""
    unseen = _find_unseen(task, now)
    if task.is_hinted:
        return _Rank.HINTED, -unseen, task.run_id
    waits = (
        max(gap, task.gap, _find_patience(task.unanswered)) if task.looked_at is not None else timedelta(0)
    )
    if unseen < waits / _SECOND:
        return None
    if unseen >= overdue:
        return _Rank.OVERDUE, -unseen, task.run_id
    return _Rank.BY_WORTH, -_appraise(task, unseen, now, doubt), task.run_id


def _find_unseen(task: OpenTask, now: datetime) -> float:
    """Seconds since the last look, or since the task began. What lies ahead (the clock was set back) has not been."""
    if task.looked_at is not None and task.looked_at <= now:
        return (now - task.looked_at) / _SECOND
    if task.looked_at is not None or task.forecast is None:
        return inf
    since = (now - task.forecast.began_at) / _SECOND - task.forecast.looked
    return since if since >= 0 else inf


def _appraise(task: OpenTask, unseen: float, now: datetime, doubt: float) -> float:
    """What a look is worth, in expected seconds of an unseen end.

    The expected age of an end, over how far from certain it is: a look that shows no end will have to be made again.
    """
    chance, age = min(2 * unseen / _LONG, 1.0), unseen * unseen / _LONG
    if task.forecast is None:
        return age
    foretold, foretold_age = task.forecast.find_end(now)
    chance, age = foretold + doubt * (chance - foretold), foretold_age + doubt * (age - foretold_age)
    worth = age / (_SURE - min(chance, 1.0)) + _OF_CHANGE * task.forecast.find_change_age(now)
    return worth if task.looked_at is not None else worth + _OF_FIRST_SIGHT * unseen


def _find_patience(unanswered: int) -> timedelta:
    """2, 4, 8 … seconds after the first, second, third look without an answer."""
    return min(timedelta(seconds=2 ** min(unanswered, 10)), LONGEST_PATIENCE) if unanswered else timedelta(0)
