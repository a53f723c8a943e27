"""Core values as database rows, and back. Pure.

What is searched for is a column; what is only kept and shown (a report, a log, the environment as it stood) is JSON.
Times are ISO 8601 text in UTC with six decimals, so that text order is time order.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter

from bot.core.approvals import Approval, ApprovalState
from bot.core.catalog import Environment
from bot.core.entries import (
    ApprovalEscalated,
    ApprovalRanOut,
    ApprovalRenewed,
    ApproversReminded,
    Asked,
    BlockedAsk,
    Claimed,
    Consented,
    DeniedAsk,
    Ended,
    Entry,
    Followed,
    GaveUp,
    Pleaded,
    PleaTaken,
    RecordedEntry,
    Refused,
    Resumed,
    RulesChanged,
    RulesRefused,
    Sent,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.intents import Change
from bot.core.names import Action, RunId, UpdateMode, UserId
from bot.core.request import Place
from bot.core.runs import Run, RunState, Step
from bot.core.tasks import EnvironmentReport, Refusal, TaskLog, TaskReport
from bot.flow.ports import MessageRef, Slot, SlotRecord
from bot.history.columns import Row, storable, time_from_text, time_to_text, to_json, write_json
from bot.history.noted import Noted, add_noted

T = TypeVar("T")

_ENVIRONMENT = TypeAdapter(Environment)
_ENVIRONMENT_SEEN = TypeAdapter(EnvironmentReport | None)
_LOG = TypeAdapter(TaskLog | None)
_MODULES = TypeAdapter(tuple[str, ...])
_REFUSAL = TypeAdapter(Refusal | None)
_REPORT = TypeAdapter(TaskReport | None)
_STEPS = TypeAdapter(tuple[Step, ...])
_USERS = TypeAdapter(tuple[UserId, ...])

ENTRY_KINDS: dict[str, type[Entry]] = {
    "asked": Asked,
    "denied": DeniedAsk,
    "blocked": BlockedAsk,
    "voted": Voted,
    "consented": Consented,
    "vote_refused": VoteRefused,
    "looked_into": Claimed,
    "approvers_reminded": ApproversReminded,
    "approval_escalated": ApprovalEscalated,
    "approval_renewed": ApprovalRenewed,
    "approval_ran_out": ApprovalRanOut,
    "pleaded": Pleaded,
    "plea_taken": PleaTaken,
    "rules_changed": RulesChanged,
    "rules_refused": RulesRefused,
    "sent": Sent,
    "started": Started,
    "refused": Refused,
    "ended": Ended,
    "followed": Followed,
    "gave_up": GaveUp,
    "resumed": Resumed,
}
"""The word each kind of entry goes by in the database; the words outlive the classes' names."""

_ENTRIES: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(entry) for kind, entry in ENTRY_KINDS.items()}
_KIND_OF_ENTRY = {entry: kind for kind, entry in ENTRY_KINDS.items()}


def _time(at: datetime | None) -> str | None:
    return None if at is None else time_to_text(at)


def _at(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)


def _value(adapter: TypeAdapter[T], text: str | None) -> T:
    return adapter.validate_python(None) if text is None else adapter.validate_json(text)


def run_to_row(run: Run) -> Row:
    """A run as a row, without its id: that is the database's to give."""
    change = run.change
    return storable(
        {
            "handle": run.handle,
            "request_key": run.request_key,
            "environment_id": change.environment.id,
            "alias": change.environment.alias,
            "environment": to_json(_ENVIRONMENT, change.environment),
            "action": change.action.value,
            "mode": change.mode.value if change.mode else None,
            "modules": to_json(_MODULES, change.modules),
            "requester": run.requester,
            "team_id": run.team_id,
            "channel_id": run.place.channel_id,
            "thread_ts": run.place.thread_ts,
            "asked_at": time_to_text(run.asked_at),
            "rule": run.rule,
            "adopted": int(run.adopted),
            **_progress_to_row(run),
        }
    )


def _progress_to_row(run: Run) -> Row:
    """What changes as a run goes on."""
    return {
        "state": run.state.value,
        "version": run.version,
        "approvers": to_json(_USERS, run.approvers),
        "approval_version": run.approval_version,
        "asking": run.asking,
        "is_reminded": int(run.is_reminded),
        "is_escalated": int(run.is_escalated),
        "decided_by": run.decided_by,
        "decline_reason": run.decline_reason,
        "idempotency_key": run.idempotency_key,
        "submitted_at": _time(run.submitted_at),
        "task_id": run.task_id,
        "is_presumed": int(run.is_presumed),
        "report": to_json(_REPORT, run.report),
        "reported_at": _time(run.reported_at),
        "unanswered_since": _time(run.unanswered_since),
        "stuck_since": _time(run.stuck_since),
        "given_up_by": run.given_up_by,
        "away_seconds": None if run.away is None else run.away.total_seconds(),
        "steps": to_json(_STEPS, run.steps),
        "refusal": to_json(_REFUSAL, run.refusal),
        "log": to_json(_LOG, run.log),
        "environment_seen": to_json(_ENVIRONMENT_SEEN, run.environment_seen),
        "followers": to_json(_USERS, run.followers),
        "ended_at": _time(run.ended_at),
    }


def run_from_row(row: Row) -> Run:
    """The run that a row holds."""
    return Run(
        id=row["id"],
        handle=row["handle"],
        request_key=row["request_key"],
        change=_change_from_row(row),
        requester=row["requester"],
        team_id=row["team_id"],
        place=Place(row["channel_id"], row["thread_ts"]),
        asked_at=time_from_text(row["asked_at"]),
        state=RunState(row["state"]),
        rule=row["rule"],
        version=row["version"],
        adopted=bool(row["adopted"]),
        approvers=_value(_USERS, row["approvers"] or "[]"),
        approval_version=row["approval_version"],
        asking=row["asking"],
        is_reminded=bool(row["is_reminded"]),
        is_escalated=bool(row["is_escalated"]),
        decided_by=row["decided_by"],
        decline_reason=row["decline_reason"],
        idempotency_key=row["idempotency_key"],
        submitted_at=_at(row["submitted_at"]),
        task_id=row["task_id"],
        is_presumed=bool(row["is_presumed"]),
        report=_value(_REPORT, row["report"]),
        reported_at=_at(row["reported_at"]),
        unanswered_since=_at(row["unanswered_since"]),
        stuck_since=_at(row["stuck_since"]),
        given_up_by=row["given_up_by"],
        away=None if row["away_seconds"] is None else timedelta(seconds=row["away_seconds"]),
        steps=_value(_STEPS, row["steps"]),
        refusal=_value(_REFUSAL, row["refusal"]),
        log=_value(_LOG, row["log"]),
        environment_seen=_value(_ENVIRONMENT_SEEN, row["environment_seen"]),
        followers=_value(_USERS, row["followers"]),
        ended_at=_at(row["ended_at"]),
    )


def _change_from_row(row: Row) -> Change:
    return Change(
        action=Action(row["action"]),
        environment=_value(_ENVIRONMENT, row["environment"]),
        mode=None if row["mode"] is None else UpdateMode(row["mode"]),
        modules=_value(_MODULES, row["modules"]),
    )


def approval_to_row(approval: Approval, run_id: RunId) -> Row:
    """An approval as a row of the run that was given this number."""
    return storable(
        {
            "id": approval.id,
            "run_id": run_id,
            "requester": approval.requester,
            "approvers": approval.approvers,
            "rule_path": approval.rule_path,
            "fingerprint": approval.fingerprint,
            "asked_at": time_to_text(approval.asked_at),
            "expires_at": time_to_text(approval.expires_at),
            "typed": int(approval.typed),
            "requester_may_approve": int(approval.requester_may_approve),
            "state": approval.state.value,
            "decided_by": approval.decided_by,
            "decided_at": _time(approval.decided_at),
            "reason": approval.reason,
            "needed": approval.needed,
            "consents": to_json(_USERS, approval.consents),
            "rule_line": approval.rule_line,
            "claimed_by": approval.claimed_by,
            "claimed_at": _time(approval.claimed_at),
            "remind_at": _time(approval.remind_at),
            "reminded_at": _time(approval.reminded_at),
            "escalate_to": approval.escalate_to,
            "escalate_at": _time(approval.escalate_at),
            "escalated_at": _time(approval.escalated_at),
            "renewed_at": _time(approval.renewed_at),
            "asking": approval.asking,
            "version": approval.version,
        }
    )


def approval_from_row(row: Row) -> Approval:
    """The approval that a row holds."""
    return Approval(
        id=row["id"],
        run_id=row["run_id"],
        requester=row["requester"],
        approvers=row["approvers"],
        rule_path=row["rule_path"],
        fingerprint=row["fingerprint"],
        asked_at=time_from_text(row["asked_at"]),
        expires_at=time_from_text(row["expires_at"]),
        typed=bool(row["typed"]),
        requester_may_approve=bool(row["requester_may_approve"]),
        state=ApprovalState(row["state"]),
        decided_by=row["decided_by"],
        decided_at=_at(row["decided_at"]),
        reason=row["reason"],
        needed=row["needed"],
        consents=_value(_USERS, row["consents"]),
        rule_line=row["rule_line"],
        claimed_by=row["claimed_by"],
        claimed_at=_at(row["claimed_at"]),
        remind_at=_at(row["remind_at"]),
        reminded_at=_at(row["reminded_at"]),
        escalate_to=row["escalate_to"],
        escalate_at=_at(row["escalate_at"]),
        escalated_at=_at(row["escalated_at"]),
        renewed_at=_at(row["renewed_at"]),
        asking=row["asking"],
        version=row["version"],
    )


def entry_to_row(run_id: RunId | None, entry: Entry, at: datetime, noted: Noted | None = None) -> Row:
    """An entry as a row; `by` stands beside the facts so that it can be searched for."""
    kind = _KIND_OF_ENTRY[type(entry)]
    facts = add_noted(_ENTRIES[kind].dump_python(entry, mode="json"), noted or {})
    return storable(
        {
            "run_id": run_id,
            "at": time_to_text(at),
            "kind": kind,
            "by": getattr(entry, "by", None),
            "facts": write_json(facts),
        }
    )


def entry_from_row(row: Row) -> RecordedEntry:
    """The entry that a row holds."""
    entry = _value(_ENTRIES[row["kind"]], row["facts"])
    return RecordedEntry(run_id=row["run_id"], at=time_from_text(row["at"]), entry=entry)


def slot_from_row(row: Row) -> SlotRecord:
    """What is known of a run's message."""
    ref = None if row["ts"] is None else MessageRef(row["channel_id"], row["ts"])
    return SlotRecord(
        Slot.named(row["run_id"], row["kind"]), ref, row["shown_version"], is_dead=bool(row["is_dead"])
    )
