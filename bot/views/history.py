"""What has been: the newest runs, newest first, a line for each."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.catalog import Environment
from bot.core.intents import typed_form
from bot.core.runs import Run, RunState
from bot.views import signs
from bot.views.blocks import context, message, paragraphs, section
from bot.views.marked import LONG_DATE, Marked, bold, code, date, dotted, joined, lines, say
from bot.views.message import Message
from bot.views.outlook import elapsed
from bot.views.people import say_each
from bot.views.phrases import say_command
from bot.views.pleas import say_whose_wish
from bot.views.spans import count, say_ago, say_span

_STATES = {
    RunState.WAITING: (signs.WAITING, "waits for approval"),
    RunState.ACCEPTED: (signs.RUNNING, "starting"),
    RunState.SUBMITTING: (signs.RUNNING, "starting"),
    RunState.RUNNING: (signs.RUNNING, "running"),
    RunState.DONE: (signs.DONE, "done"),
    RunState.FAILED: (signs.FAILED, "failed"),
    RunState.CANCELLED: (signs.STOPPED, "cancelled"),
    RunState.REFUSED: (signs.FAILED, "refused"),
    RunState.DECLINED: (signs.STOPPED, "declined"),
    RunState.EXPIRED: (signs.STOPPED, "expired"),
    RunState.WITHDRAWN: (signs.STOPPED, "withdrawn"),
    RunState.DROPPED: (signs.STOPPED, "not sent"),
    RunState.LOST: (signs.LOOK, "outcome unknown"),
}

_WORKED = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED})


def render_history(runs: Sequence[Run], *, environment: Environment | None, now: datetime) -> Message:
    """The newest runs of an environment, or of all that a channel may see."""
    where = say("on {}", code(environment.alias)) if environment else Marked("here")
    if not runs:
        said = say("No runs {} yet that I know of.", where)
        return message(said, section(lines(said, say("{} says how to ask for one.", say_command("help")))))
    title = say("{} {}, newest first", bold(count(len(runs), "run")), where)
    newest = say("the newest: {}, {}", say_run(runs[0]), say_ago(runs[0].asked_at, now=now))
    number = runs[0].id
    more = say(
        "{} shows one of them, {} its log.", say_command(f"run {number}"), say_command(f"logs {number}")
    )
    return message(
        dotted(say("{} {}", count(len(runs), "run"), where), newest),
        section(title),
        *paragraphs([say_run(run) for run in runs], separator="\n"),
        context(more),
    )


def say_run(run: Run) -> Marked:
    """A run on one line of a list: `✓ #42 deploy prod: done in 4 min 10 s · @ana, yesterday at 14:32`."""
    sign, state = _STATES[run.state]
    took = say_span(elapsed(run, run.ended_at)) if run.state in _WORKED and run.ended_at else None
    said = say("{} #{} {}: {}", sign, run.id, code(_what(run), limit=60), state)
    after = say("{} {} {}", said, "in" if run.state is RunState.DONE else "after", took) if took else said
    approved = say("approved by {}", say_each(run.approvers)) if run.approvers else None
    whom = say("followed by {}" if run.adopted else "{}", say_whose_wish(run))
    return dotted(after, joined([whom, approved, date(run.asked_at, LONG_DATE)], ", "))


def say_outcome_word(outcome: str) -> Marked:
    """A state by its word in the history, as people call it: `lost` is "outcome unknown"."""
    named = next((said for state, (_, said) in _STATES.items() if state.value == outcome), None)
    return Marked(named) if named is not None else code(outcome, limit=40)


def say_state(run: Run) -> Marked:
    """`#42 waits for approval`, without its sign, for a line that has one already."""
    return say("#{} {}", run.id, _STATES[run.state][1])


def _what(run: Run) -> str:
    """What was asked for, as it would be typed; of a run started elsewhere, the platform's word."""
    if run.adopted and run.report is not None:
        return f"{run.report.type} {run.change.environment.alias}"
    return typed_form(run.change)
