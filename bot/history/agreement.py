"""Whether a run says what its entries say. Pure.

Entries are never changed and runs are, so of what stands in both, the entries tell what happened.
"""

import json
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
    GaveUp,
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
    """What a run tells of itself, or what the kinds of its entries tell of it (`noted` is what they tell besides).

    `approvers` are all whose votes count, in the order of their votes. Of an `adopted` run, which follows a task that
    somebody else began, no entry tells the task.

    `ask` is what was asked for, as one would type it, and `rule` the line that let it be asked for. `approval` is how the
    approval stands, and who decided it and why (None: none was needed), `votes` who has given it, `approval_rule` the rule
    that asks for it.
    """

    requester: UserId | None = None
    adopted: bool = False
    approvers: tuple[UserId, ...] = ()
    decided_by: UserId | None = None
    decline_reason: str | None = None
    key: IdempotencyKey | None = None
    task_id: TaskId | None = None
    is_presumed: bool = False
    state: str | None = None
    given_up_by: UserId | None = None
    ask: str | None = None
    environment_id: str | None = None
    rule: str | None = None
    approval: str | None = None
    votes: tuple[UserId, ...] = ()
    approval_rule: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Of this, a run says one thing and its entries another."""

    subject: str
    run_says: str
    entries_say: str


def read_telling(entries: Sequence[Entry]) -> Telling:
    """What the entries of one run, oldest first, tell of it."""
    votes, is_granted = _count_votes(entries)
    return reduce(_tell, entries, Telling(approvers=votes if is_granted else (), votes=votes))


def _count_votes(entries: Sequence[Entry]) -> tuple[tuple[UserId, ...], bool]:
    """All whose votes count, and whether as many have approved as have to."""
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
                return (*consents, by), True
            case _:
                pass
    return tuple(consents), False


def _tell(telling: Telling, entry: Entry) -> Telling:
    match entry:
        case Asked() if telling.requester is None:
            return _tell_ask(telling, entry)
        case Followed(by=by) if telling.requester is None:
            return replace(telling, requester=by, adopted=True, state=RunState.RUNNING.value)
        case ApprovalRenewed(rule=rule, ask=ask):
            return replace(telling, approval_rule=rule, ask=ask or telling.ask)
        case Voted():
            return _tell_vote(telling, entry)
        case ApprovalRanOut():
            return replace(telling, state=RunState.EXPIRED.value, approval=as_words_of_approval("expired"))
        case Sent() | Started() | Refused() | GaveUp() | Ended():
            return _tell_sending(telling, entry)
        case _:
            return telling


def _tell_ask(telling: Telling, asked: Asked) -> Telling:
    needs_approval = asked.decision == "needs_approval"
    return replace(
        telling,
        requester=asked.by,
        state=(RunState.WAITING if needs_approval else RunState.ACCEPTED).value,
        ask=asked.text,
        environment_id=asked.environment_id or None,
        rule=asked.rule,
        approval=as_words_of_approval("waiting") if needs_approval else None,
        approval_rule=asked.approval_rule,
    )


def as_words_of_approval(state: str, by: str | None = None, reason: str | None = None) -> str:
    """How an approval stands, in one piece: `declined by U0BEN: not today`."""
    decided = state if by is None else f"{state} by {by}"
    return decided if reason is None else f"{decided}: {reason}"


def _tell_vote(telling: Telling, vote: Voted) -> Telling:
    words = as_words_of_approval(vote.outcome, vote.by, vote.reason)
    decided = replace(telling, decided_by=vote.by, approval=words)
    if vote.outcome == "granted":
        return replace(decided, state=RunState.ACCEPTED.value)
    return replace(decided, decline_reason=vote.reason, state=vote.outcome)


def _tell_sending(telling: Telling, entry: Sent | Started | Refused | GaveUp | Ended) -> Telling:
    match entry:
        case Sent(key):
            return replace(telling, key=key, state=RunState.SUBMITTING.value)
        case Started(task_id, is_presumed):
            state = RunState.RUNNING.value
            return replace(telling, task_id=task_id, is_presumed=is_presumed, state=state)
        case Refused():
            return replace(telling, state=RunState.REFUSED.value)
        case GaveUp(by):
            return replace(telling, given_up_by=by)
        case Ended(outcome):
            return replace(telling, state=outcome)


def find_disagreements(run: Telling, entries: Telling) -> list[Disagreement]:
    """Every subject of which a run and its entries do not tell the same."""
    told = ((field.name, getattr(run, field.name), getattr(entries, field.name)) for field in fields(Telling))
    return [
        Disagreement(subject, as_words(said), as_words(meant))
        for subject, said, meant in told
        if said != meant
    ]


def as_words(value: object) -> str:
    """What stands somewhere, for people to read."""
    match value:
        case None | () | []:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case tuple():
            return ", ".join(value)
        case bytes():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
