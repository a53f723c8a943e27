"""What a waiting run needs: who has to approve, who has, who is looking, and what counts no longer."""

from bot.core.approvals import Approval, find_claimant
from bot.core.runs import Run
from bot.core.sight import Sight
from bot.views.marked import Marked, bold, code, date, dotted, joined, mention, say
from bot.views.people import say_approvers, say_each, say_label


def say_needs(run: Run, approval: Approval | None) -> Marked | None:
    """Who has to approve, how, and until when: `1 of 2: @ben · needs one more of *releasers* · until 14:32`."""
    if approval is None:
        return None
    but = "" if approval.requester_may_approve or approval.approvers == "everyone" else ", not the requester"
    word = "the approver types {}" if approval.needed == 1 else "each approver types {}"
    typed = say(word, code(run.change.environment.alias)) if approval.typed else None
    done = say_consents(approval)
    needs = say("{} {}{}", "needs" if done else "Needs", say_who_is_missing(approval), but)
    return dotted(done, needs, typed, say("until {}", date(approval.expires_at)))


def say_who_is_missing(approval: Approval) -> Marked:
    """Whom it needs, or whom it still needs: `one of *releasers*`, `one more of *releasers*`."""
    return say_approvers(approval.approvers, count=approval.missing or 1, more=bool(approval.consents))


def say_who_may_decide(approval: Approval) -> Marked:
    """The same where it is not said beside it that others may as well by now: `one of *releasers* or *leads*`."""
    if approval.escalated_at is None or not approval.escalate_to:
        return say_who_is_missing(approval)
    return say("{} or {}", say_who_is_missing(approval), bold(say_label(approval.escalate_to)))


def say_consents(approval: Approval) -> Marked | None:
    """Who has approved, where more have to."""
    if not approval.consents:
        return None
    return say("{} of {}: {}", len(approval.consents), approval.needed, say_each(approval.consents))


def say_looking(sight: Sight) -> Marked | None:
    """Who is looking into it, and since when."""
    approval = sight.approval
    looking = find_claimant(approval, sight.now) if approval else None
    if approval is None or looking is None or approval.claimed_at is None:
        return None
    return say("{} is looking since {}", mention(looking), date(approval.claimed_at))


def say_changes(sight: Sight) -> Marked | None:
    """That it was asked anew, and whose votes count no longer."""
    approval = sight.approval
    if approval is None:
        return None
    anew = None
    if approval.renewed_at is not None:
        anew = say("asked anew at {}: the rules changed", date(approval.renewed_at))
    lost = None
    if sight.votes_lost:
        lost = say("what {} approved before no longer counts", say_each(sight.votes_lost))
    said = joined([anew, lost], "; ")
    return Marked(said[:1].upper() + said[1:]) if said else None
