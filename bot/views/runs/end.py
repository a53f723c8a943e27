"""The end of a run: a new message in its thread, for edits notify nobody."""

from datetime import timedelta

from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.core.tasks import TaskLog
from bot.views import signs
from bot.views.blocks import actions, context, message, preformatted, section
from bot.views.environments import say_site
from bot.views.marked import Marked, date, joined, lines, mention, say
from bot.views.masking import mask_secrets
from bot.views.message import Block, Message
from bot.views.outlook import elapsed
from bot.views.people import say_everyone
from bot.views.phrases import phrase_run
from bot.views.refusals import explain, explain_drop
from bot.views.runs.card import say_outcome, say_presumed
from bot.views.runs.headline import headline, never_began, say_failed_step, say_took
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
        section(lines(told, say_outcome(sight), _say_late(run), say_presumed(run))),
        *_log_blocks(run),
        actions(*offer_next(sight)),
    )


def _whom(run: Run) -> Marked:
    """Who is to be told: whoever asked, whoever approved, whoever follows."""
    return say_everyone([run.requester, *run.approvers, *run.followers])


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
            by = say(", given up by {}", mention(run.given_up_by)) if run.given_up_by else Marked("")
            return say("{} {}, {}: outcome unknown{}.", signs.LOOK, whom, _low(words.doing), by)
        case _:
            return _say_unsent(sight, whom, _low(words.ask))


def _say_unsent(sight: Sight, whom: Marked, ask: Marked) -> Marked:
    run = sight.run
    by = mention(run.decided_by) if run.decided_by else Marked("somebody")
    match run.state:
        case RunState.REFUSED:
            why = explain(run.refusal, run.change).why if run.refusal else Marked("oec.sh gave no reason")
            if never_began(run):
                return say("{} {}, the request to {} led to nothing: {}.", signs.FAILED, whom, ask, why)
            return say("{} {}, the request to {} was refused: {}.", signs.FAILED, whom, ask, why)
        case RunState.DECLINED:
            return say("{} {}, the request to {} was declined by {}.", signs.STOPPED, whom, ask, by)
        case RunState.WITHDRAWN:
            return say("{} {}, the request to {} is withdrawn.", signs.STOPPED, whom, ask)
        case RunState.EXPIRED:
            until = say(", by {},", date(sight.approval.expires_at)) if sight.approval else Marked("")
            return say(
                "{} {}, nobody decided in time{} on the request to {}.", signs.STOPPED, whom, until, ask
            )
        case _:
            why = explain_drop(run.refusal.code, run.change).why if run.refusal else Marked("it was not sent")
            return say("{} {}, the request to {} was not sent: {}.", signs.STOPPED, whom, ask, why)


_WORTH_A_WORD = timedelta(seconds=30)
_NO_SKEW = timedelta(minutes=2)
"""The platform's clock and ours may differ by less than this."""


def _say_late(run: Run) -> Marked | None:
    """Why people hear of an end only now, if it is told late."""
    at = run.report.completed_at if run.report else None
    late = run.ended_at - at if at is not None and run.ended_at is not None else timedelta(0)
    is_late = late >= (_WORTH_A_WORD if run.away else _NO_SKEW)
    away = say("I was away for {} meanwhile.", say_span(run.away)) if run.away else None
    if at is None or not is_late:
        return away if run.state is RunState.EXPIRED else None
    return joined(
        [say("It ended at {} already.", date(at)), away or Marked("oec.sh told me no sooner.")], " "
    )


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
