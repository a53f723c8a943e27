"""Calls while nobody decides: to the approvers at half-time, later to others; and what the card says of them.

Such a message mentions people one by one and never a group: a group is called by day and by night. Once the approval is
decided it says how, and where it was asked anew that it is over, for a call that still asks would be a lie.
"""

from collections.abc import Sequence

from bot.core.approvals import Approval
from bot.core.entries import ApprovalEscalated, ApproversReminded
from bot.core.names import UserId
from bot.core.reminders import is_put_off
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.views import signs
from bot.views.blocks import context, message, section
from bot.views.marked import Marked, bold, date, dotted, joined, mention, say
from bot.views.message import Message
from bot.views.people import say_each, say_unmentioned
from bot.views.phrases import phrase_run
from bot.views.refusals import explain_drop
from bot.views.spans import count

MENTIONED = 10
"""So many people are called by one message; a longer one reads as if it meant nobody."""


def render_call(sight: Sight, call: ApproversReminded | ApprovalEscalated | None) -> Message:
    """A call to the approvers at half-time, or to those who may decide as well by then; after the decision, the decision."""
    run, approval = sight.run, sight.approval
    if run.state is not RunState.WAITING or approval is None or call is None:
        return _render_decided(sight)
    if isinstance(call, ApproversReminded):
        return _render_reminder(run, approval, call)
    return _render_escalation(run, approval, call)


def render_asked_anew_since(sight: Sight) -> Message:
    """What stands where people were called before it was asked anew: it is over, whatever has become of the run since."""
    run = sight.run
    over = "{} Over: {} (#{}) was asked anew: the rules changed. Its card says how it stands."
    told = say(over, signs.STOPPED, bold(phrase_run(run).ask), run.id)
    return message(told, section(told))


def _render_reminder(run: Run, approval: Approval, call: ApproversReminded) -> Message:
    what = say("{} (#{}) still waits for approval{}", bold(phrase_run(run).ask), run.id, _until(approval))
    if not call.called:
        what = say("{}. {}", what, _say_nobody(approval))
    facts = dotted(_say_votes(approval), _say_too(approval))
    return _render_call(what, _whom(call.called), call.asleep, facts)


def _render_escalation(run: Run, approval: Approval, call: ApprovalEscalated) -> Message:
    ask, whom = bold(phrase_run(run).ask), say_unmentioned(call.to)
    what = say(
        "nobody has decided on {} (#{}) yet. {} may decide it too{}", ask, run.id, whom, _until(approval)
    )
    return _render_call(what, _whom(call.called), call.asleep, _say_votes(approval))


def say_calls(approval: Approval | None) -> Marked | None:
    """What the card says of calls that were made, or could not be: who may decide as well, and for whom it is night."""
    if approval is None:
        return None
    if approval.escalated_at is not None:
        night = Marked(", but it is night for all of them") if approval.escalate_at else None
        return joined([say("{} may decide too", say_unmentioned(approval.escalate_to)), night], "")
    if not is_put_off(approval) or approval.remind_at is None:
        return None
    is_before_the_end = approval.remind_at < approval.expires_at
    morning = say(", I call them at {}", date(approval.remind_at)) if is_before_the_end else None
    return joined([Marked("It is night for everyone who may approve"), morning], "")


def _render_call(
    what: Marked, whom: Marked | None, asleep: Sequence[UserId], facts: Marked | None
) -> Message:
    """A call, with whom it is for in front: a phone shows only the beginning."""
    called = say("{}: {}", whom, what) if whom else Marked(what[:1].upper() + what[1:])
    told = say("{} {}.", signs.WAITING, called)
    return message(told, section(told), context(facts, _say_asleep(asleep), _WHERE))


_WHERE = Marked("The buttons are on the card.")


def _whom(called: Sequence[UserId]) -> Marked | None:
    if not called:
        return None
    more = len(called) - MENTIONED
    if more <= 0:
        return say_each(called)
    return say("{} and {} more", joined([mention(one) for one in called[:MENTIONED]], ", "), more)


def _until(approval: Approval) -> Marked:
    """How long there is to decide."""
    return say(", until {}", date(approval.expires_at))


def _say_nobody(approval: Approval) -> Marked:
    """Who is meant, where nobody is called by name."""
    if approval.approvers == "everyone":
        return Marked("Anybody else of the team may decide it")
    return Marked("I found nobody to call")


def _say_votes(approval: Approval) -> Marked | None:
    if approval.needed == 1:
        return None
    return say("{} of {} have approved", len(approval.consents), approval.needed)


def _say_too(approval: Approval) -> Marked | None:
    if approval.escalated_at is None:
        return None
    return say("{} may decide too", say_unmentioned(approval.escalate_to))


def _say_asleep(asleep: Sequence[UserId]) -> Marked | None:
    if not asleep:
        return None
    return say("It is night for {}, whom I do not call.", count(len(asleep), "other"))


def _render_decided(sight: Sight) -> Message:
    told = dotted(_say_decided(sight), bold(phrase_run(sight.run).ask), Marked(f"#{sight.run.id}"))
    return message(told, section(told))


def _say_decided(sight: Sight) -> Marked:
    run = sight.run
    if run.approvers:
        return say("{} Decided: approved by {}", signs.DONE, say_each(run.approvers))
    match run.state:
        case RunState.DECLINED:
            return say("{} Decided: declined{}", signs.STOPPED, _by(run))
        case RunState.WITHDRAWN:
            return say("{} Withdrawn{}", signs.STOPPED, _by(run))
        case RunState.EXPIRED:
            until = say(" by {}", date(sight.approval.expires_at)) if sight.approval else Marked(" in time")
            return say("{} Expired: nobody decided{}", signs.STOPPED, until)
        case _:
            why = explain_drop(run.refusal.code, run.change).why if run.refusal else None
            return say("{} No longer waits{}", signs.STOPPED, say(": {}", why) if why else Marked(""))


def _by(run: Run) -> Marked:
    return say(" by {}", mention(run.decided_by)) if run.decided_by else Marked("")
