"""`oec-bot history verify`: whether the record is as it was written, in words for people and in JSON for programs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.ends import EXIT_FOUND, fail
from bot.slack.redaction import make_printable

if TYPE_CHECKING:
    from bot.history.findings import Break, OddPlea, OddRun, Verification

_SHOWN = 20
_HEAD = re.compile(r"[0-9a-f]{8,64}")
"""With fewer characters a noted head could stand for another entry by chance."""


@click.command()
@click.option(
    "--database", type=click.Path(dir_okay=False, path_type=Path), help="The history (OEC_DATABASE)."
)
@click.option("--head", help="A head noted down earlier, or how it begins: is it still part of the record?")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def verify(context: click.Context, database: Path | None, head: str | None, as_json: bool) -> None:
    """Find any change of the record: entries edited, removed, put in or put elsewhere, an end cut off, runs that differ.

    Runs, approvals and pleas are held against the entries, column by column. What people are called and where messages
    stand is no part of it: that only helps to read.

    Also while the bot runs. Ends with status 0 where all is well, 1 where something was found, 2 where it cannot be
    read. The head it prints is the newest entry's hash and stands for all entries: note it elsewhere. Whoever may write
    the database could write all of it anew, with hashes that fit; but no head that was noted before would be in it.
    """
    from bot.core.errors import HistoryError
    from bot.history.failures import FileError
    from bot.history.verification import verify as verify_record

    if head is not None and not _HEAD.fullmatch(head.lower()):
        raise click.UsageError("A head has 8 to 64 characters, 0 to 9 and a to f.")
    try:
        found = verify_record(database or context.obj, head=head.lower() if head else None)
    except FileError as error:
        if not error.is_damage:
            fail([str(error)])
        click.echo(make_printable(str(error)))
        context.exit(EXIT_FOUND)
    except HistoryError as error:
        fail([str(error)])
    lines = [json.dumps(_as_json(found), indent=2)] if as_json else map(make_printable, _describe(found))
    for line in lines:
        click.echo(line)
    if not found.is_well:
        context.exit(EXIT_FOUND)


def _describe(found: "Verification") -> Iterator[str]:
    from bot.views.spans import count

    entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    looked_at = f"{entries}, {count(found.runs, 'run')}"
    if not found.found:
        yield f"The record holds together: {looked_at}."
    for number, one in enumerate(found.breaks[:_SHOWN]):
        yield _describe_break(one, is_first=number == 0)
    for odd in found.odd_runs[:_SHOWN]:
        yield from _describe_odd(f"Run #{odd.run_id}", odd)
    for plea in found.odd_pleas[:_SHOWN]:
        yield from _describe_odd(f"Plea {plea.number}", plea)
    kept = (len(found.breaks), len(found.odd_runs), len(found.odd_pleas))
    more = found.found - sum(min(one, _SHOWN) for one in kept)
    if more:
        yield f"… and {more} more."
    if found.found:
        yield f"Looked at: {looked_at}."
    yield f"Head: {found.head}"
    if found.sought is not None:
        yield _describe_noted(found)


def _describe_break(one: "Break", *, is_first: bool) -> str:
    from bot.history.findings import Fault

    run = "of no run" if one.run_id is None else f"run #{one.run_id}"
    entry = f"entry {one.entry_id} ({run}, {one.at})" if one.entry_id else "the beginning"
    missing = f"{one.missing} missing" if one.missing else "how many are missing nobody can tell"
    if one.fault is Fault.CUT:
        return f"The end does not fit: after {entry} entries were cut off or put in ({missing})."
    since = "The record no longer holds together from here on: " if is_first else "Nor here: "
    what = (
        f"before it, entries are missing ({one.missing})"
        if one.fault is Fault.MISSING
        else "it was changed, or does not belong after what stands before it"
    )
    return f"{since}{entry}: {what}."


def _describe_odd(whose: str, odd: "OddRun | OddPlea") -> Iterator[str]:
    if odd.trouble is not None:
        yield f"{whose}: {_TROUBLES[odd.trouble.value]}"
    for one in odd.disagreements:
        what = SUBJECTS.get(one.subject, one.subject)
        yield f"{whose}: {what} is {one.run_says} there, and {one.entries_say} by its entries."


_TROUBLES = {
    "no_run": "it has entries or an approval, but the run itself is missing.",
    "no_entries": "no entry tells of it.",
    "unreadable": "it, or one of its entries, cannot be read.",
}
SUBJECTS = {
    "requester": "who asked",
    "adopted": "whether it follows what somebody else began",
    "approvers": "who approved",
    "decided_by": "who decided",
    "decline_reason": "the reason for declining",
    "key": "the idempotency key",
    "task_id": "the task",
    "is_presumed": "whether the task was recognised rather than told",
    "state": "where it stands",
    "given_up_by": "who gave it up",
    "ask": "what was asked for",
    "rule": "the rule that let it be asked for",
    "approval": "its approval",
    "votes": "who has given the approval",
    "approval_rule": "the rule that asks for the approval",
    "environment_id": "the environment",
    "run.handle": "the id on its buttons",
    "run.request_key": "what tells the ask from others",
    "run.environment": "the environment as it was",
    "run.team_id": "the workspace of who asked",
    "run.channel_id": "the channel",
    "run.thread_ts": "the thread",
    "run.asked_at": "when it was asked for",
    "run.submitted_at": "when it was sent",
    "run.away_seconds": "how long the bot was away, in seconds,",
    "run.refusal": "why it was not carried out",
    "run.followers": "who follows it",
    "run.asking": "how many times its approval was asked for",
    "run.ended_at": "when it ended",
    "run.environment_id": "the environment",
    "run.alias": "what the environment is called",
    "run.action": "the action",
    "run.mode": "the mode",
    "run.modules": "the modules",
    "run.rule": "the rule that let it be followed",
    "run.task_id": "the task",
    "run.seen": "what was seen of the task and its log (as a hash)",
    "approval.id": "the approval's id",
    "approval.requester": "who asked for the approval",
    "approval.approvers": "who may approve",
    "approval.fingerprint": "the fingerprint of what was to be approved",
    "approval.asked_at": "when the approval was asked for",
    "approval.expires_at": "when the approval runs out",
    "approval.typed": "whether the name has to be typed",
    "approval.requester_may_approve": "whether who asked may approve",
    "approval.decided_at": "when the approval was decided",
    "approval.needed": "how many have to approve",
    "approval.rule_line": "the line of the rule that asks for the approval",
    "approval.claimed_by": "who is looking",
    "approval.claimed_at": "since when somebody is looking",
    "approval.remind_at": "when the approvers are to be called",
    "approval.reminded_at": "when the approvers were called",
    "approval.escalate_to": "who may decide as well in time",
    "approval.escalate_at": "when others may decide as well",
    "approval.escalated_at": "since when others may decide as well",
    "approval.renewed_at": "when the approval was asked for anew",
    "approval.asking": "how many times the approval was asked for",
    "plea.number": "its number",
    "plea.id": "the id on its buttons",
    "plea.by": "who asked others",
    "plea.team_id": "the workspace of who asked",
    "plea.change": "what others were asked for",
    "plea.asked_in": "the channel it was asked in",
    "plea.asked_at": "when it was asked",
    "plea.expires_at": "when it runs out",
    "plea.state": "what became of it",
    "plea.taken_by": "who took it on",
    "plea.run_id": "the run it led to",
}
"""What verification compares, in words for people; an entry that was edited may name whatever it likes."""


def _describe_noted(found: "Verification") -> str:
    if found.noted is None:
        return (
            f"No entry has the head {found.sought}: what it stood for was written anew, or it is of another database "
            "(or of a time after the backup that was put back)."
        )
    if found.noted == 0:
        return f"The head {found.sought} is that of an empty record."
    return f"The head {found.sought} is that of entry {found.noted}, and still part of the record."


def _as_json(found: "Verification") -> dict[str, object]:
    return {
        "is_well": found.is_well,
        "entries": found.entries,
        "runs": found.runs,
        "head": found.head,
        "found": found.found,
        "breaks": [
            {
                "fault": one.fault.value,
                "entry": one.entry_id,
                "run": one.run_id,
                "at": one.at,
                "missing": one.missing,
            }
            for one in found.breaks
        ],
        "runs_that_differ": [{"run": odd.run_id, **_odd_as_json(odd)} for odd in found.odd_runs],
        "pleas_that_differ": [{"plea": odd.number, **_odd_as_json(odd)} for odd in found.odd_pleas],
        "noted_head": None if found.sought is None else {"head": found.sought, "entry": found.noted},
    }


def _odd_as_json(odd: "OddRun | OddPlea") -> dict[str, object]:
    differs = [
        {"subject": one.subject, "run": one.run_says, "entries": one.entries_say} for one in odd.disagreements
    ]
    return {"trouble": odd.trouble.value if odd.trouble else None, "differs": differs}
