"""Everything a run's messages are drawn from: the run, and what stands around it at this moment."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.approvals import Approval
from bot.core.estimates import Band, Estimate
from bot.core.names import UserId
from bot.core.runs import Run


@dataclass(frozen=True, slots=True)
class Sight:
    """What a renderer of run messages gets.

    `estimate` is what history says of runs of this kind, and `band` what is to be expected of this one; `last` the
    previous ended run of the same kind on this environment; `blocker` the run of ours that holds the environment, where
    the platform refused because of it. `votes_lost` approved before, and their votes no longer count.
    """

    run: Run
    now: datetime
    approval: Approval | None = None
    estimate: Estimate | None = None
    band: Band | None = None
    last: Run | None = None
    blocker: Run | None = None
    votes_lost: tuple[UserId, ...] = ()
