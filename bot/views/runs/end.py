"""The end of a run: a new message in its thread, for edits notify nobody."""

from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.core.tasks import TaskLog
from bot.views import signs
from bot.views.blocks import actions, context, message, preformatted, section
from bot.views.environments import say_site
from bot.views.marked import Marked, joined, lines, mention, say
from bot.views.masking import mask_secrets
from bot.views.message import Block, Message
from bot.views.outlook import elapsed
from bot.views.people import say_everyone
from bot.views.phrases import phrase_run
from bot.views.refusals import explain, explain_drop
from bot.views.runs.card import say_outcome
from bot.views.runs.headline import headline, say_failed_step, say_took
from bot.views.runs.offers import offer_next
from bot.views.spans import say_span

_LOG_LINES = 12


def render_end(sight: Sight) -> Message:
    """How it ended, to all who should know. Of a run that is still open, how it stands: to nobody in particular."""
    run = sight.run
    if run.state.is_open:
        return message(headline(sight).as_line())
    site = say_site(run.environment_seen) if run.state is RunState.DONE else None
    told = joined([_say_end(sight), site], " ")
    return message(
        told,
        section(lines(told, say_outcome(sight))),
        *_log_blocks(run),
        actions(*offer_next(sight)),
    )


def _whom(run: Run) -> Marked:
    """Who is to be told: whoever asked, whoever approved, whoever follows."""
    return say_everyone([run.requester, run.approver, *run.followers])


def _say_end(sight: Sight) -> Marked:
    run, words = sight.run, phrase_run(sight.run)
    whom, took = _whom(run), elapsed(run, sight.now)
    match run.state:
        case RunState.DONE:
            return say("{} {}, {}: {}.", signs.DONE, whom, words.done, say_took(sight))
        case RunState.FAILED if run.report is not None and run.report.never_started:
            never = "{} {}, {} never started: oec.sh queued it but never ran it."
            return say(never, signs.FAILED, whom, _low(words.ask))
        case RunState.FAILED:
            at = joined([say_failed_step(run), say("after {}", say_span(took))], ", ")
            return say("{} {}, {} failed {}.", signs.FAILED, whom, _low(words.doing), at)
        case RunState.CANCELLED:
            after = say_span(took)
            return say(
                "{} {}, {} was cancelled at oec.sh after {}.", signs.STOPPED, whom, _low(words.doing), after
            )
        case RunState.LOST:
            return say("{} {}, {}: outcome unknown.", signs.LOOK, whom, _low(words.doing))
        case _:
            return _say_unsent(run, whom, _low(words.ask))


def _say_unsent(run: Run, whom: Marked, ask: Marked) -> Marked:
    by = mention(run.decided_by) if run.decided_by else Marked("somebody")
    match run.state:
        case RunState.REFUSED:
            why = explain(run.refusal, run.change).why if run.refusal else Marked("oec.sh gave no reason")
            return say("{} {}, the request to {} was refused: {}.", signs.FAILED, whom, ask, why)
        case RunState.DECLINED:
            return say("{} {}, the request to {} was declined by {}.", signs.STOPPED, whom, ask, by)
        case RunState.WITHDRAWN:
            return say("{} {}, the request to {} is withdrawn.", signs.STOPPED, whom, ask)
        case RunState.EXPIRED:
            return say("{} {}, nobody decided in time on the request to {}.", signs.STOPPED, whom, ask)
        case _:
            why = explain_drop(run.refusal.code, run.change).why if run.refusal else Marked("it was not sent")
            return say("{} {}, the request to {} was not sent: {}.", signs.STOPPED, whom, ask, why)


def _low(words: Marked) -> Marked:
    """The same in the middle of a sentence."""
    return Marked(words[:1].lower() + words[1:])


def _log_blocks(run: Run) -> tuple[Block | None, ...]:
    if run.state is not RunState.FAILED or run.log is None or not run.log.text.strip():
        return ()
    return (context(Marked("The last lines of the log:")), *preformatted(tail(run.log, count=_LOG_LINES)))


def tail(log: TaskLog, *, count: int) -> str:
    """The last lines of a log, secrets masked over the whole of it first: one may begin further up."""
    return "\n".join(mask_secrets(log.text).rstrip().splitlines()[-count:])
