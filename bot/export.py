"""What programs get of the history: runs with everything that the record tells of them, and the entries themselves. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from bot.core.entries import Asked, Consented, RecordedEntry, Voted
from bot.core.names import UserId
from bot.core.pleas import find_pleader
from bot.history.reading import NumberedEntry, RunRecord

Link = Callable[[RunRecord], str | None]
"""The address of a run's card, None where it was never posted or nobody knows the workspace's address."""

Names = Mapping[UserId, str]
"""What people are called, as far as it is known; everybody else goes by the id."""

Record = Mapping[str, object]

RUN_FIELDS = (
    "run",
    "asked_at",
    "action",
    "environment",
    "environment_id",
    "modules",
    "state",
    "requester",
    "requester_name",
    "asked_for",
    "asked_for_name",
    "approvers",
    "approver_names",
    "decided_by",
    "decline_reason",
    "decision",
    "rule",
    "rule_line",
    "approval_rule",
    "approval_rule_line",
    "rules_digest",
    "votes",
    "channel",
    "card",
    "task_id",
    "ended_at",
    "duration_seconds",
    "error",
)
ENTRY_FIELDS = ("entry", "at", "run", "kind", "by", "by_name", "facts", "hash")


def as_run_record(record: RunRecord, names: Names, link: Link) -> Record:
    """A run as plain JSON values: what it is, and what its entries tell of the decisions about it."""
    run = record.run
    pleader = find_pleader(run)
    error = run.report.error_message if run.report else None
    values: tuple[object, ...] = (
        run.id,
        _as_time(run.asked_at),
        run.change.word,
        run.change.environment.alias,
        run.change.environment.id,
        list(run.change.modules),
        run.state.value,
        run.requester,
        names.get(run.requester),
        pleader,
        names.get(pleader) if pleader is not None else None,
        list(run.approvers),
        [names.get(one, one) for one in run.approvers],
        run.decided_by,
        run.decline_reason,
        *_tell_decision(record.entries, run.rule),
        list(_tell_votes(record.entries, names)),
        run.place.channel_id,
        link(record),
        run.task_id,
        _as_time(run.ended_at),
        int(run.took.total_seconds()) if run.took is not None else None,
        error or (run.refusal.code if run.refusal else None),
    )
    return dict(zip(RUN_FIELDS, values, strict=True))


def _tell_decision(entries: Iterable[RecordedEntry], rule: str) -> tuple[object, ...]:
    """The decision, its rule and line, the approval's rule and line, and the digest of the rules that were in force."""
    asked = next((told.entry for told in entries if isinstance(told.entry, Asked)), None)
    if asked is None:
        return (None, rule, None, None, None, None)
    vote = next((told.entry for told in entries if isinstance(told.entry, Voted | Consented)), None)
    approval_rule, line = (vote.rule, vote.line) if vote else (asked.approval_rule, asked.approval_line)
    return (asked.decision, asked.rule, asked.line or None, approval_rule, line or None, asked.digest or None)


def _tell_votes(entries: Iterable[RecordedEntry], names: Names) -> Iterator[Record]:
    """Every vote that counted, in their order: of several approvers, all but the last have consented."""
    for told in entries:
        vote = told.entry
        if isinstance(vote, Voted | Consented):
            yield {
                "at": _as_time(told.at),
                "by": vote.by,
                "name": names.get(vote.by),
                "vote": vote.outcome if isinstance(vote, Voted) else "granted",
                "reason": vote.reason if isinstance(vote, Voted) else None,
                "rule": vote.rule,
                "line": vote.line or None,
                "rules_digest": vote.digest or None,
            }


def as_entry_record(entry: NumberedEntry, names: Names) -> Record:
    """An entry as plain JSON values, as it stands in the record; `facts` are of its kind."""
    values = (
        entry.id,
        entry.at,
        entry.run_id,
        entry.kind,
        entry.by,
        names.get(UserId(entry.by)) if entry.by else None,
        entry.facts,
        entry.hash,
    )
    return dict(zip(ENTRY_FIELDS, values, strict=True))


def _as_time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
