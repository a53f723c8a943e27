"""Voting: the modals in which a decision takes words, and why a vote did not count."""

from collections.abc import Mapping

from bot.core.approvals import Approval, ApprovalState, VoteRefusal
from bot.core.intents import typed_form
from bot.core.names import UserId
from bot.core.runs import Run, RunState
from bot.views import buttons, signs
from bot.views.blocks import context, message, modal, plain_words, section, text_input
from bot.views.environments import say_environment
from bot.views.marked import LONG_DATE, Marked, code, date, lines, mention, say
from bot.views.message import Block, Message, Modal
from bot.views.people import say_each
from bot.views.phrases import phrase, say_command, say_modules
from bot.views.pleas import say_whose_wish
from bot.views.refusals import explain_drop
from bot.views.rules import say_place
from bot.views.runs.needs import say_who_may_decide

_DECIDED = {
    ApprovalState.GRANTED: "approved",
    ApprovalState.DECLINED: "declined",
    ApprovalState.WITHDRAWN: "withdrawn",
}


def decline_modal(run: Run, *, by: UserId) -> Modal:
    """Takes the reason of a decline. A requester who declines withdraws, and owes nobody a reason."""
    withdraws = by == run.requester
    word = "Withdraw" if withdraws else "Decline"
    hint = "It is shown to whoever asked, and kept."
    label = "Why not?" if not withdraws else "Why not any more?"
    field = text_input(buttons.REASON_FIELD, label, hint=hint, multiline=True, optional=withdraws)
    return modal(buttons.DECLINE_MODAL, run.handle, title=word, submit=word, blocks=(_what(run), field))


def typed_modal(run: Run, *, terms: str) -> Modal:
    """Takes the environment's name before an approval that cannot be taken back."""
    label = f"Type {run.change.environment.alias} to approve"
    field = text_input(
        buttons.NAME_FIELD, label, hint="Any of its names will do. Anything else approves nothing."
    )
    blocks: list[Block] = [_what(run), field]
    if run.change.destroys_data:
        warning = "{} *The data of these modules is dropped and created anew.* Only a backup brings it back."
        blocks.insert(1, section(say(warning, signs.LOOK)))
    subject = buttons.with_terms(run.handle, terms)
    return modal(buttons.TYPED_MODAL, subject, title="Approve", submit="Approve", blocks=blocks)


def _what(run: Run) -> Block:
    asked = say("{} · #{} · asked by {}", phrase(run.change).ask, run.id, say_whose_wish(run))
    where = say_environment(run.change.environment, run.environment_seen)
    return section(lines(asked, where or None, say_modules(run.change, room=2000)))


ASKED_ANEW = plain_words(
    "The rules changed since it was asked for, so it is asked anew and nobody has approved it yet. "
    "Look at its card again; if you still mean it, send this once more."
)
"""What is said beside the reason for declining where the rules changed meanwhile."""

REASON_MISSING = "Say why not, in a few words: whoever asked for it reads them."
"""Beside the reason of a decline that is nothing but blanks, which Slack lets through."""

ASKED_ANEW_SINCE = plain_words(
    "The rules changed since this was opened, so it is asked anew and nobody has approved it yet. "
    "Close this and look at its card again; if you still mean it, press Approve there."
)
"""What is said beside the typed name then: it approves by the terms that it was opened with, and by no others."""


def render_asked_anew(run: Run, approval: Approval, *, file: str = "oec.yml") -> Message:
    """Why this press did not count, though this person may decide it: they have not seen by what rules it is asked now."""
    why = say("The rules changed since #{} was asked for, so it is asked anew.", run.id)
    then = say(
        "It needs {} now. Look at its card again, and press once more if you still mean it.",
        say_who_may_decide(approval),
    )
    return message(why, section(lines(why, then)), context(_say_rule(approval, file)))


def render_vote_refused(
    refusal: VoteRefusal, run: Run, approval: Approval, *, voter: UserId, file: str = "oec.yml"
) -> Message:
    """Why this person's vote did not count, by which rule, and what can be done instead."""
    then: Marked | None
    if refusal is VoteRefusal.ALREADY_DECIDED and approval.decided_by == voter:
        why, then = _say_own_decision(run, approval), _say_how_it_goes(run)
    elif refusal is VoteRefusal.ALREADY_DECIDED and voter in approval.consents:
        why, then = _say_own_consent(run), _say_how_it_goes(run)
    else:
        why, then = _say_refusal(refusal, run, approval)
    return message(why, section(lines(why, then)), context(_say_rule(approval, file)))


def _say_rule(approval: Approval, file: str) -> Marked:
    """The rule that says who decides, and where it stands; approvals of earlier versions do not know the line."""
    return say("Rule: {}.", say_place(approval.rule_path, approval.rule_line, file))


def _say_how_it_goes(run: Run) -> Marked:
    return say("{} shows how it goes on.", say_command(f"run {run.id}"))


def _say_own_decision(run: Run, approval: Approval) -> Marked:
    """Whoever presses twice must not read that the first press counts no more."""
    how = _DECIDED.get(approval.state, "decided")
    return say("You have {} #{} already, and that stands. This press changes nothing.", Marked(how), run.id)


def _say_own_consent(run: Run) -> Marked:
    return say("You have approved #{} already; it is decided now. This press changes nothing.", run.id)


def vote_error(
    refusal: VoteRefusal, run: Run, approval: Approval, *, voter: UserId, file: str = "oec.yml"
) -> str:
    """The same beside a field of a modal, where Slack shows plain text and no names."""
    line = f"{file[:60]}, line {approval.rule_line}: " if approval.rule_line else ""
    return plain_words(
        f"{_say_error(refusal, run, approval, voter=voter)} (Rule: {line}{approval.rule_path[:60]}.)"
    )


def _say_error(refusal: VoteRefusal, run: Run, approval: Approval, *, voter: UserId) -> str:
    how = _DECIDED.get(approval.state, "decided")
    match refusal:
        case VoteRefusal.NAME_MISTYPED:
            return f"This is not the environment's name. Type {run.change.environment.alias}."
        case VoteRefusal.ALREADY_DECIDED if approval.decided_by == voter:
            return f"You have {how} it already. This changes nothing; the card shows how it goes on."
        case VoteRefusal.ALREADY_DECIDED:
            return f"Somebody was quicker: it is already {how}. This vote does not count; the card shows how it goes on."
        case VoteRefusal.NOT_AN_APPROVER:
            return (
                f"By the rules as they are now, you may not decide this. Needed: {_name_approvers(approval)}."
            )
        case VoteRefusal.OUTSIDER:
            return f"Only people of this team may decide this. Needed: {_name_approvers(approval)}."
        case _:
            return _VOTE_ERRORS[refusal]


_VOTE_ERRORS: Mapping[VoteRefusal, str] = {
    VoteRefusal.ALREADY_APPROVED: "You have approved it already. Somebody else has to as well.",
    VoteRefusal.EXPIRED: "Its time is over; nothing was triggered. It has to be asked for again.",
    VoteRefusal.OWN_REQUEST: "You asked for this yourself, so somebody else has to approve it. You may withdraw it.",
    VoteRefusal.CHANGED: "The rules changed since it was asked for. It has to be asked for again.",
    VoteRefusal.REQUESTER_MAY_NOT: "Who asked for this may no longer do so. Somebody else has to ask for it.",
}


def _name_approvers(approval: Approval) -> str:
    others = f" or {approval.escalate_to}" if approval.escalated_at and approval.escalate_to else ""
    return f"{approval.approvers}{others}"


def _say_refusal(refusal: VoteRefusal, run: Run, approval: Approval) -> tuple[Marked, Marked | None]:
    again = say("Nothing was triggered. Ask again with {}.", say_command(typed_form(run.change)))
    needs = say("It needs {}.", say_who_may_decide(approval))
    match refusal:
        case VoteRefusal.ALREADY_DECIDED:
            return _say_decided(run, approval), say(
                "Your vote came after that and changes nothing. {}", _say_how_it_goes(run)
            )
        case VoteRefusal.ALREADY_APPROVED:
            return say("You have approved #{} already, and that counts.", run.id), say(
                "{} You may still decline it.", needs
            )
        case VoteRefusal.EXPIRED:
            expired_at = date(approval.expires_at, LONG_DATE)
            return say("#{} expired: nobody had decided by {}.", run.id, expired_at), again
        case VoteRefusal.OWN_REQUEST:
            withdraw = say("{} You may withdraw it with *Decline*.", needs)
            return say("You asked for #{} yourself, so somebody else has to approve it.", run.id), withdraw
        case VoteRefusal.NOT_AN_APPROVER:
            return say("You may not decide #{}, by the rules as they are now.", run.id), needs
        case VoteRefusal.OUTSIDER:
            return say("Only people of this team may decide #{}, no guests and no bots.", run.id), needs
        case VoteRefusal.CHANGED:
            return say(
                "The rules changed since #{} was asked for, so it cannot be decided any more.", run.id
            ), again
        case VoteRefusal.REQUESTER_MAY_NOT:
            why = say("{} asked for #{} and may no longer do so.", mention(run.requester), run.id)
            return why, again
        case VoteRefusal.NAME_MISTYPED:
            alias = code(run.change.environment.alias)
            press = say("Press *Approve* again and type {}.", alias)
            return say("That was not the environment's name, so #{} is not approved.", run.id), press


def _say_decided(run: Run, approval: Approval) -> Marked:
    """Who was quicker, and how; or why it waits no longer though nobody decided it."""
    how, by = _DECIDED.get(approval.state), approval.decided_by
    if run.state is RunState.DROPPED and run.refusal is not None:
        return say("#{} no longer waits: {}.", run.id, explain_drop(run.refusal.code, run.change).why)
    if how is None or by is None:
        return say("#{} is already decided.", run.id)
    if len(approval.consents) > 1 and approval.state is ApprovalState.GRANTED:
        return say("#{} is already {}, by {}.", run.id, how, say_each(approval.consents))
    return say("#{} is already {}, by {}.", run.id, how, mention(by))
