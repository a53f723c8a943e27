"""Answers about what is already going on: in the way, asked before, or followed from now on."""

from bot.core.catalog import Environment
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.core.tasks import TaskReport, TaskStatus
from bot.views import buttons, signs
from bot.views.blocks import actions, button, message, section
from bot.views.history import say_outcome_word
from bot.views.marked import Marked, code, joined, lines, message_link, say
from bot.views.message import Block, Message
from bot.views.outlook import is_silent_or_stuck, left
from bot.views.phrases import phrase_run, say_command
from bot.views.pleas import say_whose_wish
from bot.views.runs.offers import say_whose
from bot.views.spans import say_about

_NOTHING = Marked("Nothing was triggered.")


def render_busy(sight: Sight) -> Message:
    """The environment is held by a run of ours, which `sight` shows."""
    run = sight.run
    span = left(sight) if run.state is RunState.RUNNING else None
    to_go = say("{} to go", say_about(span)) if span else None
    if is_silent_or_stuck(sight):
        return _render_busy_for_long(run)
    state = "is running" if run.state is RunState.RUNNING else "is starting"
    running = joined([say("{} {}", say_whose(run), state), to_go], ", ")
    said = say("{} {} is busy: {}.", signs.WAITING, _name(run), running)
    return message(said, section(lines(said, _NOTHING)), actions(_follow(run)))


def _render_busy_for_long(run: Run) -> Message:
    """The run in the way leads nowhere, so that waiting for it may be in vain."""
    said = say("{} {} is busy: {} does not get on.", signs.LOOK, _name(run), say_whose(run))
    then = say("{} {} shows why, and how to end it.", _NOTHING, say_command(f"run {run.id}"))
    return message(said, section(lines(said, then)), actions(_follow(run)))


def render_already_asked(run: Run, permalink: str | None) -> Message:
    """The same thing is asked for already, and waits or runs."""
    waits = run.state is RunState.WAITING
    state = "waiting for approval" if waits else "under way"
    asked = say("asked by {}", say_whose_wish(run))
    said = say("{} {} is already {}, {} (#{}).", _sign(run), phrase_run(run).ask, state, asked, run.id)
    once = say("It happens once, however often it is asked for. {}", _to_card(run, permalink))
    return message(said, section(lines(said, once)), actions(_follow(run)))


def render_following(run: Run, permalink: str | None) -> Message:
    """You will be told of the end; or, if it has ended, how."""
    if not run.state.is_open:
        said = say("#{} has ended meanwhile: {}.", run.id, say_outcome_word(run.state.value))
    else:
        said = say("You follow #{}: I will mention you in its thread when it ends.", run.id)
    return message(said, section(lines(said, _to_card(run, permalink))))


def render_nothing_to_follow() -> Message:
    """What stood in the way cannot be followed, or no longer."""
    said = Marked("There is nothing to follow: what was in the way has ended, or oec.sh does not show it.")
    return message(said, section(lines(said, Marked("Ask again; I will say if something is in the way."))))


_ENDED = {
    TaskStatus.COMPLETED: "has ended well",
    TaskStatus.FAILED: "has failed",
    TaskStatus.CANCELLED: "was cancelled",
}


def render_ended_meanwhile(environment: Environment, report: TaskReport) -> Message:
    """What stood in the way has ended before it could be followed."""
    kind, ended = code(report.type, limit=40), _ENDED.get(report.status, "is not over")
    said = say("The {} of {} {} meanwhile.", kind, code(environment.alias), ended)
    return message(
        said, section(lines(said, Marked("The environment is free: ask again if you still want it.")))
    )


def _follow(run: Run) -> Block:
    return button(buttons.FOLLOW, run.handle, "Follow it")


def _name(run: Run) -> Marked:
    return code(run.change.environment.alias)


def _sign(run: Run) -> str:
    return signs.WAITING if run.state is RunState.WAITING else signs.RUNNING


def _to_card(run: Run, permalink: str | None) -> Marked:
    card = message_link(permalink, "its card in the channel")
    return say("See {}.", card) if card else say("See it with {}.", code(f"/oec run {run.id}"))
