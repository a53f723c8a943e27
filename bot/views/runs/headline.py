"""A run in one line: sign, what, state, number, and what matters most in this state."""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.estimates import Band
from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.core.tasks import TaskStatus
from bot.views import signs
from bot.views.blocks import LONGEST_TYPED
from bot.views.marked import LONG_DATE, Marked, bold, code, date, dotted, mention, plain, say
from bot.views.masking import mask_secrets
from bot.views.outlook import band, compare, elapsed, is_silent, is_slow, percent, to_full_minute, usual
from bot.views.phrases import phrase_run
from bot.views.refusals import explain, explain_drop
from bot.views.spans import say_about, say_span

_QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Headline:
    """`⏳ *Deploy `prod`* waits for approval · #42`: `what` stands out, `state` goes on from it, `facts` follow."""

    sign: str
    what: Marked
    state: Marked | None
    number: int
    facts: tuple[Marked | None, ...] = ()

    def as_title(self) -> Marked:
        """The line at the head of a message."""
        return self._write(bold(self.what))

    def as_line(self) -> Marked:
        """The line for banners, screen readers and lists: the same words, nothing in bold."""
        return self._write(self.what)

    def _write(self, what: Marked) -> Marked:
        stated = say("{} {}", what, self.state) if self.state else what
        return dotted(say("{} {}", self.sign, stated), Marked(f"#{self.number}"), *self.facts)


def headline(sight: Sight) -> Headline:
    """The line of a run as it stands."""
    match sight.run.state:
        case RunState.WAITING | RunState.ACCEPTED | RunState.SUBMITTING | RunState.RUNNING:
            return _open_headline(sight)
        case RunState.DONE | RunState.FAILED | RunState.CANCELLED | RunState.LOST:
            return _ended_headline(sight)
        case _:
            return _unsent_headline(sight)


def _open_headline(sight: Sight) -> Headline:
    run, words = sight.run, phrase_run(sight.run)
    if is_silent(run, sight.now):
        what = words.ask if run.state is RunState.SUBMITTING else words.doing
        return Headline(signs.LOOK, what, None, run.id, (_say_silence(run),))
    if run.stuck_since is not None:
        what = words.ask if _is_queued(run) else words.doing
        return Headline(signs.LOOK, what, None, run.id, (say_stuck(sight), _say_unknown_status(run)))
    match run.state:
        case RunState.WAITING:
            return Headline(signs.WAITING, words.ask, Marked("waits for approval"), run.id)
        case RunState.RUNNING if run.report is not None and not _is_queued(run):
            return Headline(signs.RUNNING, words.doing, None, run.id, _running_facts(sight))
        case RunState.RUNNING:
            return Headline(signs.WAITING, words.ask, Marked("is queued at oec.sh"), run.id)
        case _:
            return Headline(signs.RUNNING, words.ask, Marked("is starting…"), run.id)


def _is_queued(run: Run) -> bool:
    return run.report is not None and run.report.status in {TaskStatus.PENDING, TaskStatus.QUEUED}


def _running_facts(sight: Sight) -> tuple[Marked | None, ...]:
    known = band(sight)
    quarters = Marked(signs.bar(percent(sight.run), cells=_QUARTERS))
    unknown = _say_unknown_status(sight.run)
    if unknown is not None:
        return (quarters, unknown)
    slow = Marked("taking longer than usual") if is_slow(sight) else None
    return (quarters, _say_end(known) if known is not None else None, slow)


def _say_end(known: Band) -> Marked:
    """`done about 14:23, likely by 14:25`."""
    half_at, most_at = to_full_minute(known.half_at), to_full_minute(known.most_at)
    about = say("done about {}", date(half_at))
    return about if most_at == half_at else say("{}, likely by {}", about, date(most_at))


def say_stuck(sight: Sight) -> Marked | None:
    """`has not moved since 14:20, longer than any before; I keep looking`; None for a run that is not stuck."""
    run, since = sight.run, sight.run.stuck_since
    if since is None:
        return None
    if run.reported_at is not None and run.reported_at > since:
        return say("at work since {}, longer than is to be expected; I keep looking", date(since, LONG_DATE))
    longer = "far longer than usual" if usual(sight) is not None else "longer than is to be expected"
    return say("has not moved since {}, {}; I keep looking", date(since), longer)


def _say_unknown_status(run: Run) -> Marked | None:
    """The platform's own word for where its task stands, if it is none of those that it documents."""
    word = run.report.unknown_status if run.report is not None else None
    return say("oec.sh calls it {}, a word I do not know", code(word, limit=40)) if word else None


def _say_silence(run: Run) -> Marked:
    """What is known of a run whose platform is silent: never that it failed."""
    since = date(run.unanswered_since) if run.unanswered_since else Marked("a while ago")
    if run.state is RunState.SUBMITTING:
        known = Marked("whether it has begun is not known yet")
    elif run.report is None:
        known = Marked("the last I know is that it was queued")
    else:
        known = say("the last I know is {}", say_step(run))
    return say("oec.sh has not answered since {}; I keep asking, {}", since, known)


def say_step(run: Run) -> Marked:
    """`step 6 of 12`, the step under way or the one it ended at."""
    report = run.report
    if report is None or report.total_steps < 1:
        return Marked(f"{percent(run)} %")
    total = report.total_steps
    return Marked(f"step {max(1, min(report.steps_completed + 1, total))} of {total}")


def _ended_headline(sight: Sight) -> Headline:
    run, words = sight.run, phrase_run(sight.run)
    took = elapsed(run, sight.now)
    after = say("after {}", say_span(took)) if took else None
    match run.state:
        case RunState.DONE:
            return Headline(signs.DONE, words.done, None, run.id, (say_took(sight),))
        case RunState.FAILED if run.report is not None and run.report.never_started:
            never = Marked("never started")
            return Headline(
                signs.FAILED, words.ask, never, run.id, (Marked("oec.sh queued it but never ran it"),)
            )
        case RunState.FAILED:
            return Headline(
                signs.FAILED, words.doing, Marked("failed"), run.id, (say_failed_step(run), after)
            )
        case RunState.CANCELLED:
            return Headline(
                signs.STOPPED, words.doing, Marked("was cancelled"), run.id, (_at_oec(run), after)
            )
        case _:
            given_up = say("given up by {}", mention(run.given_up_by)) if run.given_up_by else None
            return Headline(signs.LOOK, words.doing, None, run.id, (Marked("outcome unknown"), given_up))


def _at_oec(run: Run) -> Marked:
    return (
        say("at oec.sh, at {}", say_step(run))
        if run.report and run.report.started_at
        else Marked("at oec.sh")
    )


def say_failed_step(run: Run) -> Marked | None:
    """`at step 8 of 12, Run migrations`."""
    if run.report is None:
        return None
    name = run.report.current_step or _name_of_last(run, number=run.report.steps_completed + 1)
    at = say("at {}", say_step(run))
    return say("{}, {}", at, plain(name, limit=80)) if name else at


def _name_of_last(run: Run, *, number: int) -> str | None:
    return run.steps[-1].name if run.steps and run.steps[-1].number == number else None


def say_took(sight: Sight) -> Marked:
    """`4 min 10 s, as usual`."""
    took = elapsed(sight.run, sight.now)
    known = usual(sight)
    compared = compare(took, known)
    if known is None or compared is None:
        return Marked(say_span(took))
    if compared == "as usual":
        return say("{}, {}", say_span(took), compared)
    return say("{}, {} ({})", say_span(took), compared, _usual(known.usual))


def _usual(span: timedelta) -> str:
    return f"usually {say_about(span)}"


def _unsent_headline(sight: Sight) -> Headline:
    run = sight.run
    ask = phrase_run(run).ask
    refusal, by = run.refusal, run.decided_by
    match run.state:
        case RunState.REFUSED:
            why = explain(refusal, run.change).why if refusal else None
            state = "was not begun" if never_began(run) else "was refused"
            return Headline(signs.FAILED, ask, Marked(state), run.id, (why,))
        case RunState.DECLINED:
            return Headline(signs.STOPPED, ask, Marked("was declined"), run.id, (_by(by),))
        case RunState.WITHDRAWN:
            return Headline(signs.STOPPED, ask, Marked("was withdrawn"), run.id, (_by(by),))
        case RunState.EXPIRED:
            return Headline(signs.STOPPED, ask, Marked("expired"), run.id, (_say_too_late(sight),))
        case _:
            why = explain_drop(refusal.code, run.change).why if refusal else None
            return Headline(signs.STOPPED, ask, Marked("was not sent"), run.id, (why,))


def never_began(run: Run) -> bool:
    """Whether the platform did not refuse it, but left it undone without a word."""
    return run.refusal is not None and run.refusal.code == "never_begun"


def _say_too_late(sight: Sight) -> Marked:
    if sight.approval is None:
        return Marked("nobody decided in time")
    return say("nobody decided by {}", date(sight.approval.expires_at))


def _by(user_id: str | None) -> Marked | None:
    return say("by {}", mention(user_id)) if user_id else None


def say_reason(run: Run) -> Marked | None:
    """Why it was declined, in the decliner's words, all of them."""
    if not run.decline_reason:
        return None
    return say("Reason: {}", code(mask_secrets(run.decline_reason), limit=LONGEST_TYPED))
