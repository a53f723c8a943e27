"""Giving a run up: what is asked back before, and why it is not done."""

from bot.core.runs import Run, RunState
from bot.views import buttons
from bot.views.blocks import message, modal, section
from bot.views.history import say_outcome_word
from bot.views.marked import LONG_DATE, Marked, code, date, lines, say
from bot.views.message import Message, Modal
from bot.views.phrases import phrase_run, say_command


def give_up_modal(run: Run) -> Modal:
    """Asks back: what is given up may be done all the same."""
    what = say("{} · #{}", phrase_run(run).ask, run.id)
    alias = code(run.change.environment.alias)
    free = say("{} is then free for other asks. oec.sh itself still takes one task at a time.", alias)
    title = "Give up" if run.task_id is None else "Stop following"
    parts = section(lines(what, _say_risk(run), free))
    return modal(buttons.GIVE_UP_MODAL, run.handle, title=title, submit=title, blocks=(parts,))


def _say_risk(run: Run) -> Marked:
    if run.task_id is None:
        since = date(run.unanswered_since, LONG_DATE) if run.unanswered_since else Marked("a while ago")
        risk = "oec.sh has not answered since {}, so *it may have been triggered*. I ask no more, and end it as unknown."
        return say(risk, since)
    since = date(run.stuck_since, LONG_DATE) if run.stuck_since else Marked("a while ago")
    risk = "It has not got anywhere since {}. *It is not stopped by this*: I look no more, and end it here as unknown."
    return say(risk, since)


def render_not_given_up(run: Run) -> Message:
    """It got on meanwhile, or ended, or was given up by somebody else."""
    if run.state is RunState.RUNNING:
        said = say("#{} goes on: oec.sh is at it, so there is nothing to give up.", run.id)
    elif run.state.is_open:
        said = say("#{} is under way, so there is nothing to give up.", run.id)
    else:
        said = say("#{} has ended already: {}.", run.id, say_outcome_word(run.state.value))
    return message(said, section(lines(said, say("See it with {}.", say_command(f"run {run.id}")))))
