"""A run's progress message: how far, which steps are done, which is under way, how many remain."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from bot.core.runs import Run, RunState, Step
from bot.core.sight import Sight
from bot.core.tasks import TaskStatus
from bot.views import signs
from bot.views.blocks import message, section
from bot.views.marked import Marked, date, dotted, joined, lines, plain, say
from bot.views.message import Message
from bot.views.outlook import band, elapsed, is_silent, is_silent_or_stuck, is_slow, left, percent
from bot.views.runs.headline import headline, say_step, say_stuck
from bot.views.spans import count, say_about, say_at_most, say_span

_CELLS = 12
_STEPS_SHOWN = 20

_END_SIGNS = {
    RunState.DONE: signs.DONE,
    RunState.FAILED: signs.FAILED,
    RunState.CANCELLED: signs.STOPPED,
    RunState.LOST: signs.LOOK,
}
_END_WORDS = {
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
    RunState.LOST: "outcome unknown",
}


def render_progress(sight: Sight) -> Message:
    """The progress message as it stands; at the end of the run, the list of all its steps."""
    run = sight.run
    if run.task_id is None:
        return message(headline(sight).as_line())
    is_told = run.state is RunState.RUNNING and run.report is not None and not is_silent(run, sight.now)
    line = dotted(headline(sight).as_line(), say_step(run) if is_told else None)
    return message(line, section(say_progress(sight)))


def say_progress(sight: Sight) -> Marked:
    """The same in words, for a card that is the progress message too."""
    return lines(_say_bar(sight), _say_silence(sight) or _say_stuck(sight), *_say_steps(sight.run))


def _say_bar(sight: Sight) -> Marked:
    run = sight.run
    spent = say_span(elapsed(run, sight.now))
    if run.state in _END_WORDS:
        return _say_end(run, spent)
    if run.report is None or run.report.status in {TaskStatus.PENDING, TaskStatus.QUEUED}:
        return say("{} queued at oec.sh · {} so far", signs.WAITING, spent)
    done = percent(run)
    return dotted(
        say("{} {} %", signs.bar(done, cells=_CELLS), done),
        say_step(run) if run.report.total_steps else None,
        say("{} so far{}", spent, _say_left(sight)),
    )


def _say_end(run: Run, spent: str) -> Marked:
    if run.report is not None and run.report.never_started:
        return say("{} never started: oec.sh queued it but never ran it", signs.FAILED)
    done = 100 if run.state is RunState.DONE else percent(run)
    after = None if run.state is RunState.LOST else say("after {}", spent)
    ended = joined([Marked(_END_WORDS[run.state]), after], " ")
    return dotted(say("{} {} %", signs.bar(done, cells=_CELLS), done), ended)


def _say_left(sight: Sight) -> Marked:
    """`, about 2 min to go, likely under 4 min, longer than usual`, as far as it can be said."""
    if is_silent_or_stuck(sight):
        return Marked("")
    slow = Marked(", longer than usual") if is_slow(sight) else Marked("")
    known = band(sight)
    if known is None:
        return slow
    about, most = say_about(left(sight) or timedelta(0)), say_at_most(known.most_at - sight.now)
    likely = say(", likely under {}", most) if about != f"about {most}" else Marked("")
    return say(", {} to go{}{}", about, likely, slow)


def _say_silence(sight: Sight) -> Marked | None:
    run = sight.run
    if not is_silent(run, sight.now) or run.unanswered_since is None:
        return None
    return say("{} oec.sh has not answered since {}; I keep asking", signs.LOOK, date(run.unanswered_since))


def _say_stuck(sight: Sight) -> Marked | None:
    stuck = say_stuck(sight) if sight.run.state.is_open else None
    return say("{} {}", signs.LOOK, stuck) if stuck else None


def _say_steps(run: Run) -> list[Marked]:
    """Done steps with their times, the one under way, and how many remain."""
    steps = _steps_with_last(run)
    said = [_say_done(step, following) for step, following in pairwise(steps)]
    if steps:
        said.append(_say_last(run, steps[-1]))
    hidden = len(said) - _STEPS_SHOWN
    if hidden > 0:
        said = [
            say("{} {} before these", signs.DONE, count(steps[hidden].number - 1, "step")),
            *said[hidden:],
        ]
    elif steps and steps[0].number > 1:
        said.insert(0, say("{} {} before I looked", signs.DONE, count(steps[0].number - 1, "step")))
    rest = _say_rest(run, steps)
    return [*said, rest] if rest else said


def _steps_with_last(run: Run) -> tuple[Step, ...]:
    """The steps that were seen, and the one at which the platform says it ended, if no look had shown it before."""
    report, seen = run.report, run.steps
    if report is None or run.state not in {RunState.FAILED, RunState.CANCELLED} or not seen:
        return seen
    number = report.steps_completed + 1
    if number <= seen[-1].number or number > report.total_steps:
        return seen
    ended_at = report.completed_at or run.ended_at or seen[-1].seen_at
    return (*seen, Step(number, report.current_step or f"Step {number}", ended_at))


def _say_done(step: Step, following: Step) -> Marked:
    """A step that is done. Those between it and the next one seen were too quick to be seen, and share its time."""
    more = following.number - step.number - 1
    return _say_step(signs.DONE, step, more=more, took=following.seen_at - step.seen_at)


def _say_last(run: Run, step: Step) -> Marked:
    """The step under way, or the one at which it ended."""
    if run.state not in _END_SIGNS:
        return _say_step(signs.RUNNING, step)
    if run.state is RunState.LOST:
        return say("{} {}, the last I know of", signs.LOOK, plain(step.name, limit=60))
    ended_at = (run.report.completed_at if run.report else None) or run.ended_at or step.seen_at
    done_after = run.report.total_steps - step.number if run.report and run.state is RunState.DONE else 0
    return _say_step(_END_SIGNS[run.state], step, more=done_after, took=ended_at - step.seen_at)


def _say_step(sign: str, step: Step, *, more: int = 0, took: timedelta = timedelta(0)) -> Marked:
    name = plain(step.name, limit=60)
    named = say("{} and {} more", name, more) if more > 0 else name
    return dotted(say("{} {}", sign, named), Marked(say_span(took)) if took > timedelta(0) else None)


def _say_rest(run: Run, steps: Sequence[Step]) -> Marked | None:
    """How many steps are still to come, or never came; of an unknown outcome, nothing."""
    report = run.report
    if report is None or report.total_steps < 1 or run.state in {RunState.DONE, RunState.LOST}:
        return None
    if run.state.is_open:
        number = report.total_steps - report.steps_completed - (1 if steps else 0)
        return say("{} to go", count(number, "more step")) if number > 0 else None
    number = report.total_steps - steps[-1].number if steps else 0
    return say("{} not reached", count(number, "step")) if number > 0 else None
