"""An entry of the history as people read it: who did what, in one line."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from bot.core.entries import (
    ApprovalEntry,
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
    Refused,
    Resumed,
    RulesChanged,
    RulesEntry,
    RulesRefused,
    RunEntry,
    Sent,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.names import UserId
from bot.views.history import say_outcome_word
from bot.views.marked import LONG_DATE, Marked, code, date, joined, mention, say
from bot.views.masking import mask_secrets
from bot.views.rules import say_place
from bot.views.spans import count, say_span
from bot.views.votes import say_why_not_counted

DIGEST_SHOWN = 12
"""So many characters of a digest tell one version from every other."""


def say_entry(entry: Entry) -> Marked:
    """What an entry says."""
    match entry:
        case DeniedAsk(by, text, _, reason, rule, line):
            asked = code(text, limit=200)
            return say(
                "{} was denied {}: {}{}", mention(by), asked, code(reason), _say_rule(rule or "", line)
            )
        case RulesChanged() | RulesRefused():
            return _say_rules(entry)
        case (
            Voted()
            | Consented()
            | VoteRefused()
            | Claimed()
            | ApproversReminded()
            | ApprovalEscalated()
            | ApprovalRenewed()
            | ApprovalRanOut()
        ):
            return _say_approval(entry)
        case _:
            return _say_run(entry)


def _say_approval(entry: ApprovalEntry) -> Marked:
    match entry:
        case Voted(by, outcome, reason, rule, line):
            said, known = _say_text(reason), _say_known(entry.known_as_of)
            return say("{} decided: {}{}{}{}", mention(by), outcome, said, _say_rule(rule, line), known)
        case Consented(by, nth, needed, rule, line):
            where, known = _say_rule(rule, line), _say_known(entry.known_as_of)
            return say("{} approved, {} of {}{}{}", mention(by), nth, needed, where, known)
        case VoteRefused(by, reason):
            return say("a vote by {} did not count: {}", mention(by), say_why_not_counted(reason))
        case Claimed(by, begins):
            return say("{} is looking" if begins else "{} is no longer looking", mention(by))
        case ApproversReminded(called, asleep):
            return say("nobody had decided by half-time: {}", _say_called(called, asleep))
        case ApprovalEscalated(to, called, asleep):
            return say("{} may decide as well: {}", code(to), _say_called(called, asleep))
        case ApprovalRenewed(rule, line, _, votes_lost):
            lost = say(", {} lost", count(len(votes_lost), "vote")) if votes_lost else Marked("")
            return say("the rules changed, so it is asked anew{}{}", lost, _say_rule(rule, line))
        case ApprovalRanOut():
            return Marked("nobody decided in time")
        case _:
            assert_never(entry)


def _say_known(as_of: datetime | None) -> Marked:
    """As of when it was known who everybody is, where Slack did not tell anew."""
    return (
        Marked("") if as_of is None else say(", going by what was known of people {}", date(as_of, LONG_DATE))
    )


def _say_rules(entry: RulesEntry) -> Marked:
    version = code(entry.digest[:DIGEST_SHOWN])
    match entry:
        case RulesChanged(name):
            return say("{} came into force, version {}", code(name), version)
        case RulesRefused(name, _, mistakes):
            found = count(len(mistakes), "mistake")
            return say("version {} of {} was refused: {}", version, code(name), found)
        case _:
            assert_never(entry)


def _say_run(entry: RunEntry) -> Marked:
    match entry:
        case Sent():
            return Marked("sent to oec.sh")
        case Started(task_id, is_presumed) if is_presumed:
            return say("its answer lost, oec.sh's task {} was taken for it", code(task_id))
        case Started(task_id):
            return say("oec.sh began task {}", code(task_id))
        case Refused("never_begun"):
            return Marked("oec.sh left it without an answer, and nothing had begun")
        case Refused("leave_lost"):
            return Marked("the rules no longer let it be done, and nothing had begun")
        case Refused(refused_code, text):
            return say("oec.sh refused it, {}{}", code(refused_code), _say_text(text))
        case Ended(outcome, error):
            return say("ended: {}{}", say_outcome_word(outcome), _say_text(error))
        case Resumed(seconds):
            return say("I came back after {}", say_span(timedelta(seconds=seconds)))
        case _:
            return _say_what_people_did(entry)


def _say_what_people_did(entry: Asked | BlockedAsk | Pleaded | PleaTaken | Followed | GaveUp) -> Marked:
    match entry:
        case Asked(by, text, rule, _, line):
            return say("{} asked {}{}", mention(by), code(text, limit=200), _say_rule(rule, line))
        case BlockedAsk(by, text, _, is_same, rule, line):
            told = "this was asked for already" if is_same else "this was in the way"
            asked = code(text, limit=200)
            return say("{} asked {} and heard that {}{}", mention(by), asked, told, _say_rule(rule, line))
        case Pleaded(by, text, _, to):
            return say("{} asked {} to do {}", mention(by), code(to), code(text, limit=200))
        case PleaTaken(by, for_whom):
            return say("{} took it on for {}", mention(by), mention(for_whom))
        case Followed(by):
            return say("{} follows it", mention(by))
        case GaveUp(by):
            return say("{} gave it up", mention(by))
        case _:
            assert_never(entry)


def _say_rule(rule: str, line: int) -> Marked:
    """Where the rule stands; entries of earlier versions do not tell the line."""
    if not rule:
        return Marked("")
    return say(" ({})", say_place(rule, line))


def _say_text(text: str | None) -> Marked:
    return say(": {}", code(mask_secrets(text), limit=200)) if text else Marked("")


def _say_called(called: Sequence[UserId], asleep: Sequence[UserId]) -> Marked:
    who = (
        say("called {}", joined([mention(one) for one in called], ", "))
        if called
        else Marked("nobody called")
    )
    night = say("for {} it was night", count(len(asleep), "approver")) if asleep else None
    return joined([who, night], "; ")
