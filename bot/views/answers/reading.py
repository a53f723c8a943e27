"""Answers to asks that only read, where there is little or nothing to read."""

from bot.core.errors import HostingError, HostingRefusedError, HostingUnavailableError
from bot.core.names import RunId
from bot.core.runs import Run
from bot.core.tasks import Refusal, TaskLog
from bot.views import signs
from bot.views.blocks import context, message, preformatted, section
from bot.views.marked import Marked, lines, say
from bot.views.message import Message
from bot.views.phrases import phrase_run, say_command
from bot.views.refusals import PLATFORM_REASONS, as_sentence, explain
from bot.views.runs.end import tail
from bot.views.spans import count, say_about

_LOG_LINES = 80
_LOG_PARTS = 4


def render_log(run: Run, log: TaskLog) -> Message:
    """The tail of a run's log, secrets masked."""
    shown = tail(log, count=_LOG_LINES)
    if not shown.strip():
        said = say("The log of #{} is empty so far: {}.", run.id, phrase_run(run).ask)
        return message(said)
    number = len(shown.splitlines())
    said = say("Log of #{}, {}: the last {}.", run.id, phrase_run(run).ask, count(number, "line"))
    only = Marked("Only you see this. What looked like a secret is shown as •••.")
    return message(said, section(said), *preformatted(shown, parts=_LOG_PARTS), context(only))


def render_no_log(run: Run) -> Message:
    """A run without a task has no log: it never reached the platform, or what it led to there is not known."""
    said = say("#{} has no log: I know of no task at oec.sh for it.", run.id)
    return message(
        said, section(lines(said, say("{} says what became of it.", say_command(f"run {run.id}"))))
    )


def render_log_unavailable(run: Run, code: str | None) -> Message:
    """The platform does not give the log: `code` is its refusal, None where it did not answer."""
    said = say("{} The log of #{} cannot be had now.", signs.LOOK, run.id)
    if code is None:
        again = say(
            "oec.sh did not answer in time. Ask again in a minute: {}.", say_command(f"logs {run.id}")
        )
    else:
        again = as_sentence(explain(Refusal(code), run.change))
    return message(said, section(lines(said, again)))


def render_no_such_run(run_id: RunId) -> Message:
    """No run of this number may be seen here."""
    said = say("I know no run #{} that this channel may see.", run_id)
    return message(said, section(lines(said, say("{} lists the newest.", say_command("history")))))


def render_hosting_unwell(error: HostingError) -> Message:
    """The platform does not answer a question, or refuses to; when asking again makes sense."""
    said = say("{} oec.sh does not answer as it should.", signs.LOOK)
    return message(said, section(lines(said, _say_when(error))))


def _say_when(error: HostingError) -> Marked:
    match error:
        case HostingRefusedError():
            return as_sentence(explain(Refusal(error.code, error.text)))
        case HostingUnavailableError() if error.code in PLATFORM_REASONS:
            return as_sentence(explain(Refusal(error.code)))
        case HostingUnavailableError(retry_after=span) if span is not None:
            return say("Ask again in {}. What is running goes on, and I keep following it.", say_about(span))
        case _:
            return Marked("Ask again in a minute. What is running goes on, and I keep following it.")
