"""A run's progress message: how far, which steps are done, which is under way, how many remain."""

from datetime import datetime

from bot.core.runs import Run, RunState
from bot.core.sight import Sight
from bot.core.tasks import TaskStatus
from bot.views import signs
from bot.views.blocks import message, section
from bot.views.marked import Marked, date, dotted, lines, plain, say
from bot.views.message import Message
from bot.views.outlook import elapsed, is_silent, left, percent
from bot.views.runs.headline import headline, say_step
from bot.views.spans import count, say_about, say_span

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
    is_under_way = sight.run.report is not None and sight.run.state is RunState.RUNNING
    said = is_under_way and not is_silent(sight.run, sight.now)
    line = dotted(headline(sight).as_line(), say_step(sight.run) if said else None)
    return message(line, section(say_progress(sight)))


def say_progress(sight: Sight) -> Marked:
    """The same in words, for a card that is the progress message too."""
    return lines(_say_bar(sight), _say_silence(sight), *_say_steps(sight.run))


def _say_bar(sight: Sight) -> Marked:
    run = sight.run
    spent = say_span(elapsed(run, sight.now))
    if run.state in _END_SIGNS:
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
    done = 100 if run.state is RunState.DONE else percent(run)
    return dotted(
        say("{} {} %", signs.bar(done, cells=_CELLS), done),
        say("{} after {}", _END_WORDS[run.state], spent),
    )


def _say_left(sight: Sight) -> Marked:
    span = left(sight)
    if span is not None:
        return say(", {} to go", say_about(span))
    return Marked(", longer than usual") if sight.estimate else Marked("")


def _say_silence(sight: Sight) -> Marked | None:
    run = sight.run
    if not is_silent(run, sight.now) or run.unanswered_since is None:
        return None
    return say("{} oec.sh has not answered since {}; I keep asking", signs.LOOK, date(run.unanswered_since))


def _say_steps(run: Run) -> list[Marked]:
    """Done steps with their times, the one under way, and how many remain."""
    said = [_say_seen(run, index) for index in range(len(run.steps))]
    hidden = len(said) - _STEPS_SHOWN
    if hidden > 0:
        said = [say("{} {} before these", signs.DONE, count(hidden, "step")), *said[hidden:]]
    elif run.steps and run.steps[0].number > 1:
        said.insert(0, say("{} {} before I looked", signs.DONE, count(run.steps[0].number - 1, "step")))
    remaining = _say_remaining(run)
    return [*said, remaining] if remaining else said


def _say_seen(run: Run, index: int) -> Marked:
    """One step that was seen. Those between it and the next were too quick to be seen, and share its time."""
    step = run.steps[index]
    is_last = index + 1 == len(run.steps)
    name = plain(step.name, limit=60)
    if is_last and run.state.is_open:
        return say("{} {}", signs.RUNNING, name)
    more = _last_done(run) - step.number if is_last else run.steps[index + 1].number - step.number - 1
    until = (run.ended_at or step.seen_at) if is_last else run.steps[index + 1].seen_at
    sign = _END_SIGNS.get(run.state, signs.DONE) if is_last else signs.DONE
    named = say("{} and {} more", name, more) if more > 0 else name
    return dotted(
        say("{} {}", sign, named), Marked(say_span(_end_of(run, until, is_last=is_last) - step.seen_at))
    )


def _end_of(run: Run, until: datetime, *, is_last: bool) -> datetime:
    completed = run.report.completed_at if run.report and is_last else None
    return completed or until


def _last_done(run: Run) -> int:
    """The number of the last step that is done, once the run has ended well; of one that failed, its own."""
    if run.state is not RunState.DONE or run.report is None:
        return 0
    return run.report.total_steps


def _say_remaining(run: Run) -> Marked | None:
    report = run.report
    if report is None or report.total_steps < 1:
        return None
    if run.state.is_open:
        number = report.total_steps - report.steps_completed - (1 if run.steps else 0)
        return say("{} to go", count(number, "more step")) if number > 0 else None
    if run.state is RunState.DONE or not run.steps:
        return None
    number = report.total_steps - run.steps[-1].number
    return say("{} not reached", count(number, "step")) if number > 0 else None
