"""Whether a run says what its entries say. Pure.

Entries are never changed and runs are, so of what stands in both, the entries tell what happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce

from bot.core import approvals
from bot.core.entries import (
    ApprovalRanOut,
    ApprovalRenewed,
    Asked,
    Consented,
    Ended,
    Entry,
    Followed,
    Refused,
    Sent,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.names import IdempotencyKey, TaskId, UserId
from bot.core.runs import RunState


@dataclass(frozen=True, slots=True)
class Telling:
    """What a run tells of itself, or what its entries tell of it. `end` is the last state, None while it has not ended.

    `approvers` are all whose votes count, in the order of their votes. Of an `adopted` run, which follows a task that
    somebody else began, no entry tells the task.
    """

    requester: UserId | None = None
    adopted: bool = False
    approvers: tuple[UserId, ...] = ()
    decided_by: UserId | None = None
    decline_reason: str | None = None
    key: IdempotencyKey | None = None
    task_id: TaskId | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Of this, a run says one thing and its entries another."""

    subject: str
    run_says: str
    entries_say: str


def read_telling(entries: Sequence[Entry]) -> Telling:
    """What the entries of one run, oldest first, tell of it."""
    return reduce(_tell, entries, Telling(approvers=_find_approvers(entries)))


def _find_approvers(entries: Sequence[Entry]) -> tuple[UserId, ...]:
    """All whose votes count, once as many have approved as have to."""
    consents: list[UserId] = []
    for entry in entries:
        match entry:
            case Consented(by=by):
                consents.append(by)
            case ApprovalRenewed():
                consents.clear()
            case VoteRefused(by=by, reason=approvals.VOTE_LOST) if by in consents:
                consents.remove(by)
            case Voted(by=by, outcome="granted"):
                return (*consents, by)
            case _:
                pass
    return ()


def _tell(telling: Telling, entry: Entry) -> Telling:
    match entry:
        case Asked(by=by) | Followed(by=by) if telling.requester is None:
            return replace(telling, requester=by, adopted=isinstance(entry, Followed))
        case Voted():
            return _tell_vote(telling, entry)
        case Sent(key):
            return replace(telling, key=key)
        case Started(task_id):
            return replace(telling, task_id=task_id)
        case ApprovalRanOut():
            return replace(telling, end=RunState.EXPIRED.value)
        case Refused():
            return replace(telling, end=RunState.REFUSED.value)
        case Ended(outcome):
            return replace(telling, end=outcome)
        case _:
            return telling


def _tell_vote(telling: Telling, vote: Voted) -> Telling:
    decided = replace(telling, decided_by=vote.by)
    if vote.outcome == "granted":
        return decided
    return replace(decided, decline_reason=vote.reason, end=vote.outcome)


def find_disagreements(run: Telling, entries: Telling) -> list[Disagreement]:
    """Every subject of which a run and its entries do not tell the same."""
    told = ((field.name, getattr(run, field.name), getattr(entries, field.name)) for field in fields(Telling))
    return [
        Disagreement(subject, _as_words(said), _as_words(meant))
        for subject, said, meant in told
        if said != meant
    ]


def _as_words(value: str | tuple[str, ...] | bool | None) -> str:
    match value:
        case None | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case _:
            return ", ".join(value)
