"""One run shown to one person who asked for it by number: where it stands, and all that is remembered of it."""

from collections.abc import Sequence

from bot.core.entries import RecordedEntry
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.views import buttons
from bot.views.blocks import actions, button, context, message, paragraphs, section
from bot.views.entries import say_entry
from bot.views.environments import say_environment, say_full_name, say_site
from bot.views.marked import LONG_DATE, Marked, code, date, dotted, lines, message_link, say
from bot.views.message import Block, Message
from bot.views.people import say_each
from bot.views.phrases import say_modules
from bot.views.pleas import say_whose_wish
from bot.views.runs.card import say_outcome
from bot.views.runs.headline import headline
from bot.views.runs.needs import say_changes, say_looking, say_needs
from bot.views.runs.offers import offer_next
from bot.views.runs.progress import say_progress

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
        context(*_say_waiting(sight)),
        context(_say_people(run), _say_times(run), _say_ids(run), _say_card(link)),
        *paragraphs([_say_entry(one) for one in entries[-_ENTRIES_SHOWN:]], separator="\n"),
        actions(*_offers(sight)),
    )


def _say_waiting(sight: Sight) -> tuple[Marked | None, ...]:
    if sight.run.state is not RunState.WAITING:
        return ()
    return say_needs(sight.run, sight.approval), say_looking(sight), say_changes(sight)


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
    approved = say("approved by {}", say_each(run.approvers)) if run.approvers else None
    begun = "started elsewhere, followed for {}" if run.adopted else "asked by {}"
    return dotted(
        say(begun, say_whose_wish(run)), approved, say("rule: {}", code(run.rule)) if run.rule else None
    )


def _say_times(run: Run) -> Marked:
    ended = say("ended {}", date(run.ended_at, LONG_DATE)) if run.ended_at else None
    return dotted(say("asked {}", date(run.asked_at, LONG_DATE)), ended)


def _say_ids(run: Run) -> Marked | None:
    return say("task at oec.sh: {}", code(run.task_id)) if run.task_id else None


def _say_card(url: str | None) -> Marked | None:
    return message_link(url, "its card in the channel")


def _say_entry(recorded: RecordedEntry) -> Marked:
    return say("{} {}", date(recorded.at, LONG_DATE), say_entry(recorded.entry))
