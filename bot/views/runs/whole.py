"""One run shown to one person who asked for it by number: where it stands, and all that is remembered of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from bot.core.entries import (
    ApprovalRanOut,
    Asked,
    DeniedAsk,
    Ended,
    Entry,
    Followed,
    GaveUp,
    RecordedEntry,
    Refused,
    Resumed,
    Sent,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.views import buttons
from bot.views.blocks import actions, button, context, message, paragraphs, section
from bot.views.environments import say_environment, say_full_name, say_site
from bot.views.history import say_outcome_word
from bot.views.marked import LONG_DATE, Marked, code, date, dotted, lines, link, mention, say
from bot.views.masking import mask_secrets
from bot.views.message import Block, Message
from bot.views.phrases import say_modules
from bot.views.runs.card import say_needs, say_outcome
from bot.views.runs.headline import headline
from bot.views.runs.offers import offer_next
from bot.views.runs.progress import say_progress
from bot.views.spans import say_span

_ENTRIES_SHOWN = 30


def render_run(sight: Sight, *, link: str | None = None, entries: Sequence[RecordedEntry] = ()) -> Message:
    """A run, for one reader. `link` leads to its card; `entries` are its history, oldest first."""
    run = sight.run
    title = headline(sight)
    outcome = say_outcome(sight)
    return message(
        title.as_line(),
        section(lines(title.as_title(), _say_where(run), say_modules(run.change))),
        section(outcome) if outcome else None,
        section(say_progress(sight)) if run.task_id else None,
        context(say_needs(run, sight.approval) if run.state is RunState.WAITING else None),
        context(_say_people(run), _say_times(run), _say_ids(run), _say_card(link)),
        *paragraphs([_say_entry(one) for one in entries[-_ENTRIES_SHOWN:]], separator="\n"),
        actions(*_offers(sight)),
    )


def _say_where(run: Run) -> Marked:
    """What it is about. How the environment stood when it was asked for matters only while somebody has to decide."""
    environment, seen = run.change.environment, run.environment_seen
    if run.state is RunState.WAITING:
        return say_environment(environment, seen)
    return dotted(say_full_name(environment, seen), say_site(seen))


def _offers(sight: Sight) -> tuple[Block, ...]:
    if sight.run.state.is_open:
        return (button(buttons.FOLLOW, sight.run.handle, "Follow it"), *offer_next(sight))
    return offer_next(sight)


def _say_people(run: Run) -> Marked:
    approved = say("approved by {}", mention(run.approver)) if run.approver else None
    begun = "started elsewhere, followed for {}" if run.adopted else "asked by {}"
    return dotted(
        say(begun, mention(run.requester)), approved, say("rule: {}", code(run.rule)) if run.rule else None
    )


def _say_times(run: Run) -> Marked:
    ended = say("ended {}", date(run.ended_at, LONG_DATE)) if run.ended_at else None
    return dotted(say("asked {}", date(run.asked_at, LONG_DATE)), ended)


def _say_ids(run: Run) -> Marked | None:
    return say("task at oec.sh: {}", code(run.task_id)) if run.task_id else None


def _say_card(url: str | None) -> Marked | None:
    return link(url, "its card in the channel") if url else None


def _say_entry(recorded: RecordedEntry) -> Marked:
    return say("{} {}", date(recorded.at, LONG_DATE), _say_what(recorded.entry))


def _say_what(entry: Entry) -> Marked:
    match entry:
        case Asked(by, text, rule, _):
            return say("{} asked {} (rule: {})", mention(by), code(text, limit=200), code(rule))
        case DeniedAsk(by, text, _, reason, _):
            return say("{} was denied {}: {}", mention(by), code(text, limit=200), code(reason))
        case Voted(by, outcome, reason, rule):
            said = say(": {}", code(mask_secrets(reason), limit=200)) if reason else Marked("")
            return say("{} decided: {}{} (rule: {})", mention(by), outcome, said, code(rule))
        case VoteRefused(by, reason):
            return say("a vote by {} did not count: {}", mention(by), code(reason))
        case ApprovalRanOut():
            return Marked("nobody decided in time")
        case _:
            return _say_what_happened(entry)


def _say_what_happened(entry: Sent | Started | Refused | Ended | Followed | GaveUp | Resumed) -> Marked:
    match entry:
        case Sent():
            return Marked("sent to oec.sh")
        case Started(task_id, is_presumed) if is_presumed:
            return say("its answer lost, oec.sh's task {} was taken for it", code(task_id))
        case Started(task_id):
            return say("oec.sh began task {}", code(task_id))
        case Refused(refused_code, text):
            said = say(": {}", code(mask_secrets(text), limit=200)) if text else Marked("")
            return say("oec.sh refused it, {}{}", code(refused_code), said)
        case Ended(outcome, error):
            said = say(": {}", code(mask_secrets(error), limit=200)) if error else Marked("")
            return say("ended: {}{}", say_outcome_word(outcome), said)
        case Followed(by):
            return say("{} follows it", mention(by))
        case GaveUp(by):
            return say("{} gave it up", mention(by))
        case Resumed(seconds):
            return say("I came back after {}", say_span(timedelta(seconds=seconds)))
        case _:
            assert_never(entry)
