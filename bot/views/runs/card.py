"""A run's card: the one message in the channel that always says where the run stands."""

from bot.core.runs import Run, RunState, may_be_given_up
from bot.core.sight import Sight
from bot.views import buttons, signs
from bot.views.blocks import actions, button, context, message, section
from bot.views.environments import say_environment, say_full_name, say_site
from bot.views.marked import LONG_DATE, Marked, bold, code, date, dotted, joined, lines, mention, say
from bot.views.masking import mask_secrets
from bot.views.message import Block, Message
from bot.views.outlook import is_silent_or_stuck
from bot.views.people import say_each
from bot.views.phrases import say_modules
from bot.views.pleas import say_whose_wish
from bot.views.refusals import explain, explain_drop
from bot.views.reminders import say_calls
from bot.views.runs.headline import headline, say_reason
from bot.views.runs.needs import say_changes, say_looking, say_needs, say_who_is_missing
from bot.views.runs.offers import offer_next, say_blocker
from bot.views.runs.pre_flight import say_asked, say_backup_warning, say_in_the_way, say_prospect
from bot.views.runs.progress import say_progress
from bot.views.spans import say_span


def render_card(sight: Sight) -> Message:
    """The run's card as it stands. Asked inside a thread, it is the progress message too."""
    run = sight.run
    title = headline(sight)
    if run.state is RunState.WAITING:
        return message(_banner(sight), *_waiting_blocks(sight))
    return message(
        title.as_line(),
        section(lines(title.as_title(), _where(run))),
        _progress_in_thread(sight),
        _outcome(sight),
        context(_who(run), say_presumed(run), _say_away(run)),
        actions(*offer_next(sight)),
    )


def _banner(sight: Sight) -> Marked:
    """What a phone shows of an approval: enough to know whether it is mine to decide."""
    needs = say("needs {}", say_who_is_missing(sight.approval)) if sight.approval else None
    return dotted(headline(sight).as_line(), say("asked by {}", say_whose_wish(sight.run)), needs)


def _waiting_blocks(sight: Sight) -> tuple[Block | None, ...]:
    run = sight.run
    where = say_environment(run.change.environment, run.environment_seen)
    terms = sight.approval.fingerprint if sight.approval else None
    approve = button(
        buttons.APPROVE, buttons.with_terms(run.handle, terms), "Approve", style=_approve_style(run)
    )
    return (
        section(lines(headline(sight).as_title(), where, say_in_the_way(run))),
        _what_exactly(run),
        context(
            say_asked(sight),
            say_prospect(run),
            say_needs(run, sight.approval),
            say_looking(sight),
            say_calls(sight.approval),
            say_changes(sight),
            _say_away(run),
        ),
        actions(
            approve,
            button(buttons.DECLINE, run.handle, "Decline"),
            button(buttons.LOOKING, run.handle, "I'm looking"),
        ),
    )


def _approve_style(run: Run) -> str:
    return "danger" if run.change.destroys_data else "primary"


def _what_exactly(run: Run) -> Block | None:
    modules = say_modules(run.change, room=2400)
    if not run.change.destroys_data:
        return section(modules) if modules else None
    warning = "{} *The data of these modules is dropped and created anew.* Only a backup brings it back."
    return section(lines(say(warning, signs.LOOK), say_backup_warning(run), modules))


def _where(run: Run) -> Marked | None:
    environment, seen = run.change.environment, run.environment_seen
    where = dotted(say_full_name(environment, seen), say_site(seen) if not run.state.is_open else None)
    return lines(where, say_modules(run.change, room=600)) or None


def _who(run: Run) -> Marked:
    """Who wanted it and who agreed; of a run started elsewhere, nobody here did."""
    if run.adopted:
        return say("Followed here because {} asked", mention(run.requester))
    asked = say("Asked by {}", say_whose_wish(run))
    return joined([asked, say("approved by {}", say_each(run.approvers)) if run.approvers else None], ", ")


def _say_away(run: Run) -> Marked | None:
    return say("I was away for {} meanwhile", say_span(run.away)) if run.away else None


def say_presumed(run: Run) -> Marked | None:
    """An honest word about a task that was recognised by its looks: nobody told that it is the one."""
    if not run.is_presumed or run.task_id is None:
        return None
    guess = "oec.sh's answer was lost. I take {} for it, which began since and is of the kind; it may be another one"
    return say(guess, code(run.task_id))


def _progress_in_thread(sight: Sight) -> Block | None:
    if sight.run.place.thread_ts is None or sight.run.task_id is None:
        return None
    return section(say_progress(sight))


def _outcome(sight: Sight) -> Block | None:
    """What is to be said of an end beyond its headline: the error, or why nothing happened and what to do."""
    said = say_outcome(sight)
    return section(said) if said else None


def say_outcome(sight: Sight) -> Marked | None:
    """The same in words alone."""
    run = sight.run
    match run.state:
        case RunState.SUBMITTING | RunState.RUNNING if may_be_given_up(run) and is_silent_or_stuck(sight):
            return _say_way_on(run)
        case RunState.FAILED:
            return say_error(run)
        case RunState.REFUSED if run.refusal is not None:
            return lines(say_blocker(sight), _nothing(explain(run.refusal, run.change).next))
        case RunState.DROPPED if run.refusal is not None:
            return _nothing(explain_drop(run.refusal.code, run.change).next)
        case RunState.DECLINED | RunState.WITHDRAWN:
            return lines(say_reason(run), Marked("Nothing was triggered."))
        case RunState.EXPIRED | RunState.REFUSED | RunState.DROPPED:
            return Marked("Nothing was triggered.")
        case RunState.LOST:
            return say_lost(run)
        case _:
            return None


def _nothing(then: Marked) -> Marked:
    return say("Nothing was triggered. {}", then)


def say_error(run: Run) -> Marked | None:
    """The platform's error, as it came, secrets masked."""
    error = run.report.error_message if run.report else None
    return code(mask_secrets(error), limit=500) if error else None


def say_lost(run: Run) -> Marked:
    """What to do about an outcome that cannot be known: look before asking again."""
    return say("{} Check in the oec.sh dashboard before you ask again.", _say_unknown(run))


def _say_unknown(run: Run) -> Marked:
    if run.given_up_by is not None and run.task_id is None:
        return Marked("oec.sh had not answered: it may have begun this, or begin it still.")
    if run.given_up_by is not None and run.stuck_since is not None:
        return say(
            "It had not got anywhere since {}, and may go on at oec.sh.", date(run.stuck_since, LONG_DATE)
        )
    if run.submitted_at is None:
        return Marked(
            "My history was put back to a time when this had not begun. It may have been carried out since."
        )
    if run.task_id is None:
        return Marked("Whether oec.sh began this could not be found out.")
    return Marked("oec.sh no longer knows this task, so how it ended cannot be found out.")


def _say_way_on(run: Run) -> Marked:
    """What people can do about a run that does not get on, and what that means."""
    if run.state is RunState.SUBMITTING:
        until = "I ask again until oec.sh answers. {} ends that; the environment is then free for other asks."
        return say(until, bold("Give up"))
    look = "Look at it in the oec.sh dashboard. {} ends it here only; the environment is then free for other asks."
    return say(look, bold("Stop following"))
