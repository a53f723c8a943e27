"""Voting: the modals in which a decision takes words, and why a vote did not count."""

from bot.core.approvals import Approval, ApprovalState, VoteRefusal
from bot.core.intents import typed_form
from bot.core.names import UserId
from bot.core.runs import Run
from bot.views import buttons, signs
from bot.views.blocks import message, modal, plain_words, section, text_input
from bot.views.environments import say_environment
from bot.views.marked import LONG_DATE, Marked, code, date, lines, mention, say
from bot.views.message import Block, Message, Modal
from bot.views.people import say_approvers
from bot.views.phrases import phrase, say_command, say_modules

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


def typed_modal(run: Run) -> Modal:
    """Takes the environment's name before an approval that cannot be taken back."""
    label = f"Type {run.change.environment.alias} to approve"
    field = text_input(buttons.NAME_FIELD, label, hint="Exactly as written. Anything else approves nothing.")
    blocks: list[Block] = [_what(run), field]
    if run.change.destroys_data:
        warning = "{} *The data of these modules is dropped and created anew.* Only a backup brings it back."
        blocks.insert(1, section(say(warning, signs.LOOK)))
    return modal(buttons.TYPED_MODAL, run.handle, title="Approve", submit="Approve", blocks=blocks)


def _what(run: Run) -> Block:
    asked = say("{} · #{} · asked by {}", phrase(run.change).ask, run.id, mention(run.requester))
    where = say_environment(run.change.environment, run.environment_seen)
    return section(lines(asked, where or None, say_modules(run.change, room=2000)))


def render_vote_refused(refusal: VoteRefusal, run: Run, approval: Approval, *, voter: UserId) -> Message:
    """Why this person's vote did not count, and what can be done instead."""
    if refusal is VoteRefusal.ALREADY_DECIDED and approval.decided_by == voter:
        why, then = _say_own_decision(run, approval), None
    else:
        why, then = _say_refusal(refusal, run, approval)
    return message(why, section(lines(why, then)))


def _say_own_decision(run: Run, approval: Approval) -> Marked:
    """Whoever presses twice must not read that the first press counts no more."""
    how = _DECIDED.get(approval.state, "decided")
    return say("You have {} #{} already, and that stands. This press changes nothing.", Marked(how), run.id)


def vote_error(
    refusal: VoteRefusal, run: Run, approval: Approval | None = None, *, voter: UserId | None = None
) -> str:
    """The same beside a field of a modal, where Slack shows plain text and no names."""
    alias = run.change.environment.alias
    match refusal:
        case VoteRefusal.NAME_MISTYPED:
            said = f"This is not the environment's name. Type {alias}."
        case VoteRefusal.ALREADY_DECIDED if approval and voter and approval.decided_by == voter:
            return plain_words(
                f"You have {_DECIDED.get(approval.state, 'decided')} it already. This changes nothing."
            )
        case VoteRefusal.ALREADY_DECIDED:
            how = _DECIDED.get(approval.state) if approval else None
            said = f"Somebody was quicker: it is already {how or 'decided'}. This vote does not count."
        case VoteRefusal.EXPIRED:
            said = "Its time is over; nothing was triggered. It has to be asked for again."
        case VoteRefusal.OWN_REQUEST:
            said = "You asked for this yourself, so somebody else has to approve it."
        case VoteRefusal.NOT_AN_APPROVER:
            who = f" Needed: {approval.approvers}." if approval else ""
            said = f"By the rules as they are now, you may not decide this.{who}"
        case VoteRefusal.OUTSIDER:
            said = "Only people of this team may decide this."
        case VoteRefusal.CHANGED:
            said = "The rules changed since it was asked for. It has to be asked for again."
    return plain_words(said)


def _say_refusal(refusal: VoteRefusal, run: Run, approval: Approval) -> tuple[Marked, Marked | None]:
    again = say("Nothing was triggered. Ask again with {}.", say_command(typed_form(run.change)))
    match refusal:
        case VoteRefusal.ALREADY_DECIDED:
            return _say_decided(run, approval), Marked("Your vote came after that and changes nothing.")
        case VoteRefusal.EXPIRED:
            expired_at = date(approval.expires_at, LONG_DATE)
            return say("#{} expired: nobody had decided by {}.", run.id, expired_at), again
        case VoteRefusal.OWN_REQUEST:
            needs = say("It needs {}. You may withdraw it with *Decline*.", say_approvers(approval.approvers))
            return say("You asked for #{} yourself, so somebody else has to approve it.", run.id), needs
        case VoteRefusal.NOT_AN_APPROVER:
            needs = say(
                "It needs {} (rule: {}).", say_approvers(approval.approvers), code(approval.rule_path)
            )
            return say("You may not decide #{}, by the rules as they are now.", run.id), needs
        case VoteRefusal.OUTSIDER:
            needs = say("It needs {}.", say_approvers(approval.approvers))
            return say("Only people of this team may decide #{}, no guests and no bots.", run.id), needs
        case VoteRefusal.CHANGED:
            return say(
                "The rules changed since #{} was asked for, so it cannot be decided any more.", run.id
            ), again
        case VoteRefusal.NAME_MISTYPED:
            alias = code(run.change.environment.alias)
            press = say("Press *Approve* again and type {}.", alias)
            return say("That was not the environment's name, so #{} is not approved.", run.id), press


def _say_decided(run: Run, approval: Approval) -> Marked:
    """Who was quicker, and how."""
    how, by = _DECIDED.get(approval.state), approval.decided_by
    if how is None or by is None:
        return say("#{} is already decided.", run.id)
    return say("#{} is already {}, by {}.", run.id, how, mention(by))
